"""Account settings as pages: A6."""

import re

import pytest

from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE, Site, problems, text_of
from web.kit.visitors import SESSION_COOKIE
from workflow.candidates.tables import Candidate, CandidateSession
from workflow.limits import PASSWORD_OF_ACCOUNT

ACCOUNT = "/candidate/account"
NEW = "chloe.martin@example.org"
NEW_EMAIL = {"email": NEW, "email_again": NEW.upper(), "current_password": PASSWORD}
NEW_PASSWORD = {
    "current_password": PASSWORD,
    "password": "nine loud bitterns",
    "password_again": "nine loud bitterns",
}

pytestmark = ON_SQLITE


async def test_the_settings_say_what_the_account_is_known_by(site: Site) -> None:
    candidate = await site.candidate(language="fr")
    page = text_of(await candidate.get(ACCOUNT))
    for said in (
        "Chloé Martin",
        "chlo@example.org",
        "Français",
        "Cet appareil",
        "Un programme : python-httpx",
    ):
        assert said in page


async def test_a_new_address_is_confirmed_from_wherever_its_mail_is_read(site: Site) -> None:
    candidate, phone = await site.candidate(), await site.visitor()
    page = await candidate.follow(await candidate.post(f"{ACCOUNT}/email", NEW_EMAIL))
    assert f"We have written to {NEW}." in text_of(page)
    assert await site.mails() == [("new_email_confirmation", NEW), ("new_email_asked", "chlo@example.org")]
    link = await site.link("new_email_confirmation")
    for _ in range(2):
        opened = await phone.get(link)
        assert (opened.status_code, opened.headers["referrer-policy"]) == (200, "no-referrer")
        assert "The account of chlo@example.org moves to the address chloe.martin@example.org" in text_of(
            opened
        )
        assert "If you did not ask for this, close this page" in text_of(opened)
        assert "data-press" not in opened.text
    for password, said in (
        ("", "Fill in this field."),
        ("three brown otters", "This is not the password of this account."),
    ):
        refused = await phone.post(link, {"password": password})
        assert (refused.status_code, problems(refused)) == (422, {"password": said})
        assert password not in refused.text or not password
    done = await phone.post(link, {"password": PASSWORD})
    assert done.headers["location"] == "/candidate/login"
    assert "Your new address is confirmed." in text_of(await phone.follow(done))
    assert (await phone.log_in(NEW)).status_code == 303
    for again in (await phone.post(link), await phone.get(link)):
        assert (again.status_code, "already confirmed" in text_of(again)) == (409, True)
    for mangled in (await phone.post(link[:-3]), await phone.get(link[:-3])):
        assert (mangled.status_code, "does not work any more" in text_of(mangled)) == (409, True)
    assert NEW in text_of(await candidate.get(ACCOUNT))


