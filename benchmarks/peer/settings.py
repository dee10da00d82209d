"""Django's settings: nothing that a move does not need, connections that stay, the durability of our own databases."""

import os
from typing import Any
from urllib.parse import urlsplit


def _database(url: str) -> dict[str, Any]:
    kept = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    if url.startswith("sqlite:///"):
        return kept | {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
            },
        }
    parts = urlsplit(url)
    return kept | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname,
        "PORT": parts.port,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
    }


SECRET_KEY = "only for measuring"
DATABASES = {"default": _database(os.environ["PEER_DATABASE_URL"])}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_fsm",
    "django_fsm_log",
    "benchmarks.peer",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
