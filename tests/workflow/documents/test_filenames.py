import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.documents.filenames import LONGEST, LONGEST_IN_BYTES, clean_filename, ending_of


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("cv.pdf", "cv.pdf"),
        ("CV  final (2).pdf", "CV final (2).pdf"),
        ("re\u0301sume\u0301-E\u0301lodie.pdf", "résumé-Élodie.pdf"),
        ("履歴書.pdf", "履歴書.pdf"),
        ("سيرة.pdf", "سيرة.pdf"),
        ("जीवनवृत्त.pdf", "जीवनवृत्त.pdf"),
        ("😀.pdf", "😀.pdf"),
        ("cv.exe\u202efdp.pdf", "cv.exefdp.pdf"),
        ("cv.pdf\0.exe", "cv.pdf.exe"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\me\cv.odt", "cv.odt"),
        (".htaccess", "htaccess"),
        ("con.pdf", "_con.pdf"),
        ("aux", "_aux"),
        ("cv .pdf", "cv.pdf"),
        ("cv.", "cv"),
        ('"quoted".pdf', "_quoted_.pdf"),
        ("cv%2e%2e%2f.pdf", "cv_2e_2e_2f.pdf"),
        ("cv\r\nSet-Cookie: a=b.pdf", "cv Set-Cookie_ a=b.pdf"),
        ("..", "document"),
        ("", "document"),
        ("\u202e\u200b", "document"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("履" * 100 + ".docx", "履" * 65 + ".docx"),
    ],
)
def test_filename_is_cleaned_for_display(given_name: str, shown: str) -> None:
    assert clean_filename(given_name) == shown


@given(st.text(max_size=400))
def test_filename_is_always_fit_for_a_header_and_a_folder(name: str) -> None:
    shown = clean_filename(name)
    assert 1 <= len(shown) <= LONGEST + 1
    assert len(shown.encode()) <= LONGEST_IN_BYTES + 1
    assert not set(shown) & set('/\\"<>:|?*%')
    assert not [character for character in shown if unicodedata.category(character)[0] == "C"]
    assert shown == shown.strip(". ")
    assert clean_filename(shown) == shown


@pytest.mark.parametrize(
    ("name", "ending"), [("cv.PDF", ".pdf"), ("a.b.docx", ".docx"), ("cv", ""), ("cv.p f", "")]
)
def test_ending_is_what_follows_the_last_point(name: str, ending: str) -> None:
    assert ending_of(name) == ending
