"""A file of offers goes as far through the whole application as its page promises, and no farther (C2)."""

import base64
import random

import pytest

from admin.offers.importing import IMPORT, LARGEST
from tests.web.site import ON_SQLITE, Site, Visitor, hidden, text_of
from workflow.offers.tables import Offer
from workflow.recruiters.tables import SESSION_COOKIE, RecruiterSession

pytestmark = ON_SQLITE

HEADER = b"reference,title,contract_type,unit_code,region_code,date_published,date_deadline,notes\n"


@pytest.fixture
async def ada(site: Site) -> Visitor:
    staff = await site.house.recruiter(name="Ada", is_administrator=True)
    visitor = await site.visitor()
    visitor.client.cookies.set(SESSION_COOKIE, (await RecruiterSession.create_session(staff.id)).token)
    return visitor


def largest_file() -> bytes:
    """Nothing but the last byte of what is promised, and hardly to be compressed."""
    chance = random.Random(7)
    content = bytearray(HEADER)
    for number in range(1, 43):
        content += f"BIG-{number},Chimiste,scientific,LAB1,53,2026-01-01,2026-02-01,".encode()
        content += base64.b64encode(chance.randbytes(75_000))[: LARGEST - 1 - len(content)] + b"\n"
    return bytes(content)


async def test_a_file_of_the_promised_size_goes_through_both_steps(site: Site, ada: Visitor) -> None:
    content = largest_file()
    assert len(content) == LARGEST
    report = await ada.post(IMPORT, files={"file": ("offers.csv", content)})
    assert (report.status_code, "Import 42 offers" in text_of(report)) == (200, True)
    fields = {"file": hidden(report, "file"), "plan": hidden(report, "plan")}
    assert (await ada.post(f"{IMPORT}/confirm", fields)).status_code == 200
    assert await Offer.count() == 42


async def test_a_larger_file_is_refused_in_words_about_a_file(site: Site, ada: Visitor) -> None:
    larger = await ada.post(IMPORT, files={"file": ("offers.csv", b"x" * (LARGEST + 1))})
    assert (larger.status_code, "This file is larger than we can take." in text_of(larger)) == (422, True)
    huge = await ada.post(IMPORT, files={"file": ("offers.csv", b"x" * 5 * LARGEST)})
    assert (huge.status_code, "That file is too large" in text_of(huge)) == (413, True)
