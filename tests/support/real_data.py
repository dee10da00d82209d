"""Real offers, and real, hostile and naughty inputs: a folder that is not in the repository."""

import json
import os
from pathlib import Path

import pytest

REAL_DATA = Path(os.environ.get("TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
"""Where TEST_DATA says, or beside the checkout."""

INPUTS = REAL_DATA / "inputs"

needs_real_data = pytest.mark.skipif(
    not REAL_DATA.is_dir(), reason="no real data: there is no ../shared/data, and TEST_DATA names none"
)


def naughty_strings() -> list[str]:
    """The Big List of Naughty Strings."""
    strings: list[str] = json.loads((INPUTS / "strings" / "blns.json").read_text(encoding="utf-8"))
    return strings
