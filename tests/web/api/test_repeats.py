"""A move that is sent twice under one key is carried out once (W2, I2)."""

import asyncio

from tests.web.api.program import candidate, fields, problem, recruiter
from tests.web.site import Site


async def test_a_repeated_move_gets_the_first_answer(site: Site, offer: str) -> None:
    application = (await (await candidate(site)).apply(offer)).json()["id"]
    rose = await recruiter(site)
    moves = f"/console/applications/{application}/moves"
    key = {"Idempotency-Key": "a-1"}
    consider = {"event": "consider", "version": 1}
    both = await asyncio.gather(*(rose.post(moves, consider, headers=key) for _ in range(2)))
    assert [each.status_code for each in both] == [200, 200]
    assert both[0].json() == both[1].json()
    assert (await rose.post(moves, {"event": "accept", "version": 2})).status_code == 200
    site.pass_time(hours=23)
    assert (await rose.post(moves, consider | {"note": None}, headers=key)).json() == both[0].json()
    other = await rose.post(moves, consider | {"note": "Now."}, headers=key)
    assert problem(other) == (422, "idempotency-mismatch")
    seen = (await rose.get(f"/console/applications/{application}")).json()
    assert [step["event"] for step in seen["history"]] == ["submit", "consider", "accept"]
    site.pass_time(hours=1)
    assert problem(await rose.post(moves, consider, headers=key)) == (409, "stale-version")


async def test_a_failure_is_not_kept(site: Site, offer: str) -> None:
    application = (await (await candidate(site)).apply(offer)).json()["id"]
    rose = await recruiter(site)
    moves = f"/console/applications/{application}/moves"
    key = {"Idempotency-Key": "b"}
    assert problem(await rose.post(moves, {"event": "consider", "version": 9}, headers=key))[0] == 409
    assert (await rose.post(moves, {"event": "consider", "version": 1}, headers=key)).status_code == 200


async def test_an_odd_key_is_refused(site: Site, offer: str) -> None:
    application = (await (await candidate(site)).apply(offer)).json()["id"]
    rose = await recruiter(site)
    moves = f"/console/applications/{application}/moves"
    for key in ("", "x" * 256, "caf\xe9", "\0", "\t"):
        headers = {"Idempotency-Key": key.encode("latin-1")}
        answer = await rose.post(moves, {"event": "consider", "version": 1}, headers=headers)
        assert (answer.status_code, list(fields(answer))) == (422, ["Idempotency-Key"])
