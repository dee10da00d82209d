"""The page of documentation that a machine makes of itself."""

import inspect
from collections.abc import Mapping, Sequence

from workflow.engine.description import (
    FORBIDDEN,
    ILLEGAL,
    NOTE,
    UNTOLD,
    Vocabulary,
    guard_meanings,
    meaning,
    mermaid,
    table,
)
from workflow.engine.machine import UNDO, Machine


def page(machine: type[Machine], words: Vocabulary, *, generated_by: str, drawing: str = "") -> str:
    """The documentation of a machine in Markdown. `drawing`: the address of its picture, if there is one."""
    language, audience = next(iter(words.languages)), words.audiences[-1]
    parts = [
        f"# The machine `{machine.subject}`",
        f"Generated from `{machine.__name__}` by `{generated_by}`; change the machine, not this page.",
        " ".join((inspect.getdoc(machine) or "").split()),
        f"![The machine {machine.subject}]({drawing})" if drawing else "",
        f"```mermaid\n{mermaid(machine, words, language, audience)}```",
        _section("States", *_states(machine, words)),
        _section("Events", *_events(machine, words)),
        _section("Guards", ("Guard", "It holds when"), _guard_rows(machine)),
        _section("Timers", *_timers(machine)),
        _section("Every state, event and role", *_moves(machine, words.roles), about=_LEGEND),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as GitHub reads it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _told(tells: Mapping[str, str]) -> str:
    return "<br>".join(f"{audience}: `{kind}`" for audience, kind in tells.items())


_LEGEND = f"""\
The first line is how a subject comes into being. A cell names the state that the event leads to, or says why it
leads nowhere:

- “{ILLEGAL}”: the event does not exist in this state (`illegal-event`)
- “{FORBIDDEN}”: it does, but this role may not fire it (`event-forbidden`)

and on what conditions:

- “{NOTE}”: without one it is refused (`note-missing`)
- “{UNTOLD}”: later it is refused (`undo-too-late`)
- “if …”: a guard decides, see above"""


_Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def _states(machine: type[Machine], words: Vocabulary) -> _Table:
    readers = [(audience, language) for audience in words.audiences for language in words.languages]
    rows = [
        (
            f"`{state}`",
            ", ".join(f"`{name}`" for name, group in machine.groups.items() if state in group),
            *(words.say(language, machine.state_message(state, audience)) for audience, language in readers),
        )
        for state in machine.state_ids()
    ]
    return ("State", "Group", *(f"{audience} ({language})" for audience, language in readers)), rows


def _events(machine: type[Machine], words: Vocabulary) -> _Table:
    rows = [
        (
            f"`{event}`",
            *(words.say(language, machine.event_message(event)) for language in words.languages),
            ", ".join(role for role in words.roles if role in rule.by),
            "needed" if rule.needs_note else "",
            "never" if event == UNDO else "after the grace period" if rule.held else "at once",
            _told(rule.tells),
            f"`{rule.stamps}`" if rule.stamps else "",
        )
        for event, rule in machine.rules.items()
    ]
    return (
        "Event",
        *(f"Button ({language})" for language in words.languages),
        "By",
        "Note",
        "Told",
        "Tells whom what",
        "Stamps",
    ), rows


def _guard_rows(machine: type[Machine]) -> Sequence[Sequence[str]]:
    return [(f"`{name}`", meaning) for name, meaning in guard_meanings(machine).items()]


def _timers(machine: type[Machine]) -> _Table:
    rows = [
        (
            f"`{name}`",
            f"`{timer.state}`",
            meaning(timer.due),
            f"`{timer.fires}`" if timer.fires else "",
            _told(timer.tells),
        )
        for name, timer in machine.timers.items()
    ]
    return ("Timer", "In state", "Due", "Fires", "Tells whom what"), rows


def _moves(machine: type[Machine], roles: Sequence[str]) -> _Table:
    rows = [
        (f"`{row.state}`" if row.state else "", f"`{row.event}`", *row.cells) for row in table(machine, roles)
    ]
    return ("State", "Event", *roles), rows


def _section(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, about: str = "") -> str:
    if not rows:
        return ""
    return "\n\n".join(part for part in (f"## {title}", about, markdown_table(headings, rows)) if part)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
