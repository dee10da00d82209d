"""HEAD, answered wherever GET is: with the same status and headers, without the body."""

from litestar.types import ASGIApp, Message, Receive, Scope, Send


def answering_head(app: ASGIApp) -> ASGIApp:
    """`app`, to which a HEAD looks like a GET: its routes, and so OpenAPI and the rights, know of GET alone."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_bare(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if scope.get("method") == "HEAD":
            # a copy: the server goes by the method of the original
            await app({**scope, "method": "GET"}, receive, send_bare)  # type: ignore[typeddict-item, arg-type]
        else:
            await app(scope, receive, send)

    return answer
