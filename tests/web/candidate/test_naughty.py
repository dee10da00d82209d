"""Strings that break naive programs, and names of the whole world, through the forms that a candidate fills in."""

import re
from collections.abc import Iterator

import pytest

from tests.support.real_data import naughty_strings, needs_real_data
from tests.web.candidate.test_profile import NAMES
from tests.web.site import ON_SQLITE, Site, Visitor
from workflow.checks import clean_line, clean_text

pytestmark = needs_real_data


def naughty() -> Iterator[str]:
    """Those that a form can carry at all."""
    yield from naughty_strings()
    yield from (
        "a\0b",
        "\r\nSet-Cookie: a=b",
        "\u202egpj.exe",
        "</textarea><script>x</script>",
        "{{ 7*7 }}",
        "%s%n",
    )


def value_of(page: str, name: str) -> str | None:
    """What a page holds in a field of one line, as a browser would read it."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
    return found[1] if found else None


@pytest.fixture
async def chloe(site: Site, offer: str) -> Visitor:
    return await site.candidate()


@ON_SQLITE
async def test_every_string_is_kept_in_a_letter_and_never_becomes_markup(chloe: Visitor) -> None:
    clean = (await chloe.get("/offers/REF-1/apply")).text
    for text in naughty():
        form = {"covering_letter_text": f"A: {text}", "cv_url": text, "then": "stay"}
        answer = await chloe.post("/offers/REF-1/apply", form)
        assert answer.status_code == 200, text
        page = await chloe.get("/offers/REF-1/apply")
        written = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
        assert len(written) == 1, text
        assert "<" not in written[0], text
        assert len(re.findall("<script", page.text)) == len(re.findall("<script", clean)), text
        assert (await chloe.post("/offers/REF-1/apply/discard")).status_code == 303


@ON_SQLITE
async def test_every_string_may_stand_in_a_profile_or_is_told_why_not(chloe: Visitor) -> None:
    for text in naughty():
        form = NAMES | {
            "last_name": f"A{text}",
            "city": text,
            "address": text,
            "phone": text,
            "languages": text,
        }
        answer = await chloe.post("/candidate/profile", form)
        assert answer.status_code in (303, 422), text
        if answer.status_code == 422:
            assert 'id="summary' in answer.text or "data-summary" in answer.text, text
        else:
            assert '"' not in (value_of((await chloe.get("/candidate/profile")).text, "city") or ""), text


@ON_SQLITE
@pytest.mark.parametrize(
    "name", ["李小龍", "Nguyễn Thị Minh Khai", "O'Brien-Łukasiewicz", "محمد", "X Æ A-12", "José"]
)
async def test_names_of_the_whole_world_are_shown_as_they_are(chloe: Visitor, name: str) -> None:
    answer = await chloe.post("/candidate/profile", NAMES | {"last_name": name, "languages": name})
    assert answer.status_code == 303
    await chloe.post("/offers/REF-1/apply", {"covering_letter_text": clean_text(name), "then": "review"})
    review = (await chloe.get("/offers/REF-1/apply/review")).text.replace("&#39;", "'")
    assert review.count(clean_line(name)) >= 3
