"""How many logins to the console one address may try: both doors share the count, and it heals by itself."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from litestar.datastructures import State

ATTEMPTS = 30
WINDOW = timedelta(minutes=5)


class LoginLimit:
    """Counts attempts per address in a sliding window; nothing is blocked for longer than that."""

    def __init__(self) -> None:
        self._attempts: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def seconds_to_wait(self, address: str, *, now: datetime) -> int:
        """Count an attempt: 0, or how long to wait, when it is one too many (it is not counted then)."""
        self._forget(now)
        attempts = self._attempts[address]
        if len(attempts) >= ATTEMPTS:
            return max(1, int((attempts[0] + WINDOW - now).total_seconds()))
        attempts.append(now)
        return 0

    def _forget(self, now: datetime) -> None:
        for address, attempts in list(self._attempts.items()):
            while attempts and attempts[0] <= now - WINDOW:
                attempts.popleft()
            if not attempts:
                del self._attempts[address]


def login_limit(state: State) -> LoginLimit:
    """The one of this process."""
    limit: LoginLimit = state.setdefault("login_limit", LoginLimit())
    return limit
