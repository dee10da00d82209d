"""Connections: kept from sweep to sweep, checked, secured, and no more mails than allowed."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtplib import SMTPAuthenticationError, SMTPException
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jobs.connections import MOST_MAILS, Connections, Pace
from jobs.relay import Relay
from jobs.smtp import MailServer
from tests.jobs.conftest import record_mails, rows
from tests.jobs.test_relay import HOUSE, KEY
from tests.support.faulty_smtp import FaultySink, faulty_sink
from tests.support.smtp import SmtpSink

HOST = "127.0.0.1"
MAIL = b"Message-ID: <n4me@example.org>\r\n\r\n.\r\n..\r\n.hello\r\n"


@pytest.fixture
def quiet() -> Iterator[FaultySink]:
    with faulty_sink({}) as sink:
        yield sink


@dataclass
class Secured:
    """A server that demands what it is told to; `seen`: over TLS, as whom, to whom, what."""

    port: int = 0
    trusted: ssl.SSLContext | None = None
    seen: list[tuple[bool, str, str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        login: Any = session.auth_data
        over_tls = session.ssl is not None or _is_over_tls(server.transport)
        who = login.login.decode() if login else ""
        self.seen.append((over_tls, who, envelope.rcpt_tos[0], bytes(envelope.original_content or b"")))
        return "250 taken"


def _is_over_tls(transport: asyncio.BaseTransport | None) -> bool:
    return transport is not None and transport.get_extra_info("sslcontext") is not None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate, made by ourselves for this host, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def secured(certificate: Path, *, from_the_start: bool, **demands: Any) -> AsyncIterator[Secured]:
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate)
    found = Secured(trusted=ssl.create_default_context(cafile=str(certificate)))
    options = demands | ({} if from_the_start else {"tls_context": own})
    loop = asyncio.get_running_loop()

    def conversation() -> SMTP:
        with warnings.catch_warnings():  # of logins without STARTTLS, though all is in TLS
            warnings.simplefilter("ignore")
            conversations.append(SMTP(found, hostname="secured", loop=loop, **options))
            return conversations[-1]

    conversations: list[SMTP] = []

    server = await loop.create_server(
        conversation,
        HOST,
        0,
        ssl=own if from_the_start else None,
    )
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for each in conversations:  # one that could not agree on TLS is left open
            for transport in (each.transport, each._original_transport):
                if transport is not None:
                    transport.close()
        await asyncio.sleep(0.05)


def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """aiosmtpd's authenticator: one user with one password."""
    is_right = isinstance(data, LoginPassword) and data == LoginPassword(b"u", b"p")
    return AuthResult(success=is_right, handled=False, auth_data=data)


async def sent_over(server: MailServer, recipient: str = "zoe@example.org") -> list[str]:
    conversation = await server.connect()
    taken: list[str] = []
    for _ in range(2):
        await conversation.send("no-reply@example.org", recipient, MAIL, taken=taken.append)
    await conversation.end()
    return taken


@pytest.mark.parametrize("from_the_start", [True, False], ids=["TLS", "STARTTLS"])
async def test_mails_go_over_tls_with_a_login(certificate: Path, from_the_start: bool) -> None:
    demands = {"authenticator": known, "auth_required": True, "auth_require_tls": not from_the_start}
    async with secured(certificate, from_the_start=from_the_start, **demands) as found:
        server = MailServer(HOST, found.port, from_the_start, "u", "p", trusted=found.trusted)
        assert await sent_over(server) == ["taken"] * 2
        assert found.seen == [(True, "u", "zoe@example.org", MAIL)] * 2
        with pytest.raises(SMTPAuthenticationError):
            await MailServer(HOST, found.port, from_the_start, "u", "?", trusted=found.trusted).connect()
        with pytest.raises((SMTPException, OSError), match=r"(?i)certificate"):
            await MailServer(HOST, found.port, from_the_start, "u", "p").connect()
    assert len(found.seen) == 2


