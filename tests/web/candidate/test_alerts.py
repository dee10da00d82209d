"""Your email alerts on the pages, by steps and without any script: L1–L3, and S5's way from a search."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.web.site import ON_SQLITE, Site, Visitor, problems, summary, text_of
from workflow.alerts.queries import MOST_ALERTS, alerts_of
from workflow.candidates.tables import Candidate
from workflow.offers.commands import move_offer
from workflow.reference.queries import jobs

ALERTS = "/candidate/alerts"
NEW = f"{ALERTS}/new"
EVERYTHING = {"frequency": "daily", "job_type": "all", "region": "all"}


def options(page: httpx.Response, name: str) -> list[str]:
    """The values of a list; empty where the page has none of that name."""
    found = re.search(rf'<select[^>]* name="{name}".*?</select>', page.text, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', found[0]) if found else []


def chosen(page: httpx.Response) -> dict[str, str]:
    """What is filled in, but for the token."""
    found = dict(re.findall(r'<input type="hidden" name="(shown)" value="([^"]*)"', page.text))
    found |= dict(re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"[^>]* checked', page.text))
    for name in ("industry", "job", "region"):
        lists = re.search(rf'<select[^>]* name="{name}".*?</select>', page.text, re.DOTALL)
        value = re.search(r'value="([^"]*)" selected', lists[0]) if lists else None
        found |= {name: value[1]} if value else {}
    typed = re.search(r'name="keywords" type="text" value="([^"]*)"', page.text)
    return found | ({"keywords": unescape(typed[1])} if typed and typed[1] else {})


def notes(page: httpx.Response) -> list[str]:
    """What the page tells about the search that it comes from."""
    return [
        unescape(each)
        for each in re.findall(r"<p>(.*?)</p>", page.text)
        if " alert " in each and ": " in each
    ]


async def criteria(site: Site, name: str = "Chloé") -> list[tuple[str, ...]]:
    """The alerts that there are, as they lie in the database."""
    found = await alerts_of(await site.candidate_id(name))
    names = ("job_type", "industry", "job", "region", "keywords")
    return [(each.frequency, *(getattr(each.criteria, name) for name in names)) for each in found]


async def test_an_alert_is_added_by_steps_changed_stopped_and_deleted(site: Site) -> None:
    me = await site.candidate()
    empty = await me.get(ALERTS)
    assert "You have no alert yet" in text_of(empty)
    first = await me.get(NEW)
    assert (options(first, "industry"), options(first, "job"), "Continue" in first.text) == ([], [], True)
    nothing = await me.post(NEW, {"then": "continue"})
    assert (nothing.status_code, problems(nothing)) == (422, {"job_type": "Choose one of the list."})

    typed = {"frequency": "weekly", "job_type": "technical_admin", "region": "53", "keywords": "base"}
    second = await me.post(NEW, chosen(first) | typed | {"then": "continue"})
    assert second.status_code == 200
    assert chosen(second) == typed | {"shown": "technical_admin "}
    assert options(second, "industry") == ["", "all", *"ABCDEFGJ"]
    assert len(options(second, "job")) > 200
    third = await me.post(NEW, chosen(second) | {"industry": "E", "then": "look"})
    assert chosen(third) == typed | {"shown": "technical_admin E", "industry": "E"}
    of_industry = {job.code for job in jobs("technical_admin", "E")}
    assert set(options(third, "job")) == {"", "all"} | of_industry
    unfinished = await me.post(NEW, chosen(third))
    assert (unfinished.status_code, problems(unfinished)) == (422, {"job": "Choose one of the list."})
    saved = await me.post(NEW, chosen(unfinished) | {"job": "all"})
    table = text_of(await me.follow(saved))
    assert "Your alert is saved" in table
    assert "“base”, Computer science, statistics and scientific computing Brittany Weekly Running" in table
    assert await criteria(site) == [("weekly", "technical_admin", "E", "", "53", "base")]

    (mine,) = await alerts_of(await site.candidate_id())
    form = await me.get(f"{ALERTS}/{mine.id}")
    assert chosen(form) == typed | {"shown": "technical_admin E", "industry": "E", "job": "all"}
    other_type = chosen(form) | {"job_type": "scientific"}
    asked = await me.post(
        f"{ALERTS}/{mine.id}", other_type
    )  # saved too early: the job has not been asked for
    assert (asked.status_code, summary(asked), "Not saved yet: choose" in asked.text) == (200, [], True)
    assert options(asked, "job") == ["", "all", "phd_student", "postdoctoral_researcher", "researcher"]
    assert (await criteria(site))[0][1] == "technical_admin"
    other_industry = chosen(form) | {"industry": "A", "job": "E1C43"}
    asked_again = await me.post(f"{ALERTS}/{mine.id}", other_industry)
    assert "Not saved yet: the industry has changed." in asked_again.text
    await me.follow(await me.post(f"{ALERTS}/{mine.id}", chosen(asked) | {"job": "researcher"}))
    assert await criteria(site) == [("weekly", "scientific", "", "researcher", "53", "base")]

    stopped = text_of(await me.follow(await me.post(f"{ALERTS}/{mine.id}/stop")))
    assert ("Stopped" in stopped, "Resume" in stopped) == (True, True)
    assert "Stopped" not in text_of(await me.follow(await me.post(f"{ALERTS}/{mine.id}/resume")))
    assert "“base”, Researcher · Brittany" in text_of(await me.get(f"{ALERTS}/{mine.id}/delete"))
    assert await criteria(site) != []
    gone = await me.follow(await me.post(f"{ALERTS}/{mine.id}/delete"))
    assert ("The alert is deleted." in text_of(gone), await criteria(site)) == (True, [])

    late = await me.post(f"{ALERTS}/{mine.id}", chosen(form))  # in another tab
    assert (late.status_code, "This alert was deleted meanwhile" in late.text) == (404, True)
    assert (f'action="{NEW}"' in late.text, chosen(late)) == (True, chosen(form))
    anew = text_of(await me.follow(await me.post(NEW, chosen(late))))
    assert ("Your alert is saved" in anew, "1 of 10 alerts." in anew) == (True, True)
    french = text_of(await me.get(ALERTS, headers={"Accept-Language": "fr"}))
    assert "1 alerte sur 10." in french


@ON_SQLITE
async def test_twins_and_an_eleventh_are_refused_beside_the_form(site: Site) -> None:
    me = await site.candidate()
    await me.post(NEW, EVERYTHING | {"keywords": "Chimiste"})
    twin = await me.post(NEW, EVERYTHING | {"keywords": "chimiste ", "frequency": "weekly"})
    (mine,) = await alerts_of(await site.candidate_id())
    assert (twin.status_code, len(summary(twin))) == (422, 1)
    assert f'<a href="{ALERTS}/{mine.id}">“Chimiste” · All regions</a> (Daily)' in twin.text
    assert chosen(twin)["keywords"] == "chimiste "
    for number in range(MOST_ALERTS - 1):
        await me.post(NEW, EVERYTHING | {"keywords": f"physique{number}"})
    another = next(each for each in await alerts_of(mine.candidate_id) if each.id != mine.id)
    becomes = await me.post(f"{ALERTS}/{another.id}", EVERYTHING | {"keywords": "CHIMISTE"})
    assert (becomes.status_code, f"{ALERTS}/{mine.id}" in becomes.text) == (422, True)
    for ask in (me.post(NEW, EVERYTHING | {"keywords": "biologie"}), me.get(NEW)):
        page = text_of(await me.follow(await ask))
        assert "You have as many alerts as there can be." in page
        assert ("10 of 10 alerts." in page, "Add an alert" in page) == (True, False)
    assert len(await criteria(site)) == MOST_ALERTS
    assert "You have 10 email alerts for new offers." in text_of(await me.get("/candidate"))


@ON_SQLITE
async def test_a_frequency_for_all_and_mails_that_come_back(site: Site) -> None:
    me = await site.candidate()
    for keywords, frequency in (("a", "daily"), ("b", "weekly")):
        await me.post(NEW, EVERYTHING | {"keywords": keywords, "frequency": frequency})
    differ = await me.get(ALERTS)
    assert (" checked" in differ.text, "data-asks" in differ.text) == (False, True)
    wrong = await me.post(f"{ALERTS}/frequency", {"frequency": "hourly"})
    assert (wrong.status_code, problems(wrong)) == (422, {"frequency": "Choose daily or weekly."})
    await me.follow(await me.post(f"{ALERTS}/frequency", {"frequency": "weekly"}))
    assert [each[0] for each in await criteria(site)] == ["weekly", "weekly"]
    assert [chosen(await me.get(path))["frequency"] for path in (ALERTS, NEW)] == ["weekly", "weekly"]
    bounced: dict[Any, Any] = {Candidate.bounced_at: site.now, Candidate.bounce_said: "No <such> user"}
    await Candidate.update(bounced).where(Candidate.first_name == "Chloé")
    waiting = await me.get(ALERTS)
    assert "No &lt;such&gt; user" in waiting.text
    assert text_of(waiting).count("Waiting") == 2
    again = text_of(await me.follow(await me.post(f"{ALERTS}/try-again")))
    assert ("Our e-mails do not reach you" in again, again.count("Running")) == (False, 2)


@ON_SQLITE
async def test_a_preview_shows_what_the_last_month_held(site: Site) -> None:
    house, unit = site.house, await site.house.unit()
    staff = await house.recruiter(unit)
    for reference, title in (("R-1", "Chimiste des eaux"), ("R-2", "Physicienne"), ("R-3", "Chimistes")):
        await house.offer(staff, unit, reference, title_fr=title, title_en="")
    await move_offer(staff, "R-1", "close", terms=house.terms, now=site.now)
    me = await site.candidate()
    page = await me.post(NEW, EVERYTHING | {"keywords": "chimiste", "then": "preview"})
    said = text_of(page)
    assert (page.status_code, "In the last 30 days: 2 offers" in said) == (200, True)
    assert ("Chimiste des eaux" in said, "Physicienne" in said, said.count("closed since")) == (
        True,
        False,
        1,
    )
    assert await criteria(site) == []
    unfinished = await me.post(NEW, {"job_type": "all", "shown": "all ", "then": "preview"})
    assert (unfinished.status_code, list(problems(unfinished))) == (422, ["region"])
    nothing = await me.post(NEW, EVERYTHING | {"keywords": "zzqqy", "then": "look"})
    assert "In the last 30 days: 0 offers" in text_of(nothing)
    await me.post(NEW, EVERYTHING | {"keywords": "chimiste", "region": "53"})
    (mine,) = await alerts_of(await site.candidate_id())
    alone = await me.get(f"{ALERTS}/{mine.id}/preview")
    assert "In the last 30 days: 2 offers" in text_of(alone)
    assert "/offers?keywords=chimiste&amp;region=53" in alone.text
    site.pass_time(days=31)
    assert (await me.log_in("chlo@example.org")).status_code == 303
    assert "In the last 30 days: 0 offers" in text_of(await me.get(f"{ALERTS}/{mine.id}/preview"))


async def arrived(me: Visitor, *wanted: tuple[str, str]) -> httpx.Response:
    """The form that a search leads to."""
    return await me.get(f"{NEW}?{urlencode(wanted)}")


@ON_SQLITE
async def test_a_search_becomes_an_alert_as_far_as_it_fits(site: Site) -> None:
    me = await site.candidate()
    whole = await arrived(me, ("keywords", "chimiste -stage"), ("region", "53"), ("job_type", "scientific"))
    filled = {"frequency": "daily", "job_type": "scientific", "job": "all", "region": "53"}
    assert chosen(whole) == filled | {"shown": "scientific ", "keywords": "chimiste -stage"}
    assert notes(whole) == []
    await me.follow(await me.post(NEW, chosen(whole)))  # one click
    assert await criteria(site) == [("daily", "scientific", "", "", "53", "chimiste -stage")]

    several = await arrived(me, ("region", "53"), ("region", "11"), ("level", "DOC"), ("industry", "E"))
    assert chosen(several) == {
        "frequency": "daily",
        "job_type": "technical_admin",
        "industry": "E",
        "job": "all",
        "shown": "technical_admin E",
    }
    assert [each.partition(":")[0] for each in notes(several)] == ["Region", "Level of qualification"]
    job = await arrived(me, ("job", "phd_student"))
    assert {name: chosen(job)[name] for name in ("job_type", "job", "region")} == {
        "job_type": "scientific",
        "job": "phd_student",
        "region": "all",
    }
    both = [
        ("job_type", "scientific"),
        ("job_type", "technical_admin"),
        ("keywords", "x\0y"),
        ("region", "zz"),
    ]
    assert chosen(await arrived(me, *both)) == EVERYTHING | {"shown": "all ", "keywords": "xy"}
    mixed = await arrived(me, ("job", "phd_student"), ("job", "A1A41"))
    assert (chosen(mixed)["job_type"], [each.partition(":")[0] for each in notes(mixed)]) == ("all", ["Job"])


async def test_search_and_offer_lead_to_an_alert_by_way_of_the_login(site: Site, offer: str) -> None:
    await site.house.candidate("Chloé", email="chloe@example.org")
    stranger = await site.visitor()
    for path, wanted in (
        ("/offers?keywords=Chemist&region=53&order=date", "keywords=Chemist&region=53"),
        ("/offers?keywords=zzqqy", "keywords=zzqqy"),
        (f"/offers/{offer}", "region=53&job_type=scientific"),
    ):
        page = await stranger.get(path)
        href = re.search(rf'href="({NEW}[^"]*)"', page.text)
        assert href, path
        assert unescape(href[1]) == f"{NEW}?{wanted}"
    to_login = await stranger.get(f"{NEW}?keywords=Chemist&region=53")
    login = await stranger.follow(to_login)
    destination = re.findall(r'name="next" value="([^"]*)"', login.text)[
        -1
    ]  # the first one changes the language
    back = await stranger.log_in("chloe@example.org", next=unescape(destination))
    assert chosen(await stranger.follow(back))["keywords"] == "Chemist"


@ON_SQLITE
async def test_hostile_forms_are_refused_and_shown_as_text(site: Site) -> None:
    me = await site.candidate()
    bad = '"><script>alert(1)</script>'
    for field in ("frequency", "job_type", "industry", "job", "region"):
        form = EVERYTHING | {"job_type": "technical_admin", "industry": "A", "job": "all", field: bad}
        page = await me.post(NEW, form | {"shown": bad if field == "job_type" else "technical_admin A"})
        assert (page.status_code, bad in page.text) == (422, False), field
    page = await me.post(NEW, EVERYTHING | {"keywords": bad, "then": "look"})
    assert (page.status_code, bad in page.text) == (200, False)
    assert (await me.post(NEW, EVERYTHING | {"keywords": "x" * 501})).status_code == 422
    saved = await me.follow(await me.post(NEW, EVERYTHING | {"keywords": bad}))
    assert (bad in saved.text, "alert(1)" in saved.text) == (False, True)
    for path in ("made-up", "0", "9" * 40):
        assert (await me.get(f"{ALERTS}/{path}")).status_code == 404
