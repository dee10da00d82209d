"""`vivier machines`: what operators read, and the documents that are made of it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli import main
from web.commands.machines import documents
from workflow.engine.machine import Machine
from workflow.language import LANGUAGES
from workflow.machines import MACHINES, told_kinds
from workflow.messages.rendering import kinds, subject_line

DOCUMENTS = Path(__file__).parents[2] / "docs" / "machines"


def table_of(text: str) -> list[list[str]]:
    """The cells of all tables of a Markdown page."""
    return [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:1] == "|"
    ]


def test_terminal_shows_moves_timers_and_who_is_told() -> None:
    shown = CliRunner().invoke(main, ["machines"], env={"COLUMNS": "200"})
    assert (shown.exit_code, shown.output.splitlines()[0]) == (0, "application: what may happen")
    for piece in (
        """
under_consideration
  reject → rejected, with a note
      by     recruiter, administrator
      tells  candidate: application_rejected (after the grace period)
""",
        """
  withdraw → withdrawn
      by     candidate
      tells  candidate: application_withdrawn
      tells  employer: withdrawal_message
      tells  candidate_copy: withdrawal_message_copy
""",
        """
offer: what happens by itself

draft
  publish: The hour that was set for it, if one was
      fires  publish

published
  close: The end of the last day to apply
      fires  close
""",
    ):
        assert piece in shown.output


@pytest.mark.parametrize("columns", [80, 50])
def test_narrow_terminal_gets_whole_words(columns: int) -> None:
    wide, narrow = (
        CliRunner().invoke(main, ["machines"], env={"COLUMNS": str(width)}).output for width in (200, columns)
    )
    assert narrow.split() == wide.split()
    longest = max(map(len, wide.split()))
    assert max(map(len, narrow.splitlines())) <= max(columns, len("      tells  candidate: ") + longest)


def test_help_tells_each_command_in_a_whole_sentence() -> None:
    shown = CliRunner().invoke(main, ["--help"], env={"COLUMNS": "80"}, terminal_width=80)
    assert [line for line in shown.output.partition("Commands:")[2].splitlines() if line.endswith("..")] == []


def test_written_documents_are_those_of_the_repository(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["machines", "--write", str(tmp_path / "machines")], catch_exceptions=False)
    written = {path.name: path.read_text() for path in (tmp_path / "machines").iterdir()}
    assert written == documents()
    there = {path.name: path.read_text() for path in DOCUMENTS.iterdir()}
    stale = sorted(name for name in written.keys() | there.keys() if written.get(name) != there.get(name))
    assert not stale, f"docs/machines is stale ({', '.join(stale)}). Run: make docs"


@pytest.mark.parametrize("machine", MACHINES)
def test_page_of_mails_tells_every_mail_of_every_event(machine: type[Machine]) -> None:
    told = {
        (row[1], row[2], row[3]) for row in table_of(documents()["mails.md"]) if row[0] == machine.subject
    }
    assert told == {
        (name, audience, kind)
        for name, tells in (
            *((event, rule.tells) for event, rule in machine.rules.items()),
            *((f"timer `{name}", timer.tells) for name, timer in machine.timers.items()),
        )
        for audience, kind in tells.items()
        if kind in kinds()
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(kinds()))
def test_subject_line_names_its_parameters(kind: str, language: str) -> None:
    line = subject_line(kind, language)
    assert ("[offer_title] ([offer_reference])" in line) is (kind in told_kinds())
    assert "%" not in line
