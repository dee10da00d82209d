"""The whole way of a candidate: from a stranger on the homepage to a withdrawn application (A1–A4, P1–P7)."""

from tests.web.site import Site, text_of
from tests.workflow.documents.making import pdf
from workflow.applications.queries import applications_of_candidate

REGISTRATION = {
    "title": "mx",
    "first_name": "Sacha",
    "last_name": "Le Goff",
    "email": "sacha@example.org",
    "email_again": "sacha@example.org",
    "password": "seven quiet herons",
    "password_again": "seven quiet herons",
    "secret_question": "first_job",
    "secret_answer": "Brest",
    "accept_notice": "yes",
}


async def test_a_stranger_registers_confirms_applies_and_withdraws(site: Site, offer: str) -> None:
    stranger = await site.visitor()
    home = await stranger.follow(await stranger.get(f"/offers/{offer}/apply"))
    assert home.url.raw_path == b"/?offer=REF-1"
    assert f'href="/candidate/register?offer={offer}"' in home.text

    form = await stranger.get(f"/candidate/register?offer={offer}")
    assert f'<input type="hidden" name="offer" value="{offer}">' in form.text
    registered = await stranger.post("/candidate/register", REGISTRATION | {"offer": offer})
    assert registered.status_code == 200
    assert "We have written to sacha@example.org." in text_of(registered)
    assert await site.mails() == [("account_confirmation", "sacha@example.org")]

    # the mail is opened on another device
    sacha = await site.visitor()
    link = await site.link()
    button = await sacha.get(link)
    assert f'action="{link}"' in button.text
    confirmed = await sacha.post(link, {"password": REGISTRATION["password"]})
    assert confirmed.headers["location"] == f"/offers/{offer}/apply"
    page = text_of(await sacha.follow(confirmed))
    for sentence in ("Your account is confirmed", "Login successful", "Complete your profile", "Chemist"):
        assert sentence in page
    area = text_of(await sacha.get("/candidate"))
    assert "Sacha Le Goff" in area
    assert "Complete your profile" in area

    saved = await sacha.post(
        "/candidate/profile",
        {"title": "mx", "first_name": "Sacha", "last_name": "Le Goff", "next": f"/offers/{offer}/apply"},
        {"cv": ("Sacha’s CV.pdf", pdf())},
    )
    assert saved.headers["location"] == f"/offers/{offer}/apply"
    form = await sacha.follow(saved)
    assert "Sacha’s CV.pdf" in form.text
    sent = await sacha.apply(
        offer,
        {"covering_letter_text": "I would like to join you.", "cv_url": "https://example.org/sacha"},
        {"covering_letter": ("", b""), "cv": ("", b"")},
    )
    done = await sacha.follow(sent)
    assert "Your application is on its way" in text_of(done)
    assert (await site.mails())[1:] == [
        ("application_submitted", "sacha@example.org"),
        ("application_received", "lab1@example.org"),
    ]

    everything = text_of(await sacha.get("/candidate/applications"))
    assert "Chemist" in everything
    assert "Application submitted" in everything
    own = sent.headers["location"].removesuffix("/submitted")
    details = await sacha.get(own)
    for shown in ("Sacha’s CV.pdf", "https://example.org/sacha", "I would like to join you."):
        assert shown in text_of(details)

    proposed = await sacha.get(f"{own}/withdraw")
    assert "I applied for “Chemist” (reference REF-1)" in text_of(proposed)
    gone = await sacha.follow(
        await sacha.post(f"{own}/withdraw", {"message": "I found work.", "send": "message"})
    )
    assert "We told the laboratory in your words." in text_of(gone)
    assert (await site.mails())[3:] == [
        ("application_withdrawn", "sacha@example.org"),
        ("withdrawal_message", "lab1@example.org"),
        ("withdrawal_message_copy", "sacha@example.org"),
    ]
    told = text_of(await sacha.get(own))
    assert "Candidate withdrawn" in told
    assert "Withdraw the application" not in told
    (application,) = await applications_of_candidate(await site.candidate_id("Sacha"), now=site.now)
    assert application.status == "withdrawn"
