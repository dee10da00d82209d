"""Pages that everybody may read: the homepage, the offers, what every public site must have.

Handlers parse, ask and render; no rule lives here, and nothing of the Candidate Area.
"""

from litestar.types import ControllerRouterHandler

from web.public import closing_day, feeds, home, legal, mailbox, offers, sitemap, unsubscribing

ROUTE_HANDLERS: list[ControllerRouterHandler] = [
    home.home,
    home.switch_language,
    offers.results,
    offers.advanced,
    offers.offer_page,
    feeds.feed,
    closing_day.closing_day,
    unsubscribing.unsubscribing,
    unsubscribing.stop,
    sitemap.sitemap,
    sitemap.robots,
    legal.favicon,
    legal.privacy,
    legal.accessibility,
    legal.contact,
]
DEVELOPMENT_HANDLERS: list[ControllerRouterHandler] = [mailbox.mailbox, mailbox.mailbox_json, mailbox.mail]
