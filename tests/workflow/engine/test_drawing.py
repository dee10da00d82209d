"""What a drawing says: where a subject stands, the way it came, what its viewer may do; to eyes, and in words."""

import re
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from tests.workflow.engine.paper import PAPERS, WORDS, PaperMachine
from workflow.engine.drawing.journey import Words, ways
from workflow.engine.drawing.picture import draw
from workflow.engine.drawing.telling import in_words


def drawn(name: str) -> Element:
    root: Element = fromstring(draw(PaperMachine, WORDS, title="A paper", journey=PAPERS[name]))
    return root


def looks(root: Element) -> dict[str, str]:
    """Each state's look."""
    return {
        group.attrib["class"].split()[1].removeprefix("tone-"): group.attrib["class"]
        .split()[0]
        .removeprefix("state-")
        for group in root.findall("g")
    }


def captions(root: Element, look: str) -> list[str]:
    return [text.text or "" for text in root.findall("text") if text.attrib["class"] == f"text-{look}"]


def lines(root: Element) -> dict[str, int]:
    """How many lines of each look there are."""
    names = [
        path.attrib["class"].split("link-")[1] for path in root.findall("path") if "class" in path.attrib
    ]
    return {name: names.count(name) for name in names}


def test_reviewed_paper_shows_its_way_and_what_may_be_done() -> None:
    root = drawn("reviewed")
    assert looks(root) == {
        "submitted": "visited",
        "in_review": "here",
        "rejected": "move",
        "accepted": "move",
        "withdrawn": "possible",
    }
    assert captions(root, "way") == ["Handed in", "Give it to", "reviewers"]
    assert captions(root, "date") == ["09 Apr, 12:00", "10 Apr, 12:00"]
    assert captions(root, "move") == ["Reject", "Accept"]
    assert lines(root) == {"possible": 5, "way": 2, "move": 2}


def test_held_decision_says_when_it_is_told() -> None:
    root = drawn("held")
    assert captions(root, "held") == ["told at 10", "Apr, 12:10"]
    assert captions(root, "move") == ["Undo"]
    assert looks(root)["rejected"] == "here"


def test_what_was_taken_back_is_no_way() -> None:
    root = drawn("undone")
    assert captions(root, "undone") == ["09 Apr, 12:00"]
    assert [text.attrib["text-decoration"] for text in root.findall("text[@class='text-undone']")] == [
        "line-through"
    ]
    assert lines(root) == {"possible": 4, "undone": 2, "way": 2, "move": 2}
    assert captions(root, "event") == ["Undo"]
    assert PAPERS["undone"].visited == {"submitted", "in_review"}


def test_only_the_last_three_instants_of_an_event_are_drawn() -> None:
    days = [text.split(",")[0] for text in captions(drawn("again and again"), "date")]
    assert days == ["30 Mar", "31 Mar", "…", "05 Apr", "07 Apr", "09 Apr", "…", "06 Apr", "08 Apr", "10 Apr"]


def test_a_machine_alone_knows_no_way() -> None:
    root = fromstring(draw(PaperMachine, WORDS, title="Papers"))
    assert set(looks(root).values()) == {"state"}
    assert lines(root) == {"possible": len(ways(PaperMachine))}
    assert {text.attrib["class"] for text in root.findall("text")} == {"text-event"}


def test_events_between_two_states_share_an_arrow() -> None:
    assert ways(PaperMachine) == {
        ("", "submitted"): ("submit",),
        ("submitted", "in_review"): ("review",),
        ("submitted", "withdrawn"): ("withdraw",),
        ("submitted", "rejected"): ("retract",),
        ("in_review", "rejected"): ("reject", "retract"),
        ("in_review", "accepted"): ("accept",),
        ("in_review", "withdrawn"): ("withdraw",),
        ("rejected", "in_review"): ("reopen", "undo"),
        ("accepted", "in_review"): ("reopen", "undo"),
    }


def test_it_has_a_name_and_is_told_in_words() -> None:
    svg = draw(PaperMachine, WORDS, title="A paper", journey=PAPERS["held"], name="its")
    root = fromstring(svg)
    assert (root.attrib["role"], root.attrib["aria-labelledby"]) == ("img", "its-title its-desc")
    assert [(each.attrib["id"], each.text) for each in root[:2]] == [
        ("its-title", "A paper"),
        ("its-desc", " ".join(in_words(PaperMachine, WORDS, PAPERS["held"]))),
    ]


def test_a_held_decision_in_words() -> None:
    assert in_words(PaperMachine, WORDS, PAPERS["held"]) == (
        "It stands at “Rejected”.",
        "08 Apr, 12:00: “Handed in”, to “Submitted”.",
        "09 Apr, 12:00: “Give it to reviewers”, to “In review”.",
        "10 Apr, 12:00: “Reject”, to “Rejected”. It is told at 10 Apr, 12:10.",
        "“Reopen”, to “In review”, is not open to you now.",
        "You may do “Undo” now: it leads to “In review”.",
    )


def test_an_undone_and_an_ended_one_in_words() -> None:
    undone = in_words(PaperMachine, WORDS, PAPERS["undone"])
    assert undone[3] == "09 Apr, 12:00: “Reject”, to “Rejected”. It was taken back."
    assert undone[4] == "10 Apr, 12:00: “Undo”, to “In review”."
    assert in_words(PaperMachine, WORDS, PAPERS["withdrawn"])[-1] == "Nothing can follow."


def test_a_machine_in_words() -> None:
    told = in_words(PaperMachine, WORDS)
    assert told[:2] == (
        "It begins at “Submitted” (“Handed in”).",
        "From “Submitted”, “Give it to reviewers” leads to “In review”.",
    )
    assert told[-1] == "“Withdrawn” is an end."
    assert len(told) == 1 + 3 + 4 + 2 + 2 + 1


@pytest.mark.parametrize("standalone", [False, True])
def test_every_text_is_escaped(standalone: bool) -> None:
    evil = Words(lambda name: f"<b>{name}&", lambda name: f"<i>{name}\"'")
    svg = draw(PaperMachine, evil, title="<script>", standalone=standalone)
    assert "<b>" not in svg
    assert "<i>" not in svg
    assert "<script>" not in svg
    assert captions(fromstring(re.sub(r' xmlns="[^"]+"', "", svg)), "event")[0] == "<i>submit\"'"


def test_nothing_in_a_page_needs_inline_styles() -> None:
    inline = draw(PaperMachine, WORDS, title="It", journey=PAPERS["undone"])
    assert "style" not in inline
    assert "xmlns" not in inline


def test_a_file_brings_its_own_colours_for_light_and_dark() -> None:
    svg = draw(PaperMachine, WORDS, title="It", sideways=True, standalone=True)
    style = re.search("<style>(.*)</style>", svg)
    assert style
    used = set(re.findall(r"var\(--([a-z-]+)", svg)) - {"tone"}
    light, dark = style[1].split("@media(prefers-color-scheme:dark)")
    assert {name for name in used if f"--{name}:" in light} == used
    assert {name for name in used if f"--{name}:" in dark} == used
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_the_same_is_drawn_the_same() -> None:
    once, again = (draw(PaperMachine, WORDS, title="It", journey=PAPERS["reopened"]) for _ in range(2))
    assert once == again


def test_marks_stand_in_their_boxes() -> None:
    svg = draw(PaperMachine, WORDS, title="It", mark=lambda state: f'<circle id="{state}"/>')
    marks = fromstring(svg).findall("g/g/g[@class='mark']/circle")
    assert [mark.attrib["id"] for mark in marks] == list(PaperMachine.state_ids())
