"""What a machine declares has its words, its mails and its looks; what is missing is named with its file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from statemachine import State

from jobs.indexing import IndexKeeper
from jobs.relay import Relay
from jobs.webhooks import WebhookSender
from workflow import language as words
from workflow.applications.tables import Application
from workflow.engine.description import guard_meanings
from workflow.engine.machine import Machine, Rule
from workflow.language import LANGUAGES
from workflow.machines import MACHINES, confirmed_events, needed_texts
from workflow.messages import rendering
from workflow.roles import CANDIDATE, RECRUITER, ROLES, SYSTEM
from workflow.webhooks.events import EVENTS, PROGRAMS

CATALOGUES = Path(words.__file__).parent
MESSAGES = Path(rendering.__file__).parent
TONES = Path(__file__).parents[2] / "web" / "static" / "css" / "status.css"
PARTS = ("subject.txt", "body.txt", "body.html")
ABOUT_ACCOUNTS = {
    "account_confirmation",
    "account_deleted",
    "account_exists",
    "account_kept",
    "account_unused",
    "alert_digest",
    "archive_ready",
    "deletion_confirmation",
    "deletion_planned",
    "email_changed",
    "new_email_asked",
    "new_email_confirmation",
    "new_password",
    "password_changed",
    "secret_question_changed",
    "recruiter_invitation",
    "recruiter_password",
    "recruiter_password_changed",
    "recruiter_second_factor",
    "weekly_waiting",
}
"""The mails that tell of no machine's move."""


class Errand(Machine):
    """A machine that nobody has written a word for."""

    subject = "errand"
    table = Application
    opening = "begin"

    waiting = State(initial=True)
    done = State(final=True)

    finish = waiting.to(done)

    groups = {"open": frozenset({"waiting"}), "over": frozenset({"done"})}
    rules = {
        "begin": Rule(by=frozenset({CANDIDATE})),
        "finish": Rule(by=frozenset({RECRUITER}), tells={"candidate": "errand_finished"}),
    }


def missing_texts(machine: type[Machine]) -> list[str]:
    """Each catalogue is asked by itself: French falls back to English, and would hide a gap."""
    missing = []
    for language in LANGUAGES:
        with (CATALOGUES / f"{language}.po").open("rb") as source:
            catalogue = read_po(source, locale=language)
        missing += [
            f"{text} has no words: add it to workflow/language/{language}.po"
            for text in needed_texts(machine)
            if (found := catalogue.get(text)) is None or not found.string
        ]
    return missing


def told_kinds(machine: type[Machine]) -> Iterator[tuple[str, str]]:
    """Who tells (an event or a timer) and what kind of outbox row."""
    for event, rule in machine.rules.items():
        yield from ((event, kind) for kind in rule.tells.values())
    for name, timer in machine.timers.items():
        yield from ((f"timer {name}", kind) for kind in timer.tells.values())


def missing_mails(machine: type[Machine]) -> list[str]:
    return [
        f"{machine.subject}: {name} tells {kind}, which nobody carries out: "
        f"add {', '.join(PARTS)} in workflow/messages/{kind}/"
        for name, kind in told_kinds(machine)
        if kind not in Relay.kinds | IndexKeeper.kinds | WebhookSender.kinds
    ]


def missing_looks(machine: type[Machine]) -> list[str]:
    styles = TONES.read_text()
    return [
        f"the state {state} has no colour: add .tone-{state} to web/static/css/status.css"
        for state in machine.state_ids()
        if f".tone-{state}" not in styles
    ]


@pytest.mark.parametrize("machine", MACHINES)
def test_machine_has_its_words_mails_and_looks(machine: type[Machine]) -> None:
    missing = missing_texts(machine) + missing_mails(machine) + missing_looks(machine)
    assert not missing, "\n".join(["", *missing])


def test_what_is_missing_is_named_with_its_file() -> None:
    texts = (
        "errand.state.waiting.candidate",
        "errand.state.waiting.recruiter",
        "errand.state.done.candidate",
        "errand.state.done.recruiter",
        "errand.event.begin",
        "errand.event.finish",
        "errand.done.finish",
    )
    assert missing_texts(Errand) == [
        f"{text} has no words: add it to workflow/language/{language}.po"
        for language in ("en", "fr")
        for text in texts
    ]
    assert missing_mails(Errand) == [
        (
            "errand: finish tells errand_finished, which nobody carries out: "
            "add subject.txt, body.txt, body.html in workflow/messages/errand_finished/"
        )
    ]
    assert missing_looks(Errand) == [
        "the state waiting has no colour: add .tone-waiting to web/static/css/status.css",
        "the state done has no colour: add .tone-done to web/static/css/status.css",
    ]


def test_machines_texts_and_mails_are_only_what_machines_need() -> None:
    told = {kind for machine in MACHINES for _, kind in told_kinds(machine)}
    assert rendering.kinds() - ABOUT_ACCOUNTS == told - IndexKeeper.kinds - WebhookSender.kinds
    assert set(EVENTS) == WebhookSender.kinds == told & WebhookSender.kinds
    assert rendering.kinds() == Relay.kinds


@pytest.mark.parametrize("kind", sorted(rendering.kinds()))
def test_mail_has_all_its_parts(kind: str) -> None:
    assert [part for part in PARTS if not (MESSAGES / kind / part).is_file()] == []


@pytest.mark.parametrize("machine", MACHINES)
def test_programs_are_told_events_and_nobody_else_is(machine: type[Machine]) -> None:
    rules = [rule.tells for rule in machine.rules.values()]
    told = {(audience, kind) for tells in rules for audience, kind in tells.items()}
    assert {audience for audience, kind in told if kind in EVENTS} == {PROGRAMS}
    assert {kind for audience, kind in told if audience == PROGRAMS} <= set(EVENTS)


@pytest.mark.parametrize("machine", MACHINES)
def test_roles_of_a_machine_are_known(machine: type[Machine]) -> None:
    assert {role for rule in machine.rules.values() for role in rule.by} - set(ROLES) == set()


@pytest.mark.parametrize("machine", MACHINES)
def test_timer_fires_what_the_portal_itself_may_fire(machine: type[Machine]) -> None:
    fired = {name: timer for name, timer in machine.timers.items() if timer.fires}
    possible = {
        name for name, timer in fired.items() if timer.fires in machine.moves_from(timer.state, SYSTEM)
    }
    assert possible == set(fired)


@pytest.mark.parametrize("machine", MACHINES)
def test_guards_say_what_they_ask_for(machine: type[Machine]) -> None:
    assert [name for name, meaning in guard_meanings(machine).items() if not meaning] == []


def test_confirmed_events_are_those_of_recruiters() -> None:
    assert confirmed_events(Errand) == {"finish"}
