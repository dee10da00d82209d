"""Who waits for whom with batches."""

from uuid import UUID

from workflow.database.connection import hold_name


async def hold_batch(batch_id: UUID) -> None:
    """Whoever begins a batch, stops it or writes down what became of it holds its name until the transaction ends."""
    await hold_name(f"batch/{batch_id}")
