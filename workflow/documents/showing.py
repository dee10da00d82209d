"""A document as it is shown on a screen: its pages drawn, and its words. Runs in a confined process only."""

import base64
import io
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

from workflow.documents import pdf
from workflow.documents.office_words import words_of

MOST_PAGES = 40
"""Of a longer document the first; whoever wants the rest saves the file."""

WIDTHS = {"normal": 1100, "large": 1800}
_HIGHEST = 3
"""So many times its width may a page be high; what is higher is drawn smaller."""

_MOST_WORDS = 10_000
_LARGEST_EXACT = 500_000


def shown(content: bytes, media_type: str, size: str, first: str, number: str) -> dict[str, Any]:
    """How many pages there are, the words of each, and some of them as pictures; of an office document its words."""
    if media_type != pdf.MEDIA_TYPE:
        return {"count": 0, "sizes": [], "words": [words_of(content)], "pictures": {}}
    document = pdfium.PdfDocument(content)
    if document.get_formtype():
        document.init_forms()  # what was filled in is seen as well
    count = min(len(document), MOST_PAGES)
    wanted = range(int(first), min(int(first) + int(number), count + 1))
    return {
        "count": len(document),
        "sizes": [_size(document[index]) for index in range(count)],
        "words": [_words(document[index]) for index in range(count)],
        "pictures": {page: _picture(document[page - 1], WIDTHS[size]) for page in wanted},
    }


def _size(page: pdfium.PdfPage) -> tuple[int, int]:
    """Width and height of a page's picture in the normal size."""
    scale = _scale(page, WIDTHS["normal"])
    return max(1, round(page.get_width() * scale)), max(1, round(page.get_height() * scale))


def _scale(page: pdfium.PdfPage, width: int) -> float:
    wide, high = max(page.get_width(), 1), max(page.get_height(), 1)
    return float(min(width / wide, width * _HIGHEST / high))


def _words(page: pdfium.PdfPage) -> str:
    words = page.get_textpage().get_text_range()[:_MOST_WORDS]
    return "".join(sign for sign in words.replace("\r\n", "\n") if sign == "\n" or sign.isprintable())


def _picture(page: pdfium.PdfPage, width: int) -> str:
    """WebP, to the pixel where that is small: letters stay sharp, photographs do not become heavy."""
    image = page.render(scale=_scale(page, width)).to_pil().convert("RGB")
    exact = _encoded(image, lossless=True, method=1, quality=20)
    picture = exact if len(exact) <= _LARGEST_EXACT else _encoded(image, method=2, quality=85)
    return base64.b64encode(picture).decode()


def _encoded(image: Image.Image, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", **how)
    return out.getvalue()
