"""What was begun and not sent is found again wherever one looks for it."""

import pytest

from tests.web.candidate.test_apply import LETTER, staff_of
from tests.web.site import ON_SQLITE, Site, Visitor, text_of
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.offers.commands import move_offer

pytestmark = ON_SQLITE
GO_ON = "Go on with your application"


@pytest.fixture
async def chloe(site: Site, offer: str) -> Visitor:
    return await site.candidate()


async def test_the_offer_leads_on_to_what_was_begun(site: Site, chloe: Visitor) -> None:
    assert GO_ON not in text_of(await chloe.get("/offers/REF-1"))
    await chloe.post("/offers/REF-1/apply", LETTER | {"then": "later"})
    page = await chloe.get("/offers/REF-1")
    assert f"{GO_ON} Last saved on 2 March 2026, not sent yet." in text_of(page)
    assert f'href="/offers/REF-1/apply">{GO_ON}</a>' in page.text
    for other in (await site.candidate("Basil"), await site.visitor()):
        assert GO_ON not in text_of(await other.get("/offers/REF-1"))
    await chloe.apply("REF-1", LETTER)
    sent = text_of(await chloe.get("/offers/REF-1"))
    assert (GO_ON in sent, "You have applied" in sent) == (False, True)


async def test_the_candidate_area_begins_with_what_was_begun(site: Site, chloe: Visitor) -> None:
    mine = Candidate.id == await site.candidate_id()
    async with write_transaction():
        await Candidate.update({Candidate.return_to: "REF-1"}).where(mine)
    before = text_of(await chloe.get("/candidate"))
    assert (GO_ON in before, "You came for this offer:" in before) == (False, True)
    await chloe.post("/offers/REF-1/apply", LETTER | {"then": "later"})
    page = await chloe.get("/candidate")
    said = text_of(page)
    assert (
        "You have begun an application; it is not sent yet. Chemist Last saved on 2 March 2026. "
        f"Closes on 1 April 2026 {GO_ON} : Chemist"
    ) in said
    assert "You came for this offer:" not in said
    assert 'href="/offers/REF-1/apply"' in page.text
    assert "Closes on 1 April 2026" in text_of(await chloe.get("/candidate/applications"))


async def test_a_closed_offer_gives_back_what_was_begun(site: Site, chloe: Visitor) -> None:
    await chloe.post("/offers/REF-1/apply", LETTER | {"then": "later"})
    await move_offer(await staff_of(site), "REF-1", "close", terms=site.house.terms, now=site.now)
    page = await chloe.get("/offers/REF-1")
    assert "What you had begun was not sent." in text_of(page)
    assert 'href="/offers/REF-1/apply">See what you wrote</a>' in page.text
    assert GO_ON not in text_of(await chloe.get("/candidate"))
