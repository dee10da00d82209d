"""Offers in the console: list, form, publishing, closing, cancelling (C2)."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting, said
from workflow.applications.tables import Application
from workflow.engine.tables import Outbox
from workflow.offers.tables import Offer

FORM = {
    "reference": "LAB1-7",
    "title_fr": "Électronicien",
    "title_en": "Electronics engineer",
    "description_fr": "Une mission.",
    "description_en": "A mission.",
    "job_type": "technical_admin",
    "region": "53",
    "city": "Brest",
    "country": "FR",
    "contract": "fixed_term",
    "positions": "2",
    "closes_on": "2026-04-30",
    "tells_contact": "yes",
}


async def stored(reference: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = await Offer.select().where(Offer.reference == reference)
    return rows[0]


async def index_rows(offer_id: object) -> int:
    return int(await Outbox.count().where(Outbox.dedup_key.like(f"index_offer/{offer_id}/%")))


async def test_offer_is_written_published_and_closed(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    async with visiting("rose") as rose:
        assert (await rose.get("/console/offers/new")).status_code == 200
        made = await rose.submit("/console/offers/new", unit=str(laboratories.units[0]), **FORM)
        assert (made.status_code, made.headers["location"]) == (303, "/console/offers/LAB1-7")
        offer = await stored("LAB1-7")
        assert (offer["status"], offer["version"], offer["positions"]) == ("draft", 1, 2)
        page = await rose.get("/console/offers/LAB1-7/edit")
        assert 'value="Électronicien"' in page.text
        published = await rose.submit("/console/offers/LAB1-7/moves", event="publish", version="1")
        assert (published.status_code, await index_rows(offer["id"]), clock.nudges) == (303, 1, [clock.now])
        saved = await rose.submit("/console/offers/LAB1-7/edit", **{**FORM, "title_fr": "Électronicienne"})
        assert (saved.status_code, await index_rows(offer["id"])) == (303, 2)
        closed = await rose.submit("/console/offers/LAB1-7/moves", event="close", version="2")
        assert (closed.status_code, await index_rows(offer["id"]), len(clock.nudges)) == (303, 3, 3)
        offer = await stored("LAB1-7")
        assert (offer["status"], offer["version"], offer["title_fr"]) == ("closed", 3, "Électronicienne")
        again = await rose.submit("/console/offers/LAB1-7/moves", event="close", version="2")
        assert again.status_code == 409
        assert said(again.text) == (
            "You have already done this: “Close” at 10:30. The offer is now “Closed”."
        )
        other = await rose.submit("/console/offers/LAB1-7/moves", event="publish", version="1")
        assert said(other.text) == (
            "You have changed this yourself meanwhile: “Close” at 10:30. The offer is now “Closed”."
            " Your own move was not carried out. Look again, and choose anew."
        )


async def test_address_of_a_refused_move_leads_to_the_offer(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("rose") as rose:
        for last in ("moves", "schedule", "extend"):
            again = await rose.get(f"/console/offers/REF-1/{last}")
            assert (again.status_code, again.headers["location"]) == (303, "/console/offers/REF-1")


async def test_mistakes_stand_beside_their_fields(laboratories: Laboratories, visiting: Visiting) -> None:
    unit = str(laboratories.units[0])
    async with visiting("rose") as rose:
        wrong = await rose.submit(
            "/console/offers/new",
            unit=unit,
            **{**FORM, "region": "", "positions": "0", "closes_on": "soon", "city": "Plouzané"},
        )
        assert wrong.status_code == 422
        assert re.findall(r'id="(\w+)-problem"', wrong.text) == ["region", "closes_on", "positions"]
        assert 'value="Plouzané"' in wrong.text
        known = await rose.submit("/console/offers/new", unit=unit, **{**FORM, "reference": "REF-1"})
        assert (known.status_code, "There is an offer with this reference already." in known.text) == (
            422,
            True,
        )
        empty = await rose.submit("/console/offers/new", positions="1")
        assert re.findall(r'id="(\w+)-problem"', empty.text) == [
            "unit",
            "reference",
            "title_fr",
            "job_type",
            "region",
            "closes_on",
        ]
        assert "In French – Title of the job: Write a title in French or in English." in empty.text
        for other in ("", "x", str(laboratories.units[1]), "9" * 30):
            refused = await rose.submit("/console/offers/new", unit=other, **FORM)
            assert (refused.status_code, "unit-problem" in refused.text) == (422, True)
        edited = await rose.submit("/console/offers/REF-1/edit", **{**FORM, "title_fr": "", "title_en": ""})
        assert (edited.status_code, "title_fr-problem" in edited.text) == (422, True)
    assert await Offer.count() == 2


async def test_incomplete_offer_comes_back_with_what_is_missing(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await laboratories.house.offer(
        laboratories.staff["rose"],
        laboratories.units[0],
        "REF-3",
        publish=False,
        description_fr="",
        description_en="",
    )
    async with visiting("rose") as rose:
        answer = await rose.submit("/console/offers/REF-3/moves", event="publish", version="1")
    assert answer.status_code == 422
    link = '<a href="/console/offers/REF-3/edit#description_fr">In French – Description: Write a description;'
    assert link in answer.text
    assert (await stored("REF-3"))["status"] == "draft"


async def test_cancelling_shows_the_mails_takes_a_paragraph_and_rejects(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    english = await laboratories.house.candidate("Ann", language="en")
    await laboratories.house.application(english)
    cancel = "/console/offers/REF-1/cancel"
    async with visiting("rose") as rose:
        page = html.unescape((await rose.get(cancel)).text)
        assert "3 applications are still to be decided." in page
        for told in (
            "The mail in French, to 2 candidates",
            "The mail in English, to one candidate",
            "Offre annulée : Chimiste (H/F) (REF-1)",
            "Offer cancelled: Chemist (REF-1)",
        ):
            assert told in page
        led = await rose.submit("/console/offers/REF-1/moves", event="cancel", version="2")
        assert (led.status_code, led.headers["location"]) == (303, cancel)
        words = {"paragraph_en": "The grant fell through.", "paragraph_fr": "x" * 3_001}
        wrong = await rose.submit(cancel, version="2", action="cancel", **words)
        assert (wrong.status_code, 'id="paragraph_fr-problem"' in wrong.text) == (422, True)
        words["paragraph_fr"] = "Le budget n’est pas venu."
        shown = html.unescape((await rose.submit(cancel, version="2", action="preview", **words)).text)
        assert [shown.count(each) for each in words.values()] == [2, 2]
        assert (await stored("REF-1"))["status"] == "published"
        done = await rose.submit(cancel, version="2", action="cancel", **words)
        assert (done.status_code, done.headers["location"]) == (303, "/console/offers/REF-1")
        after = await rose.get(cancel)
        assert (after.status_code, after.headers["location"]) == (303, "/console/offers/REF-1")
        again = await rose.submit(cancel, version="2", action="cancel", **words)
        assert (again.status_code, said(again.text)[:30]) == (409, "You have already done this: “C")
    statuses = await Application.select(Application.status).where(Application.offer == laboratories.offers[0])
    assert statuses == [{"status": "rejected"}] * 3
    mails = Outbox.select(Outbox.language, Outbox.params).where(Outbox.kind == "application_offer_cancelled")
    heard = [(mail["language"], json.loads(mail["params"])["paragraph"]) for mail in await mails]
    assert sorted(heard) == [("en", words["paragraph_en"]), *[("fr", words["paragraph_fr"])] * 2]


@pytest.mark.parametrize(("event", "state"), [("close", "published"), ("archive", "closed")])
async def test_what_closing_and_archiving_do_is_said_first(
    laboratories: Laboratories, visiting: Visiting, event: str, state: str
) -> None:
    async with visiting("rose") as rose:
        if state == "closed":
            await rose.submit("/console/offers/REF-1/moves", event="close", version="2")
        page = await rose.get(f"/console/offers/REF-1/moves/{event}")
        assert "2 applications still wait for a decision." in page.text
        version = str((await stored("REF-1"))["version"])
        assert f'name="version" value="{version}"' in page.text
        for other in {"close", "archive", "cancel", "publish", "nothing"} - {event}:
            led = await rose.get(f"/console/offers/REF-1/moves/{other}")
            assert (led.status_code, led.headers["location"]) == (303, "/console/offers/REF-1")
        done = await rose.submit("/console/offers/REF-1/moves", event=event, version=version)
        assert done.status_code == 303
    statuses = await Application.select(Application.status).where(Application.offer == laboratories.offers[0])
    assert statuses == [{"status": "submitted"}] * 2


async def test_list_holds_own_offers_alone(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    for name in PEOPLE:
        clock.now += timedelta(seconds=1)
        expected = {"rose": ["REF-1"], "ivan": ["REF-2"], "nina": [], "ada": ["REF-1", "REF-2"]}[name]
        every = ("", "/edit", "/cancel", "/duplicate", "/preview", "/moves/close")
        pages = [f"{reference}{page}" for reference in ("REF-1", "REF-2") for page in every]
        async with visiting(name) as visitor:
            listed = (await visitor.get("/console/offers")).text
            none = (await visitor.get("/console/offers?status=draft")).text
            answers = [(await visitor.get(f"/console/offers/{page}")).status_code for page in pages]
            edits = [
                (await visitor.submit(f"/console/offers/{reference}/edit", **FORM)).status_code
                for reference in ("REF-1", "REF-2")
            ]
            moves = [
                (
                    await visitor.submit(f"/console/offers/{reference}/moves", event="publish", version="2")
                ).status_code
                for reference in ("REF-1", "REF-2")
            ]
        assert sorted(re.findall(r'<a href="/console/offers/(REF-\d)">', listed)) == expected
        assert "REF-" not in none
        assert answers == [200 if page[:5] in expected else 404 for page in pages]
        assert edits == [303 if reference in expected else 404 for reference in ("REF-1", "REF-2")]
        assert moves == [409 if reference in expected else 404 for reference in ("REF-1", "REF-2")]


async def test_pages_and_filters_that_do_not_exist(laboratories: Laboratories, visiting: Visiting) -> None:
    queries = {
        "page=2": 404,
        "page=0": 404,
        "page=99999999999999999999": 404,
        "page=x": 422,
        "status=nothing": 200,
        "status=published": 200,
        "unit=x&order=x&closing=x&overdue=x": 200,
        "words=%25_%5C'": 200,
    }
    async with visiting("rose") as rose:
        answers = {query: (await rose.get(f"/console/offers?{query}")).status_code for query in queries}
    assert answers == queries