async def test_a_new_address_takes_one_click_where_its_account_is_open(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post(f"{ACCOUNT}/email", NEW_EMAIL)
    link = await site.link("new_email_confirmation")
    page = await candidate.get(link)
    assert f'action="{link}" novalidate data-press' in page.text
    assert 'name="password"' not in page.text
    done = await candidate.post(link)
    assert (done.status_code, done.headers["location"]) == (303, ACCOUNT)
    assert await Candidate.select(Candidate.email) == [{"email": NEW}]


async def test_who_is_logged_in_elsewhere_moves_no_account_by_a_click(site: Site) -> None:
    candidate, stranger = await site.candidate(), await site.candidate("Zoe")
    await candidate.post(f"{ACCOUNT}/email", NEW_EMAIL)
    link = await site.link("new_email_confirmation")
    page = await stranger.get(link)
    assert "You are logged in as Zoe Martin (zoe@example.org), which is another account." in text_of(page)
    assert "data-press" not in page.text
    assert problems(await stranger.post(link)) == {"password": "Fill in this field."}
    assert not await Candidate.exists().where(Candidate.email == NEW)
    done = await stranger.post(link, {"password": PASSWORD})
    assert done.headers["location"] == "/candidate/login"
    assert await Candidate.exists().where(Candidate.email == NEW)


async def test_a_link_to_a_new_address_is_no_way_to_guess_the_password(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post(f"{ACCOUNT}/email", NEW_EMAIL)
    link = await site.link("new_email_confirmation")
    for number in range(PASSWORD_OF_ACCOUNT.most):  # from wherever
        guesser = await site.visitor(origin=f"198.51.100.{number}")
        assert (await guesser.post(link, {"password": f"guess {number}"})).status_code == 422
    elsewhere = await site.visitor(origin="198.51.100.200")
    assert (await elsewhere.post(link, {"password": PASSWORD})).status_code == 429


async def test_a_taken_address_is_not_given_away(site: Site) -> None:
    await site.house.candidate("Zoé", email=NEW)
    candidate = await site.candidate()
    page = await candidate.follow(await candidate.post(f"{ACCOUNT}/email", NEW_EMAIL))
    assert f"We have written to {NEW}." in text_of(page)
    assert await site.mails() == [("account_exists", NEW), ("new_email_asked", "chlo@example.org")]


async def test_a_new_password_rotates_this_session_and_ends_the_others(site: Site) -> None:
    candidate = await site.candidate()
    other = await site.visitor()
    await other.log_in("chlo@example.org")
    before = candidate.client.cookies[SESSION_COOKIE]
    page = await candidate.follow(await candidate.post(f"{ACCOUNT}/password", NEW_PASSWORD))
    assert "Your password is changed. You are logged out everywhere else." in text_of(page)
    assert candidate.client.cookies[SESSION_COOKIE] != before
    assert (await other.get(ACCOUNT)).status_code == 303
    assert await CandidateSession.count() == 1
    assert await site.mails() == [("password_changed", "chlo@example.org")]


@pytest.mark.parametrize(
    ("page", "form", "wrong"),
    [
        ("password", NEW_PASSWORD | {"current_password": "no"}, {"current_password"}),
        ("password", NEW_PASSWORD | {"password_again": "no"}, {"password_again"}),
        ("password", {}, {"password", "current_password"}),
        ("password", NEW_PASSWORD | {"password": PASSWORD, "password_again": PASSWORD}, {"password"}),
        ("email", NEW_EMAIL | {"email_again": "no"}, {"email_again"}),
        ("email", NEW_EMAIL | {"current_password": "no"}, {"current_password"}),
        ("email", {}, {"email", "current_password"}),
        ("secret-question", {"secret_question": "first_school"}, {"secret_answer", "current_password"}),
        ("secret-question", {}, {"secret_question", "secret_answer", "current_password"}),
        ("language", {"language": "xx"}, {"language"}),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    site: Site, page: str, form: dict[str, str], wrong: set[str]
) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(f"{ACCOUNT}/{page}", form)
    assert (answer.status_code, set(problems(answer))) == (422, wrong)
    assert PASSWORD not in answer.text
    assert await site.mails() == []


@pytest.mark.parametrize(
    ("path", "emptied"),
    [
        ("/candidate/register", {"password", "password_again"}),
        (f"{ACCOUNT}/email", {"current_password"}),
        (f"{ACCOUNT}/password", {"current_password", "password"}),
    ],
)
async def test_a_password_that_another_mistake_emptied_is_asked_for_again(
    site: Site, path: str, emptied: set[str]
) -> None:
    visitor = await (site.visitor() if path == "/candidate/register" else site.candidate())
    assert "-again" not in (await visitor.get(path)).text
    mistaken = NEW_PASSWORD | {"current_password": PASSWORD, "email": "no address"}
    if path == f"{ACCOUNT}/password":
        mistaken["password_again"] = "no"
    answer = await visitor.post(path, mistaken)
    assert answer.status_code == 422
    said = re.findall(r'<p class="again" id="(\w+)-again">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    again = "Type it again: we do not put passwords back into a page."
    assert dict(said) == dict.fromkeys(emptied, again)
    for name in emptied:
        (field,) = re.findall(rf'<input [^>]*id="{name}"[^>]*>', answer.text)
        assert f"{name}-again" in field.partition("aria-describedby=")[2]


async def test_question_and_language_are_changed(site: Site) -> None:
    candidate = await site.candidate()
    shown = await candidate.get(f"{ACCOUNT}/secret-question")
    assert 'value="first_school" selected' in shown.text
    form = {"own_secret_question": "Whose boat?", "secret_answer": "Élise", "current_password": PASSWORD}
    assert "Whose boat?" in text_of(
        await candidate.follow(await candidate.post(f"{ACCOUNT}/secret-question", form))
    )
    assert 'value="Whose boat?"' in (await candidate.get(f"{ACCOUNT}/secret-question")).text
    assert (await candidate.post(f"{ACCOUNT}/language", {"language": "en"})).status_code == 303
    assert await Candidate.select(Candidate.language).output(as_list=True) == ["en"]


async def test_devices_are_logged_out_one_by_one_and_all(site: Site) -> None:
    candidate, stranger = await site.candidate(), await site.candidate("Zoe")
    phone = await site.visitor()
    phone.client.headers["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18) Safari/604.1"
    await phone.log_in("chlo@example.org")
    site.pass_time(minutes=20)
    assert (await phone.get(ACCOUNT)).status_code == 200
    page = (await candidate.get(ACCOUNT)).text
    names = re.findall(r'<th scope="row"><b>(.*?)</b>', page)
    assert names == ["A program: python-httpx", "Safari on iPhone"]
    ends = re.findall(rf"{ACCOUNT}/sessions/\d+/end", page)
    assert len(ends) == 1
    assert (await stranger.post(ends[0])).status_code == 404
    for number in (10**30, -(10**30), 0):
        assert (await candidate.post(f"{ACCOUNT}/sessions/{number}/end")).status_code == 404
    assert (await phone.get(ACCOUNT)).status_code == 200
    assert "That device is logged out." in text_of(await candidate.follow(await candidate.post(ends[0])))
    assert (await phone.get(ACCOUNT)).status_code == 303
    await phone.log_in("chlo@example.org")
    sure = await phone.get(f"{ACCOUNT}/sessions/end")
    assert "You are logged in on 2 devices, this one among them." in text_of(sure)
    assert 'method="post" action="/candidate/account/sessions/end"' in sure.text
    assert (await candidate.get(ACCOUNT)).status_code == 200
    everywhere = await phone.post(f"{ACCOUNT}/sessions/end")
    assert everywhere.headers["location"] == "/candidate/login"
    assert SESSION_COOKIE not in phone.client.cookies
    assert (await candidate.get(ACCOUNT)).status_code == 303
    assert (await stranger.get(ACCOUNT)).status_code == 200


async def test_a_session_is_never_one_that_was_brought_along(site: Site) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    visitor.client.cookies[SESSION_COOKIE] = "planted"
    await visitor.log_in("chloe@example.org")
    tokens = {
        "planted",
        *(cookie.value for cookie in visitor.client.cookies.jar if cookie.name == SESSION_COOKIE),
    }
    assert len(tokens) == 2
    thief = await site.visitor()
    thief.client.cookies[SESSION_COOKIE] = "planted"
    assert (await thief.get(ACCOUNT)).status_code == 303


async def test_logging_in_anew_ends_the_session_before(site: Site) -> None:
    candidate = await site.candidate()
    before = candidate.client.cookies[SESSION_COOKIE]
    await candidate.log_in("chlo@example.org")
    thief = await site.visitor()
    thief.client.cookies[SESSION_COOKIE] = before
    assert (await thief.get(ACCOUNT)).status_code == 303
    assert (await candidate.get(ACCOUNT)).status_code == 200
