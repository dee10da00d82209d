"""The recruiters' own pages: login, board, one application and its moves, documents."""

import re
from datetime import timedelta
from uuid import uuid4

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting, said
from tests.support.house import PASSWORD
from workflow.applications.commands import move_application
from workflow.applications.tables import Application
from workflow.documents.tables import Document
from workflow.language import say
from workflow.recruiters.tables import SESSION_COOKIE


def cards(page: str) -> list[str]:
    """The names on the board, in order."""
    return re.findall(r'<h3><a href="/console/applications/[^"]+">([^<]+)</a>', page)


async def status_of(laboratories: Laboratories, number: int = 0) -> tuple[str, int]:
    rows = await Application.select().where(Application.id == laboratories.applications[number])
    return rows[0]["status"], rows[0]["version"]


async def test_stranger_logs_in_and_goes_on(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting() as visitor:
        asked = await visitor.get("/console/?name=chlo")
        assert (asked.status_code, asked.headers["location"]) == (
            303,
            "/console/login?next=/console%3Fname%3Dchlo",
        )
        form = await visitor.get(asked.headers["location"])
        assert 'name="next" value="/console?name=chlo"' in form.text
        wrong = await visitor.submit(
            "/console/login", email="rose@example.org", password="no", next="/console/?name=chlo"
        )
        assert (wrong.status_code, "The e-mail address or the password is wrong." in wrong.text) == (
            401,
            True,
        )
        assert 'value="rose@example.org"' in wrong.text
        fits = await visitor.submit(
            "/console/login", email="Rose@example.org", password=PASSWORD, next="/console/?name=chlo"
        )
        assert (fits.status_code, fits.headers["location"]) == (303, "/console/?name=chlo")
        session, known = sorted(fits.headers.get_list("set-cookie"))
        assert re.fullmatch(r"id=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax", session)
        assert re.fullmatch(r"vivier_known=[^;]+; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax", known)
        board = await visitor.get("/console/?name=chlo")
        assert (board.status_code, cards(board.text)) == (200, ["Chloé Martin"])
        out = await visitor.submit("/console/logout")
        assert (out.status_code, out.headers["location"]) == (303, "/console/login")
        assert (await visitor.get("/console/")).status_code == 303


async def test_logging_in_anew_ends_the_session_before(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("rose") as rose, visiting() as thief:
        thief.client.cookies.set(SESSION_COOKIE, rose.client.cookies[SESSION_COOKIE])
        assert (await thief.get("/console/")).status_code == 200
        await rose.submit("/console/login", email="rose@example.org", password=PASSWORD)
        assert (await thief.get("/console/")).status_code == 303
        assert (await rose.get("/console/")).status_code == 200


async def test_login_leads_to_no_other_site(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting() as visitor:
        answer = await visitor.submit(
            "/console/login", email="rose@example.org", password=PASSWORD, next="//elsewhere.example"
        )
    assert answer.headers["location"] == "/console/"


async def test_form_without_its_token_is_refused(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        path = f"/console/applications/{laboratories.applications[0]}/moves"
        answer = await rose.client.post(path, data={"event": "consider", "version": "1"})
    assert (answer.status_code, await status_of(laboratories)) == (403, ("submitted", 1))


async def test_board_shows_own_applications_alone(laboratories: Laboratories, visiting: Visiting) -> None:
    for name in PEOPLE:
        expected = {"rose": ["Chloé", "Zoé"], "ivan": ["Omar"], "nina": [], "ada": ["Chloé", "Omar", "Zoé"]}[
            name
        ]
        addresses = [f"/console/applications/{each}" for each in laboratories.applications]
        async with visiting(name) as visitor:
            page = await visitor.get("/console/")
            of_offer = await visitor.get("/console/?offer=REF-1")
            pages = [(await visitor.get(address)).status_code for address in addresses]
            moves = [
                (await visitor.submit(f"{address}/moves", event="undo", version="1")).status_code
                for address in addresses
            ]
        seen = [first in expected for first in ("Chloé", "Zoé", "Omar")]
        assert sorted(cards(page.text)) == [f"{first} Martin" for first in expected]
        assert sorted(cards(of_offer.text)) == [f"{first} Martin" for first in expected if first != "Omar"]
        assert pages == [200 if each else 404 for each in seen]
        assert moves == [409 if each else 404 for each in seen]


async def test_move_is_made_undone_and_told(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        moved = await rose.submit(f"{address}/moves", event="consider", version="1", next="/console/")
        assert (moved.status_code, moved.headers["location"]) == (303, "/console/")
        assert clock.nudges == [clock.now]
        board = await rose.get("/console/")
        assert "Under consideration. We tell the candidate." in board.text
        moved = await rose.submit(f"{address}/moves", event="accept", version="2")
        assert (moved.status_code, moved.headers["location"]) == (303, address)
        page = (await rose.get(address)).text
        assert "The candidate is told at 10:45." in page
        assert "15 minutes left" in page
        assert "/moves/reopen" not in page
        await rose.submit(f"{address}/moves", event="undo", version="3")
        page = (await rose.get(address)).text
        assert "Taken back before the candidate was told." in page
        assert await status_of(laboratories) == ("under_consideration", 4)
        await rose.submit(f"{address}/moves", event="accept", version="4")
        clock.now += timedelta(minutes=16)
        late = await rose.submit(f"{address}/moves", event="undo", version="5")
        assert (late.status_code, "has been told already" in late.text) == (409, True)
        assert "/moves/reopen" in late.text
    assert await status_of(laboratories) == ("successful", 5)


async def test_reason_is_asked_for(laboratories: Laboratories, visiting: Visiting) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        await rose.submit(f"{address}/moves", event="consider", version="1")
        page = await rose.get(f"{address}/moves/reject?next=/console/")
        assert (page.status_code, 'name="version" value="2"' in page.text) == (200, True)
        without = await rose.submit(
            f"{address}/moves", event="reject", version="2", note="  ", next="/console/"
        )
        assert (without.status_code, "Say why, in a sentence or two." in without.text) == (422, True)
        assert 'name="next" value="/console/"' in without.text
        moved = await rose.submit(
            f"{address}/moves", event="reject", version="2", note="<b>Too junior</b>", next="/console/"
        )
        assert (moved.status_code, moved.headers["location"]) == (303, "/console/")
        page = await rose.get(address)
        assert "&lt;b&gt;Too junior&lt;/b&gt;" in page.text
        gone = await rose.get(f"{address}/moves/reject")
        assert (gone.status_code, gone.headers["location"]) == (303, address)
    assert await status_of(laboratories) == ("rejected", 3)


async def test_second_recruiter_reads_who_was_first(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    application, house = laboratories.applications[0], laboratories.house
    await move_application(
        laboratories.staff["ada"],
        application,
        "consider",
        terms=house.terms,
        now=clock.now,
        expected_version=1,
    )
    clock.now += timedelta(minutes=2)
    async with visiting("rose") as rose:
        answer = await rose.submit(
            f"/console/applications/{application}/moves", event="consider", version="1"
        )
    assert answer.status_code == 409
    assert said(answer.text) == (
        "Ada Recruiter was first. At 10:30: “Take under consideration”."
        " The application is now “Under consideration”."
        " Your own move was not carried out. Look again, and choose anew."
    )
    assert f"/console/applications/{application}/moves/reject?next=" in answer.text
    assert await status_of(laboratories) == ("under_consideration", 2)


async def test_whoever_was_first_herself_reads_that_it_is_done(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    consider = {"event": "consider", "version": "1"}
    async with visiting("rose") as rose:
        await rose.submit(f"{address}/moves", **consider)
        twice = await rose.submit(f"{address}/moves", **consider)
        assert twice.status_code == 409
        assert said(twice.text) == (
            "You have already done this: “Take under consideration” at 10:30."
            " The application is now “Under consideration”."
        )
        await rose.submit(f"{address}/moves", event="accept", version="2")
        late = await rose.submit(f"{address}/moves", **consider)
        assert said(late.text) == (
            "You have changed this yourself meanwhile: “Accept” at 10:30. The application is now “Successful”."
            " Your own move was not carried out. Look again, and choose anew."
        )
        rose.client.cookies.set("language", "fr")
        french = await rose.submit(f"{address}/moves", event="accept", version="2")
    assert said(french.text).replace("\u00a0", " ") == (
        "Vous l’avez déjà fait : « Retenir » (10:30). L’état de la candidature est maintenant « Retenue »."
    )


async def test_reason_that_was_typed_is_kept(laboratories: Laboratories, visiting: Visiting) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    typed = {"event": "reject", "version": "2", "note": " Too <junior>.\nSorry. ", "next": "/console/"}
    async with visiting("rose") as rose, visiting("ada") as ada:
        await rose.submit(f"{address}/moves", event="consider", version="1")
        await ada.submit(f"{address}/moves", event="accept", version="2")
        gone = await rose.submit(f"{address}/moves", **typed)
        assert gone.status_code == 409
        assert said(gone.text) == (
            "Ada Recruiter was first. At 10:30: “Accept”. The application is now “Successful”."
            " Your own move was not carried out. Look again, and choose anew."
            " The reason that you wrote was not saved. Here it is, to copy: Too <junior>. Sorry."
        )
        assert '<div class="letter">Too &lt;junior&gt;.\nSorry.</div>' in gone.text
        await ada.submit(f"{address}/moves", event="undo", version="3")
        again = await rose.submit(f"{address}/moves", **typed)
        assert again.status_code == 409
        assert said(again.text) == (
            "Ada Recruiter was first. At 10:30: “Undo”. The application is now “Under consideration”."
            " Your own move was not carried out. Look again, and choose anew."
        )
        assert "Too &lt;junior&gt;.\nSorry. </textarea>" in again.text
        assert ('value="4"' in again.text, 'name="next" value="/console/"' in again.text) == (True, True)
        assert await status_of(laboratories) == ("under_consideration", 4)
        done = await rose.submit(f"{address}/moves", **typed | {"version": "4"})
    assert (done.status_code, await status_of(laboratories)) == (303, ("rejected", 5))


async def test_address_of_a_refused_move_leads_to_the_application(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        again = await rose.get(f"{address}/moves")
    assert (again.status_code, again.headers["location"]) == (303, address)


async def test_a_decision_taken_back_does_not_end_the_wait(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    async with visiting("rose") as rose:
        await rose.submit(address, event="consider", version="1")
        clock.now += timedelta(days=3)
        await rose.submit(address, event="accept", version="2")
        await rose.submit(address, event="undo", version="3")
        column = (await rose.get("/console/")).text.split('id="column-under_consideration"')[1]
    assert "for 3 days" in column.split("</section>")[0]


async def test_what_next_stands_before_what_was_sent(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        page = (await rose.get(f"/console/applications/{laboratories.applications[0]}")).text
    assert re.findall(r'<h2 id="([\w-]+)"', page) == [
        "moves-title",
        "letter-title",
        "cv-title",
        "rating-title",
        "notes-title",
        "person-title",
        "drawing-heading",
        "history-title",
        "keys-title",
    ]


async def test_odd_moves_get_a_page(laboratories: Laboratories, visiting: Visiting) -> None:
    forms: list[tuple[dict[str, str], int]] = [
        ({"event": "accept", "version": "1"}, 409),
        ({"event": "withdraw", "version": "1"}, 403),
        ({"event": "nothing", "version": "1"}, 422),
        ({"event": "model", "version": "1"}, 422),
        ({"event": "submit", "version": "1"}, 422),
        ({"event": "", "version": ""}, 422),
        ({"event": "consider"}, 409),
        ({"event": "consider", "version": "9" * 40}, 409),
        ({"event": "consider", "version": "-1"}, 409),
    ]
    path = f"/console/applications/{laboratories.applications[0]}/moves"
    async with visiting("rose") as rose:
        for fields, status in forms:
            answer = await rose.submit(path, **fields)
            assert (fields, answer.status_code, "Chloé Martin" in answer.text) == (fields, status, True)
    assert await status_of(laboratories) == ("submitted", 1)


async def test_document_is_saved_and_never_shown(laboratories: Laboratories, visiting: Visiting) -> None:
    house, application = laboratories.house, laboratories.applications[0]
    document_id = uuid4()
    digest = await house.documents.store.put(b"%PDF-1.7 hello")
    await Document.insert(
        Document(
            id=document_id,
            candidate=laboratories.candidates[0],
            kind="cv",
            filename="Résumé d’été.pdf",
            media_type="application/pdf",
            size=14,
            digest=digest,
            created_at=house.now,
        )
    )
    await Application.update({Application.cv: document_id}).where(Application.id == application)
    address = f"/console/applications/{application}/documents/{document_id}"
    elsewhere = f"/console/applications/{laboratories.applications[1]}/documents/{document_id}"
    async with visiting("rose") as rose:
        page = await rose.get(f"/console/applications/{application}")
        file = await rose.get(address)
        other = (await rose.get(elsewhere)).status_code
    async with visiting("ivan") as ivan:
        others = (await ivan.get(address)).status_code
    async with visiting() as nobody:
        nobodys = (await nobody.get(address)).status_code
    assert f'href="{address}"' in page.text
    assert (file.status_code, file.content, other, others, nobodys) == (200, b"%PDF-1.7 hello", 404, 404, 303)
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_pages_speak_french(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        rose.client.cookies.set("language", "fr")
        page = await rose.get("/console/")
    assert '<html lang="fr">' in page.text
    for message in ("application.state.submitted.recruiter", "application.event.consider"):
        assert say("fr", message) in page.text
        assert say("en", message) not in page.text
