"""What stands beside the data in a copy of it: what each part is, what is not in it and why, in every language."""

from datetime import datetime

from workflow.language import LANGUAGES, N_, say

README = "README.txt"

_TITLE = N_("A copy of your data, made on {day}")
_BEFORE = (
    N_("Everything that we keep about you, and that you may know of, is in this ZIP."),
    N_("The folder “documents” holds the files that you sent us, under their own names."),
    N_(
        "The file “data.json” holds all else. Every browser and every text editor opens it, and programs "
        "can read it. Instants are in universal time (UTC). Its parts are:"
    ),
)
PARTS = {
    "account": N_(
        "your address, your language, your secret question, and when what happened to your account"
    ),
    "profile": N_("what you told of yourself"),
    "sessions": N_("where you are logged in"),
    "links": N_("what was mailed to you to be confirmed, without the links themselves"),
    "temporary_passwords": N_("when we mailed you a new password, without the password itself"),
    "applications": N_(
        "what you sent, what became of it as far as you were told, and your message if you withdrew"
    ),
    "drafts": N_("what you have begun and not sent"),
    "alerts": N_("which new offers you want to hear of, and how often; an empty choice stands for all"),
    "told_by_alerts": N_("the offers that we told you of because of them"),
    "documents": N_("name, kind, size and checksum of each file"),
    "mails": N_("what we wrote to you, and to employers about you"),
    "copies": N_("when you asked for a copy such as this one"),
}
"""Part of the data → what it is."""
_AFTER = (
    N_(
        "Not in it: your password and your secret answer, which nobody can read; the notes that recruiters "
        "make for each other, for which you can ask them; and the count of wrong passwords, which names nobody."
    ),
    N_("Do you miss something, or is something wrong? Write to us: the portal's page “Contact” says where."),
)


def readme(own_language: str, *, now: datetime) -> str:
    """The words in every language, the candidate's own first."""
    languages = sorted(LANGUAGES, key=lambda language: language != own_language)
    return "\n\n\n".join(_in(language, now) for language in languages) + "\n"


def _in(language: str, now: datetime) -> str:
    title = say(language, _TITLE, day=now.date())
    parts = "\n".join(
        "- " + say(language, "{label}: {text}", label=name, text=say(language, words))
        for name, words in PARTS.items()
    )
    before, after = [[say(language, words) for words in each] for each in (_BEFORE, _AFTER)]
    return "\n\n".join([f"{title}\n{'=' * len(title)}", *before, parts, *after])
