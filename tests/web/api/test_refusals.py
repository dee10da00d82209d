"""Every documented refusal, and hostile requests, which never become failures of ours."""

from typing import Any

from tests.support.house import PASSWORD
from tests.web.api.program import candidate, fields, problem, program, recruiter
from tests.web.api.test_journey import REGISTRATION
from tests.web.site import Site
from tests.workflow.documents.making import pdf

OPEN = (
    "/session",
    "/console/session",
    "/candidates",
    "/candidates/confirmation",
    "/candidates/confirmation-link",
    "/candidates/secret-question",
    "/candidates/new-password",
    "/candidates/new-address",
)
HOSTILE = [
    b"{",
    b"\xff\xfe",
    b'{"email": "\\ud800"}',
    b"[" * 60_000,
    b'{"email": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    b"[]",
    b"null",
    b'"text"',
    b"",
    b'{"email": "a@example.org\\u0000", "password": "\\u0000"}',
    b'{"email": 1e400, "password": null}',
    b'{"email": ' + b"9" * 5_000 + b', "password": true}',
    b'{"email": {"$ne": null}, "password": ["x"]}',
]


async def test_a_hostile_body_is_the_senders_mistake(site: Site) -> None:
    someone = await program(site)
    for path in OPEN:
        answers = [(body, await someone.post(path, content=body)) for body in HOSTILE]
        assert [body for body, answer in answers if answer.status_code not in {400, 422}] == []


async def test_a_body_that_is_no_json_is_called_so(site: Site) -> None:
    refused = await (await program(site)).post("/session", content=b"email=a@example.org&password=x")
    assert problem(refused) == (400, "not-json")
    assert refused.json()["detail"] == "The body is not JSON. Send a JSON object, in UTF-8."


async def test_a_name_carries_no_address_to_strangers(site: Site) -> None:
    someone, chloe = await program(site), await candidate(site)
    profile = (await chloe.get("/me/profile")).json()
    for name in ("Click http://evil.example", "www.evil.example", "Zoé\r\nBcc: a@example.org"):
        wrong = {"first_name": name, "last_name": name}
        told = dict.fromkeys(wrong, "Write a name on one line, without a web address.")
        assert fields(await someone.post("/candidates", REGISTRATION | wrong)) == told, name
        assert fields(await chloe.put("/me/profile", profile | wrong)) == told, name
    assert await site.mails() == []


async def test_every_field_that_does_not_fit_is_named(site: Site) -> None:
    someone = await program(site)
    missing = await someone.post("/candidates", {"titel": "ms", "email": 7, "accept_notice": "yes"})
    assert problem(missing) == (422, "invalid-input")
    assert fields(missing) == {
        "titel": "There is no such field here.",
        "email": "Send a text here.",
        "accept_notice": "Send true or false here.",
    } | dict.fromkeys(
        ("title", "first_name", "last_name", "password", "secret_question", "secret_answer"),
        "Fill in this field.",
    )
    empty = await someone.post("/session")
    assert fields(empty) == dict.fromkeys(("email", "password"), "Fill in this field.")
    wrong = REGISTRATION | {"title": "dr", "accept_notice": False, "language": "de", "offer": "NOWHERE"}
    unfit = await someone.post("/candidates", wrong)
    assert set(fields(unfit)) == {"title", "accept_notice", "language", "offer"}
    assert fields(unfit)["language"] == "“de” is not in the list. Choose one of it."
    unknown = await someone.post("/candidates", REGISTRATION | {"offer": "NOWHERE"})
    assert set(fields(unknown)) == {"offer"}


async def test_refusals_are_said_in_the_language_asked_for(site: Site) -> None:
    french = await program(site, "fr")
    answer = await french.get("/me/profile")
    assert (answer.json()["title"], answer.headers["www-authenticate"]) == (
        "Connectez-vous d’abord.",
        "Bearer",
    )


async def test_registering_says_the_same_to_everybody(site: Site) -> None:
    await site.house.candidate(email="known@example.org")
    someone = await program(site)
    answers = [
        await someone.post("/candidates", REGISTRATION | {"email": email})
        for email in ("known@example.org", "new@example.org")
    ]
    assert [(each.status_code, each.json()) for each in answers] == [
        (202, {"message": "We have sent you an e-mail. Follow its link to go on."})
    ] * 2


