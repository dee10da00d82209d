"""What a status is called."""

import pytest

from web.kit.errors import title_of


@pytest.mark.parametrize("language", ["en", "fr"])
def test_only_failures_of_ours_are_called_ours(language: str) -> None:
    ours = title_of(500, language)
    assert [status for status in range(400, 500) if title_of(status, language) == ours] == []
    assert title_of(502, language) == ours
    used = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)
    assert len({title_of(status, language) for status in used}) == len(used)
