"""What can be wrong with an index; nothing that a visitor types is ever an error."""


class IndexUnusable(Exception):
    """The search index cannot be used and must be rebuilt: {reason}."""

    is_damage = True
    """Whether something happened to it that should not; a first build and a new version are none."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The search index cannot be used and must be rebuilt: {reason}.")
        self.reason = reason


class IndexMissing(IndexUnusable):
    """No search index has been built yet; pages answer 503 until the worker has built one."""

    is_damage = False

    def __init__(self, reason: str = "none has been built yet") -> None:
        super().__init__(reason)


class IndexLost(IndexMissing):
    """There was an index here, and somebody removed it."""

    is_damage = True

    def __init__(self) -> None:
        super().__init__("it was there, and has gone")


class IndexAhead(IndexUnusable):
    """The files are not those of the manifest: it has just been replaced, or somebody removed them."""

    def __init__(self) -> None:
        super().__init__("its files and its manifest do not belong together")


class IndexOutdated(IndexUnusable):
    """The index was built by version {built_by} of the analysis, and titles now mean what version {wanted} says."""

    is_damage = False

    def __init__(self, built_by: int, wanted: int) -> None:
        super().__init__(f"it was built by version {built_by} of the analysis, not {wanted}")


class IndexBusy(Exception):
    """Another process has been writing the search index for too long; try again later."""

    def __init__(self) -> None:
        super().__init__("Another process has been writing the search index for too long; try again later.")
