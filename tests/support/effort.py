"""How long the proofs of the engine run: short among the tests, long in `make soak`."""

import os
import sys
from typing import TypeVar

T = TypeVar("T")

IS_SOAK = bool(os.environ.get("SOAK"))


def effort(short: T, long: T) -> T:
    """The short measure, or under `make soak` the long one."""
    return long if IS_SOAK else short


def tell_figures(what: str, **figures: object) -> None:
    """Say what a proof went through; `make soak` shows it."""
    sys.stdout.write(f"\n{what}: {', '.join(f'{name} {figure}' for name, figure in figures.items())}\n")
