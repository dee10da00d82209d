"""The account as JSON: A5, A6."""

from datetime import timedelta

from tests.support.house import PASSWORD
from tests.web.api.program import candidate, fields, problem, program
from tests.web.site import Site
from tests.workflow.candidates.recovering import EMAIL, chloe
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, record
from workflow.engine.tables import Outbox

OWN = "nine loud bitterns"
NEW = "chloe.martin@example.org"


async def test_a_forgotten_password_is_replaced(site: Site) -> None:
    await chloe(site.house)
    someone = await program(site)
    asked = await someone.post("/candidates/secret-question", {"email": EMAIL})
    assert (asked.status_code, asked.json()) == (200, {"secret_question": "Which river?"})
    unknown = await someone.post("/candidates/secret-question", {"email": "nobody@example.org"})
    assert (unknown.status_code, unknown.json()["secret_question"][-1]) == (200, "?")
    bodies = [
        {"email": email, "secret_answer": answer}
        for email, answer in ((EMAIL, "Loire"), ("nobody@example.org", "Odet"), (EMAIL, "odet"))
    ]
    answers = [await someone.post("/candidates/new-password", body) for body in bodies]
    said = "If the address and the answer are right, an e-mail with a new password is on its way."
    assert [(each.status_code, each.json()) for each in answers] == [(202, {"message": said})] * 3
    assert await site.mails() == [("new_password", EMAIL)]

    login = await someone.post("/session", {"email": EMAIL, "password": await site.secret("new_password")})
    assert (login.status_code, login.json()["must_replace_password"]) == (201, True)
    someone.use_token(login.json()["token"])
    for path in ("/me/profile", "/me/applications", "/me/sessions"):
        assert problem(await someone.get(path)) == (403, "new-password-required")
    assert (await someone.get("/me/account")).json()["must_replace_password"] is True
    more = {"password": OWN, "language": "en"}
    assert problem(await someone.put("/me/account", more)) == (403, "new-password-required")
    assert fields(await someone.put("/me/account", {})) == {"password": "Fill in this field."}
    changed = await someone.put("/me/account", {"password": OWN})
    assert (changed.status_code, changed.json()["must_replace_password"]) == (200, False)
    assert problem(await someone.get("/me/account")) == (401, "authentication-required")
    someone.use_token(changed.json()["session"]["token"])
    assert (await someone.get("/me/profile")).status_code == 200
    assert (await someone.post("/session", {"email": EMAIL, "password": OWN})).json()[
        "must_replace_password"
    ] is False


