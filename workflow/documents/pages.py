"""Documents as they are read in the console: pages drawn by us, so that no browser opens a stranger's file (C7).

What was drawn stays in memory for a while, and nowhere else: it goes when its document goes.
"""

import asyncio
import base64
import time
from collections import OrderedDict
from collections.abc import Coroutine
from contextvars import Context
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from workflow.documents.confinement import AT_ONCE, confined
from workflow.documents.queries import DocumentView
from workflow.documents.storage import DocumentStore
from workflow.errors import DocumentSuspicious, NotFound

PICTURE_TYPE = "image/webp"
NORMAL, LARGE = "normal", "large"
SIZES = (NORMAL, LARGE)
"""How large pages are drawn."""

_SECONDS = 600.0
_MOST_BYTES = 48 * 2**20
_AT_A_TIME = 4
"""So many pages are drawn in one go, for somebody who scrolls."""

_MOST_HARD = 4096
_FIELD_BYTES = 200
_MOST_PAGES = 40


@dataclass(frozen=True, slots=True)
class PageSize:
    """Width and height of a page's picture in the normal size."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document is to a reader. `pages`: those that can be drawn, the first of `count`; none of an office
    document. `words`: the text of each page, or all of it in one.
    """

    count: int
    pages: tuple[PageSize, ...]
    words: tuple[str, ...]


_UNREADABLE = Reading(0, (), ())

_T = TypeVar("_T")


class _Memory:
    """What was asked for lately, up to a number of bytes and for so long."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], tuple[float, int, Any]] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[Any, ...]) -> Any:
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept[2]

    def keep(self, key: tuple[Any, ...], size: int, value: Any) -> None:
        self._drop(key)
        self._kept[key] = (time.monotonic(), size, value)
        self._bytes += size
        while self._bytes > _MOST_BYTES:
            self._drop(next(iter(self._kept)))
        asyncio.get_running_loop().call_later(_SECONDS, self._drop_old)

    def _drop_old(self) -> None:
        before = time.monotonic() - _SECONDS
        for key in [key for key, (since, _, _) in self._kept.items() if since <= before]:
            self._drop(key)

    def _drop(self, key: tuple[Any, ...]) -> None:
        if kept := self._kept.pop(key, None):
            self._bytes -= kept[1]


_memory = _Memory()
_tasks: set[asyncio.Task[Any]] = set()
_hard: OrderedDict[tuple[Any, ...], None] = OrderedDict()
"""What took too much to draw: (digest, size, page), of the first page for all of a document; (digest, size) of one
whose pages are drawn one by one. Never tried again.
"""

_under_way: WeakValueDictionary[tuple[Any, ...], asyncio.Lock] = WeakValueDictionary()
_drawers: WeakValueDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakValueDictionary()


def is_busy() -> bool:
    """Whether who wants something drawn now has to wait for others."""
    return _drawer().locked()


async def reading_of(document: DocumentView, store: DocumentStore) -> Reading:
    """What can be shown of a document; nothing of one that takes too much to draw. Its first page is drawn with it.

    Who stops waiting finds it there later.
    """
    known = _known(document)
    return await _apart(_opened(document, store)) if known is None else known


async def page_picture(document: DocumentView, store: DocumentStore, page: int, size: str) -> bytes:
    """One page as a picture of PICTURE_TYPE. Raises NotFound for a page or a size that there is not, and for a page
    that takes too much to draw.
    """
    if size not in SIZES or not 1 <= page <= _MOST_PAGES:
        raise NotFound
    picture: bytes | None = _memory.get((document.digest, size, page))
    picture = picture or await _apart(_drawn(document, store, page, size))
    if picture is None:
        raise NotFound
    return picture


def _known(document: DocumentView) -> Reading | None:
    if (document.digest, NORMAL, 1) in _hard:
        return _UNREADABLE
    reading: Reading | None = _memory.get((document.digest,))
    return reading


async def _opened(document: DocumentView, store: DocumentStore) -> Reading:
    async with _turn((document.digest, NORMAL)):
        return _known(document) or await _show(document, store, NORMAL, 1, 1) or _UNREADABLE


async def _drawn(document: DocumentView, store: DocumentStore, page: int, size: str) -> bytes | None:
    """A page, with those that follow it unless one of them is hard: only that one is missing then."""
    key = (document.digest, size, page)
    async with _turn(key[:2]):
        known = _known(document)
        if _memory.get(key) is None and key not in _hard and (known is None or page <= len(known.pages)):
            is_alone = key[:2] in _hard
            shown = await _show(document, store, size, page, 1 if is_alone else _AT_A_TIME)
            if shown is None and not is_alone:
                await _show(document, store, size, page, 1)
        picture: bytes | None = _memory.get(key)
    return picture


async def _apart(work: Coroutine[Any, Any, _T]) -> _T:
    """Drawing goes on when who asked for it is gone, and in nobody's transaction."""
    task = asyncio.create_task(work, context=Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return await asyncio.shield(task)


def _turn(key: tuple[Any, ...]) -> asyncio.Lock:
    """Who comes second for a document waits for what is being drawn."""
    loop = asyncio.get_running_loop()
    return _under_way.setdefault((loop, *key), asyncio.Lock())


def _drawer() -> asyncio.Semaphore:
    """Who has to wait does it here: waiting in threads would leave none to all the others who need one."""
    return _drawers.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


async def _show(
    document: DocumentView, store: DocumentStore, size: str, first: int, number: int
) -> Reading | None:
    """Draw pages; None where that takes too much, which is remembered of the page, or that they go one by one."""
    arguments = (document.media_type, size, str(first), str(number))
    try:
        async with _turn((document.candidate_id,)), _drawer():  # a candidate's files wait for each other
            content = await store.get(document.digest)
            answer = await asyncio.to_thread(confined, "pages", content, *arguments)
        reading, pictures = _believed(answer)
    except (DocumentSuspicious, ValueError, TypeError, KeyError):
        _hard[(document.digest, size, first) if number == 1 else (document.digest, size)] = None
        while len(_hard) > _MOST_HARD:
            _hard.popitem(last=False)
        return None
    _memory.keep((document.digest,), _FIELD_BYTES + sum(map(len, reading.words)), reading)
    for page, picture in pictures.items():
        _memory.keep((document.digest, size, page), len(picture), picture)
    return reading


def _believed(answer: dict[str, Any]) -> tuple[Reading, dict[int, bytes]]:
    """The answer as numbers, texts and bytes; raises what Python raises for one that is no such thing."""
    sizes = tuple(PageSize(int(width), int(height)) for width, height in answer["sizes"][:_MOST_PAGES])
    words = tuple(str(each) for each in answer["words"][:_MOST_PAGES])
    pictures = {int(page): base64.b64decode(data) for page, data in answer["pictures"].items()}
    return Reading(int(answer["count"]), sizes, words), pictures
