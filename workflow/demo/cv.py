"""Makes the small CVs of the demonstration's candidates: real PDF files, without a real person in them."""

import io
import unicodedata
from collections.abc import Sequence

import pikepdf

from workflow.demo.candidates import DemoCandidate
from workflow.reference.queries import label

_WORDS = {
    "fr": ("Diplôme le plus élevé", "Situation", "Langues", "CV inventé pour la démonstration."),
    "en": ("Highest qualification", "Situation", "Languages", "A CV invented for the demonstration."),
}
_A4 = (595, 842)
_LEFT, _TOP, _LEADING = 72, 760, 22


def demo_cv(candidate: DemoCandidate) -> bytes:
    """One page: who they are, what they have learnt, which languages they speak."""
    level, situation, languages, remark = _WORDS[candidate.language]
    return _pdf(
        candidate.name,
        [
            f"{candidate.city} - {candidate.email}",
            f"{level}: {label('level', candidate.level, candidate.language)}",
            f"{situation}: {label('situation', candidate.situation, candidate.language)}",
            f"{languages}: {spoken_languages(candidate)}",
            remark,
        ],
    )


def spoken_languages(candidate: DemoCandidate) -> str:
    """The languages that a candidate speaks, named in their own."""
    return ", ".join(label("language", code, candidate.language) for code in candidate.spoken)


def _pdf(heading: str, lines: Sequence[str]) -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=_A4)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    shown = [
        b"BT %d TL /F1 20 Tf %d %d Td" % (_LEADING, _LEFT, _TOP),
        _string(heading) + b" Tj /F1 11 Tf T*",
        *(b"T* " + _string(line) + b" Tj" for line in lines),
        b"ET",
    ]
    page.Contents = document.make_stream(b"\n".join(shown))
    written = io.BytesIO()
    document.save(written, deterministic_id=True)
    return written.getvalue()


def _string(text: str) -> bytes:
    """A string of a content stream, in hexadecimal, so that nothing needs escaping."""
    return b"<" + _in_latin(text).encode("cp1252", "replace").hex().encode() + b">"


def _in_latin(text: str) -> str:
    """The page's font knows Western letters only: others lose their marks."""
    return "".join(c if _is_western(c) else unicodedata.normalize("NFKD", c)[0] for c in text)


def _is_western(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
