"""What every mail to a candidate about their account has."""

from collections.abc import Mapping
from typing import Any


def addressee(candidate: Mapping[str, Any]) -> dict[str, str]:
    """How a mail greets: the parameters `title`, `first_name`, `last_name`."""
    return {name: str(candidate[name]) for name in ("title", "first_name", "last_name")}
