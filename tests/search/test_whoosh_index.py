"""The index in a folder: what is found, the swap of snapshots, and what is noticed when it is damaged."""

import shutil
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from search.documents import OfferDocument
from search.errors import IndexBusy, IndexMissing, IndexUnusable
from search.index_folder import IndexFolder
from search.queries import Answer, OfferQuery, Order
from search.whoosh_index import MOST_SEGMENTS, WhooshReader, WhooshWriter
from tests.search.offers import NOW, composed_offers, offer

OFFERS = [
    offer(1, "Ingénieur·e en biologie cellulaire (H/F)", region="11", job_type="technical_admin"),
    offer(2, "Post-doc en biologie végétale", "Postdoc in plant biology", region="84", job_type="scientific"),
    offer(3, "Gestionnaire financier-e", region="11", job_type="technical_admin"),
    offer(4, "Biologie : ingénieur en modélisation", region="84", job_type="technical_admin"),
    offer(5, "Chargé d'ingénierie biologique", job_type="technical_admin"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    WhooshWriter(tmp_path / "index").rebuild(OFFERS)
    return tmp_path / "index"


def numbers(answer: Answer) -> list[int]:
    return [each.int for each in answer.ids]


def found(root: Path, keywords: str = "", order: Order = Order.relevance) -> list[int]:
    return numbers(WhooshReader(root).search(OfferQuery(keywords, order=order), NOW))


def segments(root: Path) -> list[Path]:
    return sorted(root.glob("build-*/*.seg"))


def test_nothing_asked_finds_every_open_offer_newest_first(root: Path) -> None:
    assert WhooshReader(root).search(OfferQuery(), NOW) == Answer(
        ids=tuple(UUID(int=number) for number in (5, 4, 3, 2, 1)),
        total=5,
        facets={
            "region": {"11": 2, "84": 2},
            "job_type": {"technical_admin": 4, "scientific": 1},
            "level": {},
            "industry": {},
            "job": {},
        },
        did_you_mean=None,
    )


def test_relevance_puts_the_phrase_before_the_words_before_beginnings_before_synonyms(root: Path) -> None:
    assert found(root, "ingénieure biologie") == [1, 4, 5]
    assert found(root, "ingénieure biologie", Order.date) == [5, 4, 1]
    assert found(root, "biologi") == [4, 2, 1, 5]


def test_an_offer_is_found_by_the_title_of_each_language(root: Path) -> None:
    assert (found(root, "plant biology"), found(root, "biologie végétale")) == ([2], [2])


def test_a_facet_counts_what_its_only_choice_would_find(root: Path) -> None:
    answer = WhooshReader(root).search(OfferQuery("biologie", region=frozenset({"11"})), NOW)
    assert (numbers(answer), answer.facets["region"], answer.facets["job_type"]) == (
        [1],
        {"11": 1, "84": 2},
        {"technical_admin": 1},
    )


@pytest.mark.parametrize(
    ("page", "size", "expected"),
    [
        (1, 2, [5, 4]),
        (3, 2, [1]),
        (4, 2, []),
        (-3, 2, [5, 4]),
        (10**30, 2, []),
        (1, 0, []),
        (1, 10**30, [5, 4, 3, 2, 1]),
    ],
)
def test_pages_out_of_range_are_brought_into_range(
    root: Path, page: int, size: int, expected: list[int]
) -> None:
    answer = WhooshReader(root).search(OfferQuery(page=page, page_size=size), NOW)
    assert (numbers(answer), answer.total) == (expected, 5)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("biolgie", "biologie"),
        ("Ingeneiur biologie", "ingénieur biologie"),
        ("gestionaire fi", "gestionnaire fi"),
        ('"biolgie végétale" -laser', '"biologie végétale" -laser'),
        ("biologie", None),
        ("gestionnaire végétale", None),
        ("zzzzzzzz", None),
        ("", None),
    ],
)
def test_did_you_mean_corrects_only_what_finds_nothing(root: Path, typed: str, meant: str | None) -> None:
    assert WhooshReader(root).search(OfferQuery(typed), NOW).did_you_mean == meant


def test_filters_that_leave_nothing_are_no_misspelling(root: Path) -> None:
    answer = WhooshReader(root).search(OfferQuery("plant", region=frozenset({"11"})), NOW)
    assert (answer.total, answer.did_you_mean) == (0, None)


def test_a_correction_never_leads_to_closed_offers_only(tmp_path: Path) -> None:
    WhooshWriter(tmp_path).rebuild([offer(1, "Biologie", closes_at=NOW), offer(2, "Chimie")])
    assert WhooshReader(tmp_path).search(OfferQuery("biolgie"), NOW).did_you_mean is None


