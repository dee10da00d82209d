"""One's alerts, for programs."""

from typing import Any

from tests.web.api.program import candidate, fields, problem, program
from tests.web.site import ON_SQLITE, Site
from workflow.alerts.queries import MOST_ALERTS
from workflow.offers.commands import move_offer

EVERYTHING: dict[str, Any] = {"frequency": "daily", "job_type": "all", "region": "all"}


async def test_an_alert_is_made_read_changed_stopped_and_deleted(site: Site) -> None:
    mine, other, stranger = await candidate(site), await candidate(site, "Zoe"), await program(site)
    assert (await mine.get("/me/alerts")).json() == {"items": [], "most": MOST_ALERTS}
    fields_ = {"frequency": "weekly", "job_type": "scientific", "job": "all", "region": "53"}
    made = await mine.post("/me/alerts", fields_ | {"keywords": "chemist"})
    alert = made.json()
    path = f"/me/alerts/{alert['id']}"
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v1{path}")
    assert alert == fields_ | {
        "id": alert["id"],
        "keywords": "chemist",
        "industry": None,
        "active": True,
        "label": "“chemist”, Scientific fixed term · Brittany",
        "created_at": "2026-03-02T09:30:00Z",
        "stopped_at": None,
    }
    assert (await mine.get("/me/alerts")).json()["items"] == [alert]
    stopped = (await mine.put(path, EVERYTHING | {"active": False})).json()
    assert stopped == alert | EVERYTHING | {
        "job": None,
        "keywords": "",
        "active": False,
        "stopped_at": "2026-03-02T09:30:00Z",
        "label": "All jobs · All regions",
    }
    assert (await mine.put(path, EVERYTHING)).json() == stopped
    assert (await mine.put(path, EVERYTHING | {"active": True})).json()["active"] is True
    for method, body in (("GET", None), ("PUT", EVERYTHING), ("DELETE", None)):
        options = {"json": body} if body else {}
        assert [(await each.ask(method, path, **options)).status_code for each in (other, stranger)] == [
            404,
            401,
        ]
    assert [(await mine.delete(path)).status_code for _ in range(2)] == [204, 404]


@ON_SQLITE
async def test_what_does_not_fit_is_refused_by_field_and_kind(site: Site) -> None:
    mine = await candidate(site)
    assert set(fields(await mine.post("/me/alerts", {}))) == {"frequency", "job_type", "region"}
    for changes, wrong in (
        ({"frequency": "hourly"}, {"frequency"}),
        ({"job_type": "technical_admin"}, {"industry", "job"}),
        ({"job_type": "technical_admin", "industry": "B", "job": "A1A41"}, {"job"}),
        ({"job_type": "scientific", "job": "phd_student", "industry": "A"}, {"industry"}),
        ({"region": "nowhere"}, {"region"}),
        ({"keywords": "x" * 501}, {"keywords"}),
        ({"keywords": "x\0y"}, {"keywords"}),
        ({"keywords": 7, "level": "DOC"}, {"keywords", "level"}),
        ({"active": "yes"}, {"active"}),
    ):
        refused = await mine.post("/me/alerts", EVERYTHING | changes)
        assert (refused.status_code, set(fields(refused))) == (422, wrong)
    made = [
        await mine.post("/me/alerts", EVERYTHING | {"keywords": f"chemist{n}"}) for n in range(MOST_ALERTS)
    ]
    assert {answer.status_code for answer in made} == {201}
    twin = await mine.post("/me/alerts", EVERYTHING | {"keywords": " CHEMIST1"})
    assert problem(twin) == (409, "alert-exists")
    assert twin.json()["alert"] == made[1].json()["id"]
    path = f"/me/alerts/{made[0].json()['id']}"
    assert problem(await mine.put(path, EVERYTHING | {"keywords": "chemist1"})) == (409, "alert-exists")
    assert problem(await mine.post("/me/alerts", EVERYTHING)) == (409, "too-many-alerts")


@ON_SQLITE
async def test_a_preview_saves_nothing(site: Site, offer: str) -> None:
    mine = await candidate(site)
    unit = await site.house.unit("LAB2")
    staff = await site.house.recruiter(unit, name="Otto")
    await site.house.offer(staff, unit, "REF-2", title_en="Water chemist", region="11")
    await move_offer(staff, "REF-2", "close", terms=site.house.terms, now=site.now)
    asked = {"job_type": "all", "region": "all", "keywords": "chemist"}
    found = (await mine.post("/me/alerts/preview", asked)).json()
    assert (found["total"], {each["reference"]: each["is_open"] for each in found["items"]}) == (
        2,
        {offer: True, "REF-2": False},
    )
    whole = asked | {"frequency": "daily", "active": False}  # as it would be written
    assert (await mine.post("/me/alerts/preview", whole)).json() == found
    assert set(fields(await mine.post("/me/alerts/preview", asked | {"often": "daily"}))) == {"often"}
    narrow = (await mine.post("/me/alerts/preview", asked | {"region": "53"})).json()
    assert [each["reference"] for each in narrow["items"]] == [offer]
    assert set(fields(await mine.post("/me/alerts/preview", {"job_type": "scientific"}))) == {"region"}
    assert (await mine.get("/me/alerts")).json()["items"] == []
