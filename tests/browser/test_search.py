"""Searching in a browser: filters that act in place, suggestions by keyboard, and all of it without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import violations
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]

NARROW = {"viewport": {"width": 390, "height": 844}}


def count(page: Page) -> str:
    return page.locator("#count").inner_text()


def box(page: Page, name: str, value: str) -> Any:
    return page.locator(f'#choices input[name="{name}"][value="{value}"]')


def number_beside(page: Page, name: str, value: str) -> str:
    choice = page.locator(f'#choices .choice:has(input[name="{name}"][value="{value}"])')
    return choice.locator(".choice-count span").first.inner_text()


def loads(page: Page) -> list[str]:
    """The pages that the browser itself goes to from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.is_navigation_request() else None)
    return seen


def hold(page: Page, address: str) -> list[Route]:
    """Requests to this address get no answer from now on."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(address, keep)
    return held


def test_without_a_connection_nothing_is_lost_and_the_filter_acts_later(
    portal: RunningPortal, visitor: Visitor
) -> None:
    page = visitor(portal)
    page.goto("/offers")
    before, went_to = count(page), loads(page)
    page.context.set_offline(True)
    box(page, "region", "11").check()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(box(page, "region", "11")).to_be_checked()
    assert (count(page), page.url.endswith("/offers")) == (before, True)
    assert violations(page) == []
    box(page, "job_type", "scientific").check()
    page.context.set_offline(False)
    page.wait_for_url("**/offers?region=11&job_type=scientific")
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator(".tags a.tag")).to_have_count(2)
    assert went_to == []


def test_filters_act_in_place_and_the_back_button_takes_them_back(
    portal: RunningPortal, visitor: Visitor
) -> None:
    page = visitor(portal)
    page.goto("/offers")
    before = count(page)
    went_to = loads(page)
    number = number_beside(page, "region", "11")
    box(page, "region", "11").focus()
    page.keyboard.press("Space")
    page.wait_for_url("**/offers?region=11")
    expect(page.locator("#count")).to_have_text(f"{number} offers")
    expect(page.locator("#told")).to_have_text(f"{number} offers")
    expect(box(page, "region", "11")).to_be_focused()
    expect(box(page, "region", "11")).to_be_checked()
    expect(page).to_have_title(re.compile(f"^{number} offers"))
    assert violations(page) == []
    box(page, "job_type", "scientific").check()
    page.wait_for_url("**/offers?region=11&job_type=scientific")
    expect(page.locator(".tags a.tag")).to_have_count(2)
    page.go_back()
    page.wait_for_url("**/offers?region=11")
    expect(page.locator("#count")).to_have_text(f"{number} offers")
    expect(box(page, "job_type", "scientific")).not_to_be_checked()
    page.go_back()
    expect(page.locator("#count")).to_have_text(before)
    expect(box(page, "region", "11")).not_to_be_checked()
    page.go_forward()
    expect(page.locator("#count")).to_have_text(f"{number} offers")
    assert went_to == []
    page.locator("a.tag").first.click()
    page.wait_for_url("**/offers")
    expect(page.locator("#count")).to_be_focused()


def test_the_language_is_switched_on_the_search_that_is_shown(
    portal: RunningPortal, visitor: Visitor
) -> None:
    page = visitor(portal)
    page.goto("/offers")
    box(page, "region", "11").check()
    page.wait_for_url("**/offers?region=11")
    page.get_by_role("button", name="Français").click()
    page.wait_for_url("**/offers?region=11")
    expect(page.locator("a.tag")).to_have_text(re.compile("Île-de-France"))


def test_the_last_of_several_choices_is_shown_and_a_failure_loads_the_page(
    portal: RunningPortal, visitor: Visitor
) -> None:
    page = visitor(portal)
    page.goto("/offers")
    held = hold(page, "**/offers?region=11")
    box(page, "region", "11").check()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    box(page, "region", "76").check()
    page.wait_for_url(re.compile("region=11.*region=76"))
    expect(page.locator(".tags a.tag")).to_have_count(2)
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    assert len(held) == 1
    page.unroute("**/offers?region=11")
    fetched = []

    def refuse(route: Route) -> None:
        if route.request.is_navigation_request():
            return route.continue_()
        fetched.append(route.request.url)
        return route.fulfill(status=404)

    page.route("**/offers?region=11**", refuse)
    went_to = loads(page)
    box(page, "job_type", "scientific").check()
    page.wait_for_url(re.compile("job_type=scientific"))
    expect(page.locator(".tags a.tag")).to_have_count(3)
    assert went_to == fetched


def test_long_lists_are_opened_and_narrowed_by_typing(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    page.goto("/offers/advanced")
    summary = page.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("BIOLOGI")
    shown = page.locator("[data-sieve] .choice:visible")
    expect(page.locator("[data-sieve] .choice").first).to_be_hidden()
    texts = shown.all_inner_texts()
    assert texts
    assert all("biolog" in text.lower() for text in texts)
    assert violations(page) == []
    page.keyboard.press("Enter")
    shown.first.locator("input").check()
    page.locator(".sieve").fill("zzzz")
    expect(shown).to_have_count(1)  # what is chosen stays in sight
    expect(page).to_have_url(re.compile("/offers/advanced$"))


@pytest.mark.parametrize("path", ["/offers", "/", "/offers/advanced"])
def test_suggestions_are_chosen_by_keyboard(portal: RunningPortal, visitor: Visitor, path: str) -> None:
    page = visitor(portal)
    page.goto(path)
    field = page.get_by_role("combobox", name=re.compile("Keywords|All of these words"))
    options = page.locator("[role=option]")
    field.click()
    field.press_sequentially("inge")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".suggesting [role=status]")).to_have_text(f"{options.count()} suggestions")
    assert violations(page) == []
    texts = options.all_inner_texts()
    assert texts[0] == "ingénieur"
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    assert violations(page) == []
    page.keyboard.press("End")
    expect(field).to_have_value(texts[-1])
    page.keyboard.press("ArrowDown")  # the way round leads through the field
    expect(field).to_have_value("inge")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    expect(field).to_have_value(texts[0])
    page.keyboard.press("Escape")
    expect(field).to_have_value("inge")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_value(texts[0])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value(texts[1])
    if path != "/offers":
        expect(options.first).to_be_hidden()
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/offers\?keywords=ing%C3%A9nieur"))
    expect(page.locator("mark").first).to_be_visible()


def test_suggestions_that_are_overtaken_or_fail_are_in_nobodys_way(
    portal: RunningPortal, visitor: Visitor
) -> None:
    page = visitor(portal)
    page.goto("/offers")
    held = hold(page, "**/suggestions?keywords=in")
    field = page.get_by_role("combobox")
    field.press_sequentially("in")
    page.wait_for_timeout(300)
    field.press_sequentially("fo")
    expect(page.locator("[role=option]").first).to_have_text(re.compile("^info"))
    assert len(held) == 1
    page.unroute("**/suggestions?keywords=in")
    page.route("**/suggestions?keywords=*", lambda route: route.abort())
    field.press_sequentially("r")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.wait_for_url("**/offers?keywords=infor")


def test_a_narrow_screen_shows_the_filters_on_demand(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal, **NARROW)
    page.goto("/offers")
    filters, button = page.locator("#filters"), page.locator("#filters-button")
    expect(filters).to_be_hidden()
    button.focus()
    page.keyboard.press("Space")
    expect(filters).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    box(page, "region", "11").check()
    page.wait_for_url("**/offers?region=11")
    expect(filters).to_be_visible()
    expect(button).to_have_text(re.compile(r"Filters \(1\)"))
    page.get_by_role("button", name=re.compile(r"Show \d+ offers")).click()
    expect(filters).to_be_hidden()
    expect(page.locator("#count")).to_be_focused()


@pytest.mark.parametrize("screen", [{}, NARROW], ids=["wide", "narrow"])
def test_everything_is_searched_without_javascript(
    portal: RunningPortal, visitor: Visitor, screen: dict[str, Any]
) -> None:
    page = visitor(portal, java_script_enabled=False, **screen)
    page.goto("/offers?keywords=enginer")
    expect(page.locator("#results")).to_contain_text("Results for “engineer”. Search instead for “enginer”")
    if screen:
        expect(page.locator("#filters")).to_be_hidden()
        page.locator("#filters-button").click()
    box(page, "region", "11").check()
    page.get_by_role("button", name="Apply the filters").click()
    expect(page).to_have_url(re.compile(r"keywords=enginer&region=11$"))
    expect(page.locator("a.tag")).to_have_count(1)
    page.get_by_role("link", name="Search instead for").click()
    expect(page).to_have_url(re.compile("exact=1"))
    expect(page.locator("#results")).to_contain_text("Did you mean: engineer")
    page.get_by_role("link", name="Without").last.click()
    expect(page.locator("mark, article").first).to_be_visible()
    page.goto("/offers/advanced")
    page.get_by_label("All of these words").fill("ingénieur")
    page.get_by_label("None of these words").fill("recherche")
    page.get_by_label("Master’s degree", exact=True).check()
    page.get_by_label("Engineering degree").check()
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page.locator("#keywords")).to_have_value("-recherche ingénieur")
    expect(page.locator("a.tag")).to_have_count(2)
