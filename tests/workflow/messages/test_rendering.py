"""What mails say: in both languages, with all that they need, and with nothing smuggled in."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from jobs.indexing import IndexKeeper
from jobs.relay import MAILS, Relay
from jobs.webhooks import WebhookSender
from workflow.applications.machine import ApplicationMachine
from workflow.language import LANGUAGES
from workflow.machines import MACHINES
from workflow.messages.rendering import MARK_ID, House, Rendered, kinds, render
from workflow.messages.wrapping import WIDTH, wrapped
from workflow.webhooks.events import PROGRAMS

HOUSE = House("https://careers.example.org", "Example Research", "careers@example.org")
ABOUT_A_PERSON = {"title": "ms", "first_name": "Zoé", "last_name": "Durand"}
ABOUT_AN_APPLICATION = ABOUT_A_PERSON | {
    "offer_title": "Ingénieur·e d’études",
    "offer_reference": "LAB1-2026-007",
    "unit_name": "Laboratoire des eaux",
    "application_id": "0b6e1a52-9f3c-4c1c-8a52-2f7f0a9d3c11",
}
TOLD_OF_APPLICATIONS = {
    kind
    for rule in ApplicationMachine.rules.values()
    for audience, kind in rule.tells.items()
    if audience != PROGRAMS
}
PARAMS: dict[str, dict[str, Any]] = {
    "account_confirmation": ABOUT_A_PERSON | {"path": "/candidate/confirm/t0ken"},
    "account_exists": ABOUT_A_PERSON,
    "new_password": ABOUT_A_PERSON | {"password": "ab2c-d3ef-gh4j-k5mn"},
    "new_email_confirmation": ABOUT_A_PERSON
    | {"path": "/candidate/new-address/t0ken", "account": "chloe@example.org"},
    **dict.fromkeys(
        ("password_changed", "secret_question_changed", "new_email_asked", "email_changed"), ABOUT_A_PERSON
    ),
    **dict.fromkeys(TOLD_OF_APPLICATIONS, ABOUT_AN_APPLICATION),
    **{
        kind: ABOUT_AN_APPLICATION | {"message": "Dear all,\n\nI have found another post."}
        for kind in ("withdrawal_message", "withdrawal_message_copy")
    },
}
ABOUT_AN_OFFER = {
    name: words for name, words in ABOUT_AN_APPLICATION.items() if name.startswith(("offer", "unit"))
}
PARAMS["offer_waiting"] = ABOUT_AN_OFFER | {"waiting": 2}
PARAMS["weekly_waiting"] = {
    "first_name": "Rose",
    "last_name": "Martin",
    "waiting": 3,
    "overdue": 1,
    "offers": [["Ingénieur·e d’études (LAB1-2026-007)", "Laboratoire des eaux", 3, 1, 16]],
    "more": 0,
}
PARAMS["alert_digest"] = ABOUT_A_PERSON | {
    "frequency": "daily",
    "number": 1,
    "offers": [
        [
            "Ingénieur·e d’études",
            "Brest",
            "Laboratoire des eaux",
            "9 March 2026",
            "https://careers.example.org/offers/LAB1-2026-007",
            [0],
        ]
    ],
    "more": 1,
    "alerts": [
        [
            "“études” · Bretagne",
            "https://careers.example.org/offers?keywords=études",
            "https://careers.example.org/alerts/unsubscribe/one",
        ]
    ],
    "unsubscribe_url": "https://careers.example.org/alerts/unsubscribe/all",
}
A_RECRUITER = {"first_name": "Rose", "last_name": "Martin"}
PARAMS |= {
    "recruiter_invitation": A_RECRUITER | {"path": "/console/invitation/t0ken", "inviter": "Ada Admin"},
    "recruiter_password": A_RECRUITER | {"path": "/console/password/t0ken"},
    "recruiter_password_changed": A_RECRUITER,
    "recruiter_second_factor": A_RECRUITER | {"change": "reset"},
}
PARAMS |= {
    "account_deleted": ABOUT_A_PERSON | {"reason": "wish", "withdrawn": ["Chimiste (LAB1-2026-008)"]},
    "account_kept": ABOUT_A_PERSON,
    "account_unused": ABOUT_A_PERSON | {"day": "9 March 2026"},
    "archive_ready": ABOUT_A_PERSON | {"day": "9 March 2026"},
    "deletion_confirmation": ABOUT_A_PERSON | {"path": "/candidate/delete-account/t0ken"},
    "deletion_planned": ABOUT_A_PERSON | {"day": "9 March 2026"},
}
EMPLOYERS = {"application_received", "withdrawal_message"}


class Page(HTMLParser):
    """The tags, the links and the words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def rendered(kind: str, language: str = "en", **changed: Any) -> Rendered:
    return render(kind, language, PARAMS[kind] | changed, house=HOUSE)


