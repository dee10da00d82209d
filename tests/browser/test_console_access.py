"""From an invitation to a login with a second factor, in the browser; every page of it looked at by axe."""

import re
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]

NEW = "nine patient otters"
ACCOUNT = "/console/account"
NARROW = {"width": 390, "height": 844}


def sound(page: Page) -> None:
    """What axe finds, and whether anything is wider than the window."""
    assert (page.url, violations(page)) == (page.url, [])
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert (page.url, width <= 0) == (page.url, True)


def log_in(page: Page, email: str, password: str, leads_to: str) -> None:
    page.goto("/console/login")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")
    page.wait_for_url(leads_to)


@pytest.mark.parametrize(("language", "viewport"), [("en-GB", None), ("fr-FR", NARROW)])
def test_somebody_is_invited_and_comes_in(
    portal: RunningPortal, visitor: Visitor, language: str, viewport: dict[str, int] | None
) -> None:
    options = {"locale": language} | ({"viewport": viewport} if viewport else {})
    email = f"paul.{language[:2]}@example.org"
    admin = visitor(portal, **options)
    log_in(admin, "admin@example.org", "vivier-demo", "**/console/")
    admin.goto("/console/team")
    sound(admin)
    admin.goto("/console/team/new")
    sound(admin)
    admin.locator("#email").press("Enter")
    expect(admin.locator("[data-summary]")).to_be_focused()
    sound(admin)
    admin.locator("#email").fill(email)
    admin.locator("#first_name").fill("Paul")
    admin.locator("#last_name").fill("Petit")
    admin.locator("input[name=units]").first.check()
    admin.locator("#needs_second_factor").check()
    admin.locator("#last_name").press("Enter")
    admin.wait_for_url(re.compile(r"/console/team/\d+$"))
    sound(admin)
    member = admin.url

    link = re.search(r"/console/invitation/\S+", portal.mail(email, "/console/invitation/")["text"])
    assert link
    paul = visitor(portal, **options)
    paul.goto(link[0])
    sound(paul)
    paul.locator("#password").fill(NEW)
    paul.locator("#password_again").fill(NEW)
    paul.locator("#password_again").press("Enter")
    paul.wait_for_url("**/console/login/second-factor*")
    sound(paul)
    paul.locator("main form").first.locator("button").press("Enter")
    secret = re.sub(r"\s", "", paul.locator(".secret").inner_text())
    sound(paul)
    totp = pyotp.TOTP(secret)
    paul.locator("#code").fill(totp.now())
    paul.locator("#code").press("Enter")
    paul.wait_for_url("**/recovery-codes*")
    sound(paul)
    codes = paul.locator(".codes code").all_inner_texts()
    with paul.expect_download() as download:
        paul.locator("a[download]").press("Enter")
    kept = Path(download.value.path()).read_text(encoding="utf-8")
    assert [code in kept for code in codes] == [True] * 10
    for path in ("", "/details", "/password", "/second-factor", "/second-factor/set-up"):
        paul.goto(f"{ACCOUNT}{path}")
        sound(paul)

    again = visitor(portal, **options)
    log_in(again, email, NEW, "**/console/login/code*")
    sound(again)
    again.locator("#code").fill(codes[0])
    again.locator("#code").press("Enter")
    again.wait_for_url("**/console/")
    again.goto("/admin/")
    expect(again.get_by_text(email).first).to_be_visible()

    for path in ("", "/close", "/second-factor"):
        admin.goto(f"{member}{path}")
        sound(admin)
    admin.locator("main form button").press("Enter")
    admin.wait_for_url(member)
    again.goto("/console/")
    expect(again).to_have_url(re.compile("/console/login"))


def test_pages_without_a_login_are_sound(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    for path in ("/console/login", "/console/forgotten-password", "/console/password/none"):
        page.goto(path)
        sound(page)
    page.goto("/console/forgotten-password")
    page.locator("#email").fill("nobody@example.org")
    page.locator("#email").press("Enter")
    page.wait_for_url("**/sent")
    sound(page)
    page.goto("/admin/")
    expect(page).to_have_url(re.compile(r"/console/login\?next=/admin/$"))
