"""Moves by programs: words of one's own in the mail to the candidate."""

import json

from tests.web.api.program import candidate, recruiter
from tests.web.site import Site
from workflow.engine.tables import Outbox


async def test_a_paragraph_goes_out_with_the_move(site: Site, offer: str) -> None:
    application = (await (await candidate(site)).apply(offer)).json()["id"]
    moves = f"/console/applications/{application}/moves"
    rose = await recruiter(site)
    long = await rose.post(moves, {"event": "consider", "version": 1, "paragraph": "é" * 3_001})
    assert (long.status_code, [each["field"] for each in long.json()["errors"]]) == (422, ["paragraph"])
    done = await rose.post(moves, {"event": "consider", "version": 1, "paragraph": " We call you.\r\nSoon. "})
    assert (done.status_code, done.json()["status"]) == (200, "under_consideration")
    rows = await Outbox.select().where(Outbox.kind == "application_considered")
    assert [json.loads(row["params"])["paragraph"] for row in rows] == ["We call you.\nSoon."]


async def test_a_repeat_with_other_words_is_another_request(site: Site, offer: str) -> None:
    application = (await (await candidate(site)).apply(offer)).json()["id"]
    moves, key = f"/console/applications/{application}/moves", {"Idempotency-Key": "one"}
    rose = await recruiter(site)
    body = {"event": "consider", "version": 1, "paragraph": "We call you."}
    first = await rose.post(moves, body, headers=key)
    again = await rose.post(moves, body, headers=key)
    other = await rose.post(moves, body | {"paragraph": "We write to you."}, headers=key)
    assert [each.status_code for each in (first, again, other)] == [200, 200, 422]
