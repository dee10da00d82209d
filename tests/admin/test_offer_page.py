"""An offer's own page and what leads from it: the form, copies, the preview, the last day (C2, C9)."""

import html
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest

from tests.admin.conftest import Clock, Laboratories, Visiting, Visitor
from tests.admin.test_offers import FORM
from tests.admin.test_schedule import read
from workflow.audit.tables import AuditEntry
from workflow.engine.machine import Terms
from workflow.offers.commands import edit_offer, extend_offer, move_offer
from workflow.offers.queries import OfferView, offer_by_reference
from workflow.offers.tables import Offer

PAGE = "/console/offers/REF-1"
CHANGED = {**FORM, "title_fr": "Physicienne", "job_type": "scientific"}
CHANGED.pop("reference")


async def offer(reference: str = "REF-1") -> OfferView:
    found = await offer_by_reference(reference)
    assert found is not None
    return found


async def audited() -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    rows = await AuditEntry.select().order_by(AuditEntry.id)
    return [
        (row["action"], row["actor_id"], json.loads(row["before"]), json.loads(row["after"])) for row in rows
    ]


async def seen(visitor: Visitor) -> str:
    form = (await visitor.get(f"{PAGE}/edit")).text
    found = re.search(r'name="seen" value="(\w+)"', form)
    assert found
    return found[1]


