"""An account from its first day to a password forgotten and replaced, with scripts and without."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.support.portal import RunningPortal, wait_for

Visitor = Callable[..., Page]

PASSWORD = "seven quiet herons"
OWN = "nine loud bitterns"
LOOKS: dict[str, dict[str, Any]] = {
    "scripts": {"viewport": {"width": 1280, "height": 900}},
    "no-scripts": {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}},
}


def mailed(portal: RunningPortal, to: str, pattern: str, *, but: str = "") -> str:
    """What the newest mail to an address says."""

    def found() -> str:
        matches = (re.search(pattern, mail["text"]) for mail in portal.mails(to))
        newest = next((match[1] for match in matches if match), "")
        return "" if newest == but else newest

    return str(wait_for(found, f"a mail to {to} with {pattern}"))


def fill(page: Page, **fields: str) -> None:
    """Fill in fields by their ids, and send the form of the last."""
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)
    page.locator(f"#{[*fields][-1]}").press("Enter")


def press(page: Page, button: str, *, itself: bool) -> None:
    """The one button of a page that a mail leads to, which a script presses."""
    if not itself:
        page.get_by_role("button", name=button).click()


def register(page: Page, email: str) -> None:
    page.goto("/candidate/register")
    page.get_by_role("radio", name="Mx").check()
    page.locator("#accept_notice").check()
    fill(
        page,
        first_name="Camille",
        last_name="Durand",
        email=email,
        email_again=email,
        password=PASSWORD,
        password_again=PASSWORD,
        own_secret_question="Which river?",
        secret_answer="Odet",
    )


@pytest.mark.parametrize("look", LOOKS)
def test_an_account_is_confirmed_moved_and_recovered(
    portal: RunningPortal, visitor: Visitor, look: str
) -> None:
    scripts = look == "scripts"
    page, elsewhere = visitor(portal, **LOOKS[look]), visitor(portal, **LOOKS[look])
    first, email = f"first.{look}@example.org", f"camille.{look}@example.org"

    register(page, first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Almost done: check your e-mail")
    page.goto("/candidate/login")
    fill(page, email=first, password=PASSWORD)
    old = mailed(portal, first, r"(/candidate/confirm/\S+)")
    page.get_by_role("button", name="Send me a new link").click()
    new = mailed(portal, first, r"(/candidate/confirm/\S+)", but=old)
    elsewhere.goto(new)
    expect(elsewhere.get_by_text(f"an account for {first}.")).to_be_visible()
    fill(elsewhere, password=OWN)
    expect(elsewhere.locator("#password-problem")).to_contain_text("not the password that was chosen")
    page.goto(new)
    press(page, "Confirm my account", itself=scripts)
    expect(page.get_by_text("Your account is confirmed")).to_be_visible()
    page.goto(old)
    expect(page.get_by_text("Your account is confirmed already")).to_be_visible()

    page.goto("/candidate/account")
    page.get_by_role("link", name="Change E-mail address").click()
    fill(page, email=email, email_again=email, current_password=PASSWORD)
    expect(page.get_by_text(f"We have written to {email}.")).to_be_visible()
    elsewhere.goto(mailed(portal, email, r"(/candidate/new-address/\S+)"))
    expect(elsewhere.get_by_text(f"The account of {first} moves to the address {email}")).to_be_visible()
    fill(elsewhere, password=PASSWORD)
    expect(elsewhere.get_by_text("Your new address is confirmed.")).to_be_visible()

    elsewhere.get_by_role("link", name="Forgotten password?").click()
    elsewhere.get_by_role("link", name="Ask for a new password").click()
    fill(elsewhere, email=email)
    expect(elsewhere.get_by_label("Which river?")).to_be_visible()
    fill(elsewhere, secret_answer="ODET")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("An e-mail has been sent")
    elsewhere.get_by_role("main").get_by_role("link", name="Login").click()
    fill(elsewhere, email=email, password=mailed(portal, email, r"\n +([a-z2-9-]{19})\n"))
    for _ in range(2):
        expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Choose a password of your own")
        elsewhere.goto("/candidate/profile")
    fill(elsewhere, password=OWN, password_again=OWN)
    expect(elsewhere.get_by_text("Your password is changed.")).to_be_visible()
    page.goto("/candidate/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Login")

    fill(page, email=email, password=OWN)
    page.goto("/candidate/account")
    expect(page.get_by_text("This device")).to_have_count(1)
    page.get_by_role("button", name="Log out: Chrome on Linux").click()
    expect(page.get_by_text("That device is logged out.")).to_be_visible()
    elsewhere.goto("/candidate/account")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Login")


def test_nobody_is_logged_out_by_a_link_that_presses_itself(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    emails = ("ada.stays@example.org", "ben.comes@example.org")
    for email in emails:
        register(page, email)
    first, second = (mailed(portal, email, r"(/candidate/confirm/\S+)") for email in emails)
    page.goto(first)
    expect(page.get_by_text("Your account is confirmed")).to_be_visible()
    page.goto(second)
    expect(page.get_by_text("You are logged in as Camille Durand (ada.stays@example.org).")).to_be_visible()
    page.wait_for_timeout(300)  # a script would have pressed by now
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your account")
    assert violations(page) == []
    page.get_by_role("button", name="Confirm my account").click()
    page.goto("/candidate/account")
    expect(page.get_by_text("ben.comes@example.org").first).to_be_visible()


def test_pages_on_the_way_have_no_accessibility_problem(portal: RunningPortal, visitor: Visitor) -> None:
    """Those that no address leads to."""
    page = visitor(portal, viewport={"width": 390, "height": 844}, color_scheme="dark", locale="fr-FR")
    register(visitor(portal), "elsewhere@example.org")
    page.goto(mailed(portal, "elsewhere@example.org", r"(/candidate/confirm/\S+)"))
    fill(page, password="x")
    expect(page.locator("#password-problem")).to_be_visible()
    assert violations(page) == []
    for path in ("/candidate/confirm/expired", "/candidate/new-address/expired"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
        assert violations(page) == []
    page.goto("/candidate/forgotten-password/email")
    fill(page, email="nobody@example.org")
    expect(page.locator("#secret_answer")).to_be_visible()
    assert violations(page) == []
    for _ in range(6):
        page.request.post(
            "/api/v1/candidates/new-password", data={"email": "nobody@example.org", "secret_answer": "x"}
        )
    fill(page, secret_answer="x")
    expect(page.get_by_text("Vous pourrez réessayer dans 60 minutes.")).to_be_visible()
    assert violations(page) == []
