"""Who counts as one where attempts are counted by address."""

from typing import Any

import pytest
from litestar.connection import ASGIConnection

from web.kit.gates import origin


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_a_household_is_one_origin(host: str, counted: str) -> None:
    scope: Any = {"type": "http", "client": (host, 4711), "headers": [], "path": "/", "query_string": b""}
    assert origin(ASGIConnection(scope)) == counted
