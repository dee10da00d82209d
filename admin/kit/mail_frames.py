"""A mail in a frame of a page: with its own styles and its picture, and nothing can leave the frame."""

import base64

from workflow.messages.rendering import MARK_ID, mark

MAILS_OWN_STYLES = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""The content security policy of a page with a mail in a frame, which brings its styles along."""


def framed(html: str) -> str:
    """The HTML of a mail for `srcdoc`: its picture lies in itself, and its links lead nowhere."""
    picture = f"data:image/png;base64,{base64.b64encode(mark()).decode()}"
    return html.replace(f"cid:{MARK_ID}", picture).replace("<head>", '<head><base target="_blank">', 1)
