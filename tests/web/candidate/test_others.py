"""What belongs to others is not there, by either door, however it is asked for (A8, A9, P2, P5)."""

from tests.web.api.program import API
from tests.web.candidate.test_own_data import make_copies
from tests.web.site import ON_SQLITE, Site
from tests.workflow.documents.making import pdf
from workflow.applications.tables import Application, Draft
from workflow.documents.tables import Document
from workflow.privacy.tables import Archive


@ON_SQLITE
async def test_what_belongs_to_others_is_not_there(site: Site, offer: str) -> None:
    vera, mallory = await site.candidate("Vera"), await site.candidate("Mallory")
    own = await site.candidate_id("Vera")
    files = {"cv": ("CV.pdf", pdf()), "covering_letter": ("Letter.pdf", pdf(compress_streams=False))}
    for candidate in (vera, mallory):
        await candidate.apply(offer, {}, files)
        await candidate.post("/candidate/account/archives")
    await site.house.offer(await site.house.recruiter(1, name="Anne"), 1, "REF-9")
    await vera.post("/offers/REF-9/apply", {"then": "stay", "covering_letter_text": "Hello."}, files)
    await make_copies(site)
    application = (await Application.select().where(Application.candidate == own).first() or {})["id"]
    others = (await Application.select().where(Application.candidate != own).first() or {})["id"]
    archive = (await Archive.select().where(Archive.candidate == own).first() or {})["id"]
    draft = (await Draft.select().where(Draft.candidate == own).first() or {})["cv"]
    documents = [row["id"] for row in await Document.select(Document.id).where(Document.candidate == own)]
    assert len(documents) == 4
    pages = [
        f"/candidate/account/archives/{archive}",
        f"/offers/REF-9/apply/documents/{draft}",
        *(f"/candidate/applications/{application}/documents/{document}" for document in documents),
    ]
    mixed = [
        *(f"/candidate/applications/{others}/documents/{document}" for document in documents),
        *(f"/offers/{offer}/apply/documents/{document}" for document in documents),
        *(f"/offers/REF-9/apply/documents/{document}" for document in documents),
    ]
    program = [
        f"{API}/me/archives/{archive}",
        f"{API}/me/archives/{archive}/content",
        f"{API}/me/applications/{application}",
        *(f"{API}/me/applications/{application}/documents/{document}" for document in documents),
        *(f"{API}/me/applications/{others}/documents/{document}" for document in documents),
    ]
    for path in (*pages, *mixed):
        assert (path, (await mallory.get(path)).status_code) == (path, 404)
    reached = [(await vera.get(path)).status_code for path in pages]
    assert sorted(reached) == [200] * 4 + [404] * 2  # an application has its own files, and not the draft's
    for path in program:
        bearer = {"Authorization": f"Bearer {mallory.client.cookies['vivier_session']}"}
        assert (path, (await mallory.client.get(path, headers=bearer)).status_code) == (path, 404)
    bearer = {"Authorization": f"Bearer {vera.client.cookies['vivier_session']}"}
    reached = [(await vera.client.get(path, headers=bearer)).status_code for path in program]
    assert sorted(reached) == [200] * 5 + [404] * 6
