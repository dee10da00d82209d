"""Which addresses webhooks may go to, and that no trick of names or numbers leads into our own network."""

import asyncio
import time
from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from workflow.settings import Settings
from workflow.webhooks.addresses import (
    Allowance,
    UnfitAddress,
    checked_addresses,
    resolve_host,
    target_of,
)

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
CLOSED = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1"),
    *("192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255"),
    *("::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *(
        "64:ff9b::a00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
    ),
    *("fec0::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "100::1", "3fff::1", "5f00::1"),
    *("nonsense", ""),
)


class Answers:
    """A resolver that says these addresses, and what it was asked."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = addresses
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.addresses


NOTHING = Allowance()


async def verdict(url: str, *addresses: str, allowed: Allowance = NOTHING) -> str | tuple[str, ...]:
    try:
        return await checked_addresses(target_of(url), allowed, Answers(addresses))
    except UnfitAddress as error:
        return str(error)


async def test_public_addresses_are_called_by_https_alone() -> None:
    assert await verdict("https://example.org/hook", *PUBLIC) == PUBLIC
    assert await verdict("https://example.org/hook", "64:ff9b::5db8:d70e") == ("64:ff9b::5db8:d70e",)
    assert await verdict("http://example.org/hook", *PUBLIC) == (
        "Write an address that begins with https://; others could read along."
    )


async def test_no_address_of_a_closed_network_is_called() -> None:
    found = {address: await verdict("https://example.org/", address) for address in CLOSED}
    assert found == {
        address: f"example.org is in a network that is not called ({address})." for address in CLOSED
    }


async def test_one_closed_address_among_public_ones_is_enough() -> None:
    assert await verdict("https://example.org/", *PUBLIC, "10.0.0.1") == (
        "example.org is in a network that is not called (10.0.0.1)."
    )


async def test_a_host_without_addresses_is_named() -> None:
    async def nobody(_host: str, _port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    with pytest.raises(UnfitAddress, match=r"no server with the name gone\.example"):
        await checked_addresses(target_of("https://gone.example/"), Allowance(), nobody)
    assert await verdict("https://gone.example/") == "There is no server with the name gone.example."


async def test_networks_that_are_allowed_are_called_also_without_tls() -> None:
    allowed = Allowance((ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")))
    found = {
        address: await verdict("http://in.house:8080/", address, allowed=allowed)
        for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00:1::7", "10.2.0.1", "127.0.0.1")
    }
    assert [address for address, said in found.items() if said == (address,)] == [
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "fd00:1::7",
    ]


def test_this_machine_is_allowed_in_development_alone() -> None:
    production = {
        "VIVIER_ENVIRONMENT": "production",
        "VIVIER_SECRET_KEY": "s" * 32,
        "VIVIER_HISTORY_KEY": "h" * 32,
        "VIVIER_SMTP_URL": "smtp://mail.example.org",
        "VIVIER_BASE_URL": "https://example.org",
    }
    own = {"VIVIER_WEBHOOKS_PRIVATE": "10.1.0.0/16, fd00:1::/32"}
    found = [
        Allowance.of(Settings.from_environment(each)).networks for each in ({}, production, production | own)
    ]
    assert found == [
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        (),
        (ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")),
    ]


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org/", "file:///etc/passwd", "https:///hook", "https://"),
        *(
            "javascript:alert(1)",
            "https://exa mple.org/",
            "https://example.org\\@evil.example/",
            "https://%00/",
        ),
        *("https://example.org/\n", "https://example.org/\0", "https://ex\u200bample.org/", "gopher://x/"),
        *("https://me@example.org/", "https://me:you@example.org/", "https://@example.org/"),
        *("https://example.org/#top", "https://example.org:99999/", "https://example.org:0/"),
        *("https://example.org:22/", "https://example.org:25/", "http://example.org:1023/"),
        f"https://example.org/{'x' * 1000}",
    ],
)
def test_what_is_no_address_is_refused_before_anybody_is_asked(url: str) -> None:
    with pytest.raises(UnfitAddress):
        target_of(url)


async def test_the_host_is_asked_for_as_it_is_called() -> None:
    asked = {
        "https://EXAMPLE.org/": ("example.org", 443),
        "https://exämple.org:8443/": ("xn--exmple-cua.org", 8443),
        "http://[::1]:1024/": ("::1", 1024),
        "http://example.org/": ("example.org", 80),
    }
    found = {url: (target.host, target.port) for url in asked if (target := target_of(url))}
    assert found == asked


async def test_numbers_that_only_resolvers_read_as_addresses_are_seen_through() -> None:
    for url in ("http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://localhost/"):
        with pytest.raises(UnfitAddress, match="network that is not called"):
            await checked_addresses(target_of(url), Allowance(), resolve_host)


async def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_host: str, _port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    monkeypatch.setattr("workflow.webhooks.addresses._PATIENCE", 0.1)
    begun = time.monotonic()
    with pytest.raises(UnfitAddress, match="no server"):
        await checked_addresses(target_of("https://slow.example/"), Allowance(), hangs)
    assert time.monotonic() - begun < 2
