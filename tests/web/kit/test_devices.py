"""What devices are called."""

import pytest

from web.kit.devices import device_name

_MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            f"{_MOZILLA} (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0",
            "Firefox, Windows",
        ),
        (
            f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.4 Safari/605.1.15",
            "Safari, macOS",
        ),
        (
            f"{_MOZILLA} (iPhone; CPU iPhone OS 18_4 like Mac OS X) CriOS/138.0 Mobile/15E148 Safari/604.1",
            "Chrome, iPhone",
        ),
        (
            f"{_MOZILLA} (Linux; Android 15; Pixel 9) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet, Android",
        ),
        (
            f"{_MOZILLA} (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
            "Edge, Windows",
        ),
        (
            f"{_MOZILLA} (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36",
            "Chrome, Linux",
        ),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", ""),
        ("\x00\r\n<script>alert(1)</script>" * 1000, "<script>alert"),
        ("x" * 5000, "x" * 60),
    ],
)
def test_a_device_is_called_by_browser_and_system(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