async def test_links_and_logins_are_refused_with_their_reason(site: Site) -> None:
    someone = await program(site)
    await someone.post("/candidates", REGISTRATION)
    login = {"email": REGISTRATION["email"], "password": PASSWORD}
    confirmation = {"token": (await site.link()).rpartition("/")[2]}
    path = "/candidates/confirmation"
    for password in (PASSWORD, "x"):  # nothing tells whether somebody waits at an address
        refused = await someone.post("/session", login | {"password": password})
        assert problem(refused) == (401, "wrong-credentials")
    assert problem(await someone.post(path, confirmation | {"token": "x"})) == (409, "link-expired")
    assert (await someone.post(path, confirmation)).status_code == 200
    assert problem(await someone.post(path, confirmation)) == (409, "link-used")
    assert problem(await someone.post("/console/session", login)) == (401, "wrong-credentials")


PROTECTED = [
    ("GET", "/me/profile"),
    ("PUT", "/me/profile"),
    ("PUT", "/me/profile/cv"),
    ("DELETE", "/me/profile/cv"),
    ("GET", "/me/account"),
    ("PUT", "/me/account"),
    ("GET", "/me/sessions"),
    ("DELETE", "/me/sessions"),
    ("DELETE", "/me/sessions/1"),
    ("DELETE", "/session"),
    ("POST", "/offers/REF-1/applications"),
    ("GET", "/me/applications"),
    ("GET", "/me/applications/00000000-0000-0000-0000-000000000000"),
    ("POST", "/me/applications/00000000-0000-0000-0000-000000000000/withdrawal"),
    ("DELETE", "/console/session"),
    ("GET", "/console/applications"),
    ("GET", "/console/applications/00000000-0000-0000-0000-000000000000"),
    ("POST", "/console/applications/00000000-0000-0000-0000-000000000000/moves"),
]


async def test_a_login_is_asked_for_before_anything_is_read(site: Site, offer: str) -> None:
    someone, chloe, rose = await program(site), await candidate(site), await recruiter(site)
    for method, path in PROTECTED:
        wrong_side = chloe if "console" in path else rose
        for asking in (someone, wrong_side):
            assert problem(await asking.ask(method, path)) == (401, "authentication-required")
    for header in ("", "Bearer", "Bearer ", "Basic eDp5", "Bearer \xe9", "Bearer " + "x" * 5_000):
        headers = {"Authorization": header.encode("latin-1")}
        assert (await someone.get("/me/profile", headers=headers)).status_code == 401


async def test_an_application_is_refused_with_its_reason(site: Site, offer: str) -> None:
    chloe = await candidate(site)
    empty = await chloe.apply(offer, covering_letter_text="", cv_url="ftp://example.org")
    assert set(fields(empty)) == {"covering_letter", "cv_url"}
    unseen = await chloe.apply(offer, covering_letter_text="\u200b\u2060\u00ad\n-")
    assert set(fields(unseen)) == {"covering_letter"}
    applications = f"/offers/{offer}/applications"
    odd = await chloe.post(applications, files={"cv": ("cv.pdf", b"MZ"), "letter": (None, "x")})
    assert set(fields(odd)) == {"letter"}
    no_document = await chloe.post(
        applications, files={"cv": ("cv.pdf", b"MZ\0\0"), "covering_letter_text": (None, "Hello.")}
    )
    assert set(fields(no_document)) == {"cv"}
    as_text = await chloe.apply(offer, cv="my cv")
    assert set(fields(as_text)) == {"cv"}
    assert problem(await chloe.post(applications, {"covering_letter_text": "x"})) == (415, "not-a-form")
    large = await chloe.post(applications, files={"cv": ("cv.pdf", bytes(9 * 1024 * 1024))})
    assert problem(large) == (413, "too-large")
    larger = await chloe.post(applications, files={"cv": ("cv.pdf", bytes(18 * 1024 * 1024))})
    assert problem(larger) == (413, "http-413")
    assert problem(await chloe.apply("NOWHERE")) == (404, "not-found")
    assert (await chloe.apply(offer)).status_code == 201
    assert problem(await chloe.apply(offer)) == (409, "already-applied")
    site.pass_time(days=0, hours=23)
    site.pass_time(days=30)
    await chloe.log_in("chlo@example.org")
    assert problem(await chloe.apply(offer)) == (409, "offer-not-open")


