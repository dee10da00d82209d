"""The board in two browsers: cards that are dragged, keys, what colleagues do, columns that grow as one scrolls."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from admin.applications.board import FIRST_CARDS, NEXT_CARDS
from tests.browser.accessibility import violations
from tests.browser.crowd import REFERENCE
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]

CROWD = FIRST_CARDS + NEXT_CARDS + 5
BOARD = f"/console/?offer={REFERENCE}"


@pytest.fixture(scope="module")
def crowd(portal: RunningPortal) -> RunningPortal:
    """The portal with an offer that many have applied to: Nr000 first, each an hour after the one before."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIVIER_")}
    subprocess.run(
        [sys.executable, "-m", "tests.browser.crowd", str(CROWD)],
        env={**environment, "VIVIER_VAR": str(portal.folder)},
        check=True,
    )
    return portal


@pytest.fixture(scope="module")
def sessions(crowd: RunningPortal, browser: Browser) -> dict[str, Any]:
    """What browsers keep of a login: that of a recruiter, and that of an administrator."""
    kept: dict[str, Any] = {}
    for email in ("recruiter@example.org", "admin@example.org"):
        context = browser.new_context(base_url=crowd.address)
        page = context.new_page()
        page.goto("/console/login")
        page.locator("#email").fill(email)
        page.locator("#password").fill("vivier-demo")
        page.locator("#password").press("Enter")
        page.wait_for_url("**/console/")
        kept[email] = context.storage_state()
        context.close()
    return kept


@pytest.fixture
def claire(crowd: RunningPortal, visitor: Visitor, sessions: dict[str, Any]) -> Page:
    """A recruiter who wants no motion."""
    page = visitor(crowd, storage_state=sessions["recruiter@example.org"], reduced_motion="reduce")
    page.goto(BOARD)
    return page


@pytest.fixture
def anna(crowd: RunningPortal, visitor: Visitor, sessions: dict[str, Any]) -> Page:
    """An administrator who reads French."""
    page = visitor(crowd, storage_state=sessions["admin@example.org"], locale="fr-FR")
    page.goto(BOARD)
    return page


def column(page: Page, state: str) -> Locator:
    return page.locator(f'[data-column="{state}"]')


def card(page: Page, number: int) -> Locator:
    return page.locator(".board-item").filter(has_text=re.compile(rf"Nr{number:03}\b"))


def considered(page: Page, number: int) -> Locator:
    return column(page, "under_consideration").locator(card(page, number))


def count(page: Page, state: str) -> Locator:
    return page.locator(f'.count[data-count="{state}"]')


def confirm(page: Page) -> None:
    """The mail is read in the dialog, and Enter presses its button."""
    dialog = page.locator("#moving")
    expect(dialog.locator(".button-main")).to_be_focused()
    expect(dialog.locator("pre")).to_contain_text("Bonjour")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def how_many(page: Page, state: str) -> int:
    return int(count(page, state).inner_text())


def test_a_colleagues_move_is_seen_and_told(claire: Page, anna: Page) -> None:
    before = how_many(claire, "under_consideration")
    card(anna, 0).drag_to(column(anna, "under_consideration"))
    expect(anna.get_by_role("dialog", name="Examiner : Nr000 Crowd")).to_be_visible()
    assert how_many(anna, "under_consideration") == before
    confirm(anna)
    expect(
        column(anna, "under_consideration").locator(".board-item").filter(has_text="Nr000")
    ).to_be_visible()
    expect(anna.locator("#said")).to_contain_text("en cours d’examen")
    moved = column(claire, "under_consideration").locator(".board-item").filter(has_text="Nr000")
    expect(moved).to_be_visible()
    expect(claire.locator("#said")).to_have_text(
        re.compile(r"^.+ moved Nr000 Crowd to “Under consideration”\.$")
    )
    expect(claire.locator("#said")).to_have_attribute("aria-live", "polite")
    expect(count(claire, "under_consideration")).to_have_text(str(before + 1))
    expect(moved.get_by_role("link", name="Accept")).to_be_visible()


