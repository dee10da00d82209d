"""Where a visitor may be sent on to."""

import pytest

from web.kit.addresses import local_path


@pytest.mark.parametrize("path", ["/", "/candidate/applications?page=2", "/offers/Réf%20é#main"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert local_path(path, "/other") == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        None,
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "offers",
        "/ok\r\nSet-Cookie: a=b",
    ],
)
def test_what_leads_elsewhere_is_replaced(path: str | None) -> None:
    assert local_path(path, "/candidate") == "/candidate"
