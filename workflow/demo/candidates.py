"""People who apply in the demonstration, and what they write."""

from dataclasses import dataclass

from workflow.demo.texts import read


@dataclass(frozen=True)
class DemoCandidate:
    """An invented person; codes are those of `workflow.reference`, `spoken` those of its languages."""

    title: str
    first_name: str
    last_name: str
    email: str
    language: str
    nationality: str
    level: str
    situation: str
    city: str
    country: str
    spoken: tuple[str, ...]

    @property
    def name(self) -> str:
        """First and last name, as a letter is signed."""
        return f"{self.first_name} {self.last_name}"


def demo_candidates() -> tuple[DemoCandidate, ...]:
    """The first is the account that visitors of the demonstration log in with, `candidate@example.org`."""
    return tuple(
        DemoCandidate(**{**record, "spoken": tuple(record["spoken"])})
        for record in read("candidates")["candidate"]
    )


def covering_letter(number: int, language: str, *, title: str, reference: str, name: str) -> str:
    """One of the five letters of that language, by number round and round, about that offer."""
    letters: list[str] = read("letters")["covering"][language]
    return letters[number % len(letters)].format(title=title, reference=reference, name=name)
