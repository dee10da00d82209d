"""Every way around the machines that SQL has words for, each with what the database says to it (C10).

Places: `{reject}` an application at version 3, rejected; `{alone}` one at version 1 whose next step stands in the
history already, though nothing moved; `{other}` another one at version 1; `{begun}` and `{odd}` ids of which the
history has a first step, submitted and successful, and nothing else; `{nobody}` an id that is nowhere.
"""

from workflow.engine.tables import History

BEGINS = "application: a row begins in the state submitted, together with its history"
MOVES = "application: the status changes only through its state machine"
WHOSE = "application: whose it is never changes"
STAYS = "application: rows are never deleted"
OFFER_BEGINS = "offer: a row begins in the state draft, together with its history"
OFFER_MOVES = "offer: the status changes only through its state machine"
OFFER_WHOSE = "offer: whose it is never changes"
OFFER_STAYS = "offer: rows are never deleted"
FOLLOWS = "history: each step follows the last one"
UNCHANGED = "history: rows never change"
HISTORY_STAYS = "history: rows are never deleted"
WORDS_ONCE = "history_note: words are written once, with their step"
WORDS_UNCHANGED = "history_note: words may be erased, never changed"

_APPLICATION = (
    "INSERT INTO application (id, candidate, offer, status, version, covering_letter, covering_letter_text, cv, "
    "cv_url, submitted_at) SELECT {id}, candidate, offer, {status}, {version}, covering_letter, "
    "covering_letter_text, cv, cv_url, submitted_at FROM application WHERE id = '{other}'"
)
_STEP = (
    "INSERT INTO history (subject_type, subject_id, version, event, from_state, to_state, actor_id, role, at, "
    "announce_at, note_digest, digest) SELECT subject_type, subject_id, {version}, 'accept', {before}, "
    "'successful', actor_id, role, at, announce_at, note_digest, digest FROM history "
    "WHERE subject_id = '{reject}' AND version = 3"
)
_HISTORY_COLUMNS = [column._meta.db_column_name for column in History._meta.columns]
_OFFER_COLUMNS = (
    "title_fr, title_en, description_fr, description_en, job_type, region, city, country, contract, work_time, "
    "salary, experience, closes_on, positions, tells_contact, created_at"
)


def an_application(
    row: str = "'{nobody}'", status: str = "'submitted'", version: str = "1", more: str = ""
) -> str:
    """Writing an application that nobody submitted."""
    return _APPLICATION.replace("{id}", row).replace("{status}", status).replace("{version}", version) + more


def a_step(version: str, before: str, more: str = "") -> str:
    """Writing a step that nobody took."""
    return _STEP.replace("{version}", version).replace("{before}", before) + more


def an_offer(row: str, reference: str, status: str = "draft", more: str = "") -> str:
    """Writing an offer that nobody created."""
    return (
        f"INSERT INTO offer (id, reference, status, version, unit, {_OFFER_COLUMNS}) SELECT '{row}', "
        f"'{reference}', '{status}', 1, unit, {_OFFER_COLUMNS} FROM offer WHERE reference = 'REF-1'{more}"
    )


def _set_status(status: str, version: str, where: str) -> str:
    return f"UPDATE application SET status = '{status}', version = {version} WHERE {where}"


STATUS = {
    "UPDATE application SET status = 'successful'": MOVES,
    "UPDATE application SET status = 'under_consideration' WHERE id = '{alone}'": MOVES,
    "UPDATE application SET version = 2 WHERE id = '{alone}'": MOVES,
    "UPDATE application SET version = version - 1 WHERE id = '{reject}'": MOVES,
    _set_status("successful", "version + 1", "id = '{reject}'"): MOVES,
    _set_status("successful", "2", "id = '{alone}'"): MOVES,
    _set_status("under_consideration", "3", "id = '{alone}'"): MOVES,
    _set_status("under_consideration", "2", "id = '{other}'"): MOVES,
    _set_status("under_consideration", "2", "id IN ('{alone}', '{other}')"): MOVES,
    _set_status("under_consideration", "2", "version IN (2, 1)"): MOVES,
    _set_status("submitted", "1", "id = '{reject}'"): MOVES,
    _set_status("under_consideration", "2", "id = '{reject}'"): MOVES,
    "UPDATE application SET status = CASE id WHEN '{alone}' THEN 'under_consideration' ELSE 'successful' END, "
    "version = version + 1": MOVES,
    "UPDATE offer SET status = 'archived'": OFFER_MOVES,
    "UPDATE offer SET status = 'closed', version = version + 1": OFFER_MOVES,
    "UPDATE offer SET version = version + 1": OFFER_MOVES,
    "UPDATE offer SET status = 'draft', version = 1": OFFER_MOVES,
}

