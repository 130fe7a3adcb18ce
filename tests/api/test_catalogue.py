"""The three catalogues hold every text of the interface, and nothing else."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

import api.errors
import search
from api.pages.catalogue import DEFAULT, LANGUAGES, read_catalogue
from api.pages.duplicates import GROUNDS, codes
from api.pages.log import ACTIONS, DETAILS
from api.pages.personal import FACTS
from api.pages.rendering import FORMS, SHORTCUTS, TITLES
from api.pages.searching import SORTS
from records.clocks import Clock
from records.intake import Stage, State
from records.roles import FIELDS, Role
from records.seals import FAULTS
from records.signatures import SignatureState
from records.statuses import LEVELS

API = Path(api.errors.__file__).parent

CODES = {
    *(f"level.{level}" for level in LEVELS),
    *(f"role.{role}" for role in Role),
    *(f"stage.{stage}" for stage in Stage),
    *(f"state.{state}" for state in State),
    *(f"field.{field}" for field in FIELDS),
    *(f"action.{action}" for action in ACTIONS),
    *(f"detail.{detail}" for detail in DETAILS),
    "answer.yes",
    "answer.no",
    *(f"signature.{state}" for state in SignatureState),
    *(f"fault.{fault}" for fault in FAULTS),
    *(f"clock.{clock}" for clock in Clock),
    *codes(),
}


def first(message: object) -> str:
    return str(message[0] if isinstance(message, tuple) else message)


def asked() -> set[str]:
    """The message ids that templates and code ask for."""
    found: set[str] = set()
    for template in (API / "pages" / "templates").glob("*.html"):
        with template.open("rb") as file:
            found |= {first(message) for _, _, message, _ in babel_extract(file, ["_"], [], {})}
    for module in API.rglob("*.py"):
        with module.open("rb") as file:
            found |= {
                first(message) for _, message, _, _ in extract("python", file, {"text": None})
            }
    found |= {meaning for _, meaning in (*FORMS, *SHORTCUTS)}
    found |= {
        *FACTS.values(),
        *TITLES.values(),
        *GROUNDS,
        *SORTS.values(),
        *api.errors.TITLES.values(),
        *api.errors.TITLES_OF.values(),
    }
    return found | {api.errors.page_title(api.errors.EXAMPLES[400])}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_each_catalogue_is_complete(language: object) -> None:
    texts = read_catalogue(language).texts  # type: ignore[arg-type]
    known = {message for message in texts if not message.startswith("error.")}
    assert known == asked() | CODES


def test_the_catalogues_translate_the_same_errors() -> None:
    codes = [
        {message for message in read_catalogue(language).texts if message.startswith("error.")}
        for language in LANGUAGES
    ]
    assert codes[0] == codes[1] == codes[2]


def test_every_mistake_in_a_question_is_translated() -> None:
    """Reads the codes off the places that raise them."""
    source = "\n".join(
        path.read_text("utf-8") for path in Path(search.__file__ or "").parent.glob("*.py")
    )
    raised = set(re.findall(r'QueryError\([^()]*(?:\([^()]*\)[^()]*)*?"([a-z_]+)"', source))
    raised |= set(re.findall(r'_fail\([^\n]*"([a-z_]+)"\)', source))
    assert {"too_long", "unclosed_quote", "missing_operand"} <= raised
    texts = read_catalogue(DEFAULT).texts
    unseen = {"bad_size", "bad_page"}  # the pages never ask so
    assert {code for code in raised - unseen if f"error.{code}" not in texts} == set()


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_translations_keep_the_places_of_values(language: object) -> None:
    for message, text in read_catalogue(language).texts.items():  # type: ignore[arg-type]
        assert fields(text) == fields(message) or "." in message.split(" ")[0], message


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_traditional_texts_are_traditional() -> None:
    simplified = set("检录码页这个时间导办书户国东车见长门贝来说请让认读变议语")
    for message, text in read_catalogue(LANGUAGES[1]).texts.items():
        assert not simplified & set(text), (message, text)
