"""Claimed rows made into mails: rendered and composed at the first claim, and the very bytes again ever after."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from jinja2 import TemplateError

from jobs.composing import compose, envelope_of, wire_address
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.messages.rendering import House, render
from workflow.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed row, the address that its mail goes to, and its bytes."""

    claim: Claim
    recipient: str
    mail: bytes


class Unwritable(ValueError):
    """A mail that can never be written; the message says why."""


class Writer:
    """Writes the mails of one portal."""

    def __init__(self, *, sender: str, house: House, secret_key: str) -> None:
        self._sender = sender
        self._house = house
        self._secret_key = secret_key

    def letter(self, claim: Claim) -> Letter:
        """The mail of a row: the bytes of the first time, or new ones. Raises Unwritable."""
        try:
            return Letter(
                claim, wire_address(claim.recipient or ""), self._kept(claim) or self._written(claim)
            )
        except (TemplateError, InvalidToken, ValueError, KeyError) as error:
            raise Unwritable(f"could not be written: {type(error).__name__}: {error}") from error

    async def kept(self, letters: Sequence[Letter]) -> list[Letter]:
        """The letters of one claim, once every new one is kept; without those whose lease was lost meanwhile."""
        new = {each.claim.id: self._sealed(each) for each in letters if each.claim.rendered is None}
        if not new:
            return list(letters)
        held = await outbox.keep_rendered(new, token=letters[0].claim.token)
        return [each for each in letters if each.claim.id not in new or each.claim.id in held]

    def _written(self, claim: Claim) -> bytes:
        secret = unseal(claim.secret, self._secret_key) if claim.secret else {}
        return compose(
            render(claim.kind, claim.language, {**claim.params, **secret}, house=self._house),
            envelope_of(claim, sender=self._sender, key=self._secret_key),
        )

    def _kept(self, claim: Claim) -> bytes | None:
        if claim.rendered is None or claim.secret is None:
            return claim.rendered
        return str(unseal(claim.rendered, self._secret_key)["mail"]).encode()

    def _sealed(self, letter: Letter) -> bytes:
        if letter.claim.secret is None:
            return letter.mail
        return seal({"mail": letter.mail.decode()}, self._secret_key)