def test_a_closed_offer_vanishes_by_the_clock_alone(tmp_path: Path) -> None:
    WhooshWriter(tmp_path).rebuild([offer(1, "Laser", closes_at=NOW), offer(2, "Laser", region="11")])
    reader = WhooshReader(tmp_path)
    seconds = [-1, 0, 30 * 86_400, -1]
    answers = [reader.search(OfferQuery("laser"), NOW + timedelta(seconds=s)) for s in seconds]
    assert [(numbers(a), a.facets["region"]) for a in answers] == [
        ([2, 1], {"11": 1}),
        ([2], {"11": 1}),
        ([], {}),
        ([2, 1], {"11": 1}),
    ]


def test_an_offer_without_words_is_found_by_filters_alone(tmp_path: Path) -> None:
    WhooshWriter(tmp_path).rebuild([offer(1, "", region="11"), offer(2), offer(3, "(H/F)", "x" * 90_000)])
    assert (found(tmp_path), found(tmp_path, "x" * 100)) == ([3, 2, 1], [3])


def test_offers_that_were_published_at_no_known_time_come_last(tmp_path: Path) -> None:
    """Whoosh writes no zeros at the end of a column."""
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    writer, reader = WhooshWriter(tmp_path / "index"), WhooshReader(tmp_path / "index")
    writer.rebuild([offer(number, "Laser", published_at=long_ago) for number in (4, 3)])
    assert [each.int for each in reader.search(OfferQuery(), NOW).ids] == [4, 3]
    writer.rebuild(
        [
            offer(1, "Laser"),
            offer(2, "Laser", published_at=long_ago),
            offer(3, "Laser"),
            offer(4, "Laser", published_at=long_ago),
        ]
    )
    assert [each.int for each in reader.search(OfferQuery(), NOW).ids] == [3, 1, 4, 2]
    writer.apply([], [UUID(int=1), UUID(int=4)])
    assert [each.int for each in reader.search(OfferQuery("laser"), NOW).ids] == [3, 2]


def test_changes_are_seen_by_a_reader_that_is_already_open(root: Path) -> None:
    reader = WhooshReader(root)
    assert reader.search(OfferQuery('"biologie"'), NOW).total == 3
    WhooshWriter(root).apply([offer(4, "Chimie"), offer(6, "Biologie marine")], [UUID(int=2), UUID(int=99)])
    assert [
        numbers(reader.search(OfferQuery(words), NOW)) for words in ('"biologie"', "chimie", "plant")
    ] == [
        [6, 1],
        [4],
        [],
    ]
    assert reader.poll() is False


def test_changes_can_be_applied_again_and_an_offer_in_both_lists_stays(root: Path) -> None:
    for _ in range(3):
        WhooshWriter(root).apply([offer(6, "Laser")], [UUID(int=6), UUID(int=1)])
    assert (found(root, "laser"), WhooshWriter(root).check()) == ([6], 5)


def test_an_old_snapshot_answers_although_its_files_are_gone(root: Path) -> None:
    reader = WhooshReader(root)
    reader.poll()
    shutil.rmtree(root)
    assert numbers(reader.search(OfferQuery("biologie végétale"), NOW)) == [2]


def test_a_rebuild_replaces_everything_and_leaves_one_build(root: Path) -> None:
    reader = WhooshReader(root)
    reader.poll()
    (root / "build-left-by-a-killed-worker").mkdir()
    assert WhooshWriter(root).rebuild([offer(9, "Laser")]) == 1
    assert (numbers(reader.search(OfferQuery(), NOW)), len(list(root.glob("build-*")))) == ([9], 1)


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(root: Path) -> None:
    def failing() -> Iterator[OfferDocument]:
        yield offer(9, "Laser")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        WhooshWriter(root).rebuild(failing())
    assert (found(root), WhooshWriter(root).check()) == ([5, 4, 3, 2, 1], 5)
    WhooshWriter(root).apply([offer(9, "Laser")])
    assert found(root, "laser") == [9]


def test_an_empty_index_answers_and_takes_offers(tmp_path: Path) -> None:
    assert WhooshWriter(tmp_path).rebuild([]) == 0
    reader = WhooshReader(tmp_path)
    assert reader.search(OfferQuery("laser"), NOW).total == 0
    WhooshWriter(tmp_path).apply([offer(1, "Laser")])
    assert reader.search(OfferQuery("laser"), NOW).total == 1
    WhooshWriter(tmp_path).apply([], [UUID(int=1)])
    assert reader.search(OfferQuery("laser"), NOW).total == 0


