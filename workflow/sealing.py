"""Sealing secrets that must be read again: tokens and passwords on their way into a mail."""

import base64
import json
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seal(facts: dict[str, str], key: str) -> bytes:
    """Encrypt and authenticate a few named secrets."""
    return _box(key).encrypt(json.dumps(facts).encode())


def unseal(sealed: bytes, key: str) -> dict[str, Any]:
    """Read what `seal` closed. Raises cryptography's InvalidToken under another key."""
    facts: dict[str, Any] = json.loads(_box(key).decrypt(sealed))
    return facts


def _box(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"vivier outbox secret").derive(
        key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
