"""Browsers that have logged in to an account before: wrong passwords that come from elsewhere do not close it to them.

A browser keeps a mark for each of a few accounts, and the database nothing. Whoever reads a mark learns no account.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

KEPT_FOR = timedelta(days=180)
"""After the last login."""
_MOST = 4
_LONGEST = _MOST * (32 + 1 + 64 + 1)
_MARK = re.compile(r"([0-9a-f]{32})-([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Account:
    """What a mark stands for: a name that the account never changes, and its password's hash.

    So every mark ends when the password changes.
    """

    name: str
    password_hash: str


def known_browser(marks: str, account: Account, secret_key: str) -> str | None:
    """The browser's name with this account, which it made up; None for a stranger's."""
    for mark in _MARK.finditer(marks[:_LONGEST]):
        if hmac.compare_digest(mark[2], _seal(mark[1], account, secret_key)):
            return mark[1]
    return None


def with_mark(marks: str, account: Account, secret_key: str) -> str:
    """What the browser is to keep from now on. The mark that it has stays; the longest unused goes for a fifth."""
    browser = known_browser(marks, account, secret_key) or secrets.token_hex(16)
    mark = f"{browser}-{_seal(browser, account, secret_key)}"
    others = [found[0] for found in _MARK.finditer(marks[:_LONGEST]) if found[1] != browser]
    return ".".join([mark, *others][:_MOST])


def _seal(browser: str, account: Account, secret_key: str) -> str:
    key = hmac.digest(secret_key.encode(), b"vivier known browser", "sha256")
    facts = f"{account.name}\n{account.password_hash}\n{browser}"
    return hmac.new(key, facts.encode(), hashlib.sha256).hexdigest()
