"""Bringing offers in from a file: what each line would do, before anything is written; then the result (I4, C2)."""

import asyncio
import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency

from admin.kit.addresses import OFFERS
from admin.kit.wording import Wording
from admin.offers.import_sample import sample
from web.kit.forms import readable_form, texts
from web.kit.pages import render
from web.kit.portal import Portal
from workflow.errors import FieldError
from workflow.language import N_, say
from workflow.offers.import_files import FileRow, OffersFile, OffersFileUnreadable, read_offers_file
from workflow.offers.import_plans import Plan, Planned, Refusal
from workflow.offers.importing import (
    ImportOutdated,
    ImportReport,
    ImportTerms,
    import_offers,
    planned_import,
)
from workflow.recruiters.queries import StaffMember, units
from workflow.sealing import seal, unseal

IMPORT = f"{OFFERS}/import"
LARGEST = 4 * 2**20
_FILE_LIMIT = 4 * LARGEST
"""More is read than is taken, so that a file that is too large is answered on its page."""
_SEALED_LIMIT = 2 * LARGEST
"""Sealed, a file that cannot be compressed is two thirds larger."""
MOST_ROWS = 500
"""As many as are written while others wait for a moment; the command line takes any number."""
_KEPT = timedelta(hours=1)

_KINDS = ("new", "changed", "unchanged", "refused")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """What becomes of one line. `reasons`: pairs of column and sentence; `changes`: columns of offers that change."""

    place: str
    reference: str
    title: str
    unit: str
    kind: str
    is_open: bool
    changes: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


@get("/offers/import")
async def import_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """Where a file is chosen."""
    return _upload_page(request, staff, Wording(request, now))


def _upload_page(
    request: Request[Any, Any, Any], staff: StaffMember, words: Wording, *errors: FieldError
) -> Response[Any]:
    return render(
        request,
        "console/offer_import.html",
        status_code=422 if errors else 200,
        errors=errors,
        staff=staff,
        words=words,
        largest=LARGEST,
        most=MOST_ROWS,
    )