def test_kinds_are_what_jobs_carry_out_and_machines_tell() -> None:
    told = {
        kind
        for machine in MACHINES
        for tells in (
            *(rule.tells for rule in machine.rules.values()),
            *(timer.tells for timer in machine.timers.values()),
        )
        for kind in tells.values()
    }
    assert kinds() == MAILS == Relay.kinds == set(PARAMS)
    assert told - kinds() == IndexKeeper.kinds | WebhookSender.kinds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(PARAMS))
def test_mail_renders_with_its_offer_and_one_button(kind: str, language: str) -> None:
    mail = rendered(kind, language)
    page = Page(mail.html)
    address = {
        "account_confirmation": "https://careers.example.org/candidate/confirm/t0ken",
        "alert_digest": "https://careers.example.org/candidate/alerts",
        "account_exists": "https://careers.example.org/candidate/login",
        "new_password": "https://careers.example.org/candidate/login",
        "password_changed": "https://careers.example.org/candidate/login",
        "secret_question_changed": "https://careers.example.org/candidate/account",
        "new_email_confirmation": "https://careers.example.org/candidate/new-address/t0ken",
        "new_email_asked": "https://careers.example.org/candidate/account",
        "email_changed": "https://careers.example.org/contact",
        "account_deleted": "https://careers.example.org/offers",
        "account_kept": "https://careers.example.org/candidate",
        "account_unused": "https://careers.example.org/candidate/login",
        "archive_ready": "https://careers.example.org/candidate/account",
        "deletion_confirmation": "https://careers.example.org/candidate/delete-account/t0ken",
        "deletion_planned": "https://careers.example.org/candidate/account",
        "offer_waiting": "https://careers.example.org/console/?offer=LAB1-2026-007",
        "weekly_waiting": "https://careers.example.org/console/?overdue=yes",
        "recruiter_invitation": "https://careers.example.org/console/invitation/t0ken",
        "recruiter_password": "https://careers.example.org/console/password/t0ken",
        "recruiter_password_changed": "https://careers.example.org/console/forgotten-password",
        "recruiter_second_factor": "https://careers.example.org/console/account",
    }.get(
        kind,
        "https://careers.example.org/"
        + ("console" if kind in EMPLOYERS else "candidate")
        + "/applications/0b6e1a52-9f3c-4c1c-8a52-2f7f0a9d3c11",
    )
    before = {
        "weekly_waiting": ["https://careers.example.org/console/account"],
        "alert_digest": [
            "https://careers.example.org/offers/LAB1-2026-007",
            *PARAMS["alert_digest"]["alerts"][0][1:],
            PARAMS["alert_digest"]["unsubscribe_url"],
        ],
    }
    assert page.links == [*before.get(kind, []), address, address, "mailto:careers@example.org"]
    assert f"\n{address}\n" in mail.text
    assert f'<html lang="{language}">' in mail.html
    assert f'src="cid:{MARK_ID}"' in mail.html
    assert all(len(line) <= WIDTH or line == address for line in wrapped(mail.text).split("\n"))
    assert re.search(r'<div class="ahead" style="display: none;[^"]*">[^<]{10,145}</div>', mail.html)
    if "offer_title" in PARAMS[kind]:
        assert "Ingénieur·e d’études (LAB1-2026-007)" in mail.subject
        assert "  Ingénieur·e d’études\n  Laboratoire des eaux\n" in mail.text
        assert "LAB1-2026-007" in mail.text
        assert "LAB1-2026-007" in page.words


@pytest.mark.parametrize("reason", ["wish", "unused"])
@pytest.mark.parametrize("withdrawn", [[], ["Chemist (A-1)"], ["Chemist (A-1)", "<b>Cook</b> (A-2)"]])
def test_farewell_names_what_was_withdrawn(reason: str, withdrawn: list[str]) -> None:
    mail = rendered("account_deleted", reason=reason, withdrawn=withdrawn)
    assert [line[2:] for line in mail.text.splitlines() if line.startswith("* ")] == withdrawn
    assert Page(mail.html).tags.count("li") == len(withdrawn)
    assert ("As you asked" in mail.text) is (reason == "wish")


def test_text_reads_well() -> None:
    assert rendered("withdrawal_message").text == (
        "Hello,\n\n"
        "Zoé Durand has withdrawn the application for your offer and leaves you this message:\n\n"
        "> Dear all,\n> \n> I have found another post.\n\n"
        "  Ingénieur·e d’études\n  Laboratoire des eaux\n  Reference LAB1-2026-007\n\n"
        "You need not do anything. The application stays in the console as withdrawn.\n\n"
        "Open the application:\n"
        "https://careers.example.org/console/applications/0b6e1a52-9f3c-4c1c-8a52-2f7f0a9d3c11\n\n"
        "----\n"
        "Vivier, the careers portal of Example Research\n"
        "Please do not reply to this e-mail. Questions? careers@example.org\n"
    )


