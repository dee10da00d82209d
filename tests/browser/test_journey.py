"""From an offer to a hire, as people walk it: the whole path through every room, on SQLite and on PostgreSQL."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from tests.support.portal import RunningPortal, running_portal, wait_for

Visitor = Callable[..., Page]

TITLE = "Ingénieur·e en écologie des vasières (H/F)"
REFERENCE = "JOURNEY-2026-1"
EMAIL = "solenn.kerbrat@example.org"
PASSWORD = "seven quiet herons"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPortal]:
    """A portal of its own for the journey; the one on PostgreSQL starts from an empty database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("portal")
        return
    url = request.getfixturevalue("empty_postgres_url")
    with running_portal(tmp_path_factory.mktemp("portal-postgres"), database_url=url) as portal:
        yield portal


@pytest.fixture
def cv(tmp_path: Path) -> Path:
    path = tmp_path / "CV Solenn.pdf"
    document = pikepdf.new()
    document.add_blank_page()
    document.save(path)
    return path


def log_in_to_console(page: Page) -> None:
    page.goto("/console/")
    page.get_by_label("E-mail address").fill("recruiter@example.org")
    page.get_by_label("Password", exact=True).fill("vivier-demo")
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Applications")


def publish_an_offer(page: Page) -> None:
    page.goto("/console/offers/new")
    unit = page.get_by_label("Unit")
    if unit.locator("option").first.get_attribute("value") == "":
        unit.select_option(index=1)
    page.get_by_label("Reference").fill(REFERENCE)
    page.locator("#title_fr").fill(TITLE)
    page.locator("#description_fr").fill("Suivre la vie des vasières.\n\nSur le terrain et au laboratoire.")
    page.get_by_label("Job type").select_option("technical_admin")
    page.get_by_label("Region").select_option("53")
    page.locator("#closes_on").fill((date.today() + timedelta(days=20)).isoformat())  # noqa: DTZ011
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_role("button", name="Publish now", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Published")


def found(page: Page, words: str) -> int:
    page.goto(f"/offers?keywords={words}")
    return page.locator("main").get_by_role("link", name=re.compile("vasières")).count()


def register(page: Page) -> None:
    page.get_by_role("radio", name="Ms").check()
    for label, text in [
        ("First name", "Solenn"),
        ("Last name", "Kerbrat"),
        ("E-mail address", EMAIL),
        ("E-mail address, once more", EMAIL),
        ("Password", PASSWORD),
        ("Password, once more", PASSWORD),
        ("Answer", "Odet"),
    ]:
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Secret question").select_option(index=1)
    page.locator("#accept_notice").check()
    page.locator("main").get_by_role("button", name="Register").click()
    expect(page.locator("main")).to_contain_text(EMAIL)


def link_in(mail: dict[str, Any], path: str) -> str:
    match = re.search(rf"https?://[^\s]+({re.escape(path)}[^\s]*)", mail["text"])
    assert match, mail["text"]
    return match.group(1)


def application_address(page: Page) -> str:
    page.goto("/candidate/applications")
    page.locator("main").get_by_role("link", name=re.compile("vasières")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("vasières")
    return page.url


def test_from_an_offer_to_a_hire(house: RunningPortal, visitor: Visitor, cv: Path) -> None:
    recruiter = visitor(house)
    log_in_to_console(recruiter)
    publish_an_offer(recruiter)

    # A stranger finds the offer within two seconds, and wants to apply.
    candidate = visitor(house)
    wait_for(lambda: found(candidate, "ingenieure+vasiere"), "the published offer in the search", seconds=2)
    candidate.goto("/")
    candidate.get_by_label("Keywords").fill("vasières")
    candidate.get_by_label("Region").select_option("53")
    candidate.get_by_label("Job type").select_option("technical_admin")
    candidate.locator("main").get_by_role("button", name="Search").click()
    candidate.locator("main").get_by_role("link", name=re.compile("vasières")).first.click()
    candidate.locator("main").get_by_role("link", name="Apply", exact=True).first.click()
    expect(candidate).to_have_url(re.compile(r"/\?"))
    candidate.locator("#candidate-area").get_by_role("link", name="Register").click()
    register(candidate)

    # The link is opened on another device, which asks for the password; it leads back to the offer.
    phone = visitor(house, viewport={"width": 390, "height": 800})
    phone.goto(link_in(house.mail(EMAIL, "/candidate/confirm/"), "/candidate/confirm/"))
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Confirm my account").click()
    expect(phone.locator("body")).to_contain_text("Your account is confirmed")
    expect(phone.locator("body")).to_contain_text("Login successful")
    expect(phone).to_have_url(re.compile(f"{REFERENCE}/apply$"))
    phone.goto("/candidate")
    expect(phone.locator("body")).to_contain_text("Solenn Kerbrat")

    # The profile with a CV, then the application.
    phone.goto("/candidate/profile")
    phone.locator("#cv").set_input_files(cv)
    phone.get_by_label("City").fill("Quimper")
    phone.get_by_role("button", name="Save the profile").click()
    expect(phone.locator("body")).to_contain_text("CV Solenn.pdf")
    phone.goto(f"/offers/{REFERENCE}")
    phone.locator("main").get_by_role("link", name="Apply").first.click()
    phone.get_by_role("button", name="Review your application").click()
    expect(phone.locator("[data-summary]")).to_contain_text("covering letter")
    phone.locator("#covering_letter_text").fill("Je connais ces vasières depuis l’enfance.")
    phone.get_by_role("button", name="Review your application").click()
    expect(phone.locator("main")).to_contain_text("CV Solenn.pdf")
    phone.get_by_role("button", name="Submit").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("on its way")
    house.mail(EMAIL, REFERENCE)

    # The recruiter finds it on the board and in the table, and decides.
    recruiter.goto(f"/console/?offer={REFERENCE}")
    recruiter.get_by_role("link", name="Solenn Kerbrat", exact=True).click()
    recruiter.get_by_role("link", name="Take under consideration").click()
    expect(recruiter.frame_locator("iframe").locator("body")).to_contain_text(REFERENCE)
    expect(recruiter.get_by_role("button", name="Take under consideration")).to_be_focused()
    recruiter.keyboard.press("Enter")
    expect(recruiter.locator(".status").first).to_contain_text("Under consideration")
    recruiter.goto("/admin/#/application")
    expect(recruiter.locator("body")).to_contain_text("under_consideration")
    address = application_address(phone)
    expect(phone.locator("main")).to_contain_text("Application under consideration")
    recruiter.goto(f"/console/?offer={REFERENCE}")
    recruiter.get_by_role("link", name="Solenn Kerbrat", exact=True).click()
    recruiter.get_by_role("link", name="Accept…").click()
    recruiter.locator("#paragraph").fill("Nous vous attendons.")
    recruiter.get_by_role("button", name="Accept").click()
    phone.goto(address)
    expect(phone.locator("main")).to_contain_text("Application successful")
    subjects = wait_for(
        lambda: (mails := house.mails(EMAIL))[3:] and [mail["subject"] for mail in mails],
        "a mail for each step",
    )
    assert len(subjects) == 4  # confirmation, submitted, under consideration, successful

    # Closing takes the offer away.
    recruiter.goto(f"/console/offers/{REFERENCE}")
    recruiter.get_by_role("link", name="Close…").click()
    recruiter.get_by_role("button", name="Close the offer").click()
    wait_for(lambda: not found(candidate, "vasieres"), "the closed offer to leave the search", seconds=2)
    candidate.goto(f"/offers/{REFERENCE}")
    expect(candidate.locator("main")).to_contain_text("closed")


def test_withdrawing_with_a_message(house: RunningPortal, visitor: Visitor) -> None:
    page = visitor(house)
    page.goto("/candidate/applications")
    page.get_by_label("E-mail address").fill("candidate@example.org")
    page.get_by_label("Password", exact=True).fill("vivier-demo")
    page.locator("main").get_by_role("button", name="Login").click()
    expect(page).to_have_url(re.compile("/candidate/applications$"))
    row = page.locator("main tr, main li").filter(has_text="Application submitted").first
    row.get_by_role("link").first.click()
    page.get_by_role("link", name="Withdraw the application").click()
    message = page.get_by_label("Message to the laboratory")
    assert message.input_value()
    message.fill("I have found another post; thank you for your time.")
    page.get_by_role("button", name="Withdraw and send the message").click()
    expect(page.locator("main")).to_contain_text("withdrawn")
    assert "another post" in house.mail("candidate@example.org", "another post")["text"]
    to_employer = wait_for(
        lambda: [
            m
            for m in house.mails("@example.org")
            if "another post" in m["text"] and "candidate@" not in m["to"]
        ],
        "the message to the employer",
    )
    assert len(to_employer) == 1
