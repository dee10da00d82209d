"""Registering and confirming: A2, A3, decision 12."""

import asyncio

import pytest

from tests.web.candidate.test_journey import REGISTRATION
from tests.web.site import ON_SQLITE, Site, hidden, problems, summary, text_of
from web.candidate.registration import REGISTRATION_COOKIE
from web.kit.security import CSRF_COOKIE
from workflow.candidates.tables import Candidate, Registration


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
    assert not await Registration.exists()


@ON_SQLITE
async def test_an_own_question_may_be_written(site: Site) -> None:
    form = REGISTRATION | {"secret_question": "", "own_secret_question": "Which river?"}
    assert (await (await site.visitor()).post("/candidate/register", form)).status_code == 200
    assert await Registration.select(Registration.secret_question) == [{"secret_question": "Which river?"}]


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
        assert f'action="{link}" novalidate data-press' in page.text
        assert "sacha@example.org" in text_of(page)
    answer = await visitor.post(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/candidate")
    area = text_of(await visitor.follow(answer))
    for said in ("Your account is confirmed", "Login successful", "Sacha Le Goff", "Complete your profile"):
        assert said in area
    await visitor.post("/candidate/logout")
    for again in (await visitor.post(link), await visitor.get(link)):
        assert again.status_code == 409
        assert "Your account is already confirmed" in text_of(again)
    other = await site.candidate()
    for again in (await other.post(link), await other.get(link)):
        assert again.status_code == 409
        assert "You are logged in as Chloé Martin (chlo@example.org)." in text_of(again)


@ON_SQLITE
async def test_a_second_tab_of_a_used_link_leads_to_the_candidate_area(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    second_tab = {"_csrf_token": visitor.client.cookies[CSRF_COOKIE]}
    assert (await visitor.post(link)).status_code == 303
    origin = {"Origin": "http://site.example"}
    pressed = await visitor.client.post(link, data=second_tab, headers=origin)
    assert (pressed.status_code, pressed.headers["location"]) == (303, link)
    for ask in (visitor.get, visitor.post):
        again = await ask(link)
        assert (again.status_code, again.headers["location"]) == (303, "/candidate")
        assert "Your account is confirmed already" in text_of(await visitor.follow(again))


@ON_SQLITE
async def test_an_outdated_confirmation_confirms_nothing_and_is_shown_anew(site: Site) -> None:
    visitor = await site.candidate()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    for data, told in (({}, False), ({"password": REGISTRATION["password"]}, True)):
        outdated = {"_csrf_token": "x"} | data
        pressed = await visitor.client.post(link, data=outdated, headers={"Origin": "http://site.example"})
        assert (pressed.status_code, pressed.headers["location"]) == (303, link)
        page = await visitor.follow(pressed)
        assert (page.status_code, "Send the form once more." in text_of(page)) == (200, told)
    forged = await visitor.client.post(link, data={}, headers={"Origin": "http://evil.example"})
    assert forged.status_code == 403
    assert await Candidate.count() == 1


@ON_SQLITE
async def test_an_expired_or_mangled_link_says_what_to_do(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    site.pass_time(hours=49)
    for path in (link, link[:-5], "/candidate/confirm/%00"):
        for answer in (await visitor.post(path), await visitor.get(path)):
            assert answer.status_code == 409
            assert "let us send you a fresh link" in text_of(answer)


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
async def test_a_link_opened_elsewhere_asks_for_the_password(site: Site) -> None:
    desk, phone = await site.visitor(), await site.visitor()
    await desk.post("/candidate/register", REGISTRATION)
    link = await site.link()
    page = await phone.get(link)
    assert "data-press" not in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "an account for sacha@example.org" in text_of(page)
    for password, said in (
        ("", "Fill in this field."),
        ("three brown otters", "This is not the password that was chosen at the registration."),
    ):
        refused = await phone.post(link, {"password": password})
        assert (refused.status_code, problems(refused)) == (422, {"password": said})
        assert summary(refused) == [f"Password: {said}"]
        assert password not in refused.text or not password
    assert not await Candidate.exists()
    confirmed = await phone.post(link, {"password": REGISTRATION["password"]})
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, "/candidate")


async def test_whoever_is_logged_in_is_told_before_they_are_logged_out(site: Site) -> None:
    visitor = await site.candidate()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    page = await visitor.get(link)
    assert "data-press" not in page.text
    assert "You are logged in as Chloé Martin (chlo@example.org)." in text_of(page)
    assert problems(page) == {}
    assert (await visitor.post(link)).status_code == 303
    assert "Sacha Le Goff" in text_of(await visitor.get("/candidate"))


@ON_SQLITE
async def test_all_who_register_in_a_browser_share_its_cookie(site: Site) -> None:
    visitor = await site.visitor()
    seen = []
    for email in ("ada@example.org", "ben@example.org"):
        form = REGISTRATION | dict.fromkeys(("email", "email_again"), email)
        answer = await visitor.post("/candidate/register", form)
        cookie = next(c for c in answer.headers.get_list("set-cookie") if REGISTRATION_COOKIE in c)
        assert {"HttpOnly", "SameSite=lax", "Max-Age=172800"} <= set(cookie.split("; "))
        seen.append((await site.link(), cookie.partition(";")[0]))
    assert len({cookie for _, cookie in seen}) == 1
    for link, _ in seen:
        assert (await visitor.post(link)).status_code == 303
        await visitor.post("/candidate/logout")


@ON_SQLITE
@pytest.mark.parametrize("odd", ["", "x", "a" * 63, "A" * 64, '"\\015\\012Set-Cookie: a=b"'])
async def test_a_cookie_that_is_none_of_ours_is_not_taken(site: Site, odd: str) -> None:
    visitor = await site.visitor()
    token = {"_csrf_token": (await visitor.get("/contact")) and visitor.client.cookies[CSRF_COOKIE]}
    sent = {"Cookie": f"{CSRF_COOKIE}={token['_csrf_token']}; {REGISTRATION_COOKIE}={odd}"}
    answer = await visitor.client.post("/candidate/register", data=REGISTRATION | token, headers=sent)
    assert answer.status_code == 200
    link = await site.link()
    visitor.client.cookies.clear()
    assert "data-press" not in (await visitor.client.get(link, headers=sent)).text
    given = next(c for c in answer.headers.get_list("set-cookie") if REGISTRATION_COOKIE in c)
    assert "data-press" in (await visitor.client.get(link, headers={"Cookie": given.partition(";")[0]})).text


@ON_SQLITE
async def test_a_login_that_fails_offers_everybody_a_new_link(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    for email in ("sacha@example.org", "nobody@example.org"):
        form = {"email": email, "password": REGISTRATION["password"]}
        page = await visitor.post("/candidate/login", form)
        assert page.status_code == 422
        assert "Registered, but not confirmed yet? Send me a new link" in text_of(page)
        assert hidden(page, "email") == email
    again = await visitor.post("/candidate/confirm", {"email": "sacha@example.org"})
    assert "Almost done" in text_of(again)
    assert f"{REGISTRATION_COOKIE}=" in again.headers["set-cookie"]
    assert (await visitor.post(await site.link())).status_code == 303


@ON_SQLITE
async def test_an_offer_to_come_back_to_must_be_one(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION | {"offer": "https://evil.example"})
    assert (await visitor.post(await site.link())).headers["location"] == "/candidate"


@ON_SQLITE
async def test_who_confirmed_elsewhere_finds_the_way_back_to_the_offer(site: Site, offer: str) -> None:
    desk, phone = await site.visitor(), await site.visitor()
    await desk.post("/candidate/register", REGISTRATION | {"offer": offer})
    await phone.post(await site.link(), {"password": REGISTRATION["password"]})
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
    link = await site.link()
    answers = await asyncio.gather(*(visitor.post(link) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    assert await Candidate.count() == 1