async def test_a_draft_is_not_there(site: Site, offer: str) -> None:
    staff = await site.house.recruiter(await site.house.unit("LAB2"), name="Luc")
    await site.house.offer(staff, next(iter(staff.unit_ids or ())), "DRAFT", publish=False)
    chloe = await candidate(site)
    answers = [await chloe.get("/offers/DRAFT"), await chloe.apply("DRAFT"), await chloe.get("/offers/%00")]
    assert [problem(each) for each in answers] == [(404, "not-found")] * 3


async def test_a_broken_form_is_the_senders_mistake(site: Site, offer: str) -> None:
    chloe = await candidate(site)
    part = b'--x\r\nContent-Disposition: form-data; name="cv_url"'
    bounded = "multipart/form-data; boundary=x"
    forms = [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        (bounded, b"--y\r\n\r\n"),
        (bounded, b"--x\r\n"),
        (bounded, part + b"\r\n\r\n\xff\r\n--x--\r\n"),
        (bounded, part + b"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\na\r\n--x--\r\n"),
        (bounded, part + b"\r\n\r\nhttp://a/\0\r\n--x--\r\n"),
    ]
    for content_type, body in forms:
        for method, path in (("POST", f"/offers/{offer}/applications"), ("PUT", "/me/profile/cv")):
            answer = await chloe.ask(method, path, content=body, headers={"Content-Type": content_type})
            assert answer.status_code in {400, 422}, body


async def test_a_profile_is_refused_field_by_field(site: Site) -> None:
    chloe = await candidate(site)
    profile = (await chloe.get("/me/profile")).json()
    wrong = await chloe.put("/me/profile", profile | {"country": "XX", "last_name": "", "phone": 1})
    assert set(fields(wrong)) == {"phone"}
    wrong = await chloe.put("/me/profile", profile | {"country": "XX", "last_name": ""})
    assert set(fields(wrong)) == {"country", "last_name"}
    assert set(fields(await chloe.put("/me/profile/cv", files={"other": ("a.pdf", pdf())}))) == {
        "other",
        "cv",
    }
    assert set(fields(await chloe.put("/me/profile/cv", files={"cv": ("a.pdf", b"MZ")}))) == {"cv"}
    assert (await chloe.delete("/me/profile/cv")).status_code == 204
    oversized = await chloe.put("/me/profile", profile | {"address": "x" * 70_000})
    assert problem(oversized) == (413, "http-413")


async def test_a_move_is_refused_with_its_reason(site: Site, offer: str) -> None:
    chloe, rose = await candidate(site), await recruiter(site)
    application = (await chloe.apply(offer)).json()["id"]
    moves = f"/console/applications/{application}/moves"

    async def refused(event: Any, version: Any = 1, **more: Any) -> tuple[int, str]:
        return problem(await rose.post(moves, {"event": event, "version": version} | more))

    for version in (2, 0, -1, 10**300):
        assert await refused("consider", version) == (409, "unknown-version")
        assert await refused("promote", version) == (422, "unknown-event")
    assert await refused("reject", note="No.") == (409, "illegal-event")
    assert await refused("withdraw") == (403, "event-forbidden")
    for event in ("promote", "submit", "model", "", "reject\u00e9"):
        assert await refused(event) == (422, "unknown-event")
    odd: list[tuple[Any, Any]] = [
        (7, 1),
        ("consider", "1"),
        ("consider", True),
        ("consider", None),
        ("a\0", 1),
    ]
    for event, version in odd:
        assert await refused(event, version) == (422, "invalid-input")
    assert (await rose.post(moves, {"event": "consider", "version": 1})).status_code == 200
    without_note = await rose.post(moves, {"event": "reject", "version": 2})
    assert (problem(without_note), set(fields(without_note))) == ((422, "note-missing"), {"note"})
    await rose.post(moves, {"event": "accept", "version": 2})
    assert await refused("undo", 2) == (409, "stale-version")
    site.pass_time(minutes=16)
    assert await refused("undo", 3) == (409, "undo-too-late")
    withdrawal = f"/me/applications/{application}/withdrawal"
    assert problem(await chloe.post(withdrawal, {"message": None})) == (409, "illegal-event")
    assert set(fields(await chloe.post(withdrawal, {"message": " "}))) == {"message"}
    assert set(fields(await chloe.post(withdrawal, {}))) == {"message"}


