"""The links of digests: a page with one button, a press by mail programs, no login, and nothing for whoever guesses."""

import re
from collections.abc import Mapping
from uuid import UUID

import httpx

from tests.web.site import ON_SQLITE, Site
from workflow.alerts.commands import add_alert
from workflow.alerts.queries import alerts_of
from workflow.alerts.tables import Alert
from workflow.alerts.unsubscribing import unsubscribing_path
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction

pytestmark = ON_SQLITE

ONE_CLICK: Mapping[str, str] = {"List-Unsubscribe": "One-Click"}


async def alert(site: Site, candidate: UUID, words: str) -> UUID:
    data = {"frequency": "daily", "job_type": "all", "region": "53", "keywords": words}
    return await add_alert(candidate, data, meaning=str, now=site.now)


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return found[1]


async def active(candidate: UUID) -> set[str]:
    return {each.criteria.keywords for each in await alerts_of(candidate) if each.is_active}


async def test_looking_changes_nothing_and_one_button_stops_one_alert_or_all(site: Site) -> None:
    chloe = await site.house.candidate("Chloé")
    key = site.settings.secret_key
    one = unsubscribing_path("alert", await alert(site, chloe, "<b>chimiste"), secret_key=key)
    await alert(site, chloe, "physicien")
    every = unsubscribing_path("all", chloe, secret_key=key)
    visitor = await site.visitor("fr")
    seen = await visitor.get(one)
    assert (seen.status_code, heading(seen)) == (200, "Arrêter une alerte")
    assert "“&lt;b&gt;chimiste”" in seen.text.replace("«\xa0", "“").replace("\xa0»", "”")
    assert {name: seen.headers[name] for name in ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")} == {
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
    }
    assert heading(await visitor.get(every)) == "Arrêter toutes vos alertes"
    assert await active(chloe) == {"<b>chimiste", "physicien"}
    done = await visitor.client.post(one)  # a form without a token: the link says it all
    assert (done.status_code, heading(done)) == (200, "L’alerte est arrêtée")
    assert await active(chloe) == {"physicien"}
    assert heading(await visitor.get(one)) == "L’alerte est arrêtée"
    assert heading(await visitor.client.post(every)) == "Vos alertes sont arrêtées"
    assert await active(chloe) == set()
    assert "Elles étaient déjà arrêtées" in (await visitor.get(every)).text
    assert 'href="/candidate/alerts"' in (await visitor.get(every)).text
    async with write_transaction():
        await Alert.delete().where(Alert.candidate == chloe)
    gone = await visitor.get(one)
    assert (gone.status_code, heading(gone)) == (200, "Cette alerte n’existe plus")


async def test_mail_programs_press_it_without_cookies(site: Site) -> None:
    """RFC 8058: a POST of `List-Unsubscribe=One-Click`, from anywhere, not redirected; also twice."""
    chloe = await site.house.candidate("Chloé")
    await alert(site, chloe, "chimiste")
    every = unsubscribing_path("all", chloe, secret_key=site.settings.secret_key)
    before = await Candidate.select(Candidate.last_active_at).where(Candidate.id == chloe).first()
    site.pass_time(days=3)
    for _ in range(2):
        program = await site.visitor()
        headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
        answer = await program.client.post(every, data=ONE_CLICK, headers=headers)
        assert (answer.status_code, answer.headers.get_list("set-cookie")) == (200, [])
        assert await active(chloe) == set()
    multipart = await (await site.visitor()).client.post(
        every, files={"List-Unsubscribe": (None, "One-Click")}
    )
    assert multipart.status_code == 200
    assert await Candidate.select(Candidate.last_active_at).where(Candidate.id == chloe).first() == before


async def test_whoever_guesses_finds_nothing(site: Site) -> None:
    chloe = await site.house.candidate("Chloé")
    made = await alert(site, chloe, "chimiste")
    visitor = await site.visitor()
    true = unsubscribing_path("alert", made, secret_key=site.settings.secret_key)
    forged = unsubscribing_path("alert", made, secret_key="another key of thirty-two letters")
    for path in (forged, true[:-1], f"{true}A", "/alerts/unsubscribe/x", "/alerts/unsubscribe/%C3%A9%00"):
        assert (await visitor.get(path)).status_code == 404
        assert (await visitor.client.post(path, data=ONE_CLICK)).status_code == 404
    assert await active(chloe) == {"chimiste"}
