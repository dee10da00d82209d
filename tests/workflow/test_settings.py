"""Settings are read once, and all that is wrong with them is said at once."""

import pytest

from workflow.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "0"),
        ("UNDO_MINUTES", "99999999999999"),
        ("UNDO_MINUTES", "-1"),
        ("CV_MEGABYTES", "9999999999"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "ftp://example.org"),
        ("TRUSTED_PROXIES", "junk"),
        ("MAIL_FROM", "a\nBcc: x@example.org"),
        ("TIMEZONE", "Mars/Olympus"),
        ("DEMO", "perhaps"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("NONSENSE", "1"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"VIVIER_{name}: "):
        Settings.from_environment({f"VIVIER_{name}": value})


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"VIVIER_PORT": "x", "VIVIER_DEMO": "x", "VIVIER_WHAT": "x"})
    assert [name for name in ("PORT", "DEMO", "WHAT") if f"VIVIER_{name}:" in str(caught.value)] == [
        "PORT",
        "DEMO",
        "WHAT",
    ]


def test_production_refuses_what_is_for_trying_out() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"VIVIER_ENVIRONMENT": "production", "VIVIER_DEMO": "yes"})
    said = str(caught.value)
    assert [
        name for name in ("SECRET_KEY", "HISTORY_KEY", "SMTP_URL", "DEMO", "BASE_URL") if name in said
    ] == [
        "SECRET_KEY",
        "HISTORY_KEY",
        "SMTP_URL",
        "DEMO",
        "BASE_URL",
    ]


def test_defaults_follow_from_each_other() -> None:
    settings = Settings.from_environment({"VIVIER_PORT": "8123", "VIVIER_VAR": "/tmp/somewhere"})  # noqa: S108
    assert (settings.base_url, settings.database_url) == (
        "http://localhost:8123",
        "sqlite:////tmp/somewhere/vivier.sqlite",
    )
