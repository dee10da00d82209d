"""A browser that has logged in to an account is known to it, until the password changes."""

import re

import pytest

from workflow.known_browsers import Account, known_browser, with_mark

KEY = "a secret key for the tests"
CHLOE = Account("candidate 1", "a hash")
OTHERS = [Account(f"candidate {number}", "a hash") for number in range(2, 7)]


def test_a_mark_is_known_to_its_account_alone() -> None:
    marks = with_mark("", CHLOE, KEY)
    assert re.fullmatch(r"[0-9a-f]{32}-[0-9a-f]{64}", marks)
    assert known_browser(marks, CHLOE, KEY) == marks.partition("-")[0]
    strangers = (OTHERS[0], Account("candidate 1", "another hash"), Account("recruiter 1", "a hash"))
    assert [known_browser(marks, account, KEY) for account in strangers] == [None] * 3
    assert known_browser(marks, CHLOE, "another key") is None


def test_browsers_have_names_of_their_own_and_keep_them() -> None:
    marks = with_mark("", CHLOE, KEY)
    assert with_mark(marks, CHLOE, KEY) == marks
    assert with_mark("", CHLOE, KEY) != marks


def test_a_browser_keeps_the_marks_of_the_last_four_accounts() -> None:
    marks = ""
    for account in (CHLOE, *OTHERS[:3], CHLOE, OTHERS[3]):
        marks = with_mark(marks, account, KEY)
    known = [account for account in (CHLOE, *OTHERS) if known_browser(marks, account, KEY)]
    assert known == [CHLOE, OTHERS[1], OTHERS[2], OTHERS[3]]
    assert len(marks) < 400


@pytest.mark.parametrize(
    "marks", ["x", "." * 1000, "é" * 98, "0" * 32 + "-" + "0" * 64, f"{'0' * 32}-{'0' * 64}." * 500]
)
def test_what_is_made_up_is_known_to_nobody(marks: str) -> None:
    assert known_browser(marks, CHLOE, KEY) is None
    kept = with_mark(marks, CHLOE, KEY)
    assert known_browser(kept, CHLOE, KEY)
    assert len(kept) < 400
