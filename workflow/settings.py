"""What an operator can set: one frozen object, read once from the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import formataddr, parseaddr
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PREFIX = "VIVIER_"
DEVELOPMENT_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105  # refused in production


class SettingsError(ValueError):
    """The environment holds settings that cannot be used; the message names each and says how to mend it."""


def _setting(default: Any, parse: Callable[[str], Any], about: str) -> Any:
    return field(default=default, metadata={"parse": parse, "about": about})


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def _yes_or_no(text: str) -> bool:
    if text.lower() in {"yes", "true", "1", "on"}:
        return True
    if text.lower() in {"no", "false", "0", "off"}:
        return False
    raise ValueError("must be yes or no")


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError("must be one of " + ", ".join(choices))
        return text

    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError where the port is no number
        if text and parts.scheme not in schemes:
            raise ValueError("must begin with " + " or ".join(f"{scheme}://" for scheme in schemes))
        if parts.scheme in {"http", "https", "redis", "rediss", "smtp", "smtps"} and not parts.hostname:
            raise ValueError("must name a host")
        return text.rstrip("/") if "http" in schemes else text

    return parse


def _mailbox(text: str) -> str:
    name, address = parseaddr(text)
    if "@" not in address or not text.isprintable():
        raise ValueError("must be an address such as Vivier <no-reply@example.org>")
    return formataddr((name, address)) if name else address


def _networks(text: str) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        if name != "*":
            ip_network(name)  # raises ValueError that names it
    return names


def _own_networks(text: str) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        ip_network(name)  # raises ValueError that names it
    return names


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except ZoneInfoNotFoundError as error:
        raise ValueError("must be the name of a time zone, such as Europe/Paris") from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations. `VIVIER_` + the field's name in capitals sets it."""

    environment: Literal["development", "production"] = _setting(
        "development",
        _one_of("development", "production"),
        "`production` refuses default secrets, the mailbox page and demo accounts.",
    )
    var: Path = _setting(Path("var"), Path, "Folder for the embedded database, index, files, mails and logs.")
    host: str = _setting("127.0.0.1", str, "Address that the web process listens on.")
    port: int = _setting(8000, _whole_number(1, 65535), "Port that the web process listens on.")
    base_url: str = _setting(
        "", _url("http", "https"), "Address of the portal as people see it. Default: `http://localhost:PORT`."
    )
    database_url: str = _setting(
        "",
        _url("sqlite", "postgres", "postgresql"),
        "`sqlite:///path` or `postgresql://user:password@host/name`. Default: `vivier.sqlite` in `VIVIER_VAR`.",
    )
    search: Literal["whoosh", "postgres"] = _setting(
        "whoosh",
        _one_of("whoosh", "postgres"),
        "Where the index of the search lies: `whoosh`, in `VIVIER_VAR`, for one machine; `postgres`, in the "
        "PostgreSQL database, for any number of machines.",
    )
    redis_url: str = _setting(
        "",
        _url("redis", "rediss", "unix"),
        "Redis or a compatible server. Default: `vivier up` starts a bundled one.",
    )
    smtp_url: str = _setting(
        "",
        _url("smtp", "smtps"),
        "`smtp://user:password@host:port` (`smtps` for TLS). Default: mails are kept for `/dev/mailbox`.",
    )
    mail_from: str = _setting("Vivier <no-reply@example.org>", _mailbox, "Sender of every mail.")
    mails_per_second: int = _setting(
        0, _whole_number(0, 1000), "How many mails a worker hands over in a second at most; 0: no limit."
    )
    secret_key: str = _setting(
        DEVELOPMENT_SECRET, str, "Seals cookies and tokens. 32 characters or more in production."
    )
    history_key: str = _setting(
        DEVELOPMENT_SECRET, str, "Key of the hash chain of the history. Keep it apart from the database."
    )
    undo_minutes: int = _setting(
        15, _whole_number(0, 7 * 24 * 60), "How long a decision can be taken back before it is told."
    )
    remind_days: int = _setting(
        14,
        _whole_number(1, 365),
        "How many days after an offer has closed its contact is reminded of applications that still wait.",
    )
    weekly_day: str = _setting("monday", _one_of(*WEEKDAYS), "Day of the week on which weekly mails go out.")
    weekly_hour: int = _setting(
        8, _whole_number(0, 23), "Hour of daily and weekly mails, in the portal's time zone."
    )
    deletion_days: int = _setting(
        7, _whole_number(0, 60), "How many days candidates who delete their account may change their mind."
    )
    retention_days: int = _setting(
        730,
        _whole_number(60, 3650),
        "How many days after its last activity an account is deleted. Its owner is warned 30 days before.",
    )
    timezone: ZoneInfo = _setting(ZoneInfo("Europe/Paris"), _zone, "Where days and deadlines are counted.")
    employer: str = _setting("Vivier Research", str, "The employer's name, as pages and mails say it.")
    contact_email: str = _setting("careers@example.org", _mailbox, "Where people write to about the portal.")
    cv_megabytes: int = _setting(8, _whole_number(1, 100), "Largest CV, in megabytes.")
    letter_megabytes: int = _setting(4, _whole_number(1, 100), "Largest covering letter, in megabytes.")
    metrics_token: str = _setting("", str, "Bearer token that opens `/metrics` to other machines.")
    trusted_proxies: tuple[str, ...] = _setting(
        (), _networks, "Addresses of proxies whose `X-Forwarded-…` headers count, separated by commas."
    )
    webhooks_private: tuple[str, ...] = _setting(
        (),
        _own_networks,
        "Networks that webhooks may call although they are not public, also without TLS, separated by commas: "
        "`10.1.0.0/16`. In development this machine is among them.",
    )
    log_format: Literal["text", "json"] = _setting(
        "text", _one_of("text", "json"), "How log lines are written."
    )
    demo: bool = _setting(False, _yes_or_no, "Load the demo set-up when the database is empty.")

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def has_mailbox(self) -> bool:
        """Whether mails are kept for `/dev/mailbox` instead of being sent."""
        return not self.smtp_url and not self.is_production

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check all settings.

        Raises SettingsError that names every wrong setting, and every unknown `VIVIER_…` name, at once.
        """
        known = {PREFIX + item.name.upper(): item for item in fields(cls)}
        wrong = [
            f"{name}: there is no such setting. See `vivier settings`."
            for name in environment
            if name.startswith(PREFIX) and name not in known
        ]
        values: dict[str, Any] = {}
        for name, item in known.items():
            text = environment.get(name, "").strip()
            if not text:
                continue
            try:
                values[item.name] = item.metadata["parse"](text)
            except ValueError as error:
                wrong.append(f"{name}: {error}.")
        settings = _with_defaults(cls(**values))
        wrong += _unfit_together(settings) + _unfit_for_production(settings)
        if wrong:
            raise SettingsError("Please mend these settings:\n  " + "\n  ".join(wrong))
        return settings


def _with_defaults(settings: Settings) -> Settings:
    """Fill in what depends on other settings."""
    var = settings.var.resolve()
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    values["var"] = var
    values["base_url"] = settings.base_url or f"http://localhost:{settings.port}"
    values["database_url"] = settings.database_url or f"sqlite:///{var / 'vivier.sqlite'}"
    return Settings(**values)


def _unfit_together(settings: Settings) -> list[str]:
    if settings.search == "postgres" and not settings.database_url.startswith("postgres"):
        return ["VIVIER_SEARCH: postgres needs a VIVIER_DATABASE_URL that begins with postgresql://."]
    return []


def _unfit_for_production(settings: Settings) -> list[str]:
    if not settings.is_production:
        return []
    wrong = [
        f"{PREFIX}{name.upper()}: set a random value of 32 characters or more."
        for name in ("secret_key", "history_key")
        if getattr(settings, name) == DEVELOPMENT_SECRET or len(getattr(settings, name)) < 32
    ]
    if not settings.smtp_url:
        wrong.append("VIVIER_SMTP_URL: production needs a mail server.")
    if settings.demo:
        wrong.append("VIVIER_DEMO: demo accounts have no place in production.")
    if not settings.base_url.startswith("https://"):
        wrong.append("VIVIER_BASE_URL: production needs an https address.")
    return wrong


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment(os.environ)
