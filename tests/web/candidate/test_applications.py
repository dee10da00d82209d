"""Following and withdrawing: P5, P7, and what an untold decision must not give away (decision 2)."""

from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from tests.web.site import ON_SQLITE, Site, Visitor, problems, text_of
from tests.workflow.documents.making import pdf
from workflow.applications.commands import move_application
from workflow.recruiters.queries import StaffMember


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit)
    return staff


@pytest.fixture
async def chloe(site: Site, staff: StaffMember) -> Visitor:
    return await site.candidate()


@pytest.fixture
async def application(site: Site, chloe: Visitor) -> UUID:
    return await site.house.application(await site.candidate_id())


async def moved(site: Site, staff: StaffMember, application: UUID, event: str, note: str = "") -> None:
    site.pass_time(minutes=1)
    await move_application(staff, application, event, terms=site.house.terms, now=site.now, note=note)


async def pages(chloe: Visitor, application: UUID) -> list[str]:
    paths = (
        "/candidate/applications",
        f"/candidate/applications/{application}",
        "/candidate",
        "/offers/REF-1",
    )
    return [text_of(await chloe.get(path)) for path in paths]


async def test_the_history_is_told_in_the_candidates_words(
    site: Site, staff: StaffMember, chloe: Visitor, application: UUID
) -> None:
    await moved(site, staff, application, "consider")
    await moved(site, staff, application, "reject", note="An internal reason")
    site.pass_time(minutes=20)
    page = text_of(await chloe.get(f"/candidate/applications/{application}"))
    steps = ("Application submitted", "Application under consideration", "Application rejected")
    places = [page.index(step, page.index("What has happened")) for step in steps]
    assert places == sorted(places)
    assert "An internal reason" not in page
    # the decision is dated as it was told, not as it was taken
    assert "2 March 2026, 10:47" in page
    assert "10:32" not in page


async def test_each_step_says_what_it_meant(
    site: Site, staff: StaffMember, chloe: Visitor, application: UUID
) -> None:
    for event, note in (("consider", ""), ("reject", "no"), ("reopen", "yet"), ("accept", "")):
        await moved(site, staff, application, event, note)
        site.pass_time(minutes=20)
    page = text_of(await chloe.get(f"/candidate/applications/{application}"))
    told = (
        "You sent it, and the laboratory has it.",
        "The laboratory has begun to look at it.",
        "The laboratory has decided otherwise.",
        "The laboratory has taken it up again.",
        "The laboratory would like to work with you.",
    )
    places = [page.index(sentence) for sentence in told]
    assert places == sorted(places)


async def test_one_may_apply_again_while_the_offer_is_open(
    site: Site, chloe: Visitor, application: UUID
) -> None:
    path = f"/candidate/applications/{application}"
    gone = await chloe.follow(await chloe.post(f"{path}/withdraw", {"send": "none"}))
    link = '<a href="/offers/REF-1/apply">Apply again</a>'
    assert "The offer is open until 1 April 2026: you could apply again." in text_of(gone)
    assert link in gone.text
    assert "Apply again" in text_of(await chloe.get(path))
    await chloe.apply("REF-1", {"covering_letter_text": "Once more."})
    assert "Apply again" not in text_of(await chloe.get(path))
    site.pass_time(days=31)
    await chloe.log_in("chlo@example.org")
    assert "Apply again" not in text_of(await chloe.get(f"{path}/withdrawn"))


@ON_SQLITE
async def test_who_got_which_document_is_logged(site: Site, staff: StaffMember, chloe: Visitor) -> None:
    sent = await chloe.apply("REF-1", {}, {"covering_letter": ("Letter.pdf", pdf())})
    own = sent.headers["location"].removesuffix("/submitted")
    page = await chloe.get(own)
    file = page.text.split(f'href="{own}/documents/')[1].split('"')[0]
    with capture_logs() as lines:
        assert (await chloe.get(f"{own}/documents/{file}")).status_code == 200
        assert (await (await site.candidate("Basil")).get(f"{own}/documents/{file}")).status_code == 404
    assert [line for line in lines if line["event"] == "document handed out"] == [
        {
            "event": "document handed out",
            "log_level": "info",
            "reader": f"candidate:{await site.candidate_id()}",
            "document": file,
            "application": own.rpartition("/")[2],
        }
    ]


async def test_a_decision_that_is_held_leaves_no_trace(
    site: Site, staff: StaffMember, chloe: Visitor, application: UUID
) -> None:
    await moved(site, staff, application, "consider")
    await chloe.get("/candidate")
    before = await pages(chloe, application)
    await moved(site, staff, application, "accept")
    assert await pages(chloe, application) == before
    await moved(site, staff, application, "undo")
    assert await pages(chloe, application) == before


async def test_withdrawing_without_a_message(site: Site, chloe: Visitor, application: UUID) -> None:
    path = f"/candidate/applications/{application}"
    answer = await chloe.post(f"{path}/withdraw", {"message": "not sent", "send": "none"})
    page = text_of(await chloe.follow(answer))
    assert "We wrote nothing to the laboratory" in page
    reloaded = text_of(await chloe.get(f"{path}/withdrawn?message=sent"))
    assert "Your application is withdrawn" in reloaded
    assert "We wrote nothing to the laboratory" in reloaded
    assert "We told the laboratory" not in reloaded
    kinds = [kind for kind, _ in await site.mails()]
    assert kinds == ["application_submitted", "application_received", "application_withdrawn"]


@ON_SQLITE
async def test_the_history_keeps_the_words_of_a_withdrawal(
    site: Site, chloe: Visitor, application: UUID
) -> None:
    path = f"/candidate/applications/{application}"
    assert "Read your message" not in text_of(await chloe.get(path))
    await chloe.post(f"{path}/withdraw", {"message": "Bye <b>all\n\n- thanks", "send": "message"})
    page = await chloe.get(path)
    assert "You withdrew it. Read your message Bye <b>all thanks" in text_of(page)
    assert "<p>Bye &lt;b&gt;all</p>\n<ul><li>thanks</li></ul>" in page.text


