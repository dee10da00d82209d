"""The parser's reasons, in our own sentences."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from web.kit.misfits import misfit
from workflow.errors import FieldError

REASONS: list[tuple[Any, Any, str, dict[str, str]]] = [
    (str, 7, "Send a text here.", {}),
    (str | None, 7, "Send a text here.", {}),
    (int, "7", "Write a whole number.", {}),
    (int | None, True, "Write a whole number.", {}),
    (bool, "yes", "Send true or false here.", {}),
    (Literal["a"], "b", "Choose one of the list.", {}),
    (Annotated[int, Meta(ge=1)], 0, "Write a whole number of {least} or more.", {"least": "1"}),
    (Annotated[int, Meta(le=9)], 10, "Write a whole number of {most} at most.", {"most": "9"}),
    (Annotated[str, Meta(max_length=2)], "abc", "Use {most} characters at most.", {"most": "2"}),
    (Annotated[list[str], Meta(max_length=1)], ["a", "b"], "Choose {most} values at most.", {"most": "1"}),
    (list[int], {}, "This is not of the right kind.", {}),
]


@pytest.mark.parametrize(("kind", "value", "sentence", "facts"), REASONS)
def test_a_misfit_is_said_without_the_parsers_words(
    kind: Any, value: Any, sentence: str, facts: dict[str, str]
) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, kind)
    assert misfit("field", str(refused.value)) == FieldError("field", sentence, facts)