BELONGING = {
    "UPDATE application SET id = '{nobody}' WHERE id = '{alone}'": WHOSE,
    "UPDATE application SET candidate = (SELECT candidate FROM application WHERE id = '{other}')": WHOSE,
    "UPDATE application SET offer = (SELECT id FROM offer WHERE reference = 'REF-2')": WHOSE,
    "UPDATE application SET submitted_at = '2020-01-01 00:00:00+00:00'": WHOSE,
    "UPDATE offer SET id = '{nobody}' WHERE reference = 'REF-2'": OFFER_WHOSE,
    "UPDATE offer SET reference = 'REF-9' WHERE reference = 'REF-2'": OFFER_WHOSE,
    "UPDATE candidate SET id = '{nobody}' WHERE first_name = 'Zoé'": "candidate: an id never changes",
    "UPDATE document SET id = '{nobody}'": "document: an id never changes",
    "UPDATE unit SET id = id + 100": "unit: an id never changes",
}

DELETING = {
    "DELETE FROM application": STAYS,
    "DELETE FROM application WHERE id = '{reject}'": STAYS,
    "DELETE FROM offer": OFFER_STAYS,
    "DELETE FROM offer WHERE reference = 'REF-2'": OFFER_STAYS,
    "DELETE FROM candidate": "candidate: one that is in use is never deleted",
    "DELETE FROM unit": "unit: one that is in use is never deleted",
    "DELETE FROM document": "document: one that is in use is never deleted",
    "DELETE FROM history": HISTORY_STAYS,
    "DELETE FROM history WHERE subject_id = '{reject}' AND version = 3": HISTORY_STAYS,
    "DELETE FROM history WHERE subject_id = '{begun}'": HISTORY_STAYS,
}

BEGINNING = {
    an_application(status="'successful'"): BEGINS,
    an_application(): BEGINS,
    an_application("'{odd}'", "'successful'"): BEGINS,
    an_application("'{odd}'"): BEGINS,
    an_application("'{begun}'", "'rejected'"): BEGINS,
    an_application("'{begun}'", version="2"): BEGINS,
    an_application("'{alone}'"): BEGINS,
    "INSERT INTO application SELECT * FROM application": BEGINS,
    an_offer("{nobody}", "REF-9"): OFFER_BEGINS,
    an_offer("{nobody}", "REF-9", "published"): OFFER_BEGINS,
    an_offer("{begun}", "REF-9"): OFFER_BEGINS,
}

HISTORY = {
    **{f"UPDATE history SET {column} = {column}": UNCHANGED for column in _HISTORY_COLUMNS},
    "UPDATE history SET event = 'accept', to_state = 'successful' WHERE version = 3": UNCHANGED,
    a_step("5", "'rejected'"): FOLLOWS,
    a_step("4", "'submitted'"): FOLLOWS,
    a_step("3", "'under_consideration'"): FOLLOWS,
    a_step("1", "''"): FOLLOWS,
    a_step("0", "''"): FOLLOWS,
    a_step("-1", "''"): FOLLOWS,
    "UPDATE history_note SET words = 'Excellent.'": WORDS_UNCHANGED,
    "UPDATE history_note SET salt = 'x'": WORDS_UNCHANGED,
    "UPDATE history_note SET history = history": WORDS_UNCHANGED,
    "UPDATE history_note SET id = id + 100": WORDS_UNCHANGED,
    "INSERT INTO history_note (history, salt, words) SELECT history, salt, 'No.' FROM history_note": WORDS_ONCE,
    "INSERT INTO history_note (history, salt, words) SELECT id, 'x', 'No.' FROM history "
    "WHERE subject_id = '{other}'": WORDS_ONCE,
}