@pytest.mark.parametrize(
    ("language", "waiting", "sentence"),
    [
        ("en", 1, "A person waits for it. Deciding takes a moment on the board, and the candidate is told"),
        ("en", 2, "Behind each of them a person waits. Deciding takes a moment on the board, and every"),
        ("fr", 1, "Derrière elle, quelqu’un attend. Décider prend un instant sur le tableau, et la personne"),
        ("fr", 2, "Derrière chacune, quelqu’un attend. Décider prend un instant sur le tableau, et chaque"),
    ],
)
def test_reminder_speaks_of_one_and_of_several(language: str, waiting: int, sentence: str) -> None:
    mail = rendered("offer_waiting", language, waiting=waiting)
    automatically = "automatically." if language == "en" else "automatiquement."
    for words in (mail.text, Page(mail.html).words):
        told = " ".join(words.split())
        assert (sentence in told, automatically in told) == (True, True)


def test_styles_are_inline_and_keep_their_dark_form() -> None:
    html = rendered("application_submitted").html
    assert '<body style="' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<link" not in html


@pytest.mark.parametrize("kind", sorted(PARAMS))
def test_params_cannot_add_markup(kind: str) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}'
    ours = {"path", "application_id", "waiting", "reason", "withdrawn", "overdue", "offers", "more"} | (
        {"offer_reference"} if kind == "offer_waiting" else set()
    )
    ours |= {"frequency", "number", "alerts", "unsubscribe_url"}
    harmless = {name: "x" for name in PARAMS[kind] if name not in ours}
    plain = Page(rendered(kind, **harmless).html)
    attacked = Page(rendered(kind, **dict.fromkeys(harmless, attack)).html)
    assert attacked.tags == plain.tags
    assert attacked.links == plain.links
    assert "49" not in attacked.words


def test_offers_and_alerts_in_a_digest_cannot_add_markup() -> None:
    attack = '"><img src=x onerror=alert(1)>{{ 7*7 }}\nBcc: x@example.org'
    (offer,), (alert,) = PARAMS["alert_digest"]["offers"], PARAMS["alert_digest"]["alerts"]
    plain = Page(rendered("alert_digest").html)
    attacked = Page(
        rendered("alert_digest", offers=[[*4 * [attack], *offer[4:]]], alerts=[[attack, *alert[1:]]]).html
    )
    assert (attacked.tags, attacked.links) == (plain.tags, plain.links)
    assert "49" not in attacked.words


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\0"])
def test_subject_stays_one_line(break_: str) -> None:
    mail = rendered("application_submitted", offer_title=f"Chimiste{break_}Bcc: victim@example.org")
    assert mail.subject.splitlines() == [mail.subject]
    assert mail.text.count("\n") == rendered("application_submitted").text.count("\n")


def test_percent_signs_stay() -> None:
    mail = rendered("application_submitted", offer_title="Chimiste 80 % %(x)s {x}", first_name="100%")
    assert "Chimiste 80 % %(x)s {x}" in mail.subject
    assert mail.text.startswith("Hello 100% Durand,\n")


def test_missing_param_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="offer_title"):
        render("application_submitted", "en", ABOUT_A_PERSON, house=HOUSE)


def test_unknown_kind_is_an_error() -> None:
    with pytest.raises(TemplateNotFound):
        render("application_forgotten", "en", ABOUT_A_PERSON, house=HOUSE)


def test_unknown_language_is_english() -> None:
    assert rendered("account_exists", "xx") == rendered("account_exists", "en")


def test_the_mail_to_a_new_address_says_whose_account_moves() -> None:
    mail = rendered("new_email_confirmation")
    for said in ("The account of chloe@example.org is to move", "If you did not ask for this"):
        assert said in mail.text
        assert said in mail.html


@pytest.mark.parametrize("kind", ["account_confirmation", "new_email_confirmation"])
def test_mails_to_unproven_addresses_repeat_nothing_that_was_typed(kind: str) -> None:
    typed = {"title": "TYPED", "first_name": "TYPED", "last_name": "TYPED"}
    mail = rendered(kind, **typed)
    assert "TYPED" not in mail.subject + mail.text + mail.html
    assert mail.text.startswith("Hello,\n")


def test_a_second_factor_is_told_of_as_it_is_now() -> None:
    told = {
        rendered("recruiter_second_factor", change=change).text for change in ("on", "moved", "off", "reset")
    }
    assert len(told) == 4


def test_an_invitation_that_was_asked_for_again_names_nobody() -> None:
    assert "Ada Admin invites you" in rendered("recruiter_invitation").text
    assert "You are invited" in rendered("recruiter_invitation", inviter="").text
