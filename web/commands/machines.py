"""`vivier machines`: what every machine allows and tells, for operators at the terminal and for the documentation."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import click

from web.commands.lines import wrapped
from workflow.engine.description import Vocabulary, arrows, meaning, reached
from workflow.engine.documentation import markdown_table, page
from workflow.engine.drawing.journey import Words
from workflow.engine.drawing.picture import draw
from workflow.engine.machine import UNDO, Machine, Rule
from workflow.language import DEFAULT, LANGUAGES, say
from workflow.machines import AUDIENCES, MACHINES
from workflow.messages.occasions import OCCASIONS
from workflow.messages.policies import InDoubt, policy_of
from workflow.messages.rendering import kinds, subject_line
from workflow.roles import RECRUITER, ROLES
from workflow.settings import Settings

_WORDS = Vocabulary(say, LANGUAGES, AUDIENCES, ROLES)
_BY = "make docs"
_NOTICE = f"Generated from the machines by `{_BY}`; change the machines, not this page."
_TREATMENT = (
    "Urgent mails go first, bulk ones last. When a connection breaks before the server has said whether it took a "
    "mail, it is either sent again, the same to the byte, or held until an administrator decides."
)
_AT_ONCE, _AFTER_GRACE, _BY_TIMER = "at once", "after the grace period", "when the timer is due"


def describe(_settings: Settings, *, folder: Path | None) -> None:
    """Write the documents about the machines into a folder, or, without one, print what they say."""
    if folder is None:
        for machine in MACHINES:
            click.echo("\n".join(_told_of(machine)))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")


def documents() -> dict[str, str]:
    """Every generated document about the machines: file name → text, the same on every machine."""
    return {
        "README.md": _index(),
        "mails.md": _mails(),
        **{f"{machine.subject}.md": _page(machine) for machine in MACHINES},
        **{_drawing(machine): _drawn(machine) for machine in MACHINES},
    }


def _told_of(machine: type[Machine]) -> Iterator[str]:
    """What may happen in each state, by whom or by itself, and who hears of it."""
    yield from _moves(machine)
    if machine.timers:
        yield from _timers(machine)


def _moves(machine: type[Machine]) -> Iterator[str]:
    yield f"{machine.subject}: what may happen"
    for state, leaving in groupby(arrows(machine), key=lambda arrow: arrow.from_state):
        yield f"\n{state or '(before it is there)'}"
        for arrow in leaving:
            rule = machine.rules[arrow.event]
            yield wrapped(reached(machine, arrow), begin=f"{arrow.event} → ", indent=2)
            yield wrapped(", ".join(role for role in ROLES if role in rule.by), begin="by     ", indent=6)
            yield from _tells(rule.tells, _when(arrow.event, rule))
    yield ""


def _timers(machine: type[Machine]) -> Iterator[str]:
    yield f"{machine.subject}: what happens by itself"
    for state, timers in groupby(machine.timers.items(), key=lambda item: item[1].state):
        yield f"\n{state}"
        for name, timer in timers:
            yield wrapped(meaning(timer.due), begin=f"{name}: ", indent=2)
            if timer.fires:
                yield wrapped(timer.fires, begin="fires  ", indent=6)
            yield from _tells(timer.tells, _AT_ONCE)
    yield ""


def _tells(tells: Mapping[str, str], when: str) -> Iterator[str]:
    later = "" if when == _AT_ONCE else f" ({when})"
    for audience, kind in tells.items():
        yield wrapped(f"{audience}: {kind}{later}", begin="tells  ", indent=6)


def _page(machine: type[Machine]) -> str:
    return page(machine, _WORDS, generated_by=_BY, drawing=_drawing(machine))


def _drawing(machine: type[Machine]) -> str:
    return f"{machine.subject}.svg"


def _drawn(machine: type[Machine]) -> str:
    words = Words(
        state=lambda state: say(DEFAULT, machine.state_message(state, RECRUITER)),
        event=lambda event: say(DEFAULT, machine.event_message(event)),
    )
    title = f"The machine {machine.subject}"
    return draw(machine, words, title=title, sideways=True, standalone=True) + "\n"


def _index() -> str:
    pages = [f"- [`{machine.subject}`]({machine.subject}.md)" for machine in MACHINES]
    lines = ["# Machines", _NOTICE, "\n".join(pages), "[Which event sends which mail to whom](mails.md)"]
    return "\n\n".join(lines) + "\n"


def _mails() -> str:
    told = [row for machine in MACHINES for row in _told_by(machine) if row[3].strip("`") in kinds()]
    others = sorted(kinds() - {row[3].strip("`") for row in told})
    occasions = [(f"`{kind}`", OCCASIONS[kind].to, OCCASIONS[kind].when) for kind in others]
    lines = [
        "# Which event sends which mail to whom",
        _NOTICE,
        markdown_table(("Machine", "Event or timer", "To", "Mail", "When"), told),
        "A command may leave one out, as a withdrawal without a message does.",
        "## Mails that no machine tells",
        "Commands and the worker send them, at once:",
        markdown_table(("Mail", "To", "When"), occasions),
        "## Their subjects, and how they are treated",
        _TREATMENT,
        markdown_table(
            ("Mail", *LANGUAGES.values(), "Priority", "In doubt"),
            [(f"`{kind}`", *_named(kind), *_treated(kind)) for kind in sorted(kinds())],
        ),
    ]
    return "\n\n".join(lines) + "\n"


def _named(kind: str) -> Iterator[str]:
    return (subject_line(kind, language) for language in LANGUAGES)


def _treated(kind: str) -> tuple[str, str]:
    policy = policy_of(kind)
    return policy.priority.name.lower(), "sent again" if policy.in_doubt is InDoubt.RESEND else "held"


def _told_by(machine: type[Machine]) -> Iterator[tuple[str, str, str, str, str]]:
    for event, rule in machine.rules.items():
        for audience, kind in rule.tells.items():
            yield f"`{machine.subject}`", f"`{event}`", audience, f"`{kind}`", _when(event, rule)
    for name, timer in machine.timers.items():
        for audience, kind in timer.tells.items():
            yield f"`{machine.subject}`", f"timer `{name}`", audience, f"`{kind}`", _BY_TIMER


def _when(event: str, rule: Rule) -> str:
    return _AFTER_GRACE if rule.held and event != UNDO else _AT_ONCE
