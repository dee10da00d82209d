"""HEAD says what GET would say, but for the body."""

from tests.web.site import ON_SQLITE, Site

pytestmark = ON_SQLITE


async def test_head_is_answered_as_get_without_a_body(site: Site, offer: str) -> None:
    visitor = await site.visitor()
    await visitor.get("/")  # its cookies are there from now on
    for path, status in (
        ("/", 200),
        ("/offers?keywords=chemist", 200),
        (f"/offers/{offer}", 200),
        ("/sitemap.xml", 200),
        ("/static/css/base.css", 200),
        ("/api/v1/offers", 200),
        ("/api/v1/me/alerts", 401),
        ("/alerts/unsubscribe/made-up", 404),
        ("/candidate/alerts", 303),
        ("/candidate/logout", 405),
    ):
        whole, bare = await visitor.get(path), await visitor.client.head(path)
        assert (bare.status_code, bare.content) == (status, b""), path
        assert bare.headers == whole.headers, path
        assert int(whole.headers["content-length"]) == len(whole.content), path
