"""Registering and confirming: A2, A3, decision 12."""

import asyncio

import pytest

from tests.web.candidate.test_journey import REGISTRATION
from tests.web.site import ON_SQLITE, Site, problems, summary, text_of
from workflow.candidates.tables import Candidate


@pytest.mark.parametrize("language", ["en", "fr"])
@ON_SQLITE
async def test_an_empty_form_is_refused_field_by_field(site: Site, language: str) -> None:
    answer = await (await site.visitor(language)).post("/candidate/register", {})
    assert answer.status_code == 422
    assert set(problems(answer)) == {
        "title",
        "first_name",
        "last_name",
        "email",
        "password",
        "secret_question",
        "secret_answer",
        "accept_notice",
    }
    assert 'role="alert"' in answer.text


@ON_SQLITE
async def test_mistakes_are_listed_in_the_order_of_the_fields(site: Site) -> None:
    answer = await (await site.visitor()).post("/candidate/register", {"email": "a@b.example"})
    assert [line.split(":")[0] for line in summary(answer)] == [
        "Title",
        "First name",
        "Last name",
        "E-mail address, once more",
        "Password",
        "Secret question",
        "Answer",
        "Data notice",
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "dr", "“dr” is not in the list. Choose one of it."),
        ("email", "sacha@", "Write the address in the form name@example.org."),
        ("email_again", "", "The two do not agree. Type it again."),
        ("password", "short", "Use 12 characters or more."),
        ("password_again", "", "The two do not agree. Type it again."),
        ("secret_answer", "  ", "Fill in this field."),
        ("accept_notice", "", "Accept the data notice to register."),
        ("last_name", "x" * 101, "Use 100 characters at most; there are 101."),
    ],
)
@ON_SQLITE
async def test_a_wrong_field_is_named_and_the_others_are_kept(
    site: Site, field: str, value: str, said: str
) -> None:
    answer = await (await site.visitor()).post("/candidate/register", REGISTRATION | {field: value})
    assert answer.status_code == 422
    assert problems(answer)[field] == said
    assert 'value="Sacha"' in answer.text
    assert REGISTRATION["password"] not in answer.text
    assert not await Candidate.exists()


@ON_SQLITE
async def test_an_own_question_may_be_written(site: Site) -> None:
    form = REGISTRATION | {"secret_question": "", "own_secret_question": "Which river?"}
    assert (await (await site.visitor()).post("/candidate/register", form)).status_code == 200
    assert await Candidate.select(Candidate.secret_question).output(as_list=True) == ["Which river?"]


@ON_SQLITE
async def test_words_of_visitors_are_shown_as_words(site: Site) -> None:
    answer = await (await site.visitor()).post(
        "/candidate/register", {"first_name": '"><script>alert(1)</script>'}
    )
    assert "<script>alert" not in answer.text


@ON_SQLITE
async def test_a_known_address_is_not_given_away(site: Site) -> None:
    await site.house.candidate(email="sacha@example.org")
    stranger, other = await site.visitor(), await site.visitor()
    known = await stranger.post("/candidate/register", REGISTRATION)
    new = await other.post(
        "/candidate/register", REGISTRATION | dict.fromkeys(("email", "email_again"), "s@example.org")
    )
    assert text_of(known).replace("sacha@", "s@") == text_of(new)
    assert await site.mails() == [
        ("account_exists", "sacha@example.org"),
        ("account_confirmation", "s@example.org"),
    ]


@ON_SQLITE
async def test_reading_a_link_uses_nothing_up(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    for _ in range(3):
        page = await visitor.get(link)
        assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    answer = await visitor.post(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/candidate")
    area = text_of(await visitor.follow(answer))
    for said in ("Your account is confirmed", "Login successful", "Sacha Le Goff", "Complete your profile"):
        assert said in area
    again = await visitor.post(link)
    assert again.status_code == 409
    assert "Your account is already confirmed" in text_of(again)


@ON_SQLITE
async def test_an_expired_or_mangled_link_says_what_to_do(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    site.pass_time(hours=49)
    for path in (link, link[:-5], "/candidate/confirm/%00"):
        answer = await visitor.post(path)
        assert answer.status_code == 409
        assert "let us send you a fresh one" in text_of(answer)


@ON_SQLITE
async def test_a_new_link_is_asked_for_where_the_old_one_fails(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    expired = await site.link()
    site.pass_time(hours=49)
    page = await visitor.post(expired)
    assert 'action="/candidate/confirm"' in page.text
    answers = [
        await visitor.post("/candidate/confirm", {"email": email})
        for email in (REGISTRATION["email"], "nobody@example.org")
    ]
    assert text_of(answers[0]).replace("sacha@", "nobody@") == text_of(answers[1])
    assert await site.mails() == [("account_confirmation", "sacha@example.org")] * 2
    assert (await visitor.post(expired)).status_code == 409
    assert (await visitor.post(await site.link())).status_code == 303
    odd = await visitor.post("/candidate/confirm", {"email": "nobody"})
    assert (odd.status_code, set(problems(odd))) == (422, {"email"})


@ON_SQLITE
async def test_the_login_of_an_unconfirmed_account_offers_a_new_link(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    page = await visitor.post(
        "/candidate/login", {"email": "sacha@example.org", "password": REGISTRATION["password"]}
    )
    assert "Send me a new link" in text_of(page)
    assert "Almost done" in text_of(await visitor.post("/candidate/confirm", {"email": "sacha@example.org"}))
    wrong = await visitor.post("/candidate/login", {"email": "sacha@example.org", "password": "x"})
    assert "Send me a new link" not in text_of(wrong)


@ON_SQLITE
async def test_an_offer_to_come_back_to_must_be_one(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION | {"offer": "https://evil.example"})
    assert (await visitor.post(await site.link())).headers["location"] == "/candidate"


@ON_SQLITE
async def test_who_confirmed_elsewhere_finds_the_way_back_to_the_offer(site: Site, offer: str) -> None:
    desk, phone = await site.visitor(), await site.visitor()
    await desk.post("/candidate/register", REGISTRATION | {"offer": offer})
    await phone.post(await site.link())
    answer = await desk.post(
        "/candidate/login", {"email": REGISTRATION["email"], "password": REGISTRATION["password"]}
    )
    area = await desk.follow(answer)
    assert "You came for this offer: Chemist" in text_of(area)


async def test_a_double_click_makes_one_account(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.get("/candidate/register")
    answers = await asyncio.gather(*(visitor.post("/candidate/register", REGISTRATION) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert await Candidate.count() == 1
    assert (await visitor.post(await site.link())).status_code == 303