def test_whoever_comes_second_reads_it_and_sees_where_the_card_is(claire: Page, anna: Page) -> None:
    def cut(route: Route) -> None:
        route.continue_() if "card=" in route.request.url else route.abort()

    def consider(number: int) -> None:
        card(anna, number).get_by_role("link", name="Examiner").click()
        confirm(anna)
        expect(considered(anna, number)).to_be_visible()

    claire.route("**/board/changes*", cut)
    dialog = claire.locator("#moving")
    consider(4)
    card(claire, 4).get_by_role("link", name="Take under consideration").click()
    expect(claire.locator("#refused")).to_be_visible()
    expect(considered(claire, 4)).to_be_visible()
    expect(dialog).to_be_hidden()

    card(claire, 1).get_by_role("link", name="Take under consideration").click()
    dialog.get_by_label("A paragraph of your own").fill("Words that are dear to me")
    expect(dialog.locator("pre")).to_contain_text("> Words that are dear to me")
    consider(1)
    dialog.get_by_role("button", name="Take under consideration").click()
    expect(dialog).to_contain_text("was first")
    expect(dialog).to_contain_text("Words that are dear to me")
    dialog.get_by_role("button", name="Close").click()
    expect(considered(claire, 1)).to_be_visible()


def test_the_dialog_before_a_move_is_left_without_one(claire: Page) -> None:
    before, link = how_many(claire, "submitted"), card(claire, 5).locator(".card-actions a")
    link.click()
    dialog = claire.get_by_role("dialog", name="Take under consideration: Nr005 Crowd")
    expect(dialog).to_be_visible()
    assert violations(claire) == []
    dialog.get_by_label("A paragraph of your own").fill("é" * 3001)
    dialog.get_by_role("button", name="Take under consideration").click()
    expect(dialog.locator(".summary")).to_contain_text("Use 3000 characters at most")
    claire.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    card(claire, 5).drag_to(column(claire, "under_consideration"))
    dialog.get_by_role("button", name="Back without changing anything").click()
    expect(dialog).to_be_hidden()
    assert how_many(claire, "submitted") == before
    expect(column(claire, "submitted").locator(card(claire, 5))).to_be_visible()


def test_where_a_card_may_go_is_marked_and_nowhere_else_takes_it(claire: Page) -> None:
    taken, source = card(claire, 2), card(claire, 2).locator(".card")
    data = claire.evaluate_handle("new DataTransfer()")
    source.dispatch_event("dragstart", {"dataTransfer": data})
    marked = claire.locator("[data-drop]").evaluate_all("all => all.map(one => one.dataset.column)")
    column(claire, "successful").dispatch_event("dragover", {"dataTransfer": data})
    column(claire, "successful").dispatch_event("drop", {"dataTransfer": data})
    source.dispatch_event("dragend", {"dataTransfer": data})
    assert marked == ["under_consideration"]
    expect(claire.locator("[data-drop]")).to_have_count(0)
    expect(column(claire, "submitted").locator(taken)).to_be_visible()


def test_a_decision_by_hand_leads_to_its_page_and_back(claire: Page) -> None:
    card(claire, 3).get_by_role("link", name="Take under consideration").click()
    confirm(claire)
    expect(considered(claire, 3)).to_be_visible()
    considered(claire, 3).drag_to(column(claire, "rejected"))
    expect(claire).to_have_url(re.compile(r"/moves/reject\?next=/console/%3Foffer%3DCROWD-1%23card-"))
    expect(claire.get_by_role("heading", level=1)).to_contain_text("Nr003")


def test_all_of_it_by_keyboard(claire: Page) -> None:
    first, second = (claire.locator(".board-item").nth(number) for number in (0, 1))
    claire.locator("#board").focus()
    claire.keyboard.press("ArrowDown")
    expect(first.locator("h3 a")).to_be_focused()
    claire.keyboard.press("ArrowDown")
    expect(second.locator("h3 a")).to_be_focused()
    claire.keyboard.press("x")
    expect(second.get_by_role("checkbox")).to_be_checked()
    expect(claire.locator(".choosing-count")).to_have_text("1 chosen")
    claire.keyboard.press("m")
    expect(second.locator(".card-actions a")).to_be_focused()
    claire.keyboard.press("Escape")
    expect(second.locator("h3 a")).to_be_focused()
    claire.keyboard.press("ArrowRight")
    expect(column(claire, "under_consideration").locator(":focus")).to_have_count(1)
    claire.keyboard.press("?")
    expect(claire.get_by_role("dialog", name="Keys")).to_be_visible()
    assert violations(claire) == []
    claire.keyboard.press("Escape")
    claire.keyboard.press("/")
    expect(claire.locator("#name")).to_be_focused()
    claire.keyboard.type("mx?")
    expect(claire.locator("#name")).to_have_value("mx?")
    column(claire, "submitted").locator("h3 a").first.focus()
    name = claire.locator(":focus").inner_text()
    claire.keyboard.press("Enter")
    expect(claire.get_by_role("heading", level=1)).to_contain_text(name)


