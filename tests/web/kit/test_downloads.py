"""How files are handed out."""

from web.kit.downloads import disposition


def test_a_name_in_any_script_is_kept_beside_a_plain_one() -> None:
    assert disposition("Résumé «Ω».pdf") == (
        "attachment; filename=\"R_sum_ ___.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9%20%C2%AB%CE%A9%C2%BB.pdf"
    )


def test_a_name_cannot_break_out_of_the_header() -> None:
    assert disposition('a"; x=\r\n.pdf') == (
        "attachment; filename=\"a__ x___.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A.pdf"
    )
