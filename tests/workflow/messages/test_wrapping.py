"""Long lines become short ones, and say the same."""

import pytest

from workflow.messages.wrapping import WIDTH, wrapped

WORDS = "ninety characters of words stand here, and they do not fit into a line that is as short as "


@pytest.mark.parametrize(
    ("begin", "next_line"),
    [("", ""), ("> ", "> "), ("> > ", "> > "), ("* ", "  "), ("  ", "  "), ("- ", "  ")],
)
def test_long_line_is_wrapped_under_its_own_beginning(begin: str, next_line: str) -> None:
    first, second = wrapped(begin + WORDS + "this.").split("\n")
    assert first.startswith(begin + "ninety")
    assert second.startswith(next_line)
    assert max(len(first), len(second)) <= WIDTH
    assert f"{first[len(begin) :]} {second[len(next_line) :]}" == WORDS + "this."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "short\n\n  indented\n> quoted\n> \n----\n",
        "https://careers.example.org/candidate/applications/" + "0" * 60,
        " " * 100,
        "x" * WIDTH,
    ],
)
def test_what_fits_or_cannot_be_parted_stays(text: str) -> None:
    assert wrapped(text) == text


def test_long_word_is_cut() -> None:
    assert wrapped("Stop the alert " + "x" * 100 + " now") == f"Stop the alert {'x' * 61}\n{'x' * 39} now"
    assert wrapped("> " + "x" * 100) == f"> {'x' * 74}\n> {'x' * 26}"


def test_long_address_gets_a_line_of_its_own() -> None:
    address = "https://careers.example.org/" + "0" * 80
    assert wrapped(f"Look here: {address} and there") == f"Look here:\n{address}\nand there"
