"""Which of an offer's two titles a reader sees."""


def title_in(language: str, title_fr: str, title_en: str) -> str:
    """The title in a language, or in the other where there is none; of descriptions the same."""
    return (title_fr or title_en) if language == "fr" else (title_en or title_fr)
