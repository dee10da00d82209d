"""XML for feed readers and search engines, written by templates."""

import re
from typing import Any

from web.kit.portal import Portal

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(portal: Portal, template: str, language: str, **context: Any) -> bytes:
    """The document in UTF-8. Characters that XML 1.0 cannot hold, not even escaped, are left out."""
    text = portal.templates.get_template(template).render(
        {
            "language": language,
            "now": portal.clock(),
            "base_url": portal.settings.base_url,
            **context,
        }
    )
    return _NOT_XML.sub("", text).encode()
