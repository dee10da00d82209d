"""What can be wrong with an index; nothing that a visitor types is ever an error."""


class IndexUnusable(Exception):
    """The search index cannot be used and must be rebuilt: {reason}."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The search index cannot be used and must be rebuilt: {reason}.")
        self.reason = reason


class IndexMissing(IndexUnusable):
    """No search index has been built yet; pages answer 503 until the worker has built one."""

    def __init__(self) -> None:
        super().__init__("none has been built yet")


class IndexBusy(Exception):
    """Another process has been writing the search index for too long; try again later."""
