"""Addresses of searches: what they ask for, and the one address that a search has."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar.datastructures import MultiDict

from search.queries import OfferQuery, Order
from web.public.searching import address, asked


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
