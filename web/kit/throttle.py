"""How many failed logins one address may try: every door shares the count, and it heals by itself."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from workflow.errors import TooManyAttempts

FAILURES = 30
WINDOW = timedelta(minutes=5)


class LoginLimit:
    """Counts failed logins per address in a sliding window; nobody waits for longer than that."""

    def __init__(self) -> None:
        self._failures: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def check(self, address: str, *, now: datetime) -> None:
        """Raises TooManyAttempts when this address has failed too often."""
        self._forget(now)
        failures = self._failures.get(address)
        if failures and len(failures) >= FAILURES:
            raise TooManyAttempts(seconds=max(1, int((failures[0] + WINDOW - now).total_seconds())))

    def count_failure(self, address: str, *, now: datetime) -> None:
        """One more login from this address has failed."""
        self._failures[address].append(now)

    def _forget(self, now: datetime) -> None:
        for address, failures in list(self._failures.items()):
            while failures and failures[0] <= now - WINDOW:
                failures.popleft()
            if not failures:
                del self._failures[address]
