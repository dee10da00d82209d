"""How well each finds what people look for: the judged queries, ours beside the peers at their best."""

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from whoosh import analysis, fields, qparser
from whoosh.filedb.filestore import RamStorage

from benchmarks.figures import Figure, compared
from benchmarks.judging import Scores, judged, scores, titles_of
from benchmarks.peer_process import PEERS_PYTHON
from benchmarks.searching.corpus import NOW, offers_file
from search.documents import OfferDocument
from search.queries import OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter

Search = Callable[[str], Sequence[str]]

_ROOT = Path(__file__).parents[2]
_AIM = 1.0


def measured_quality() -> list[Figure]:
    """Nothing where there are no real offers. Of each peer, the setting whose first five are best."""
    file = offers_file()
    if file is None:
        return []
    titles, wanted = titles_of(file), judged()
    ours = scores(_ours(titles), wanted)
    best: dict[str, tuple[Scores, str]] = {}
    for peer, setting, search in _peers(titles, list(wanted)):
        reached = scores(search, wanted)
        if peer not in best or reached.precision_at_5 > best[peer][0].precision_at_5:
            best[peer] = reached, setting
    return [
        compared(
            f"judged queries: {label}",
            [100 * getattr(ours, part)],
            [100 * getattr(reached, part)],
            against=f"{peer} ({setting})",
            unit="%",
            aim=_AIM,
            better="higher",
        )
        for part, label in (("precision_at_5", "precision at 5"), ("recall", "recall"))
        for peer, (reached, setting) in best.items()
    ]


def _ours(titles: Mapping[str, str]) -> Search:
    references = {uuid5(NAMESPACE_URL, reference): reference for reference in titles}
    with tempfile.TemporaryDirectory() as folder:
        WhooshWriter(Path(folder)).rebuild(
            OfferDocument(offer, (titles[ref],), NOW - timedelta(days=9, minutes=-n), NOW + timedelta(days=9))
            for n, (offer, ref) in enumerate(references.items())
        )
        reader = WhooshReader(Path(folder), looks=False)
        reader.poll()

    def search(keywords: str) -> list[str]:
        query = OfferQuery(keywords, page_size=len(titles))
        return [references[offer] for offer in reader.search(query, NOW).ids]

    return search


def _peers(titles: Mapping[str, str], queries: Sequence[str]) -> Iterator[tuple[str, str, Search]]:
    for group in (qparser.AndGroup, qparser.OrGroup):
        yield (
            "Whoosh",
            f"StemmingAnalyzer, {group.qclass.JOINT.strip().lower()}",
            _plain_whoosh(titles, group),
        )
    done = subprocess.run(
        [PEERS_PYTHON, "-m", "benchmarks.searching.quality_peers"],
        input=json.dumps({"titles": titles, "queries": queries}),
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
    )
    for peer, setting, found in json.loads(done.stdout):
        yield peer, setting, found.__getitem__


def _plain_whoosh(titles: Mapping[str, str], group: type) -> Search:
    schema = fields.Schema(reference=fields.STORED, title=fields.TEXT(analyzer=analysis.StemmingAnalyzer()))
    index = RamStorage().create_index(schema)
    writer = index.writer()
    for reference, title in titles.items():
        writer.add_document(reference=reference, title=title)
    writer.commit()
    parser = qparser.QueryParser("title", schema, group=group)
    searcher = index.searcher()

    def search(keywords: str) -> list[str]:
        hits = searcher.search(parser.parse(re.sub(r"[^\w\s]", " ", keywords)), limit=None)
        return [hit["reference"] for hit in hits]

    return search
