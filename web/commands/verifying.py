"""`vivier verify-history`: doubts every history, shows how far it is, names what is wrong."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn

from web.cli import Refused
from web.commands.database import ready_database
from workflow.database.connection import write_transaction
from workflow.engine.broken_seals import NO_CHECKPOINT
from workflow.engine.checkpoints import extend, newest_checkpoints
from workflow.engine.records import Fault
from workflow.engine.seals import Checkpoint
from workflow.engine.verification import subjects_there_are, verify
from workflow.machines import MACHINES
from workflow.settings import Settings
from workflow.terms import terms_of

_SHOWN = 1_000


@dataclass
class _Findings:
    """What a verification has brought so far; of very many faults only the first are kept."""

    subjects: int = 0
    steps: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)
    checkpoint: Checkpoint | None = None

    @property
    def lacks_only_a_checkpoint(self) -> bool:
        return self.faults == [NO_CHECKPOINT]


def verify_history(
    settings: Settings, *, checkpoint: bool, remembered: tuple[str, ...], as_json: bool
) -> None:
    """`vivier verify-history`. Exit code 1 when anything is wrong."""
    witnesses = _witnesses(remembered)
    with Progress(
        TextColumn("Verifying"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        console=Console(stderr=True),
        disable=not Console(stderr=True).is_terminal,
        transient=True,
    ) as bar:
        findings = asyncio.run(_verified(settings, bar, witnesses, takes_checkpoint=checkpoint))
    if as_json:
        click.echo(json.dumps(_as_json(findings), indent=2))
        sys.exit(1 if findings.count else 0)
    _show(findings)


def _witnesses(remembered: tuple[str, ...]) -> dict[int, str]:
    """Checkpoints as a log has them, by number."""
    witnesses = {}
    for text in remembered:
        number, _, mac = text.partition(":")
        if not number.isdecimal() or len(number) > 9 or not mac:
            raise Refused(f"{text} is not a checkpoint: write NUMBER:SEAL, as the worker's log has it.")
        witnesses[int(number)] = mac
    return witnesses


async def _verified(
    settings: Settings, bar: Progress, remembered: Mapping[int, str], *, takes_checkpoint: bool
) -> _Findings:
    findings, key = _Findings(), terms_of(settings).history_key
    async with ready_database(settings):
        task = bar.add_task("", total=await subjects_there_are(MACHINES))
        async for part in verify(MACHINES, key, remembered=remembered):
            findings.subjects += part.subjects
            findings.steps += part.steps
            findings.count += len(part.faults)
            findings.faults += part.faults[: _SHOWN - len(findings.faults)]
            bar.update(task, advance=part.subjects)
        if takes_checkpoint and (not findings.count or findings.lacks_only_a_checkpoint):
            await extend(transaction=write_transaction, key=key, now=datetime.now(UTC), first=True)
            findings.faults, findings.count = [], 0
        if not findings.count:
            findings.checkpoint = next(iter(await newest_checkpoints(1)), None)
    return findings


def _show(findings: _Findings) -> None:
    for fault in findings.faults:
        click.echo(str(fault))
    if findings.count > len(findings.faults):
        click.echo(f"… and {findings.count - len(findings.faults)} more")
    seen = f"{findings.subjects} histories with {findings.steps} steps"
    if findings.count:
        count = "1 fault" if findings.count == 1 else f"{findings.count} faults"
        raise Refused("\n".join([f"{count} in {seen}.", *_advice(findings)]))
    click.echo(f"{seen}: all in order.")
    if last := findings.checkpoint:
        click.echo(
            f"Checkpoint {last.number} of {last.taken_at:%Y-%m-%d %H:%M} UTC seals {last.subjects} of them: "
            f"{last.number}:{last.mac}"
        )


def _advice(findings: _Findings) -> list[str]:
    if findings.lacks_only_a_checkpoint:
        return [
            "Everything else is in order. Checkpoints were removed, or none was ever taken.",
            "If you know why, begin anew with: vivier verify-history --checkpoint",
        ]
    advice = []
    rows = [fault for fault in findings.faults if fault.row_id]
    if len(findings.faults) > 1 and rows:
        advice.append(f"The oldest row named: {min(rows, key=lambda fault: fault.row_id or 0)}")
    return [*advice, "What to do: docs/howto/verify-the-history.md"]


def _as_json(findings: _Findings) -> dict[str, Any]:
    """Instants and ids as texts."""
    last = findings.checkpoint
    return {
        "subjects": findings.subjects,
        "steps": findings.steps,
        "count": findings.count,
        "faults": [
            asdict(fault) | {"subject_id": str(fault.subject_id) if fault.subject_id else None}
            for fault in findings.faults
        ],
        "checkpoint": asdict(last) | {"taken_at": last.taken_at.isoformat()} if last else None,
    }
