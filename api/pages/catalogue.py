"""Interface texts in three languages, read from `api/locales` once at start.

Message ids are the English texts. A text that a catalogue lacks is shown in English; a test holds
that none is lacking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LOCALES: Final = Path(__file__).parent.parent / "locales"


@dataclass(frozen=True, slots=True)
class Language:
    """`tag`: BCP 47, for `<html lang>` and the cookie. `name`: in the language itself."""

    tag: str
    folder: str
    name: str


LANGUAGES: Final = (
    Language("zh-Hans", "zh_Hans", "简体中文"),
    Language("zh-Hant", "zh_Hant", "繁體中文"),
    Language("en", "en", "English"),
)
DEFAULT: Final = LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language."""

    language: Language
    texts: Mapping[str, str]

    def text(self, message: str, **values: object) -> str:
        """The text for this message id, with `{name}` places filled."""
        found = self.texts.get(message, message)
        return found.format(**values) if values else found

    def known(self, message: str, otherwise: str) -> str:
        """The text for this message id; where there is none, `otherwise`."""
        return self.texts.get(message, otherwise)


def read_catalogue(language: Language) -> Catalogue:
    path = LOCALES / language.folder / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        messages = read_po(file, locale=language.folder)
    return Catalogue(
        language,
        {
            str(message.id): str(message.string)
            for message in messages
            if message.id and message.string
        },
    )


def read_catalogues() -> Mapping[str, Catalogue]:
    """All languages by tag."""
    return {language.tag: read_catalogue(language) for language in LANGUAGES}
