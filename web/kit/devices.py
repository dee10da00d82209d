"""What people know a device by: a short name from what its browser says of itself."""

import re

from jinja2 import pass_context
from jinja2.runtime import Context

from workflow.checks import clean_line
from workflow.language import say

_BROWSERS = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Opera", r"\b(OPR|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac ?OS"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)
_KNOWN = {name for name, _ in (*_BROWSERS, *_SYSTEMS)}
_LONGEST = 60


def device_name(user_agent: str) -> str:
    """Such as “Firefox, Windows”: the first that fits, for browsers claim to be each other. A program's own name."""
    said = clean_line(user_agent)[:1000]
    parts = [_first(names, said) for names in (_BROWSERS, _SYSTEMS)]
    known = ", ".join(part for part in parts if part)
    return known or re.split(r"[\s/(;]", said, maxsplit=1)[0][:_LONGEST]


@pass_context
def device_in_words(context: Context, name: str) -> str:
    """Jinja's filter `device`: a name as `device_name` made it, in the reader's language."""
    language = context["language"]
    browser, _, system = name.partition(", ")
    if system:
        return say(language, "{browser} on {system}", browser=browser, system=system)
    if not name:
        return say(language, "Unknown device")
    return name if name in _KNOWN else say(language, "A program: {name}", name=name)


def _first(names: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, said)), "")