async def test_page_tells_states_clocks_and_what_is_next(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    clock.now += timedelta(days=20)
    async with visiting("rose") as rose:
        page = await read(rose, PAGE)
        text = (await rose.get(PAGE)).text
    assert "Applications 2" in page
    assert 'href="/console/?offer=REF-1&amp;status=submitted"' in text
    assert 'href="/console/?offer=REF-1&amp;overdue=yes"' in text
    clocks = (
        "Waits for a decision 2 applications Longest wait 3 weeks Overdue 2 Last day to apply 1 April 2026"
    )
    assert f"{clocks} ( in 10 days )".replace("( ", "(").replace(" )", ")") in page
    assert ("Close…" in page, "Cancel the offer…" in page, "Before publishing" in page) == (True, True, False)
    assert "<svg" in text.split('id="drawing-heading"')[1]


async def test_draft_tells_what_is_missing_and_what_is_advisable(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    house, rose_herself = laboratories.house, laboratories.staff["rose"]
    bare = {"description_fr": "", "description_en": "", "title_en": ""}
    await house.offer(rose_herself, laboratories.units[0], "BARE", publish=False, **bare)
    soon = (clock.now + timedelta(days=3)).date()
    await house.offer(
        rose_herself, laboratories.units[0], "POOR", publish=False, closes_on=soon, tells_contact=""
    )
    good = {"description_fr": "é" * 300, "description_en": "e" * 300, "salary": "2 000 €"}
    await house.offer(rose_herself, laboratories.units[0], "GOOD", publish=False, **good)
    found = {}
    async with visiting("rose") as rose:
        for reference in ("BARE", "POOR", "GOOD"):
            text = (await rose.get(f"/console/offers/{reference}")).text
            panel = text.split('id="publish"')[1].split("</section>")[0]
            fields = re.findall(rf'href="/console/offers/{reference}/edit#(\w+)"', panel)
            found[reference] = (fields, "Publish now" in panel, "Nothing is missing." in panel)
    poor = ["description_fr", "description_en", "salary", "closes_on", "tells_contact"]
    assert found == {
        "BARE": (["description_fr", "title_en", "salary"], False, False),
        "POOR": (poor, True, False),
        "GOOD": ([], True, True),
    }


async def test_last_day_is_set_again_until_the_offer_is_closed(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    async with visiting("rose") as rose:
        assert (await rose.submit(f"{PAGE}/extend", closes_on="2026-05-01")).status_code == 303
        assert ((await offer()).closes_on, clock.nudges) == (date(2026, 5, 1), [clock.now])
        assert "Closes after 1 May 2026" in await read(rose, PAGE)
        over = await rose.submit(f"{PAGE}/extend", closes_on="2026-03-01")
        assert (over.status_code, 'id="closes_on-problem"' in over.text) == (422, True)
        assert 'value="2026-03-01"' in over.text
        assert (await rose.submit(f"{PAGE}/extend", closes_on="")).status_code == 422
        await move_offer(laboratories.staff["ada"], "REF-1", "close", terms=terms, now=clock.now)
        late = await rose.submit(f"{PAGE}/extend", closes_on="2026-06-01")
        assert (late.status_code, "This offer is closed: it takes no more" in late.text) == (409, True)
        assert "A closed offer does not open again" in await read(rose, PAGE)
    assert (await offer()).closes_on == date(2026, 5, 1)
    async with visiting("ivan") as ivan:
        assert (await ivan.submit(f"{PAGE}/extend", closes_on="2026-05-02")).status_code == 404
    changes = {"closes_on": "2026-04-01"}, {"closes_on": "2026-05-01"}
    assert (await audited())[-1] == ("offer.extended", laboratories.staff["rose"].actor.id, *changes)


async def test_of_two_who_edit_the_second_reads_what_the_first_saved(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    async with visiting("rose") as rose:
        before = await seen(rose)
        data = laboratories.house.offer_data(city="Quimper")
        await edit_offer(laboratories.staff["ada"], "REF-1", data, terms=terms, now=clock.now)
        refused = await rose.submit(f"{PAGE}/edit", seen=before, **CHANGED)
        assert (refused.status_code, (await offer()).title_fr) == (409, "Chimiste (H/F)")
        page = html.unescape(refused.text)
        assert "Somebody else has changed this offer since you opened it." in page
        told = re.findall(r'<dt><a href="#(\w+)">.*?<dd>(.*?)</dd>', page)
        assert ("city", "Quimper") in told
        assert 'value="Physicienne"' in page
        now_seen = re.search(r'name="seen" value="(\w+)"', page)
        assert now_seen
        again = await rose.submit(f"{PAGE}/edit", seen=now_seen[1], **CHANGED)
        assert (again.status_code, (await offer()).title_fr) == (303, "Physicienne")
    action, actor, old, new = (await audited())[-1]
    assert (action, actor, old["city"], new["city"]) == (
        "offer.edited",
        laboratories.staff["rose"].actor.id,
        "Quimper",
        "Brest",
    )


async def test_saving_without_a_change_leaves_nothing_in_the_audit(
    laboratories: Laboratories, clock: Clock, terms: Terms
) -> None:
    before = await audited()
    rose = laboratories.staff["rose"]
    await edit_offer(rose, "REF-1", laboratories.house.offer_data(), terms=terms, now=clock.now)
    await extend_offer(rose, "REF-1", "2026-04-01", terms=terms, now=clock.now)
    assert (await audited(), [each[0] for each in before]) == (before, ["offer.created"] * 2)


async def test_copy_says_the_same_without_days_that_are_over(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await laboratories.house.offer(
        laboratories.staff["rose"],
        laboratories.units[0],
        "LAB1-2026-009",
        starts_on="2026-03-20",
        salary="2 000 €",
    )
    copy = "/console/offers/LAB1-2026-009/duplicate"
    async with visiting("rose") as rose:
        form = (await rose.get(copy)).text
        assert re.findall(r'id="(?:reference|closes_on)".*? value="([^"]*)"', form) == [
            "LAB1-2026-010",
            "2026-04-01",
        ]
        clock.now += timedelta(days=40)
        assert 'value="2026-04-01"' not in (await rose.get(copy)).text
        unit = str(laboratories.units[0])
        taken = await rose.submit(copy, reference="REF-1", unit=unit, closes_on="2026-06-01")
        assert (taken.status_code, 'id="reference-problem"' in taken.text) == (422, True)
        lacking = await rose.submit(copy, reference="", unit=str(laboratories.units[1]), closes_on="")
        problems = re.findall(r'id="(\w+)-problem"', lacking.text)
        assert (lacking.status_code, sorted(problems)) == (422, ["closes_on", "reference", "unit"])
        made = await rose.submit(copy, reference="LAB1-2026-010", unit=unit, closes_on="2026-06-01")
        assert (made.status_code, made.headers["location"]) == (303, "/console/offers/LAB1-2026-010/edit")
    first, second = await offer("LAB1-2026-009"), await offer("LAB1-2026-010")
    assert (second.status, second.published_at, second.starts_on, second.closes_on) == (
        "draft",
        None,
        None,
        date(2026, 6, 1),
    )
    own = {"id", "reference", "status", "version", "created_at", "published_at", "starts_on", "closes_on"}
    same = [name for name in OfferView.__dataclass_fields__ if name not in own]
    assert [getattr(first, name) for name in same] == [getattr(second, name) for name in same]
    action, _, _, after = (await audited())[-1]
    assert (action, after["copied_from"]) == ("offer.duplicated", "LAB1-2026-009")
    async with visiting("ivan") as ivan:
        others = await ivan.submit(copy, reference="X", unit="1", closes_on="2026-06-01")
    assert (others.status_code, await Offer.count()) == (404, 4)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_preview_is_the_public_page_under_a_band(
    laboratories: Laboratories, visiting: Visiting, language: str
) -> None:
    await laboratories.house.offer(laboratories.staff["rose"], laboratories.units[0], "DRAFT", publish=False)
    async with visiting("rose") as rose:
        answer = await rose.get(f"/console/offers/DRAFT/preview?language={language}")
        page = html.unescape(answer.text)
        assert (answer.status_code, f'<html lang="{language}">' in page) == (200, True)
        title, band, apply = {
            "fr": ("Chimiste (H/F)", "Aperçu\u00a0: non publiée", "Postuler"),
            "en": ("Chemist", "Preview: not published", "Apply"),
        }[language]
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", page)
        assert heading
        assert (heading[1], band in page, apply in page) == (title, True, True)
        assert (await rose.client.get("/offers/DRAFT")).status_code == 404
        links = re.findall(r'href="(/console/offers/DRAFT/preview/[^"]*)"', page)
        assert len(links) >= 2
        for link in links:
            led = await rose.get(link)
            assert (led.status_code, led.headers["location"]) == (
                303,
                f"/console/offers/DRAFT/preview?language={language}",
            )
        assert (await rose.get("/console/offers/DRAFT/preview/xx/apply")).status_code == 404
        published = (await rose.get(f"{PAGE}/preview?language=en")).text
        assert ("Preview: Published" in published, 'href="/offers/REF-1"' in published) == (True, True)
    async with visiting("ivan") as ivan:
        assert (await ivan.get("/console/offers/DRAFT/preview")).status_code == 404


async def test_saving_can_lead_to_the_preview(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        saved = await rose.submit(f"{PAGE}/edit", seen=await seen(rose), then="preview", **CHANGED)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{PAGE}/preview")
        fields = {**FORM, "unit": str(laboratories.units[0]), "then": "preview"}
        made = await rose.submit("/console/offers/new", **fields)
        assert (made.status_code, made.headers["location"]) == (303, "/console/offers/LAB1-7/preview")
