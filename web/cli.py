"""The command `vivier`: what operators type. What each command does lies in `web.commands`."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import click

from workflow.settings import SettingsError
from workflow.settings import settings as current_settings


class Refused(click.ClickException):
    """A command that cannot be carried out; the message says what to do."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message, and nothing else, to the standard error."""
        click.echo(f"vivier: {self.format_message()}", file=file, err=file is None)


class WrongSettings(Refused):
    """No command can be carried out with these settings."""

    exit_code = 2


def _carry_out(command: str, **options: Any) -> None:
    """Call `module:function` of `web.commands` with the settings.

    Imported only now: the tables take their database from the settings as they are imported, and
    settings that cannot be used must end in one message.
    """
    try:
        settings = current_settings()
    except SettingsError as error:
        raise WrongSettings(str(error)) from None
    module, _, name = command.partition(":")
    function: Callable[..., None] = getattr(import_module(f"web.commands.{module}"), name)
    function(settings, **options)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="vivier")
def main() -> None:
    """Vivier, a careers portal: run it, fill it, look after it.

    Everything that can be set is a VIVIER_… environment variable: see `vivier settings`.
    """


@main.command()
@click.option("--demo", is_flag=True, help="Load the demo set-up when the database is empty.")
def up(*, demo: bool) -> None:
    """Run everything, until Ctrl-C."""
    _carry_out("up:run_everything", demo=demo)


@main.command()
def web() -> None:
    """Serve the pages and the API."""
    _carry_out("serving:serve_web")


@main.command()
def worker() -> None:
    """Send the mails, keep the index, watch the calendar."""
    _carry_out("serving:work")


@main.command()
def migrate() -> None:
    """Make the database, or bring it to its newest form."""
    _carry_out("filling:migrate_database")


@main.command()
def demo() -> None:
    """Load the demo set-up, once."""
    _carry_out("filling:load_demonstration")


@main.command("import-offers")
@click.argument("file", type=click.File("rb"))
@click.option("--shift-dates", is_flag=True, help="Move all days so that the newest offer is of today.")
@click.option("--strict", is_flag=True, help="Import nothing if any row is refused.")
def import_offers(file: IO[bytes], *, shift_dates: bool, strict: bool) -> None:
    """Bring in offers from a CSV or JSON file.

    FILE may be - for the standard input. docs/import.md has the format.
    """
    _carry_out("importing:import_file", file=file, shift_dates=shift_dates, strict=strict)


@main.command("rebuild-index")
def rebuild_index() -> None:
    """Build the search index anew, beside the old one.

    The old one answers until the new one is whole; to interrupt this changes nothing.
    """
    _carry_out("indexing:rebuild_search_index")


@main.command("verify-history")
@click.option(
    "--checkpoint", is_flag=True, help="If all is in order, seal it by a checkpoint, the first one too."
)
@click.option(
    "--remembered",
    multiple=True,
    metavar="NUMBER:SEAL",
    help="A checkpoint as a log has it; can be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify_history(*, checkpoint: bool, remembered: tuple[str, ...], as_json: bool) -> None:
    """Prove that nobody changed what has happened.

    Goes through every history, every row that it led to, and the checkpoints; names the first row that
    is wrong in each, and ends with 1 if there is any. docs/howto/verify-the-history.md has more.
    """
    _carry_out("verifying:verify_history", checkpoint=checkpoint, remembered=remembered, as_json=as_json)


@main.command("create-recruiter")
@click.option("--email", required=True, help="The address to log in with.")
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--unit", "units", multiple=True, metavar="CODE", help="A unit of theirs; can be repeated.")
@click.option("--administrator", is_flag=True, help="They see every unit.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def create_recruiter(**options: Any) -> None:
    """Make an account for the console.

    The password is asked for, or read with --password-stdin.
    """
    _carry_out("filling:make_recruiter", **options)


@main.command()
def doctor() -> None:
    """Look at all that the portal needs."""
    _carry_out("diagnosis:examine")


@main.command()
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the documents of docs/machines into this folder instead.",
)
def machines(*, folder: Path | None) -> None:
    """Show what may happen in each state, and by whom.

    Of applications and of offers: the events, who may fire them and who is told, and what happens by itself.
    """
    _carry_out("machines:describe", folder=folder)


@main.command()
@click.option(
    "-n", "--number", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many to show."
)
def timers(*, number: int) -> None:
    """Show what will happen by itself, and what could not.

    What failed stands first, with its reason, then what comes next.
    """
    _carry_out("timers:show_timers", number=number)


@main.command()
@click.option(
    "-n", "--number", type=click.IntRange(1, 100_000), default=14, show_default=True, help="How many to show."
)
def alerts(*, number: int) -> None:
    """Show the last runs of alerts, and the next."""
    _carry_out("alerts:show_alert_runs", number=number)


@main.command("settings")
@click.option("--markdown", is_flag=True, help="As docs/settings.md has it: without values.")
def show_settings(*, markdown: bool) -> None:
    """Show all settings; secrets stay hidden."""
    module = import_module("web.commands.settings_table")
    if markdown:
        click.echo(module.settings_in_markdown(), nl=False)
    else:
        module.show_table()


if __name__ == "__main__":
    main()
