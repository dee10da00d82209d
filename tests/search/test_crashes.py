"""Whatever happens to a writer or to the disk: searches see whole states or are told, and the index heals."""

import errno
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from search.documents import OfferDocument
from search.errors import IndexUnusable
from search.queries import OfferIndex, OfferIndexWriter, OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.search.backends import empty_postgres_index
from tests.search.endless_writing import LASERS, Place, Plan, heal, lasers, others, write_until_killed
from tests.search.offers import NOW, composed_offers, offer
from tests.support.effort import effort, tell_figures
from tests.support.processes import children

QUESTIONS = [
    OfferQuery(words) for words in ("", "chimie", "bio", '"biologie cellulaire"', "biolgie", "laser")
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An index of several segments."""
    writer = WhooshWriter(tmp_path / "index")
    writer.rebuild(composed_offers(60))
    for number in range(3):
        writer.apply([offer(900_000 + number, "Laser")])
    return tmp_path / "index"


@pytest.fixture(params=["whoosh", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(str(tmp_path / "index") if request.param == "whoosh" else empty_postgres_index(request))


def answers(index: OfferIndex) -> list[object]:
    return [index.search(query, NOW) for query in QUESTIONS]


def found(index: OfferIndex) -> int:
    return index.search(OfferQuery("femtoseconde"), NOW).total


@pytest.mark.timeout(effort(120, 3_600))
def test_a_writer_killed_at_any_instant_leaves_whole_states(place: Place, tmp_path: Path) -> None:
    random, kills = Random(5), effort(6, 150)
    with closing(place.writer()) as writer, closing(place.reader()) as reader:
        heal(writer)
        for kill in range(kills):
            plan = Plan(place, tmp_path / f"journal-{kill}")
            plan.journal.touch()
            with children(write_until_killed, [plan]) as (child,):
                _read_until(plan.journal, random.randint(1, 15), reader)
                time.sleep(random.choice([0, 0.001, 0.004, 0.02]) * random.random())
                child.kill()
            with closing(place.reader()) as newcomer:
                assert (found(reader), found(newcomer)) == (LASERS, LASERS)
            assert writer.check() == LASERS + len(others())
    tell_figures(f"killed writers of {place.where[:8]}", kills=kills)


def _read_until(journal: Path, steps: int, reader: OfferIndex) -> None:
    """Search all the while; the swaps of a folder are met more often when the last step is one."""
    while len(written := journal.read_text()) < steps or (
        steps % 2 and "s" in written and written[-1] != "s"
    ):
        assert found(reader) == LASERS
        time.sleep(0.0005)


class Ended(Exception):
    """Whoever wanted a rebuild is gone."""


def test_a_rebuild_can_be_ended_after_its_last_document(place: Place) -> None:
    given: list[bool] = []

    def documents() -> Iterator[OfferDocument]:
        yield from composed_offers(200)
        given.append(True)

    def go_on() -> None:
        if given:
            raise Ended

    with closing(place.writer()) as writer, closing(place.reader()) as reader:
        heal(writer)
        with pytest.raises(Ended):
            writer.rebuild(documents(), go_on=go_on)
        assert (found(reader), writer.check()) == (LASERS, LASERS + len(others()))
        assert reader.state().rebuilds == 1


def test_what_a_killed_rebuild_leaves_is_cleared_away_by_the_next_check(root: Path) -> None:
    (root / "build-of-the-dead").mkdir()
    (root / "build-of-the-dead" / "MAIN_1.seg").write_bytes(b"x" * 4096)
    reader = WhooshReader(root)
    expected = answers(reader)
    assert WhooshWriter(root).check() == 63
    assert len(list(root.glob("build-*"))) == 1
    assert answers(reader) == answers(WhooshReader(root)) == expected


def _flip(path: Path, random: Random) -> None:
    content = bytearray(path.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def _cut(path: Path, random: Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: random.randrange(len(content))])


def _scribble(path: Path, random: Random) -> None:
    path.write_bytes(random.randbytes(path.stat().st_size))


def _delete(path: Path, _random: Random) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [_flip, _cut, _scribble, _delete])
def test_damage_to_any_file_is_noticed_and_searches_go_on(
    root: Path, damage: Callable[[Path, Random], None]
) -> None:
    names = [path.relative_to(root) for kind in ("json", "toc", "seg") for path in root.rglob(f"*.{kind}")]
    assert len(names) == 6
    random, sound = Random(7), root.with_name("sound")
    shutil.copytree(root, sound)
    expected = answers(WhooshReader(root))
    for name in names * effort(1, 60):
        reader = WhooshReader(root)
        reader.poll()
        damage(root / name, random)
        assert answers(reader) == expected, name
        with pytest.raises(IndexUnusable):
            WhooshReader(root).search(OfferQuery(), NOW)
        with pytest.raises(IndexUnusable):
            WhooshWriter(root).check()
        shutil.rmtree(root)
        shutil.copytree(sound, root)
        assert answers(reader) == expected


@contextmanager
def no_room_for_large_files(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [0, 300, 900, 2_000, 6_000])
def test_a_write_that_finds_no_room_changes_nothing(root: Path, limit: int) -> None:
    reader, writer = WhooshReader(root), WhooshWriter(root)
    expected = answers(reader)
    for change in (lambda: writer.rebuild(composed_offers(61)), lambda: writer.apply(lasers(0))):
        with no_room_for_large_files(limit), pytest.raises(OSError) as refused:  # noqa: PT011  # see its number
            change()
        assert refused.value.errno == errno.EFBIG
        assert answers(reader) == answers(WhooshReader(root)) == expected
        assert (writer.check(), len(list(root.glob("build-*")))) == (63, 1)
    writer.apply(lasers(0))
    assert found(reader) == found(WhooshReader(root)) == LASERS


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte; only an administrator may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("left", [0, 4, 12, 24, 40])
def test_a_full_disk_stops_writing_but_no_search(small_disk: Path, left: int) -> None:
    place = Place(str(small_disk / "index"))
    writer, reader = place.writer(), place.reader()
    heal(writer)
    assert found(reader) == LASERS
    _fill(small_disk, left * 1024)
    with pytest.raises(OSError) as refused:  # noqa: PT011  # see its number
        _write_on_and_on(writer)
    assert refused.value.errno == errno.ENOSPC
    with pytest.raises(OSError):  # noqa: PT011  # the same
        writer.rebuild(composed_offers(2_000))
    held = writer.check()
    assert (found(reader), found(place.reader())) == (LASERS, LASERS)
    (small_disk / "ballast").unlink()
    writer.apply([offer(90_000, "Optique")])
    assert (found(reader), found(place.reader()), writer.check()) == (LASERS, LASERS, held + 1)


def _write_on_and_on(writer: OfferIndexWriter) -> None:
    for number in range(1_000):
        writer.apply([offer(50_000 + number, f"Optique {number}")])


def _fill(disk: Path, left: int) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"x" * 1024)
    with (disk / "ballast").open("r+b") as ballast:
        ballast.truncate(max(0, (disk / "ballast").stat().st_size - left))
