"""A typed letter as simple text: what it makes of words, and that nothing in it is ever markup."""

import json
import re

import pytest

from tests.support.real_data import INPUTS, needs_real_data
from web.kit.letters import letter

_TAGS = re.compile(
    r'</?(?:p|ul|ol start="\d+"|ol|li|br)>|<a href="https?://[^"<>\s]*" rel="noopener noreferrer nofollow">|</a>'
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("One\nline\r\n\r\nTwo", "<p>One<br>\nline</p>\n<p>Two</p>"),
        (
            "I bring:\n- care\n* time\n\nBye",
            "<p>I bring:</p>\n<ul><li>care</li><li>time</li></ul>\n<p>Bye</p>",
        ),
        ("3. three\n4) four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("-not an item\n2026 was good", "<p>-not an item<br>\n2026 was good</p>"),
        (
            "(https://x.example/?a=1&b).",
            '<p>(<a href="https://x.example/?a=1&amp;b" rel="noopener noreferrer nofollow">https://x.example/?a=1&amp;b</a>).</p>',
        ),
        ("javascript:alert(1) http://a@b.example", "<p>javascript:alert(1) http://a@b.example</p>"),
        ("- <script>x</script>", "<ul><li>&lt;script&gt;x&lt;/script&gt;</li></ul>"),
    ],
)
def test_a_letter_is_shown_as_simple_text(text: str, shown: str) -> None:
    assert str(letter(text)) == shown


@needs_real_data
def test_no_naughty_string_becomes_markup() -> None:
    strings = [
        text
        for path in sorted((INPUTS / "strings").glob("*.json"))
        for text in json.loads(path.read_text(encoding="utf-8"))
        if isinstance(text, str)
    ]
    assert len(strings) > 100
    for text in (f"{before}{text}" for text in strings for before in ("", "- ", "https://example.org/")):
        rest = _TAGS.sub("", str(letter(text)))
        assert not re.search(r"[<>\"]", rest), (text, rest)
