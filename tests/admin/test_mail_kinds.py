"""What administrators see of the mails there can be, and of who carries them out."""

from datetime import timedelta
from uuid import UUID

from tests.admin.conftest import Laboratories, Visiting
from workflow.language import LANGUAGES
from workflow.messages.rendering import kinds
from workflow.messages.samples import SAMPLES
from workflow.workers import SILENCE, WorkerSeen, note_alive, note_ended

KINDS = "/console/deliveries/kinds"


async def test_administrators_look_at_every_kind_in_every_language(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    assert set(SAMPLES) == kinds()
    async with visiting("ada") as visitor:
        page = await visitor.get(KINDS)
        shown = {
            (kind, language): await visitor.get(f"{KINDS}/{kind}?language={language}")
            for kind in kinds()
            for language in LANGUAGES
        }
        wrong = [
            (await visitor.get(f"{KINDS}/{address}")).status_code
            for address in ("nothing", "_layout", "account_kept?language=xx")
        ]
    for (kind, language), preview in shown.items():
        assert preview.status_code == 200
        assert f"{KINDS}/{kind}?language={language}" in page.text
        assert f"&lt;html lang=&#34;{language}&#34;&gt;" in preview.text
        assert "data:image/png;base64" in preview.text
        assert "cid:" not in preview.text
        assert "style-src 'self' 'unsafe-inline'" in preview.headers["content-security-policy"]
    assert wrong == [404, 404, 404]
    async with visiting("rose") as visitor:
        page = await visitor.get("/console/deliveries")
        assert (KINDS in page.text, (await visitor.get(KINDS)).status_code) == (False, 404)


async def test_mails_page_says_when_nobody_is_there_to_send_them(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    now = laboratories.house.now
    missing, alive = "Nothing goes out just now: no worker is alive.", "1 worker is alive."

    async def said(name: str) -> tuple[bool, bool]:
        async with visiting(name) as visitor:
            page = (await visitor.get("/console/deliveries")).text
        return missing in page, alive in page

    assert [await said("rose"), await said("ada")] == [(True, False), (True, False)]
    await note_alive(WorkerSeen(UUID(int=1), "machine", 1, now, now - SILENCE - timedelta(seconds=1)))
    assert await said("rose") == (True, False)
    await note_alive(WorkerSeen(UUID(int=2), "machine", 2, now, now))
    assert [await said("rose"), await said("ada")] == [(False, False), (False, True)]
    await note_ended(UUID(int=2))
    assert await said("ada") == (True, False)
