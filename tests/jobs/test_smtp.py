"""What the mail server's failures mean."""

import asyncio

import pytest
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from jobs.smtp import MailServer
from jobs.verdicts import Unanswered, Verdict, verdict_on
from tests.support.smtp import SmtpSink


def refused(code: int, said: str = "no") -> SMTPRecipientRefused:
    return SMTPRecipientRefused(code, said, "a@example.org")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (refused(550), Verdict.DEAD),
        (refused(551), Verdict.DEAD),
        (refused(553), Verdict.DEAD),
        (refused(552), Verdict.FEW_TRIES),
        (refused(550, "5.1.1 no such user"), Verdict.DEAD),
        (refused(554, "5.1.1 no such user"), Verdict.DEAD),
        (refused(550, "5.7.1 relaying denied"), Verdict.LATER),
        (refused(554, "5.7.1 relaying denied"), Verdict.LATER),
        (refused(550, "5.1.8 bad sender"), Verdict.LATER),
        (refused(552, "5.2.2 full"), Verdict.LATER),
        (SMTPDataError(550, "5.7.1 spam"), Verdict.FEW_TRIES),
        (refused(450), Verdict.LATER),
        (refused(421), Verdict.SERVER_DOWN),
        (SMTPDataError(550, "spam"), Verdict.FEW_TRIES),
        (SMTPDataError(554, "no"), Verdict.FEW_TRIES),
        (SMTPDataError(451, "busy"), Verdict.LATER),
        (SMTPDataError(421, "closing"), Verdict.SERVER_DOWN),
        (SMTPSenderRefused(550, "no", "x@example.org"), Verdict.SERVER_DOWN),
        (SMTPAuthenticationError(535, "no"), Verdict.SERVER_DOWN),
        (SMTPConnectError("refused"), Verdict.SERVER_DOWN),
        (SMTPServerDisconnected("gone"), Verdict.LATER),
        (SMTPReadTimeoutError("silence"), Verdict.LATER),
        (Unanswered("silence after the dot"), Verdict.LATER),
        (ConnectionResetError(), Verdict.LATER),
        (ValueError("an address with a line break"), Verdict.DEAD),
    ],
)
def test_verdict_on_failure(error: Exception, verdict: Verdict) -> None:
    assert verdict_on(error) is verdict


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", MailServer("mail.example.org", 25, tls=False)),
        ("smtp://mail.example.org:2525", MailServer("mail.example.org", 2525, tls=False)),
        ("smtps://u%40x:p%2Fw@mail.example.org", MailServer("mail.example.org", 465, True, "u@x", "p/w")),
        ("smtp://u:p@mail.example.org", MailServer("mail.example.org", 587, False, "u", "p")),
    ],
)
def test_server_is_read_from_its_url(url: str, server: MailServer) -> None:
    assert MailServer.from_url(url) == server


async def test_password_is_not_told_without_tls(sink: SmtpSink) -> None:
    server = MailServer("127.0.0.1", sink.port, tls=False, user="u", password="p")
    with pytest.raises(Exception, match="STARTTLS"):
        await server.connect()
    await asyncio.sleep(0)