@pytest.mark.parametrize("key", ["ArrowDown", "ArrowRight", "x", "m"])
def test_the_first_key_goes_to_the_first_card(claire: Page, key: str) -> None:
    claire.keyboard.press(key)
    expect(claire.locator(".board-item").first.locator("h3 a")).to_be_focused()


def test_a_filter_that_leaves_nobody_says_so_once(claire: Page) -> None:
    claire.goto("/console/?name=nobody-at-all")
    expect(claire.get_by_role("link", name="Show all")).to_have_count(2)
    expect(claire.get_by_text("Nobody here.").locator("visible=true")).to_have_count(0)


def test_a_move_by_keyboard_keeps_the_focus_on_the_card(claire: Page) -> None:
    card(claire, 6).locator("h3 a").focus()
    claire.keyboard.press("m")
    claire.keyboard.press("Enter")
    confirm(claire)
    moved = column(claire, "under_consideration").locator(".board-item").filter(has_text="Nr006")
    expect(moved.locator("h3 a")).to_be_focused()


def test_a_column_grows_as_one_scrolls(claire: Page) -> None:
    submitted = column(claire, "submitted")
    total = how_many(claire, "submitted")
    assert submitted.locator(".board-item").count() < total
    for _ in range(4):
        claire.mouse.wheel(0, 20_000)
        claire.wait_for_timeout(150)
    expect(submitted.locator(".board-item")).to_have_count(total)
    shown = submitted.locator("h3").all_inner_texts()
    assert shown == sorted(shown)
    expect(submitted.locator("[data-more]")).to_have_count(0)


def test_many_are_chosen_on_the_list(claire: Page) -> None:
    claire.goto(f"/console/list?offer={REFERENCE}&status=submitted")
    boxes = claire.locator('input[name="application"]')
    expect(claire.locator("#choosing")).to_be_hidden()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(claire.locator(".choosing-count")).to_have_text("4 chosen")
    expect(claire.locator("#choosing button[name=event]:visible")).to_have_text(["Take under consideration…"])
    assert violations(claire) == []
    claire.get_by_role("checkbox", name="Choose all on this page").check()
    expect(claire.locator(".choosing-count")).to_have_text(f"{boxes.count()} chosen")
    claire.get_by_role("button", name="Choose none").click()
    expect(claire.locator("#choosing")).to_be_hidden()
    boxes.nth(0).click()
    with claire.expect_request("**/console/batches/new") as sent:
        claire.get_by_role("button", name="Take under consideration").click()
    posted: Any = sent.value.post_data
    assert re.sub(r"_csrf_token=[^&]*", "", posted).count("application=") == 1
    assert {"offer=CROWD-1", "status=submitted", "event=consider"} <= set(posted.split("&"))


@pytest.mark.parametrize("path", [BOARD, f"/console/list?offer={REFERENCE}"])
def test_without_scripts_there_is_more_and_choosing(
    crowd: RunningPortal, visitor: Visitor, sessions: dict[str, Any], path: str
) -> None:
    page = visitor(crowd, storage_state=sessions["recruiter@example.org"], java_script_enabled=False)
    page.goto(path)
    expect(page.locator("#choosing")).to_be_visible()
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    if path == BOARD:
        before = column(page, "submitted").locator(".board-item").count()
        column(page, "submitted").get_by_role("link", name="Show more").click()
        assert column(page, "submitted").locator(".board-item").count() > before
        assert "#card-" in page.url
        card(page, 7).get_by_role("link", name="Take under consideration").click()
        expect(page.frame_locator("iframe").locator("body")).to_contain_text("Bonjour Nr007 Crowd")
        page.get_by_role("button", name="Take under consideration").click()
        expect(considered(page, 7)).to_be_visible()
        assert page.url.endswith(f"{BOARD}#card-{page.url.rpartition('#card-')[2]}")