async def test_starttls_is_used_where_it_is_offered(certificate: Path) -> None:
    async with secured(certificate, from_the_start=False) as found:
        await sent_over(MailServer(HOST, found.port, tls=False, trusted=found.trusted))
    assert [over_tls for over_tls, *_ in found.seen] == [True, True]


async def test_address_beyond_ascii_goes_where_the_server_takes_it(certificate: Path, sink: SmtpSink) -> None:
    async with secured(certificate, from_the_start=False, enable_SMTPUTF8=True) as found:
        await sent_over(MailServer(HOST, found.port, tls=False, trusted=found.trusted), "zoé@example.org")
    assert [recipient for *_, recipient, _ in found.seen] == ["zoé@example.org"] * 2
    with pytest.raises(ValueError, match="SMTPUTF8"):
        await sent_over(MailServer(HOST, sink.port, tls=False), "zoé@example.org")
    assert sink.received == []


@pytest.mark.parametrize(
    "address", ["a b@example.org", "a@example.org>\r\nRSET", "a@example.org> SIZE=1", "\0@b.org"]
)
async def test_address_cannot_add_commands(sink: SmtpSink, address: str) -> None:
    with pytest.raises(ValueError, match="said in a command"):
        await sent_over(MailServer(HOST, sink.port, tls=False), address)
    assert sink.received == []


async def test_connection_stays_from_sweep_to_sweep(
    database: str, now: datetime, quiet: FaultySink, tmp_path: Path
) -> None:
    relay = relay_to(quiet, now, tmp_path)
    for number in range(3):
        await record_mails(now, f"candidate{number}@example.org")
        await relay.sweep()
    assert (len(quiet.copies), len(quiet.transports)) == (3, 1)
    quiet.transports[0].get_extra_info("socket").shutdown(2)  # the server has waited long enough
    await asyncio.sleep(0.05)
    await record_mails(now, "zoe@example.org")
    await relay.sweep()
    assert (len(quiet.copies), len(quiet.transports)) == (4, 2)
    assert {(row["state"], row["attempts"]) for row in await rows("state", "attempts")} == {("sent", 1)}
    await relay.close()


def relay_to(sink: FaultySink, now: datetime, journals: Path) -> Relay:
    return Relay(
        MailServer(HOST, sink.port, tls=False),
        sender="Vivier <no-reply@example.org>",
        house=HOUSE,
        secret_key=KEY,
        journals=journals,
        clock=lambda: now,
    )


async def test_used_connection_that_is_refused_is_replaced_at_once(
    database: str, now: datetime, quiet: FaultySink, tmp_path: Path
) -> None:
    relay = relay_to(quiet, now, tmp_path)
    await record_mails(now, "first@example.org")
    await relay.sweep()
    quiet.only_once.add("421 before the mail")
    await record_mails(now, "second@example.org")
    await relay.sweep()
    assert quiet.recipients == ["first@example.org", "second@example.org"]
    assert {(row["state"], row["attempts"]) for row in await rows("state", "attempts")} == {("sent", 1)}
    await relay.close()


async def test_idle_and_worn_connections_are_ended(quiet: FaultySink) -> None:
    connections = Connections(MailServer(HOST, quiet.port, tls=False))
    first, second = await connections.take(), await connections.take()
    await connections.give_back(first)
    assert await connections.take() is first
    first.mails = MOST_MAILS
    await connections.give_back(first)
    await connections.give_back(second)
    assert (first.is_open, second.is_open) == (False, True)
    await connections.close_idle()
    assert second.is_open
    await connections.close_idle(seconds=0)
    assert not second.is_open
    third = await connections.take()
    assert third is not second
    await connections.give_back(third)
    await connections.close()
    assert not third.is_open


async def test_mails_keep_the_pace() -> None:
    loop = asyncio.get_running_loop()
    pace, begun = Pace(50), loop.time()
    await asyncio.gather(*(pace.turn() for _ in range(6)))
    assert loop.time() - begun >= 0.1
    begun = loop.time()
    unhurried = Pace(0)
    for _ in range(1000):
        await unhurried.turn()
    assert loop.time() - begun < 0.5