@ON_SQLITE
async def test_what_was_sent_includes_the_profile_as_the_laboratory_sees_it(
    site: Site, chloe: Visitor, application: UUID
) -> None:
    names = {"title": "ms", "first_name": "Chloé", "last_name": "Martin"}
    await chloe.post("/candidate/profile", names | {"city": "Brest", "country": "FR", "level": "DOC"})
    for page in ("", "/submitted"):
        shown = await chloe.get(f"/candidate/applications/{application}{page}")
        said = text_of(shown)
        assert (
            "Your profile, as the laboratory sees it Ms Chloé Martin E-mail address chlo@example.org "
            "City Brest Country France Level of qualification"
        ) in said
        assert "They always see it as it is now" in said
        assert f'href="/candidate/profile?next=/candidate/applications/{application}"' in shown.text


async def test_withdrawing_during_the_grace_takes_the_decision_back(
    site: Site, staff: StaffMember, chloe: Visitor, application: UUID
) -> None:
    await moved(site, staff, application, "consider")
    await moved(site, staff, application, "reject", note="no")
    answer = await chloe.post(
        f"/candidate/applications/{application}/withdraw", {"message": "Bye", "send": "message"}
    )
    assert answer.headers["location"].endswith("/withdrawn")
    site.pass_time(hours=1)
    page = text_of(await chloe.get(f"/candidate/applications/{application}"))
    assert "Candidate withdrawn" in page
    assert "Application rejected" not in page


@pytest.mark.parametrize("message", ["", "   ", "x" * 5001])
async def test_a_message_must_say_something_and_not_too_much(
    chloe: Visitor, application: UUID, message: str
) -> None:
    answer = await chloe.post(
        f"/candidate/applications/{application}/withdraw", {"message": message, "send": "message"}
    )
    assert (answer.status_code, problems(answer)) == (
        422,
        {"message": "Write a message of 1 to 5000 characters, or withdraw without a message."},
    )


async def test_a_second_click_is_answered_as_the_first(chloe: Visitor, application: UUID) -> None:
    form: dict[str, Any] = {"message": "Bye", "send": "message"}
    first, second = [await chloe.post(f"/candidate/applications/{application}/withdraw", form) for _ in "12"]
    for answer in (first, second):
        assert answer.headers["location"] == f"/candidate/applications/{application}/withdrawn"
    page = text_of(await chloe.follow(second))
    assert "We told the laboratory in your words. You get a copy by e-mail." in page
    assert "changed nothing" not in page


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"message": "Bye", "send": "message"}, {"message": "Bye", "send": "none"}),
        ({"message": "Bye", "send": "message"}, {"message": "Bye for now", "send": "message"}),
        ({"message": "", "send": "none"}, {"message": "Bye", "send": "message"}),
        ({"message": "", "send": "none"}, {"message": "", "send": "message"}),
    ],
)
async def test_another_wish_in_a_second_tab_is_told_that_it_came_too_late(
    chloe: Visitor, application: UUID, first: dict[str, str], second: dict[str, str]
) -> None:
    path = f"/candidate/applications/{application}"
    done = text_of(await chloe.follow(await chloe.post(f"{path}/withdraw", first)))
    late = text_of(await chloe.follow(await chloe.post(f"{path}/withdraw", second)))
    told = "You had withdrawn this application before. What you have just sent changed nothing."
    assert (told in done, told in late) == (False, True)
    sent, none = "We told the laboratory in your words.", "We wrote nothing to the laboratory"
    has_message = first["send"] == "message"
    for page in (done, late):
        assert (sent in page, none in page) == (has_message, not has_message)


async def test_a_decided_application_cannot_be_withdrawn(
    site: Site, staff: StaffMember, chloe: Visitor, application: UUID
) -> None:
    path = f"/candidate/applications/{application}"
    assert (await chloe.get(f"{path}/withdrawn")).headers["location"] == path
    await moved(site, staff, application, "consider")
    await moved(site, staff, application, "accept")
    site.pass_time(minutes=20)
    for ask in (chloe.get(f"{path}/withdraw"), chloe.post(f"{path}/withdraw", {"send": "none"})):
        answer = await ask
        assert answer.headers["location"] == path
        assert "This application cannot be withdrawn any more." in text_of(await chloe.follow(answer))
    assert "Application successful" in text_of(await chloe.get(path))


async def test_nothing_sent_yet_offers_the_first_step(chloe: Visitor) -> None:
    page = await chloe.get("/candidate/applications")
    assert "You have not applied yet" in text_of(page)
    assert 'href="/offers"' in page.text


@pytest.mark.parametrize("path", ["not-an-id", "00000000-0000-4000-8000-000000000000"])
async def test_an_application_that_is_not_there(chloe: Visitor, path: str) -> None:
    assert (await chloe.get(f"/candidate/applications/{path}")).status_code == 404
    assert (await chloe.get(f"/candidate/applications/{path}/documents/{path}")).status_code == 404


async def test_pages_are_there_in_french(site: Site, staff: StaffMember) -> None:
    candidate = await site.candidate("Basil", "fr")
    own = await site.house.application(await site.candidate_id("Basil"))
    for path in (
        "",
        "/applications",
        f"/applications/{own}",
        f"/applications/{own}/submitted",
        f"/applications/{own}/withdraw",
        "/profile",
        "/account",
    ):
        page = await candidate.get(f"/candidate{path}")
        assert page.status_code == 200
        assert '<html lang="fr">' in page.text
