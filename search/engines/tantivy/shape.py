"""The shape of the six indexes, and a letter in it.

- `subject`, `text`, `reply`: each pair of neighbouring characters at its position. Two characters
  are one term, longer texts a phrase of every other pair, so that common words cost little.
- `…_characters`: the distinct characters, for questions of one.
- `impacts`: each character and jieba word that ranks, with the place of its level as a last sign.
- attributes: the values as they are, counted from fast columns.

Tantivy cuts these at the blanks that were put there, and does nothing else to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from operator import add
from typing import NamedTuple

import numpy as np
import tantivy

from analyzers.segment import FINGERPRINT
from search import ranking
from search.engine import Document, FieldText
from search.query import Attribute, Field

SHAPE = "1"
BLANK = "␣"  # folded text never holds it (`analyzers.fold`)
AT_BLANKS = "at_blanks"
_LEVEL_SIGNS = tuple(chr(ord("A") + place) for place in range(len(ranking.LEVELS)))


def made_by() -> dict[str, str]:
    """What an index depends on: one made by anything else has to be rebuilt."""
    return {"shape": SHAPE, "analyzers": FINGERPRINT, "ranking": ranking.VERSION}


def schema() -> tantivy.Schema:
    """The fields of every index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in Field:
        builder.add_text_field(field.value, tokenizer_name=AT_BLANKS, index_option="position")
        builder.add_text_field(characters_of(field), tokenizer_name=AT_BLANKS, index_option="basic")
    builder.add_text_field("impacts", tokenizer_name=AT_BLANKS, index_option="basic")
    for attribute in Attribute:
        builder.add_text_field(
            attribute.value,
            tokenizer_name="raw",
            index_option="basic",
            fast=attribute not in (Attribute.NUMBER, Attribute.READER),
        )
    builder.add_integer_field("received", indexed=True, fast=True)
    builder.add_integer_field("order", fast=True)
    return builder.build()


def at_blanks() -> tantivy.TextAnalyzer:
    """The analyzer behind `AT_BLANKS`; every index that is opened needs it."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def characters_of(field: Field) -> str:
    """The field of the distinct characters beside one of pairs."""
    return f"{field}_characters"


def impact_term(term: str, place: int) -> str:
    """A character or word at a level, as it stands in `impacts`."""
    return term + _LEVEL_SIGNS[place]


class _Texts(NamedTuple):
    fields: tuple[tuple[str, str], ...]
    impacts: str


def _texts(subject: FieldText, text: FieldText, reply: FieldText) -> _Texts:
    """The pre-cut strings."""
    fields: list[tuple[str, str]] = []
    characters: dict[Field, Counter[str]] = {}
    words: dict[Field, Counter[str]] = {}
    for field, content in (
        (Field.SUBJECT, subject),
        (Field.TEXT, text),
        (Field.REPLY, reply),
    ):
        if not content.characters:
            continue
        row = content.characters.replace(" ", BLANK)
        characters[field] = Counter(row)
        words[field] = Counter(content.words)
        fields.append((field.value, _pairs(row)))
        fields.append((characters_of(field), " ".join(characters[field])))
    return _Texts(
        tuple(fields),
        _at_levels(ranking.character_impacts(characters))
        + " "
        + _at_levels(ranking.word_impacts(words)),
    )


def _at_levels(places: Mapping[str, int]) -> str:
    """The terms of `impact_term`, with blanks between."""
    return " ".join(map(add, places, map(_LEVEL_SIGNS.__getitem__, places.values())))


def _pairs(characters: str) -> str:
    """Each two neighbours and a blank: abcd -> "ab bc cd ". As numbers, for speed."""
    codes = np.frombuffer(characters.encode("utf-32-le"), dtype="<u4")
    rows = np.empty((len(codes) - 1, 3), dtype="<u4")
    rows[:, 0] = codes[:-1]
    rows[:, 1] = codes[1:]
    rows[:, 2] = ord(" ")
    return rows.tobytes().decode("utf-32-le")


def packed(document: Document) -> tantivy.Document:
    """A letter as Tantivy takes it."""
    made = tantivy.Document()
    add_text = made.add_text
    add_text("id", document.id)
    made.add_integer("order", document.order)
    made.add_integer("received", document.received)
    texts = _texts(document.subject, document.text, document.reply)
    for name, content in texts.fields:
        add_text(name, content)
    add_text("impacts", texts.impacts)
    for name, value in (
        (Attribute.STATUS.value, document.status),
        (Attribute.CHANNEL.value, document.channel),
        (Attribute.LEVEL.value, document.level.value),
        (Attribute.YEAR.value, document.year),
    ):
        add_text(name, value)
    for name, values in (
        (Attribute.REGION.value, document.regions),
        (Attribute.CATEGORY.value, document.categories),
        (Attribute.NUMBER.value, document.numbers),
        (Attribute.READER.value, document.readers),
    ):
        for value in dict.fromkeys(values):
            add_text(name, value)
    return made
