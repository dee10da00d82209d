"""Addresses of searches: what they ask for, and the one address that a search has."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar.datastructures import MultiDict

from search.queries import Answer, OfferQuery, Order
from web.public.searching import address, asked, lasting


def read(query: str) -> OfferQuery:
    return asked(MultiDict(parse_qsl(query, keep_blank_values=True))).query


@pytest.mark.parametrize(
    ("query", "keywords"),
    [
        ("keywords=inge", "inge"),
        ("keywords=inge&phrase=data+scientist", '"data scientist" inge'),
        ("phrase=%22data+scientist%22", '"data scientist"'),
        ("without=stage+-junior&keywords=inge", "-stage -junior inge"),
        ("without=e-learning+trice+c%2B%2B+--", '-"e-learning" -"trice" -"c++"'),
        ("phrase=+%C2%AB+%C2%BB+&without=+-+", ""),
        ("phrase=" + "a+" * 400, '"' + "a " * 249 + "a"),
        ("keywords=bio%00logie", "biologie"),
    ],
)
def test_all_fields_of_the_advanced_search_become_keywords(query: str, keywords: str) -> None:
    assert read(query).keywords == keywords


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", OfferQuery()),
        ("exact=1", OfferQuery()),
        ("keywords=x&exact=1", OfferQuery(keywords="x", as_typed=True)),
        ("keywords=x&exact=yes&page_size=1000&page=0&order=best", OfferQuery(keywords="x")),
        (
            "region=53&region=11&region=nowhere&order=date&page_size=100&page=2",
            OfferQuery(region=frozenset({"11", "53"}), order=Order.date, page_size=100, page=2),
        ),
    ],
)
def test_an_address_asks_for_a_search_and_a_search_has_that_address(query: str, wanted: OfferQuery) -> None:
    assert read(query) == wanted
    assert read(urlsplit(address(wanted, page=wanted.page)).query) == wanted


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("", ()),
        ("keywords=&page=&order=&page_size=&exact=&region=", ()),
        ("keywords=x&page=2&order=relevance&page_size=50&exact=0&region=53", ()),
        ("page=abc", ("page=abc",)),
        ("page=-1&page_size=7&order=best&exact=yes", ("order=best", "page=-1", "page_size=7", "exact=yes")),
        ("page=" + "9" * 5000, ("page=" + "9" * 60,)),
        ("region=nowhere&region=53&level=%00x", ("nowhere", "x")),
    ],
)
def test_what_is_not_understood_is_named(query: str, ignored: tuple[str, ...]) -> None:
    found = asked(MultiDict(parse_qsl(query, keep_blank_values=True)))
    assert (found.ignored, found.is_cut) == (ignored, False)


def test_keywords_that_are_too_long_are_cut() -> None:
    found = [asked(MultiDict([("keywords", "x" * length)])) for length in (500, 501, 10_000)]
    assert [(len(each.query.keywords), each.is_cut) for each in found] == [
        (500, False),
        (500, True),
        (500, True),
    ]


@pytest.mark.parametrize(
    ("query", "total", "meant", "lasts"),
    [
        (
            "keywords=Chimie+%22En+Bref%22+OR+-Stage&order=date",
            9,
            None,
            "keywords=chimie+%22en+bref%22+OR+-Stage",
        ),
        ("keywords=chimie&page=3", 90, None, "keywords=chimie&page=3"),
        ("keywords=chimie&page=3&page_size=50", 190, None, "keywords=chimie&page=6"),
        ("keywords=chimie&page=1&page_size=100", 190, None, "keywords=chimie"),
        ("keywords=chimei&exact=1", 0, "chimie", "keywords=chimei&exact=1"),
        ("keywords=chimei&exact=1", 2, "chimie", "keywords=chimei"),
        ("keywords=chimie&exact=1", 9, None, "keywords=chimie"),
    ],
)
def test_the_same_results_have_one_lasting_address(
    query: str, total: int, meant: str | None, lasts: str
) -> None:
    assert lasting(read(query), Answer((), total, {}, meant)) == f"/offers?{lasts}"