async def test_who_was_first_is_told_in_the_readers_words(site: Site, offer: str) -> None:
    chloe, rose, rosalie = await candidate(site), await recruiter(site), await recruiter(site, language="fr")
    application = (await chloe.apply(offer)).json()["id"]
    moves = f"/console/applications/{application}/moves"
    await rose.post(moves, {"event": "consider", "version": 1})
    body = {"event": "consider", "version": 1}
    told = [(await each.post(moves, body)).json() for each in (rose, rosalie)]
    assert [each["current"] for each in told] == [
        {
            "version": 2,
            "status": "under_consideration",
            "event": "consider",
            "at": "2026-03-02T09:30:00Z",
            "by": "Rose Recruiter",
            "role": "recruiter",
        }
    ] * 2
    assert [(each["title"], each["detail"]) for each in told] == [
        (
            "This is not possible as things stand now.",
            (
                "The status has changed meanwhile: it has been “Under consideration” since 2 March 2026, 10:30"
                " (“Take under consideration”)."
            ),
        ),
        (
            "Cela n’est pas possible dans l’état actuel des choses.",
            (
                "Le statut a changé entre-temps\u00a0: il est «\u00a0En cours d’examen\u00a0» depuis"
                " le 2 mars 2026, 10:30 («\u00a0Examiner\u00a0»)."
            ),
        ),
    ]
    body = {"event": "consider", "version": 9}
    assert [(await each.post(moves, body)).json()["detail"] for each in (rose, rosalie)] == [
        "This version does not exist: the present one is 2.",
        "Cette version n’existe pas\u00a0: la version actuelle est la 2.",
    ]
    assert (await rose.post(moves, {"event": "reopen", "version": 2})).json()["detail"] == (
        "“Reopen” is not possible while the status is “Under consideration”."
    )
    reject = (await rosalie.post(moves, {"event": "reject", "version": 2})).json()
    assert reject["errors"] == [{"field": "note", "message": reject["detail"]}]
    assert "«\u00a0Ne pas retenir\u00a0»" in reject["detail"]
    await rose.post(moves, {"event": "accept", "version": 2})
    site.pass_time(minutes=16)
    withdrawal = await chloe.post(f"/me/applications/{application}/withdrawal", {"message": None})
    assert withdrawal.json()["detail"] == (
        "“Withdraw” is not possible while the status is “Application successful”."
    )


async def test_a_candidate_who_was_first_is_told_by_role(site: Site, offer: str) -> None:
    chloe, rose = await candidate(site), await recruiter(site)
    application = (await chloe.apply(offer)).json()["id"]
    await chloe.post(f"/me/applications/{application}/withdrawal", {"message": None})
    stale = await rose.post(f"/console/applications/{application}/moves", {"event": "consider", "version": 1})
    assert problem(stale) == (409, "stale-version")
    assert stale.json()["current"] == {
        "version": 2,
        "status": "withdrawn",
        "event": "withdraw",
        "at": "2026-03-02T09:30:00Z",
        "by": None,
        "role": "candidate",
    }


async def test_filters_of_the_console_are_checked(site: Site, offer: str) -> None:
    rose = await recruiter(site)
    unknown = await rose.get("/console/applications", params={"status": "promoted"})
    assert set(fields(unknown)) == {"status"}
    assert set(fields(await rose.get("/console/applications", params={"offer": "\0"}))) == {"offer"}
    none = await rose.get("/console/applications", params={"offer": "NOWHERE", "status": ""})
    assert none.json() == {"items": [], "total": 0, "page": 1, "page_size": 200}


async def test_unknown_addresses_and_methods_are_problems_too(site: Site) -> None:
    someone = await program(site)
    assert problem(await someone.get("/nowhere")) == (404, "not-found")
    assert problem(await someone.get("/me/applications/1")) == (404, "not-found")
    assert problem(await someone.delete("/offers")) == (405, "http-405")
