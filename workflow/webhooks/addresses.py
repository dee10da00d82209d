"""Which addresses webhooks may go to: nobody may have us call into our own network (SSRF).

The name is resolved here and every address that comes of it is checked; the worker then connects to the
very address that was checked, so that a second answer of the resolver can change nothing (DNS rebinding).
"""

import asyncio
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpx

from workflow.language import N_
from workflow.settings import Settings

URL_LENGTH = 1000
_PATIENCE = 5.0
_PORTS = (443, 80)
_HIGH_PORTS = range(1024, 65_536)
_PATH = re.compile(r"[/?#]")
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
_NAT64 = ip_network("64:ff9b::/96")
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

_CLOSED = tuple(
    map(
        ip_network,
        (
            # IANA's registry of addresses for special purposes, as far as they are not for everybody
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # looks public: a cloud's machines are told of themselves there
            # tunnels, documentation and protocols; what is outside 2000::/3 is closed anyway
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
_PUBLIC_6 = ip_network("2000::/3")

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; raises OSError where there are none."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class UnfitAddress(ValueError):
    """An address that is not called. `message` is a message id, `facts` are what it names."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message.format(**facts))
        self.message = message
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Allowance:
    """Networks that may be called although they are not public, also without TLS."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Allowance":
        """What the settings allow, and in development this very machine."""
        own = () if settings.is_production else _LOOPBACK
        return cls((*map(ip_network, settings.webhooks_private), *own))

    def has(self, address: Address) -> bool:
        return any(address.version == each.version and address in each for each in self.networks)


@dataclass(frozen=True, slots=True)
class Target:
    """An address that is well formed. `host`: as certificates and the resolver name it."""

    url: httpx.URL
    host: str
    port: int

    @property
    def is_encrypted(self) -> bool:
        return self.url.scheme == "https"


def target_of(text: str) -> Target:
    """Read an address. Raises UnfitAddress for what is none, or carries more than an address does."""
    if len(text) > URL_LENGTH or not text.isprintable() or any(sign in " \\" for sign in text):
        raise UnfitAddress(N_("Write an address that begins with https://, without spaces."))
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise UnfitAddress(N_("Write an address that begins with https://, without spaces.")) from None
    if url.scheme not in ("https", "http") or not _HOST.fullmatch(host):
        raise UnfitAddress(N_("Write an address that begins with https://, without spaces."))
    if url.userinfo or "@" in _PATH.split(text.partition("://")[2])[0]:
        raise UnfitAddress(N_("Leave user names and passwords out of the address; each message is signed."))
    if url.fragment or "#" in text:
        raise UnfitAddress(N_("Leave out what follows the #; it is never sent."))
    port = url.port if url.port is not None else 443 if url.scheme == "https" else 80
    if port not in _PORTS and port not in _HIGH_PORTS:
        raise UnfitAddress(N_("Port {port} is not called. Use 443, or one from 1024 on."), port=port)
    return Target(url, host, port)


async def checked_addresses(target: Target, allowed: Allowance, resolve: Resolver) -> tuple[str, ...]:
    """The addresses that a target has now, each of which may be called. Raises UnfitAddress."""
    try:
        async with asyncio.timeout(_PATIENCE):
            found = tuple(dict.fromkeys(await resolve(target.host, target.port)))
    except (OSError, UnicodeError, TimeoutError):
        found = ()
    if not found:
        raise UnfitAddress(N_("There is no server with the name {host}."), host=target.host)
    for address in found:
        _require_callable(target, address, allowed)
    return found


def _require_callable(target: Target, text: str, allowed: Allowance) -> None:
    address = _meant(text)
    if address is not None and allowed.has(address):
        return
    if address is None or not _is_public(address):
        facts = {"host": target.host, "address": text}
        raise UnfitAddress(N_("{host} is in a network that is not called ({address})."), **facts)
    if not target.is_encrypted:
        raise UnfitAddress(N_("Write an address that begins with https://; others could read along."))


def _meant(text: str) -> Address | None:
    """The address that is reached in the end: an IPv4 address may be wrapped in an IPv6 one. None for none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id:
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _PUBLIC_6:
        return False
    return not any(address.version == each.version and address in each for each in _CLOSED)


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says. Raises OSError.

    In a thread of its own that nobody waits for: a resolver that hangs must hold up neither other work
    nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)

    def ask() -> None:
        found: list[str] = []
        failure: Exception | None = None
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [str(entry[4][0]) for entry in entries]
        except (OSError, UnicodeError) as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, found, failure)

    threading.Thread(target=ask, daemon=True, name=f"resolving {host}").start()
    return await answer
