"""What people know a device by: a short name from what its browser says of itself."""

import re

from workflow.checks import clean_line

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
_LONGEST = 60


def device_name(user_agent: str) -> str:
    """Such as “Firefox, Windows”: the first that fits, for browsers claim to be each other. A program's own name."""
    said = clean_line(user_agent)[:1000]
    parts = [_first(names, said) for names in (_BROWSERS, _SYSTEMS)]
    known = ", ".join(part for part in parts if part)
    return known or re.split(r"[\s/(;]", said, maxsplit=1)[0][:_LONGEST]


def _first(names: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, said)), "")
