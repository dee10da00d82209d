"""One program walks the whole way: register, confirm, log in, apply, be considered, be told, withdraw (I2)."""

from tests.support.house import PASSWORD
from tests.web.api.program import program, recruiter
from tests.web.site import Site
from tests.workflow.documents.making import pdf
from workflow.applications.machine import ApplicationMachine
from workflow.offers.queries import offer_by_reference
from workflow.roles import RECRUITER

REGISTRATION = {
    "title": "mx",
    "first_name": "Sacha",
    "last_name": "Le Goff",
    "email": "sacha@example.org",
    "password": PASSWORD,
    "secret_question": "first_job",
    "secret_answer": "Brest",
    "accept_notice": True,
    "language": "fr",
}
DOCUMENT = pdf()
AT_09_30 = "2026-03-02T09:30:00Z"
SUBMITTED = {"status": "submitted", "label": "Application submitted", "at": AT_09_30}
CONSIDERED = {"status": "under_consideration", "label": "Application under consideration", "at": AT_09_30}


async def test_a_program_walks_from_registration_to_withdrawal(site: Site, offer: str) -> None:
    sacha = await program(site)
    received = await sacha.post("/candidates", REGISTRATION | {"offer": offer})
    assert (received.status_code, received.json()) == (
        202,
        {"message": "We have sent you an e-mail. Follow its link to go on."},
    )
    token = (await site.link()).removeprefix("/candidate/confirm/")
    confirmed = await sacha.post("/candidates/confirmation", {"token": token})
    assert confirmed.json() == {
        "token": confirmed.json()["token"],
        "expires_at": "2026-03-03T09:30:00Z",
        "offer": {"reference": "REF-1", "title": "Chemist"},
    }

    await sacha.log_in("sacha@example.org")
    profile = (await sacha.get("/me/profile")).json()
    assert profile["completeness"] == 0
    changed = await sacha.put("/me/profile", profile | {"city": "Brest", "country": "FR", "level": "DOC"})
    assert changed.json() == profile | {
        "city": "Brest",
        "country": "FR",
        "level": "DOC",
        "completeness": 30,
        "missing": ["address", "postal_code", "phone", "nationality", "situation", "languages", "cv"],
    }
    with_cv = await sacha.put("/me/profile/cv", files={"cv": ("cv.pdf", DOCUMENT)})
    assert with_cv.json()["cv"] == {
        "id": with_cv.json()["cv"]["id"],
        "kind": "cv",
        "filename": "cv.pdf",
        "media_type": "application/pdf",
        "size": len(DOCUMENT),
        "url": "/api/v1/me/profile/cv",
    }
    assert (await sacha.get("/me/profile/cv")).content == DOCUMENT
    assert (await sacha.get("/me/account")).json() == {
        "email": "sacha@example.org",
        "email_to_confirm": None,
        "first_name": "Sacha",
        "last_name": "Le Goff",
        "language": "fr",
        "secret_question": "In which town did you have your first job?",
        "created_at": AT_09_30,
        "must_replace_password": False,
    }

    sent = await sacha.post(
        f"/offers/{offer}/applications",
        files={
            "covering_letter": ("letter.pdf", DOCUMENT, "application/pdf"),
            "cv_url": (None, "https://example.org/sacha"),
        },
    )
    assert sent.status_code == 201
    application = sent.json()
    documents = f"/api/v1/me/applications/{application['id']}/documents"
    letter, cv = application["documents"]
    assert application == {
        "id": application["id"],
        "offer": {"reference": "REF-1", "title": "Chemist"},
        "status": "submitted",
        "status_label": "Application submitted",
        "version": 1,
        "submitted_at": AT_09_30,
        "documents": [
            {
                **letter,
                "kind": "covering_letter",
                "filename": "letter.pdf",
                "url": f"{documents}/{letter['id']}",
            },
            {**cv, "kind": "cv", "filename": "cv.pdf", "url": f"{documents}/{cv['id']}"},
        ],
        "covering_letter_text": None,
        "cv_url": "https://example.org/sacha",
        "withdrawal_message": None,
        "actions": ["withdraw"],
        "history": [SUBMITTED],
    }
    own = sent.headers["location"].removeprefix("/api/v1")
    assert (await sacha.get(own)).json() == application
    assert (await sacha.get("/me/applications")).json() == {"items": [application]}
    file = await sacha.get(cv["url"].removeprefix("/api/v1"))
    assert (file.content, file.headers["content-type"]) == (DOCUMENT, "application/pdf")
    assert file.headers["content-disposition"].startswith("attachment;")

    rose = await recruiter(site)
    card = (await rose.get("/console/applications", params={"offer": offer, "status": "submitted"})).json()
    at_first = list(ApplicationMachine.moves_from("submitted", RECRUITER))
    assert [(each["id"], each["actions"]) for each in card["items"]] == [(application["id"], at_first)]
    moves = f"/console/applications/{application['id']}/moves"
    considered = await rose.post(moves, {"event": "consider", "version": 1})
    assert considered.json() == {
        "id": application["id"],
        "offer": {"reference": "REF-1", "title": "Chemist"},
        "event": "consider",
        "status": "under_consideration",
        "status_label": considered.json()["status_label"],
        "version": 2,
        "at": AT_09_30,
        "announce_at": None,
        "actions": list(ApplicationMachine.moves_from("under_consideration", RECRUITER)),
    }
    assert (await sacha.get(own)).json()["history"] == [SUBMITTED, CONSIDERED]
    accepted = (await rose.post(moves, {"event": "accept", "version": 2})).json()
    assert (accepted["status"], accepted["announce_at"]) == ("successful", "2026-03-02T09:45:00Z")
    site.pass_time(minutes=15)
    told = (await sacha.get(own)).json()
    assert (told["status"], told["version"], told["actions"]) == ("successful", 3, [])
    assert told["history"] == [
        SUBMITTED,
        CONSIDERED,
        {"status": "successful", "label": "Application successful", "at": "2026-03-02T09:45:00Z"},
    ]

    found = await offer_by_reference(offer)
    assert found is not None
    staff = await site.house.recruiter(found.unit_id, name="Anne")
    await site.house.offer(staff, found.unit_id, "REF-2")
    other = (await sacha.apply("REF-2")).json()
    withdrawn = await sacha.post(
        f"/me/applications/{other['id']}/withdrawal", {"message": "I found something else."}
    )
    assert (withdrawn.json()["status"], withdrawn.json()["actions"]) == ("withdrawn", [])
    assert withdrawn.json()["withdrawal_message"] == "I found something else."
    assert (await site.mails())[-3:] == [
        ("application_withdrawn", "sacha@example.org"),
        ("withdrawal_message", "lab1@example.org"),
        ("withdrawal_message_copy", "sacha@example.org"),
    ]
    listed = (await sacha.get("/me/applications")).json()["items"]
    assert [each["offer"]["reference"] for each in listed] == ["REF-2", "REF-1"]

    assert (await sacha.delete("/session")).status_code == 204
    assert (await sacha.get("/me/profile")).status_code == 401
