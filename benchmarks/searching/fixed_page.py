"""A handler that does nothing but return the bytes of a file: what a page costs before anybody thinks."""

import socket
import sys
from pathlib import Path

import uvicorn
from litestar import Litestar, MediaType, get


def main() -> None:
    """Serve the file on the socket that is given by its number."""
    body = Path(sys.argv[1]).read_bytes()

    @get("/offers", media_type=MediaType.HTML)
    async def page() -> bytes:
        return body

    app = Litestar(route_handlers=[page], openapi_config=None)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[2]))])


if __name__ == "__main__":
    main()
