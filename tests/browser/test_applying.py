"""Preparing, reviewing and sending an application in a browser, with scripts and without; and every page on the way."""

import io
import re
from collections.abc import Callable
from typing import Any, cast

import pikepdf
import pytest
from playwright.sync_api import Dialog, FilePayload, Page, Route, expect

from tests.browser.accessibility import violations
from tests.browser.test_pages import LOOKS, log_in
from tests.support.portal import RunningPortal, wait_for

Visitor = Callable[..., Page]

CANDIDATE = "candidate@example.org"
OFFER = "/offers/VIV-2026-0050"


def cv(name: str = "CV Camille.pdf", size: int = 0) -> FilePayload:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.Root.Filling = pikepdf.Stream(document, bytes(size))
    document.save(out, compress_streams=False)
    return FilePayload(name=name, mimeType="application/pdf", buffer=out.getvalue())


def button(page: Page, name: str) -> Any:
    return page.locator("main").get_by_role("button", name=name)


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def candidate(request: pytest.FixtureRequest, portal: RunningPortal, visitor: Visitor) -> Page:
    page = visitor(portal, java_script_enabled=request.param)
    log_in(page, "/candidate/login", CANDIDATE)
    return page


@pytest.fixture
def scripted(portal: RunningPortal, visitor: Visitor) -> Page:
    page = visitor(portal)
    log_in(page, "/candidate/login", CANDIDATE)
    return page


def throw_away(page: Page) -> None:
    page.goto("/candidate/applications")
    page.locator("main").get_by_role("link", name="Throw it away").first.click()
    button(page, "Throw it away").click()
    expect(page.locator("body")).to_contain_text("What you had begun is thrown away.")


