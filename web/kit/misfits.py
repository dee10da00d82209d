"""What the parser found wrong with a value, in our own sentences: its words are for programmers, and in English."""

import re

from workflow.errors import FieldError
from workflow.language import N_

_LIMITS = (
    (re.compile(r"Expected `int` >= (?P<least>\d+)"), N_("Write a whole number of {least} or more.")),
    (re.compile(r"Expected `int` <= (?P<most>\d+)"), N_("Write a whole number of {most} at most.")),
    (re.compile(r"Expected `str` of length <= (?P<most>\d+)"), N_("Use {most} characters at most.")),
    (re.compile(r"Expected `array` of length <= (?P<most>\d+)"), N_("Choose {most} values at most.")),
)
_ENUM = "Invalid enum value"
_EXPECTED = re.compile(r"Expected `(?P<kind>\w+)")
_KINDS = {
    "str": N_("Send a text here."),
    "int": N_("Write a whole number."),
    "bool": N_("Send true or false here."),
    "UploadFile": N_("Send a file here."),
}


def misfit(field: str, reason: str) -> FieldError:
    """The error of one field whose value msgspec refused, and why. Names are shortened: they may be anything."""
    field = field[:60]
    for pattern, sentence in _LIMITS:
        if found := pattern.match(reason):
            return FieldError(field, sentence, found.groupdict())
    if reason.startswith(_ENUM):
        return FieldError(field, N_("Choose one of the list."))
    expected = _EXPECTED.match(reason)
    kind = expected["kind"] if expected else ""
    return FieldError(field, _KINDS.get(kind, N_("This is not of the right kind.")))
