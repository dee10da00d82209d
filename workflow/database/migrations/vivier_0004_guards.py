"""What the first guards left open: the words of notes, and those that applications and offers belong to."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import refusal, run_for_dialect

ID = "0004"
VERSION = "1.38.0"
DESCRIPTION = "Words of notes never change, and nobody whom an application belongs to goes"

_NOT_OF_A_STEP = """
    NOT EXISTS (SELECT 1 FROM history h WHERE h.id = NEW.history AND h.note_digest <> '')
    OR EXISTS (SELECT 1 FROM history_note n WHERE n.history = NEW.history OR n.id = NEW.id)
"""

_IN_USE = {
    "candidate": "EXISTS (SELECT 1 FROM application a WHERE a.candidate = OLD.id)",
    "unit": "EXISTS (SELECT 1 FROM offer o WHERE o.unit = OLD.id)",
    "document": "EXISTS (SELECT 1 FROM application a WHERE a.covering_letter = OLD.id OR a.cv = OLD.id)",
}
"""The foreign keys say it too, but SQLite asks them only on connections that switch them on."""


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        guards = [
            refusal(
                "history_note_begins",
                table="history_note",
                on="INSERT",
                when=_NOT_OF_A_STEP,
                message="history_note: words are written once, with their step",
            ),
            refusal(
                "history_note_unchanged",
                table="history_note",
                on="UPDATE",
                message="history_note: words may be erased, never changed",
            ),
        ]
        for table, in_use in _IN_USE.items():
            guards += [
                refusal(
                    f"{table}_stays",
                    table=table,
                    on="DELETE",
                    when=in_use,
                    message=f"{table}: one that is in use is never deleted",
                ),
                refusal(
                    f"{table}_identity",
                    table=table,
                    on="UPDATE",
                    when="NEW.id <> OLD.id",
                    message=f"{table}: an id never changes",
                ),
            ]
        for sqlite, postgres in guards:
            await run_for_dialect(sqlite=sqlite, postgres=postgres)

    manager.add_raw(run)
    return manager