async def test_all_of_an_account_is_changed_at_once_or_nothing(site: Site) -> None:
    someone = await candidate(site)
    before = (await someone.get("/me/account")).json()
    everything = {
        "current_password": PASSWORD,
        "password": OWN,
        "email": NEW,
        "secret_question": "first_school",
        "secret_answer": "Jules Ferry",
        "language": "en",
    }
    wrong = await someone.put("/me/account", everything | {"language": "de", "password": "short"})
    assert fields(wrong).keys() == {"language", "password"}
    wrong = await someone.put("/me/account", everything | {"current_password": "no"})
    assert fields(wrong) == {"current_password": "This is not your present password."}
    assert (await someone.get("/me/account")).json() == before
    assert await site.mails() == []
    changed = (await someone.put("/me/account", everything)).json()
    expires_at = (site.now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    session = changed.pop("session")
    assert session["expires_at"] == expires_at
    assert changed == before | {
        "language": "en",
        "email_to_confirm": NEW,
        "secret_question": "What was the name of your first school?",
    }
    kinds = [kind for kind, _ in await site.mails()]
    assert kinds == [
        "password_changed",
        "secret_question_changed",
        "new_email_confirmation",
        "new_email_asked",
    ]
    token = (await site.secret("new_email_confirmation")).rpartition("/")[2]
    old, own = {"token": token, "password": PASSWORD}, {"token": token, "password": OWN}
    wrong = await someone.post("/candidates/new-address", old)
    assert fields(wrong) == {"password": "This is not the password of this account."}
    assert fields(await someone.post("/candidates/new-address", {"token": token})).keys() == {"password"}
    someone.use_token(session["token"])
    async with write_transaction():
        await Candidate.update({Candidate.bounced_at: site.now}, force=True)
        dead = Announcement(
            "alert_digest",
            "digest",
            {},
            recipient=EMAIL,
            expires_at=site.now + timedelta(days=10),
            about=("candidate", (await Candidate.select(Candidate.id))[0]["id"]),
        )
        await record([dead], now=site.now)
        await Outbox.update({Outbox.state: "dead", Outbox.settled_at: site.now}).where(
            Outbox.dedup_key == "digest"
        )
    assert (
        await someone.post(
            "/me/alerts", {"frequency": "daily", "job_type": "all", "region": "all", "keywords": "cook"}
        )
    ).status_code == 201
    assert (await someone.post("/candidates/new-address", own)).status_code == 204
    digests = Outbox.select(Outbox.recipient, Outbox.state).where(Outbox.dedup_key == "digest")
    assert await digests == [{"recipient": NEW, "state": "pending"}]
    assert problem(await someone.post("/candidates/new-address", own)) == (409, "link-used")
    made_up = own | {"token": "x"}
    assert problem(await someone.post("/candidates/new-address", made_up)) == (409, "link-expired")
    assert (await someone.get("/me/account")).json()["email"] == NEW


async def test_an_account_sent_back_as_it_was_changes_nothing(site: Site) -> None:
    someone = await candidate(site)
    account = (await someone.get("/me/account")).json()
    same = await someone.put("/me/account", {"email": account["email"], "language": account["language"]})
    assert same.json() == account | {"session": None}
    assert await site.mails() == []


async def test_logins_are_listed_and_ended(site: Site) -> None:
    phone = await candidate(site)
    phone_token = phone.client.headers["authorization"]
    desk, stranger = await program(site), await candidate(site, "Zoe")
    desk.client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Firefox/141.0"
    await desk.log_in("chlo@example.org")
    items = (await desk.get("/me/sessions")).json()["items"]
    shown = {(each["device"], each["is_current"]) for each in items}
    assert shown == {("Firefox, Linux", True), ("python-httpx", False)}
    (other,) = (each["id"] for each in items if not each["is_current"])
    assert problem(await stranger.delete(f"/me/sessions/{other}")) == (404, "not-found")
    for number in (10**30, -(10**30), 0):
        assert problem(await desk.delete(f"/me/sessions/{number}")) == (404, "not-found")
    assert (await desk.delete(f"/me/sessions/{other}")).status_code == 204
    assert phone.client.headers["authorization"] == phone_token
    assert problem(await phone.get("/me/account")) == (401, "authentication-required")
    assert (await desk.delete("/me/sessions")).status_code == 204
    assert problem(await desk.get("/me/account")) == (401, "authentication-required")
    assert (await stranger.get("/me/account")).status_code == 200


async def test_a_new_confirmation_link_is_sent_and_nothing_told(site: Site) -> None:
    await site.house.candidate(email="known@example.org")
    await site.house.registration("new@example.org")
    someone = await program(site)
    answers = [
        await someone.post("/candidates/confirmation-link", {"email": email})
        for email in ("known@example.org", "new@example.org", "nobody@example.org")
    ]
    said = {"message": "We have sent you an e-mail. Follow its link to go on."}
    assert [(each.status_code, each.json()) for each in answers] == [(202, said)] * 3
    assert await site.mails() == [
        ("account_exists", "known@example.org"),
        ("account_confirmation", "new@example.org"),
    ]
    assert fields(await someone.post("/candidates/confirmation-link", {"email": "x"})).keys() == {"email"}
