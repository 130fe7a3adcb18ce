"""The shape of the indexes (`search.engines.shape`) in Elasticsearch, and letters in it.

Only prebuilt analyzers: `whitespace` cuts at the blanks that were put there. A level is the value
of a feature in `impacts`: asked for with fixed weights, nothing pruned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from json import dumps
from typing import Any

import numpy as np

from search import ranking
from search.engine import Document
from search.engines import shape
from search.impacts import Vocabulary
from search.query import Attribute, Field

SHAPE = "elasticsearch-1"
_WIDE_STOP = "\uff0e"
_IMPACTS = np.array(ranking.IMPACTS)
_WORD_IMPACTS = np.array(ranking.WORD_IMPACTS)


def made_by() -> dict[str, str]:
    """What an index depends on: one made by anything else has to be rebuilt."""
    return shape.made_by(SHAPE)


def rules() -> str:
    """`made_by` in eight characters: part of the names, so that no other index is ever asked."""
    return sha256(dumps(made_by(), sort_keys=True).encode()).hexdigest()[:8]


def mappings() -> dict[str, Any]:
    """Every field; others are refused. Nothing is kept as it came: the records have it."""
    cut = {
        "type": "text",
        "analyzer": "whitespace",
        "index_options": "positions",
        "norms": False,
    }
    texts = {field.value: cut for field in Field}
    attributes = {attribute.value: _value(attribute) for attribute in Attribute}
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "_meta": made_by(),
        "properties": {
            "id": {"type": "keyword", "index": False},  # the last tie-break
            "order": {"type": "long", "index": False},
            "received": {"type": "long"},
            shape.IMPACTS: {"type": "sparse_vector"},
            **texts,
            **attributes,
        },
    }


def _value(attribute: Attribute) -> dict[str, Any]:
    if attribute in (Attribute.NUMBER, Attribute.READER):
        return {"type": "keyword", "doc_values": False}
    return {"type": "keyword", "eager_global_ordinals": True}  # counted in most answers


def packed(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Letters as Elasticsearch takes them."""
    parts = zip(documents, shape.fields(documents), _impacts(documents), strict=True)
    return [_packed(*part) for part in parts]


def feature(term: str) -> str:
    """The name of a character or word in `impacts`, which takes no full stops; folded text never
    holds wide ones."""
    return _undotted(shape.name(term))


def _undotted(name: str) -> str:
    return name.replace(".", _WIDE_STOP)


class _Features(dict[int, str]):
    """The names of words in `impacts`, made when first met."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._words = vocabulary.words

    def __missing__(self, number: int) -> str:
        found = self[number] = feature(self._words[number])
        return found


_features = lru_cache(maxsize=1)(_Features)


def _impacts(documents: Sequence[Document]) -> Iterator[dict[str, float]]:
    """What `impacts` holds of each letter."""
    characters, words, vocabulary = shape.impacts(documents)
    text = shape.text_of(characters.terms).replace(".", _WIDE_STOP)
    levels = _IMPACTS[characters.places].tolist()
    found = list(map(_features(vocabulary).__getitem__, words.terms.tolist()))
    word_levels = _WORD_IMPACTS[words.places].tolist()
    count = len(documents)
    spans = zip(shape.spans(characters, count), shape.spans(words, count), strict=True)
    for (start, end), (first, last) in spans:
        made = dict(zip(text[start:end], levels[start:end], strict=True))
        made.update(zip(found[first:last], word_levels[first:last], strict=True))
        yield made


def _packed(
    document: Document, fields: Mapping[Field, str], impacts: Mapping[str, float]
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": document.id,
        "order": document.order,
        "received": document.received,
        shape.IMPACTS: impacts,
    }
    for field, content in fields.items():
        made[field.value] = content
    for attribute in Attribute:
        made[attribute.value] = document.values(attribute)
    return made
