"""How a page presents itself where it is linked to: its lasting address, its title and a sentence or two (S6)."""

from dataclasses import dataclass
from textwrap import shorten
from zoneinfo import ZoneInfo

from search.queries import Answer, OfferQuery
from web.kit.offers import ShownOffer
from web.public.narrowing import active_filters
from web.public.searching import lasting
from workflow.language import N_, say, translations
from workflow.language.days import long_date

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Presented:
    """What the head of a page says to other sites. `path` is the address under which the page is known."""

    title: str
    description: str
    path: str
    kind: str = "website"


def home_presented(language: str) -> Presented:
    """The homepage, whichever offer somebody may be on the way to."""
    return Presented(
        say(language, N_("Jobs in research")),
        say(
            language,
            N_(
                "Laboratories are looking for scientists, engineers, technicians and administrators. Search, apply in "
                "one sitting, and always know where your application stands."
            ),
        ),
        "/",
    )


def search_presented(query: OfferQuery, answer: Answer, language: str) -> Presented:
    """A search under its one address: how it is written and shown makes no other page of it."""
    said = [query.keywords, *(label for label, _ in active_filters(query, language))]
    words = ", ".join(word for word in said if word)
    title = say(language, N_("Job offers"))
    count = translations(language).ngettext("%(num)s open offer", "%(num)s open offers", answer.total)
    return Presented(
        f"{title} – {words}" if words else title,
        shorten(f"{count % {'num': answer.total}} – {words or title}", _LONGEST, placeholder="…"),
        lasting(query, answer),
    )


def is_for_search_engines(query: OfferQuery, answer: Answer) -> bool:
    """Whether a search should be found elsewhere: one that finds something, its first page, and no words.

    What people type is no page of ours: whoever links to it could make others find their words here.
    """
    return bool(answer.total) and query.page == 1 and not query.keywords


def offer_presented(offer: ShownOffer, language: str, zone: ZoneInfo) -> Presented:
    """An offer: where it is, until when one can apply, and how its description begins."""
    place = ", ".join(filter(None, (offer.unit_name, offer.city, offer.region_label)))
    closing = say(language, N_("Closes on %(day)s")) % {"day": long_date(offer.closes_on, language, zone)}
    facts = (place, offer.contract, closing, offer.description)
    sentences = ". ".join(fact.rstrip(".") for fact in facts if fact)
    return Presented(offer.title, shorten(sentences, _LONGEST, placeholder="…"), offer.href, "article")
