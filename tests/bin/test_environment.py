"""The script that makes the environment: a Python that was asked for is used, or refused by name."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[2] / "bin/environment"
_OLD_PYTHON = """\
#!/bin/sh
[ "$1" = --version ] && echo "Python 3.8.10"
"""


@pytest.mark.parametrize(("program", "found"), [(_OLD_PYTHON, "Python 3.8.10"), (None, "no Python")])
def test_python_that_was_asked_for_is_refused_by_name(
    tmp_path: Path, program: str | None, found: str
) -> None:
    (tmp_path / "bin").mkdir()
    shutil.copy(_SCRIPT, tmp_path / "bin")
    python = tmp_path / "old python"
    if program:
        python.write_text(program)
        python.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "bin/environment", "run"],
        env=os.environ | {"PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (
        1,
        "",
        [
            (
                f"PYTHON={python} cannot be used: Vivier needs Python 3.11 or newer, with its venv module; "
                f"this is {found}."
            ),
            "Name another, or leave PYTHON out: then one is looked for.",
        ],
    )
    assert not (tmp_path / ".venv").exists()
