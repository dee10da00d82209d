"""Files of offers are read into rows that know their place, or refused as a whole with one sentence."""

import pytest

from workflow.errors import FieldError
from workflow.offers.import_files import FileRow, OffersFile, OffersFileUnreadable, read_offers_file

_HEADER = "reference,title,contract_code,unit_code,region_code,date_published,date_deadline"


def test_csv_rows_know_the_line_they_begin_at() -> None:
    content = f'{_HEADER}\nR1,"Chimiste\nconfirmé",ITCDD,LAB1,53,2026-01-01,2026-02-01\nR2,Juriste,,,,,\n'
    assert read_offers_file(content.encode()) == OffersFile(
        rows=(
            FileRow(
                "line 2",
                {
                    "reference": "R1",
                    "title": "Chimiste\nconfirmé",
                    "contract_code": "ITCDD",
                    "unit_code": "LAB1",
                    "region_code": "53",
                    "date_published": "2026-01-01",
                    "date_deadline": "2026-02-01",
                },
            ),
            FileRow(
                "line 4",
                {
                    "reference": "R2",
                    "title": "Juriste",
                    "contract_code": "",
                    "unit_code": "",
                    "region_code": "",
                    "date_published": "",
                    "date_deadline": "",
                },
            ),
        ),
        ignored=(),
    )


def test_csv_of_a_spreadsheet_is_read_too() -> None:
    content = (
        "\ufeff"
        + _HEADER.replace(",", ";")
        + ";colour\r\nR1;Chimiste;ITCDD;LAB1;53;2026-01-01;2026-02-01;red\r\n"
    )
    file = read_offers_file(content.encode())
    assert file.ignored == ("colour",)
    assert [(row.place, row.cells["reference"], row.cells["title"]) for row in file.rows] == [
        ("line 2", "R1", "Chimiste")
    ]


def test_csv_line_with_other_cells_than_the_header_is_broken_but_keeps_its_reference() -> None:
    content = f"{_HEADER}\nR1,Chimiste\nR2,a,b,c,d,e,f,g,h\n"
    ragged = (
        "This line has {found} cells, the header {columns} columns. "
        "Is a separator missing, or one too many in a text without quotes?"
    )
    assert read_offers_file(content.encode()).rows == (
        FileRow("line 2", {"reference": "R1"}, FieldError("", ragged, {"found": 2, "columns": 7})),
        FileRow("line 3", {"reference": "R2"}, FieldError("", ragged, {"found": 9, "columns": 7})),
    )


def test_json_items_are_numbered() -> None:
    odd = "These must be a text or a number: {columns}."
    content = (
        '[{"reference": "R1", "positions": 2, "city": null}, "R2",\n'
        '  {"title": ["a"], "reference": "R3"}, {"reference": "\\ud800"}]'
    )
    assert read_offers_file(content.encode()).rows == (
        FileRow("item 1", {"reference": "R1", "positions": "2", "city": ""}),
        FileRow("item 2", {}, FieldError("", "An offer is a JSON object, with braces.")),
        FileRow("item 3", {"reference": "R3"}, FieldError("", odd, {"columns": "'title'"})),
        FileRow("item 4", {}, FieldError("", odd, {"columns": "'reference'"})),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty."),
        (b" \n", "it is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is not a text file. Save it as “CSV UTF-8” or JSON."),
        (
            _HEADER.encode() + "\nR1,Ingénieur".encode("latin-1"),
            "line 2 is not UTF-8. Save it once more, as “CSV UTF-8” or JSON.",
        ),
        (_HEADER.encode(), "there is no offer in it."),
        (b"[]", "there is no offer in it."),
        (
            b"reference,title\nR1,Chimiste\n",
            (
                "its first line must name these columns, too: contract_code or contract_type, unit_code, "
                "region_code or region or country, date_published, date_deadline."
            ),
        ),
        (f"{_HEADER},title\n".encode(), "its first line names a column twice: title."),
        (f'{_HEADER}\nR1,"Chimiste'.encode(), "its CSV is broken at line 2: unexpected end of data."),
        (b'{"reference": "R1"}', "its JSON must be a list of objects: [{…}, {…}]."),
        (b'[{"reference": "R1"}\n {}]', "its JSON is broken at line 2, column 2: a comma or “]” is missing."),
        (b"[{}, ", "its JSON is broken at line 1, column 6: Expecting value."),
        (b"[{}] x", "its JSON is broken at line 1, column 6: there is more after the list."),
        (b"[" * 100_000, "its JSON is nested too deeply."),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(OffersFileUnreadable) as refused:
        read_offers_file(content)
    assert refused.value.message == f"This file cannot be imported: {reason}"
