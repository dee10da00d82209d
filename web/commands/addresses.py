"""Shows addresses of servers without the passwords in them."""

from urllib.parse import urlsplit


def without_password(url: str) -> str:
    """An address that can be shown."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return url
    return url.replace(f":{password}@", ":…@", 1) if password else url
