"""What mail servers say when they refuse a recipient, and what they mean."""

import pytest

from workflow.messages.refusals import Refusal, refusal_of


@pytest.mark.parametrize(
    ("code", "said", "meant"),
    [
        (550, "550 5.1.1 <a@b.org>: no such user", Refusal.NO_MAILBOX),
        (550, "5.1.1 The email account that you tried to reach\n5.1.1 does not exist", Refusal.NO_MAILBOX),
        (550, "#5.1.2 bad destination", Refusal.NO_MAILBOX),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; not found", Refusal.NO_MAILBOX),
        (553, "553 5.2.1 disabled", Refusal.NO_MAILBOX),
        (550, "5.1.0 address rejected", Refusal.UNCLEAR),
        (550, "5.4.1 access denied", Refusal.UNCLEAR),
        (550, "550 5.7.1 relaying denied", Refusal.NOT_NOW),
        (550, "5.7.26 no such user, says a rule", Refusal.NOT_NOW),
        (550, "5.1.7 bad sender", Refusal.NOT_NOW),
        (550, "5.1.8 bad sender's system", Refusal.NOT_NOW),
        (552, "552 5.2.2 mailbox full", Refusal.NOT_NOW),
        (450, "450 4.2.1 later", Refusal.NOT_NOW),
        (550, "4.1.1 later", Refusal.NOT_NOW),
        (550, "550 No such user here", Refusal.NO_MAILBOX),
        (550, "<unknown@example.org>: Recipient address rejected: User unknown", Refusal.NO_MAILBOX),
        (550, "<antispam@example.org> user doesn\u2019t exist", Refusal.NO_MAILBOX),
        (553, "sorry, no mailbox here by that name", Refusal.NO_MAILBOX),
        (550, "Invalid recipient", Refusal.NO_MAILBOX),
        (550, "account is disabled", Refusal.NO_MAILBOX),
        (550, "Requested action not taken: mailbox unavailable", Refusal.UNCLEAR),
        (551, "gone", Refusal.UNCLEAR),
        (550, "unknown@example.org refused", Refusal.UNCLEAR),
        (550, "", Refusal.UNCLEAR),
        (550, "your address 192.5.1.1 stands on a list", Refusal.NOT_NOW),
        (550, "Blocked, see https://blocks.example", Refusal.NOT_NOW),
        (550, "unknown client: rejected for policy reasons", Refusal.NOT_NOW),
        (553, "sender domain not found", Refusal.NOT_NOW),
        (554, "Relay access denied", Refusal.NOT_NOW),
    ],
)
def test_refusal_is_read_from_its_code_then_from_its_words(code: int, said: str, meant: Refusal) -> None:
    assert refusal_of(code, said) is meant