def test_what_was_begun_is_found_again_sent_and_withdrawn(candidate: Page) -> None:
    page = candidate
    page.goto("/offers?keywords=postdoc")
    page.locator("main").get_by_role("link", name="Apply").first.click()
    page.locator("#cv").set_input_files(cv())
    page.locator("#cv_url").fill("nowhere")
    button(page, "Review your application").click()
    expect(page.locator("[data-summary] li")).to_have_count(2)
    page.locator("#covering_letter_text").fill("I bring:\n- care\n- time")
    page.locator("#cv_url").fill("https://example.org/camille")
    button(page, "Save, and go on later").click()
    expect(page.locator("main")).to_contain_text("Begun, and not sent yet")
    page.locator("main").get_by_role("link", name="Go on").first.click()
    expect(page.locator("main")).to_contain_text("CV Camille.pdf")
    button(page, "Review your application").click()
    expect(page.locator("main li").filter(has_text=re.compile("^care$"))).to_be_visible()
    page.locator("main a[href$='#cv_url']").click()
    page.locator("#cv_url").fill("https://example.org/roussel")
    button(page, "Review your application").click()
    expect(page.locator("main")).to_contain_text("https://example.org/roussel")
    button(page, "Submit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("on its way")
    expect(page.locator("main")).to_contain_text("CV Camille.pdf")
    page.get_by_role("link", name="Follow your application").click()
    expect(page.locator(".timeline")).to_contain_text("You sent it, and the laboratory has it.")
    page.get_by_role("link", name="Withdraw the application").click()
    button(page, "Withdraw without a message").click()
    expect(page.locator("main")).to_contain_text("you could apply again")


def test_words_are_saved_and_shown_as_they_are_written(scripted: Page, visitor: Visitor) -> None:
    page = scripted
    page.goto(f"{OFFER}/apply")
    page.locator("#covering_letter_text").fill("See https://example.org/me.\n\n1. <b>one")
    expect(page.locator("[data-saving]")).to_contain_text("All saved at")
    preview = page.locator("[data-preview]")
    expect(preview.get_by_role("link")).to_have_attribute("href", "https://example.org/me")
    expect(preview.locator("li")).to_have_text("<b>one")
    page.reload()
    expect(page.locator("#covering_letter_text")).to_have_value("See https://example.org/me.\n\n1. <b>one")
    throw_away(page)


@pytest.mark.parametrize("way", ["another page", "back", "the language", "log out"])
def test_who_leaves_at_once_loses_no_word(scripted: Page, way: str) -> None:
    page = scripted
    page.goto(OFFER)
    page.goto(f"{OFFER}/apply")
    page.locator("#covering_letter_text").fill("Written in a hurry")
    if way == "another page":
        page.get_by_role("link", name="Advanced search").click()
        page.wait_for_url("**/advanced")
    elif way == "back":
        page.go_back()
    elif way == "the language":
        page.get_by_role("button", name="Français").click()
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        page.get_by_role("button", name="English").click()
    else:
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log out")).to_have_count(0)
        log_in(page, "/candidate/login", CANDIDATE)

    def letter() -> str:
        page.goto(f"{OFFER}/apply")
        return page.locator("#covering_letter_text").input_value()

    wait_for(lambda: letter() == "Written in a hurry", "the words that were on their way")
    throw_away(page)


def test_what_is_thrown_away_does_not_come_back(scripted: Page) -> None:
    page = scripted
    page.goto(f"{OFFER}/apply")
    page.locator("#covering_letter_text").fill("Begun")
    expect(page.locator("[data-saving]")).to_contain_text("All saved at")
    page.reload()
    page.locator("#covering_letter_text").fill("Begun, and thought better of")
    page.locator("summary").last.click()
    button(page, "Throw it away").click()
    expect(page.locator("body")).to_contain_text("What you had begun is thrown away.")
    page.goto(f"{OFFER}/apply")
    expect(page.locator("#covering_letter_text")).to_have_value("")


def test_an_answer_that_was_lost_is_no_other_tab(scripted: Page) -> None:
    page = scripted
    page.goto(f"{OFFER}/apply")

    def arrives_and_is_not_answered(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/apply", arrives_and_is_not_answered, times=1)
    page.locator("#covering_letter_text").fill("Once")
    expect(page.locator("[data-saving]")).to_contain_text("We cannot save at the moment.")
    page.locator("#covering_letter_text").fill("Once more")
    expect(page.locator("[data-saving]")).to_contain_text("All saved at")
    throw_away(page)


def test_who_would_lose_what_they_typed_is_asked_first(scripted: Page) -> None:
    page = scripted
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto("/candidate/profile")
    page.locator("#city").click()
    page.locator("#city").press_sequentially("Brest")
    expect(page.locator("[data-saving]")).to_have_text("Not saved yet.")
    page.get_by_role("link", name="Account settings").click()
    expect(page.locator("#city")).to_be_visible()
    assert asked == ["beforeunload"]
    button(page, "Save the profile").click()
    expect(page.locator("body")).to_contain_text("All saved.")
    page.goto(f"{OFFER}/apply")
    page.route("**/apply", lambda route: route.abort(), times=1)
    page.locator("#covering_letter_text").click()
    page.locator("#covering_letter_text").press_sequentially("Offline")
    expect(page.locator("[data-saving]")).to_contain_text("We cannot save at the moment.")
    page.get_by_role("link", name="Advanced search").click()
    expect(page.locator("#covering_letter_text")).to_have_value("Offline")
    assert asked == ["beforeunload"] * 2
    page.locator("#covering_letter_text").press("!")
    expect(page.locator("[data-saving]")).to_contain_text("All saved at")
    throw_away(page)


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_a_stranger_who_applies_sees_why_and_where_to_register(
    portal: RunningPortal, visitor: Visitor, look: dict[str, Any]
) -> None:
    page = visitor(portal, **look)
    page.goto(OFFER)
    page.locator("main a.button-main").first.click()
    page.wait_for_url("**/?offer=*")
    main = page.locator("main")
    for part in (main.get_by_role("heading", level=1), main.locator(f"a[href='{OFFER}']").first):
        expect(part).to_be_in_viewport(ratio=1)
    expect(main.locator("a[href^='/candidate/register']").first).to_be_in_viewport(ratio=1)
    expect(main.locator("a[href^='/candidate/login']").first).to_be_in_viewport(ratio=1)


def test_a_second_tab_overwrites_nothing(scripted: Page) -> None:
    first, second = scripted, scripted.context.new_page()
    first.goto(f"{OFFER}/apply")
    first.locator("#covering_letter_text").fill("Begun")
    expect(first.locator("[data-saving]")).to_contain_text("All saved at")
    for page in (first, second):
        page.goto(f"{OFFER}/apply")
    first.locator("#covering_letter_text").fill("First tab")
    expect(first.locator("[data-saving]")).to_contain_text("All saved at")
    second.locator("#covering_letter_text").fill("Second tab")
    expect(second.locator("[data-saving]")).to_contain_text("in another tab")
    button(second, "Review your application").click()
    expect(second.locator("#written_elsewhere")).to_have_value("First tab")
    expect(second.locator("#covering_letter_text")).to_have_value("Second tab")
    assert violations(second) == []
    button(second, "Review your application").click()
    expect(second.locator(".letter")).to_have_text("Second tab")
    throw_away(first)


def test_a_large_file_shows_how_far_it_is(scripted: Page) -> None:
    page = scripted
    page.goto(f"{OFFER}/apply")
    page.locator("#covering_letter").set_input_files(
        FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=b"no PDF at all")
    )
    page.locator("#cv").set_input_files(cv(size=5_000_000))
    page.evaluate(
        "new MutationObserver(() => { window.shown ||= document.querySelector('[data-sending] progress'); })"
        ".observe(document.querySelector('main'), {childList: true, subtree: true})"
    )
    button(page, "Review your application").click()
    expect(page.locator("[data-summary]")).to_be_focused()
    expect(page.locator("#covering_letter-problem")).to_contain_text("This is not a PDF, DOCX or ODT file.")
    expect(page.locator("main")).to_contain_text("CV Camille.pdf")
    assert page.evaluate("window.shown.value") == 1
    assert violations(page) == []
    throw_away(page)


def test_who_is_logged_out_while_writing_loses_neither_words_nor_files(scripted: Page) -> None:
    page = scripted
    page.goto(f"{OFFER}/apply")
    session = next(each for each in page.context.cookies() if each.get("name") == "vivier_session")
    page.context.clear_cookies(name="vivier_session")
    page.locator("#covering_letter_text").fill("Written meanwhile")
    page.locator("#cv").set_input_files(cv())
    button(page, "Review your application").click()
    expect(page.locator("[data-summary]")).to_contain_text("You are no longer logged in.")
    page.context.add_cookies([cast(Any, session)])  # as a login in another tab does
    button(page, "Review your application").click()
    expect(page.locator("main")).to_contain_text("CV Camille.pdf")
    expect(page.locator(".letter")).to_have_text("Written meanwhile")
    throw_away(page)


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_no_page_on_the_way_has_an_accessibility_problem(
    portal: RunningPortal, visitor: Visitor, look: dict[str, Any]
) -> None:
    page = visitor(portal, **look)
    log_in(page, "/candidate/login", CANDIDATE)
    page.goto(f"{OFFER}/apply")
    page.locator("#covering_letter_text").fill("- a list\n- of two\n\nA paragraph")
    expect(page.locator("[data-preview]")).to_be_visible()
    found: list[tuple[str, str]] = []

    def look_at(path: str) -> None:
        if path:
            page.goto(path)
        found.extend((page.url, violation["id"]) for violation in violations(page))
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append((page.url, "runs off the side"))

    look_at("")
    for path in (f"{OFFER}/apply", f"{OFFER}/apply/review", "/candidate/applications", "/candidate/profile"):
        look_at(path)
    page.goto(f"{OFFER}/apply/review")
    page.locator("main form button").click()
    page.wait_for_url("**/submitted")
    own = page.url.removesuffix("/submitted")
    for path in ("/submitted", "", "/withdraw"):
        look_at(f"{own}{path}")
    page.locator("button[value=none]").click()
    page.wait_for_url("**/withdrawn")
    look_at("")
    assert found == []