def test_many_batches_are_merged_and_nothing_is_lost(tmp_path: Path) -> None:
    writer = WhooshWriter(tmp_path)
    writer.rebuild([])
    for number in range(1, 60):
        writer.apply([offer(number, f"Laser {number}")], [UUID(int=number // 2)] if number % 3 == 0 else [])
    gone = {number // 2 for number in range(3, 60, 3)}
    expected = [number for number in range(59, 0, -1) if number not in gone]
    assert numbers(WhooshReader(tmp_path).search(OfferQuery("laser", page_size=100), NOW)) == expected
    assert writer.check() == len(expected)
    assert len(segments(tmp_path)) <= MOST_SEGMENTS


def test_reading_and_writing_before_the_first_build_say_that_it_is_missing(tmp_path: Path) -> None:
    reader = WhooshReader(tmp_path / "none")
    with pytest.raises(IndexMissing):
        reader.search(OfferQuery(), NOW)
    with pytest.raises(IndexMissing):
        WhooshWriter(tmp_path / "none").apply([offer(1, "Laser")])
    with pytest.raises(IndexMissing):
        WhooshWriter(tmp_path / "none").check()
    WhooshWriter(tmp_path / "none").rebuild(OFFERS)
    assert reader.search(OfferQuery(), NOW).total == 5


def _flip_a_byte(root: Path) -> None:
    data = bytearray(segments(root)[0].read_bytes())
    data[len(data) // 2] ^= 1
    segments(root)[0].write_bytes(data)


def _build_it_by_another_analysis(root: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.index_folder.ANALYSIS_VERSION", 0)
        WhooshWriter(root).rebuild(OFFERS)


def _die_between_commit_and_manifest(root: Path) -> None:
    before = (root / "current.json").read_bytes()
    WhooshWriter(root).apply([offer(7, "Laser")])
    (root / "current.json").write_bytes(before)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_flip_a_byte, "is damaged"),
        (_build_it_by_another_analysis, "version 0 of the analysis"),
        (_die_between_commit_and_manifest, "do not belong together"),
        (lambda root: segments(root)[0].unlink(), "do not belong together"),
        (lambda root: shutil.rmtree(segments(root)[0].parent), "do not belong together"),
        (lambda root: (root / "current.json").write_text("{"), "manifest cannot be read"),
        (lambda root: (root / "current.json").write_text("[]"), "manifest cannot be read"),
    ],
)
def test_damage_is_noticed_by_both_halves_and_healed_by_a_rebuild(
    root: Path, damage: object, said: str
) -> None:
    assert callable(damage)
    damage(root)
    with pytest.raises(IndexUnusable, match=said):
        WhooshWriter(root).check()
    reader = WhooshReader(root)
    for _ in range(2):
        with pytest.raises(IndexUnusable, match=said):
            reader.search(OfferQuery(), NOW)
    WhooshWriter(root).rebuild(OFFERS)
    assert WhooshWriter(root).check() == 5
    assert WhooshReader(root).search(OfferQuery(), NOW).total == 5


def test_a_damaged_successor_leaves_the_old_snapshot_answering(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = WhooshReader(root)
    reader.poll()
    WhooshWriter(root).rebuild([offer(9, "Laser")])
    _flip_a_byte(root)
    assert numbers(reader.search(OfferQuery(), NOW)) == [5, 4, 3, 2, 1]
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "search goes on with the state before"
    ]


def test_a_second_writer_waits_and_then_fails(root: Path) -> None:
    with IndexFolder(root).writing(timeout=0), pytest.raises(IndexBusy):
        WhooshWriter(root, timeout=0.1).apply([offer(9, "Laser")])
    assert found(root, "laser") == []


def test_the_folder_is_private(root: Path) -> None:
    build = next(root.glob("build-*"))
    assert [stat.S_IMODE(path.stat().st_mode) for path in (root, build)] == [0o700, 0o700]


@pytest.mark.timeout(60)
def test_threads_get_whole_states_while_offers_change(tmp_path: Path) -> None:
    # every state holds one hundred lasers: a reader that saw half a change would count otherwise
    offers = composed_offers(100)
    lasers = [offer(number, "Laser femtoseconde") for number in range(1, 101)]
    writer, reader = WhooshWriter(tmp_path), WhooshReader(tmp_path)
    writer.rebuild([*offers, *lasers])
    done = threading.Event()

    def read() -> set[int]:
        totals = set()
        while not done.is_set():
            totals |= {reader.search(OfferQuery(words), NOW).total for words in ("femtoseconde", "femto")}
            time.sleep(0.001)
        return totals

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for turn in range(12):
            new = [offer(1000 * turn + n, "Laser femtoseconde") for n in range(1, 51)]
            writer.apply(new, [each.id for each in lasers[:50]])
            lasers = lasers[50:] + new
            if turn % 4 == 3:
                writer.rebuild([*offers, *lasers])
        done.set()
        assert [each.result() for each in readers] == [{100}] * 4
