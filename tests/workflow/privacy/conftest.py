"""What tests of candidates' data ask for: an open offer, its recruiter, and the secrets of links."""

from uuid import UUID

from tests.support.house import PASSWORD, House
from workflow.engine.tables import Outbox
from workflow.privacy.commands import ask_for_deletion
from workflow.sealing import unseal

KEY = "a key for the tests of privacy"


async def deletion_token(house: House, candidate: UUID) -> str:
    """The token of a link that was just mailed to a candidate."""
    await ask_for_deletion(candidate, {"current_password": PASSWORD}, secret_key=KEY, now=house.now)
    rows = await Outbox.select().where(Outbox.kind == "deletion_confirmation").order_by(Outbox.id)
    path: str = unseal(rows[-1]["secret"], KEY)["path"]
    prefix, _, token = path.rpartition("/")
    assert prefix == "/candidate/delete-account"
    return token


async def kinds_to(recipient: str) -> list[str]:
    """The kinds of the mails recorded for an address, oldest first."""
    rows = await Outbox.select(Outbox.kind).where(Outbox.recipient == recipient).order_by(Outbox.id)
    return [row["kind"] for row in rows]