UPSERTS = {
    an_application(
        "id", "'successful'", "version", " ON CONFLICT (id) DO UPDATE SET status = 'successful'"
    ): BEGINS,
    an_application(
        "id", "status", "version", " ON CONFLICT (id) DO UPDATE SET status = 'successful', version = 2"
    ): BEGINS,
    an_application("'{nobody}'", more=" ON CONFLICT DO NOTHING"): BEGINS,
    a_step(
        "3",
        "'under_consideration'",
        " ON CONFLICT (subject_type, subject_id, version) DO UPDATE SET event = 'accept'",
    ): FOLLOWS,
    an_offer(
        "{drawn}", "REF-2", more=" ON CONFLICT (reference) DO UPDATE SET status = 'archived', version = 3"
    ): OFFER_MOVES,
    "INSERT INTO history_note (history, salt, words) SELECT history, salt, 'No.' FROM history_note "
    "WHERE true ON CONFLICT (history) DO UPDATE SET words = 'No.'": WORDS_ONCE,
}

ON_SQLITE = {
    an_application("id", "'submitted'", "1").replace("INSERT", "INSERT OR REPLACE", 1): BEGINS,
    an_application("id", "'successful'", "2").replace("INSERT", "REPLACE", 1): BEGINS,
    an_application().replace("INSERT", "INSERT OR IGNORE", 1): BEGINS,
    "UPDATE OR REPLACE application SET status = 'successful'": MOVES,
    "UPDATE OR IGNORE application SET status = 'successful'": MOVES,
    "UPDATE OR FAIL application SET version = 2, status = 'under_consideration'": MOVES,
    "UPDATE OR ROLLBACK application SET status = 'successful'": MOVES,
    "UPDATE OR REPLACE application SET id = '{other}' WHERE id = '{alone}'": WHOSE,
    "UPDATE OR REPLACE offer SET reference = 'REF-1'": OFFER_WHOSE,
    "REPLACE INTO offer SELECT * FROM offer": OFFER_BEGINS,
    "REPLACE INTO history SELECT * FROM history": FOLLOWS,
    "REPLACE INTO history_note SELECT * FROM history_note": WORDS_ONCE,
}

ON_POSTGRES = {
    "TRUNCATE application, application_note, application_rating, batch_item": STAYS,
    "TRUNCATE application CASCADE": STAYS,
    "TRUNCATE offer CASCADE": OFFER_STAYS,
    "TRUNCATE history, history_note": HISTORY_STAYS,
    "TRUNCATE history CASCADE": HISTORY_STAYS,
    "TRUNCATE candidate CASCADE": STAYS,
    "TRUNCATE document CASCADE": STAYS,
    "TRUNCATE unit CASCADE": OFFER_STAYS,
    "MERGE INTO application a USING history h ON h.subject_id = a.id WHEN MATCHED THEN "
    "UPDATE SET status = 'successful'": MOVES,
    "MERGE INTO application a USING history h ON h.subject_id = a.id WHEN MATCHED THEN DELETE": STAYS,
    "WITH step AS (SELECT * FROM history) UPDATE application SET status = to_state, version = step.version + 2 "
    "FROM step WHERE subject_id = application.id": MOVES,
    "WITH gone AS (DELETE FROM history RETURNING *) SELECT count(*) FROM gone": HISTORY_STAYS,
    "DO $$ BEGIN UPDATE application SET status = 'successful'; END $$": MOVES,
}

AS_A_STRANGER = {
    "ALTER TABLE application DISABLE TRIGGER ALL": "must be owner of table application",
    "ALTER TABLE history DISABLE TRIGGER history_unchanged": "must be owner of table history",
    "DROP TRIGGER application_moves ON application": "must be owner of relation application",
    "DROP FUNCTION application_moves() CASCADE": "must be owner of function application_moves",
    "DROP TABLE history CASCADE": "must be owner of table history",
    "SET session_replication_role = replica": 'permission denied to set parameter "session_replication_role"',
}
"""What only the owner of the tables, or a superuser, could do."""
