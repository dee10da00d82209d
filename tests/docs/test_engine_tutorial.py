"""The engine's tutorial, done as a reader does it: files written, pieces typed at a prompt, answers compared."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "engine"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\w+\.py)\n")
ADDRESS = "sqlite:///claims.sqlite"
NO_PROMPTS = "import sys; sys.ps1 = sys.ps2 = ''; print()\n"


@dataclass
class Tutorial:
    """What the page has its reader write into files and type, and what it says that is answered."""

    files: dict[str, str]
    typed: str
    answers: str


def tutorial() -> Tutorial:
    page = (PAGES / "tutorial.md").read_text(encoding="utf-8").split("## On PostgreSQL")[0]
    read = Tutorial({}, "", "")
    for language, text in BLOCK.findall(page):
        if language == "text":
            read.answers += text
        elif named := FILE.match(text):
            read.files[named[1]] = read.files.get(named[1], "") + text
        else:
            read.typed += text + "\n"
    return read


def done_in(folder: Path, url: str) -> str:
    """Everything that was answered to somebody who does what the page says, in a folder of their own."""
    page = tutorial()
    for name, text in page.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "asyncio"],
        input=NO_PROMPTS + page.typed.replace(ADDRESS, url),
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHON_BASIC_REPL": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.partition("\n")[2]


def words_of(drawing: Path) -> list[str]:
    """All texts of a drawing, whatever its lines look like."""
    return sorted(re.findall(r">([^<]*\w[^<]*)<", re.sub("<style.*?</style>", "", drawing.read_text())))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tutorial_answers_what_the_page_says(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = ADDRESS if kind == "sqlite" else str(request.getfixturevalue("postgres_url"))
    assert done_in(tmp_path, url) == tutorial().answers
    assert words_of(tmp_path / "claim.svg") == words_of(PAGES / "claim.svg")


def test_tutorial_changes_one_line_for_postgresql() -> None:
    page = (PAGES / "tutorial.md").read_text(encoding="utf-8")
    line = f'desk = await open_desk("{ADDRESS}")\n'
    ((_, other),) = BLOCK.findall(page.split("## On PostgreSQL")[1])
    assert line in tutorial().typed
    assert re.fullmatch(r'desk = await open_desk\("postgresql://[^"]+"\)\n', other)


def test_tutorial_builds_its_workflow_in_about_forty_lines() -> None:
    text = tutorial().files["claims.py"]
    told = [line for line in text.splitlines() if line and not re.match("#|from|import", line)]
    assert 40 <= len(told) <= 45
