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


class IndexAhead(IndexUnusable):
    """The files are not those of the manifest: it has just been replaced, or somebody removed them."""

    def __init__(self) -> None:
        super().__init__("its files and its manifest do not belong together")


class IndexOutdated(IndexUnusable):
    """The index was built by version {built_by} of the analysis, and titles now mean what version {wanted} says."""

    def __init__(self, built_by: int, wanted: int) -> None:
        super().__init__(f"it was built by version {built_by} of the analysis, not {wanted}")


class IndexBusy(Exception):
    """Another process has been writing the search index for too long; try again later."""

    def __init__(self) -> None:
        super().__init__("Another process has been writing the search index for too long; try again later.")
