"""The script that writes the generated documents: what is stale is named, with what mends it."""

import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder whose documents may be changed; its environment is this checkout's, and nothing is installed in it."""
    (tmp_path / "bin").mkdir()
    shutil.copy(_ROOT / "bin/docs", tmp_path / "bin")
    (tmp_path / "bin/environment").write_text("#!/bin/sh\n")
    (tmp_path / "bin/environment").chmod(0o755)
    (tmp_path / ".venv").symlink_to(_ROOT / ".venv")
    assert run_docs(tmp_path).returncode == 0
    return tmp_path


def run_docs(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "bin/docs", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_stale_documents_are_named_with_what_mends_them(checkout: Path) -> None:
    page = checkout / "docs/machines/offer.md"
    page.write_text(page.read_text().replace("| Publish |", "| Print |"))
    (checkout / "docs/machines/gone.md").write_text("A machine that is no more.\n")
    drawing = checkout / "docs/machines/offer.svg"
    drawing.write_text(drawing.read_text().replace("Publish", "Print"))
    done = run_docs(checkout, "--check")
    assert (done.returncode, done.stderr) == (1, "Stale: docs/machines. Run: make docs\n")
    assert max(map(len, done.stdout.splitlines())) == 151
    assert "| Print |" in done.stdout
    assert "A machine that is no more." in done.stdout


def test_writing_mends_what_is_stale_and_removes_what_is_gone(checkout: Path) -> None:
    (checkout / "docs/settings.md").write_text("Old.\n")
    (checkout / "docs/machines/gone.md").write_text("A machine that is no more.\n")
    assert run_docs(checkout, "--check").returncode == 1
    assert run_docs(checkout).returncode == 0
    done = run_docs(checkout, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (checkout / "docs/machines/gone.md").exists()
