"""The mailbox of a copy that sends no real mail."""

from email.message import EmailMessage
from typing import Any

from tests.web.site import ON_SQLITE, Site, text_of
from web.app import create_app
from workflow.messages.mailbox import keep
from workflow.settings import Settings


def mail(subject: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "Vivier <no-reply@example.org>",
        "chloe@example.org",
        subject,
    )
    message["Date"] = "Mon, 02 Mar 2026 09:30:00 +0000"
    message.set_content("Read https://site.example/candidate.\n")
    message.add_alternative("<p style='color:red'>Read</p><script>alert(1)</script>", subtype="html")
    return message.as_bytes()


@ON_SQLITE
async def test_mails_are_listed_newest_first_and_shown_safely(site: Site) -> None:
    folder = site.settings.var / "mailbox"
    visitor = await site.visitor()
    assert "No mail yet" in text_of(await visitor.get("/dev/mailbox"))
    keep(folder, mail("First"), site.now)
    site.pass_time(minutes=1)
    newest = keep(folder, mail("Second <b>"), site.now)
    listed = text_of(await visitor.get("/dev/mailbox"))
    assert listed.index("Second <b>") < listed.index("First")
    page = await visitor.get(f"/dev/mailbox/{newest}")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert 'sandbox="' in page.text
    assert "allow-scripts" not in page.text
    assert "style-src 'self' 'unsafe-inline'" in page.headers["content-security-policy"]


@ON_SQLITE
async def test_programs_read_the_mailbox_as_json(site: Site) -> None:
    visitor = await site.visitor()
    assert (await visitor.get("/dev/mailbox.json")).json() == []
    keep(site.settings.var / "mailbox", mail("First"), site.now)
    (one,) = (await visitor.get("/dev/mailbox.json")).json()
    assert {name: one[name] for name in ("to", "from", "subject", "text", "sent_at")} == {
        "to": "chloe@example.org",
        "from": "Vivier <no-reply@example.org>",
        "subject": "First",
        "text": "Read https://site.example/candidate.\n",
        "sent_at": "2026-03-02T09:30:00+00:00",
    }
    assert one["headers"]["To"] == "chloe@example.org"


async def test_there_is_no_mailbox_where_mails_are_sent(tmp_path: Any) -> None:
    app = create_app(
        Settings.from_environment({"VIVIER_VAR": str(tmp_path), "VIVIER_SMTP_URL": "smtp://localhost:25"})
    )
    assert not [route.path for route in app.routes if route.path.startswith("/dev")]
