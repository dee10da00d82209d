"""One call of a webhook: to the very address that was checked, for so long, and reading so much of the answer."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import certifi
import httpx

from workflow.webhooks.addresses import (
    Allowance,
    Resolver,
    Target,
    UnfitAddress,
    checked_addresses,
    target_of,
)
from workflow.webhooks.telling import Answer

PATIENCE = 10.0
"""Seconds for all of a call: finding the host, connecting, sending, the answer."""

_MOST_READ = 4096
_AGENT = "Vivier-Webhooks/1.0"


def public_certificates() -> ssl.SSLContext:
    """Whose certificates are believed: what the system believes, and the usual authorities."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Poster:
    """Calls webhooks. Proxies and redirects are not followed: both would lead elsewhere than where was looked."""

    def __init__(
        self,
        allowed: Allowance,
        *,
        resolve: Resolver,
        certificates: ssl.SSLContext | None = None,
        patience: float = PATIENCE,
    ) -> None:
        # addresses can hold a password; what is worth saying of a call is said by whoever makes it
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._allowed = allowed
        self._resolve = resolve
        self._certificates = certificates
        self._patience = patience

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Answer:
        """Send a body; what came of it. Never raises for what the other side does."""
        self._certificates = self._certificates or public_certificates()
        call = _Call(now)
        begun = _tick()
        try:
            async with asyncio.timeout(self._patience):
                target = target_of(url)
                addresses = await checked_addresses(target, self._allowed, self._resolve)
                await self._exchange(target, addresses, body, headers, call)
        except TimeoutError:
            call.fail(f"no answer within {self._patience:g} seconds")
        except UnfitAddress as error:
            call.fail(f"not called: {error}")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            call.fail(f"{type(error).__name__}: {error}")
        return call.answer(round((_tick() - begun) * 1000))

    async def _exchange(
        self,
        target: Target,
        addresses: tuple[str, ...],
        body: bytes,
        headers: Mapping[str, str],
        call: "_Call",
    ) -> None:
        """Try one address after the other until one can be connected to."""
        for number, address in enumerate(addresses, start=1):
            try:
                await self._send(target, address, body, headers, call)
            except httpx.ConnectError:
                if number == len(addresses):
                    raise
            else:
                return

    async def _send(
        self, target: Target, address: str, body: bytes, headers: Mapping[str, str], call: "_Call"
    ) -> None:
        """With a connection of its own: one kept for another host at this address is not to be trusted for this."""
        own = {
            "Host": target.url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        async with (
            httpx.AsyncClient(
                verify=self._certificates or True,
                trust_env=False,
                follow_redirects=False,
                timeout=self._patience,
            ) as client,
            client.stream(
                "POST",
                target.url.copy_with(host=address),
                content=body,
                headers={**own, **headers},
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            call.status = response.status_code
            if response.is_redirect:
                call.begin_with(f"redirects are not followed{_led_to(target, response)}\n")
            call.retry_after = response.headers.get("retry-after", "")
            async for piece in response.aiter_raw():
                call.said += piece
                if len(call.said) >= _MOST_READ:
                    return


class _Call:
    """What is known of a call so far: a status that came counts, also where the rest of the answer never does."""

    def __init__(self, now: datetime) -> None:
        self.status: int | None = None
        self.retry_after = ""
        self.said = b""
        self._failure = ""
        self._remark = ""
        self._now = now

    def begin_with(self, remark: str) -> None:
        """What stands in the log before the words of the other side."""
        self._remark = remark

    def fail(self, why: str) -> None:
        self._failure = why

    def answer(self, milliseconds: int) -> Answer:
        if self.status is None:
            return Answer(None, _plain(self._failure), milliseconds)
        said = _plain(self._remark + self.said[:_MOST_READ].decode("utf-8", "replace"))
        return Answer(self.status, said, milliseconds, pause_of(self.retry_after, self._now))


def _led_to(target: Target, response: httpx.Response) -> str:
    """Whereto a redirect points, by its host alone: addresses can hold a password."""
    if "location" not in response.headers:
        return ""
    try:
        host = target.url.join(response.headers["location"]).host
    except (httpx.InvalidURL, ValueError):
        return ""
    return f"; this one leads to {host}"


def pause_of(retry_after: str, now: datetime) -> timedelta | None:
    """What a Retry-After asks for, in seconds or as a date (RFC 9110, 10.2.3); None where it says nothing."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text[:9]))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    pause = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return max(pause, timedelta())


def _plain(text: str) -> str:
    """On few lines, without what a database or a terminal would stumble over."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text).strip()


def _tick() -> float:
    return asyncio.get_running_loop().time()