@post("/offers/import", request_max_body_size=_FILE_LIMIT)
async def check_file(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Read the file and tell what it would do; nothing is written."""
    words = Wording(request, now)
    try:
        content = await _uploaded(request)
        file = await asyncio.to_thread(_read, content, words)
    except _Unfit as unfit:
        return _upload_page(request, staff, words, unfit.error)
    return await _report(request, portal, staff, words, content, file)


@post("/offers/import/confirm", request_max_body_size=_SEALED_LIMIT)
async def confirm_import(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Carry out what was shown: all of it, or nothing where something else would come of it by now."""
    form = await texts(request, "file", "plan")
    words = Wording(request, now)
    try:
        content = _unsealed(form["file"], portal, staff, now)
        file = await asyncio.to_thread(_read, content, words)
    except _Unfit as unfit:
        return _upload_page(request, staff, words, unfit.error)
    try:
        report = await import_offers(
            file.rows, terms=_terms(portal), now=now, staff=staff, expected=form["plan"] or "none"
        )
    except ImportOutdated as outdated:
        return await _report(request, portal, staff, words, content, file, outdated)
    response = render(
        request,
        "console/offer_imported.html",
        staff=staff,
        words=words,
        report=report,
        numbers=_numbers_of(report),
        refused=_left_out(file.rows, report.refused, words),
    )
    response.background = BackgroundTask(portal.nudge)
    return response


@get("/offers/import/confirm")
async def confirm_again(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """Where the address stands after an import: whoever loads it again may choose the next file."""
    return _upload_page(request, staff, Wording(request, now))


class _Unfit(Exception):
    """A file that cannot be looked at."""

    def __init__(self, text: str, **facts: Any) -> None:
        self.error = FieldError("file", text, facts)
        super().__init__(text)


async def _uploaded(request: Request[Any, Any, Any]) -> bytes:
    """Raises _Unfit."""
    file = (await readable_form(request)).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise _Unfit(N_("Choose a file."))
    content = await file.read(LARGEST + 1)
    await file.close()
    if len(content) > LARGEST:
        raise _Unfit(N_("This file is larger than we can take. Part it into several."))
    return content


def _read(content: bytes, words: Wording) -> OffersFile:
    """Raises _Unfit."""
    try:
        file = read_offers_file(content)
    except OffersFileUnreadable as error:
        reason = say(words.language, error.why.message, **error.why.facts)
        raise _Unfit(error.template(), reason=reason) from None
    if len(file.rows) > MOST_ROWS:
        text = N_("There are {number} offers in this file; at most {most} can be taken at once. Part it.")
        raise _Unfit(text, number=len(file.rows), most=MOST_ROWS)
    return file


def _terms(portal: Portal) -> ImportTerms:
    return ImportTerms(portal.terms, portal.settings.contact_email)


async def _report(
    request: Request[Any, Any, Any],
    portal: Portal,
    staff: StaffMember,
    words: Wording,
    content: bytes,
    file: OffersFile,
    outdated: ImportOutdated | None = None,
) -> Response[Any]:
    made = await planned_import(file.rows, terms=_terms(portal), now=words.now, staff=staff)
    today = words.now.astimezone(words.zone).date()
    lines = _lines(file.rows, made, words)
    known = {unit.code for unit in await units(None)}
    return render(
        request,
        "console/offer_import_report.html",
        status_code=409 if outdated else 200,
        staff=staff,
        words=words,
        lines=lines,
        numbers={kind: sum(line.kind == kind for line in lines) for kind in _KINDS},
        new_units=sorted({each.offer.unit_code for each in made.planned} - known),
        ignored=file.ignored,
        file=_sealed(content, portal, staff, words.now),
        plan=made.digest(today),
        outdated=say(words.language, outdated.template()) if outdated else "",
    )


def _lines(rows: Sequence[FileRow], made: Plan, words: Wording) -> list[ShownLine]:
    """In the order of the file."""
    today = words.now.astimezone(words.zone).date()
    taken = {each.place: _taken_line(each, words.language, today) for each in made.planned}
    left_out = {line.place: line for line in _left_out(rows, made.refused, words)}
    return [taken.get(row.place) or left_out[_number(row.place)] for row in rows]


def _left_out(rows: Sequence[FileRow], refused: Sequence[Refusal], words: Wording) -> list[ShownLine]:
    """The lines that are not taken, in the order of the file."""
    reasons: dict[str, list[tuple[str, str]]] = {}
    for refusal in refused:
        text = say(words.language, refusal.error.message, **refusal.error.facts)
        reasons.setdefault(refusal.place, []).append((refusal.field, text))
    return [_refused_line(row, tuple(reasons[row.place])) for row in rows if row.place in reasons]


def _number(place: str) -> str:
    return place.rpartition(" ")[2]


def _taken_line(item: Planned, language: str, today: date) -> ShownLine:
    titles = (item.values["title_fr"], item.values["title_en"])
    kind = "new" if item.known is None else "changed" if item.is_changed else "unchanged"
    return ShownLine(
        place=_number(item.place),
        reference=item.offer.reference,
        title=next(filter(None, titles if language == "fr" else reversed(titles)), ""),
        unit=item.offer.unit_code,
        kind=kind,
        is_open=item.is_open(today),
        changes=(*item.changes, "unit") if item.moves_unit else tuple(item.changes),
    )


def _refused_line(row: FileRow, reasons: tuple[tuple[str, str], ...]) -> ShownLine:
    cells: Mapping[str, str] = row.cells
    title = cells.get("title") or cells.get("title_fr") or cells.get("title_en") or ""
    return ShownLine(
        place=_number(row.place),
        reference=cells.get("reference", "")[:60],
        title=title[:300],
        unit=cells.get("unit_code", "")[:40],
        kind="refused",
        is_open=False,
        reasons=reasons,
    )


def _numbers_of(report: ImportReport) -> dict[str, int]:
    return {
        "new": len(report.new),
        "changed": len(report.changed),
        "unchanged": len(report.unchanged),
        "refused": len({refusal.place for refusal in report.refused}),
    }


def _sealed(content: bytes, portal: Portal, staff: StaffMember, now: datetime) -> str:
    """The file on its way to the confirmation, in the page itself: nothing of it is kept here, and it holds an hour."""
    facts = {
        "by": str(staff.id),
        "until": (now + _KEPT).isoformat(),
        "content": base64.b85encode(zlib.compress(content)).decode(),
    }
    return seal(facts, portal.settings.secret_key).decode()


def _unsealed(sealed: str, portal: Portal, staff: StaffMember, now: datetime) -> bytes:
    """Raises _Unfit for one that is too old, of somebody else, not ours, or sealed for another purpose."""
    try:
        facts = unseal(sealed.encode(), portal.settings.secret_key)
    except (InvalidToken, ValueError):
        facts = {}
    is_file = facts.keys() == {"by", "until", "content"} and facts["by"] == str(staff.id)
    if not is_file or datetime.fromisoformat(facts["until"]) < now:
        raise _Unfit(N_("It has been too long since you looked at this file. Choose it once more."))
    return zlib.decompress(base64.b85decode(facts["content"]))


OFFER_IMPORT_HANDLERS = (import_page, check_file, confirm_import, confirm_again, sample)
