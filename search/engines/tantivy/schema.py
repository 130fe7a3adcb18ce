"""The shape of the indexes (`search.engines.shape`) in Tantivy, and letters in it.

A level is the last sign of a term in `impacts`: asked for as a term with a constant score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import tantivy

from search import ranking
from search.engine import Document
from search.engines import shape
from search.impacts import Vocabulary
from search.query import Attribute, Field

SHAPE = "tantivy-2"
AT_BLANKS = "at_blanks"
_NAMES: dict[Field | Attribute, str] = {one: one.value for one in (*Field, *Attribute)}
_LEVEL_SIGNS = tuple(chr(ord("A") + place) for place in range(len(ranking.LEVELS)))


def made_by() -> dict[str, str]:
    """What an index depends on: one made by anything else has to be rebuilt."""
    return shape.made_by(SHAPE)


def schema() -> tantivy.Schema:
    """The fields of every index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in Field:
        builder.add_text_field(field.value, tokenizer_name=AT_BLANKS, index_option="position")
    builder.add_text_field(shape.IMPACTS, tokenizer_name=AT_BLANKS, index_option="basic")
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


def packed(documents: Sequence[Document]) -> list[tantivy.Document]:
    """Letters as Tantivy takes them."""
    parts = zip(documents, shape.fields(documents), _impacts(documents), strict=True)
    return [_packed(*part) for part in parts]


def impact_term(term: str, place: int) -> str:
    """A character or word at a level, as it stands in `impacts`."""
    return shape.name(term) + _LEVEL_SIGNS[place]


class _AtLevels(dict[int, str]):
    """Words at a level, made when first met."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._words = vocabulary.words

    def __missing__(self, key: int) -> str:
        number, place = divmod(key, len(_LEVEL_SIGNS))
        found = self[key] = impact_term(self._words[number], place)
        return found


_at_levels = lru_cache(maxsize=1)(_AtLevels)


def _impacts(documents: Sequence[Document]) -> Iterator[str]:
    """What `impacts` holds of each letter: the terms of `impact_term`, with blanks between."""
    characters, words, vocabulary = shape.impacts(documents)
    text = shape.text_of(characters.terms, characters.places + ord(_LEVEL_SIGNS[0]), ord(" "))
    keys = (words.terms * len(_LEVEL_SIGNS) + words.places).tolist()
    found = list(map(_at_levels(vocabulary).__getitem__, keys))
    count = len(documents)
    spans = zip(shape.spans(characters, count), shape.spans(words, count), strict=True)
    for (start, end), (first, last) in spans:
        yield text[3 * start : 3 * end] + " ".join(found[first:last])


def _packed(document: Document, fields: Mapping[Field, str], impacts: str) -> tantivy.Document:
    made = tantivy.Document()
    add_text = made.add_text
    add_text("id", document.id)
    made.add_integer("order", document.order)
    made.add_integer("received", document.received)
    for field, content in fields.items():
        add_text(_NAMES[field], content)
    add_text(shape.IMPACTS, impacts)
    for attribute in Attribute:
        name = _NAMES[attribute]
        for value in dict.fromkeys(document.values(attribute)):
            add_text(name, value)
    return made
