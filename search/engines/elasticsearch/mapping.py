"""The shape of the indexes (`search.engines.shape`) in Elasticsearch, and letters in it.

Only prebuilt analyzers: `whitespace` cuts at the blanks that were put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from json import dumps
from typing import Any

from search.engine import Document
from search.engines import shape
from search.query import Attribute, Field

SHAPE = "elasticsearch-1"


def made_by() -> dict[str, str]:
    """What an index depends on: one made by anything else has to be rebuilt."""
    return shape.made_by(SHAPE)


def rules() -> str:
    """`made_by` in eight characters: part of the names, so that no other index is ever asked."""
    return sha256(dumps(made_by(), sort_keys=True).encode()).hexdigest()[:8]


def mappings() -> dict[str, Any]:
    """Every field; others are refused. Nothing is kept as it came: the records have it."""
    texts = {field.value: _cut("positions") for field in Field}
    attributes = {attribute.value: _value(attribute) for attribute in Attribute}
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "_meta": made_by(),
        "properties": {
            "id": {"type": "keyword", "index": False},  # the last tie-break
            "order": {"type": "long", "index": False},
            "received": {"type": "long"},
            shape.IMPACTS: _cut("docs"),
            **texts,
            **attributes,
        },
    }


def _cut(options: str) -> dict[str, Any]:
    return {
        "type": "text",
        "analyzer": "whitespace",
        "index_options": options,
        "norms": False,
    }


def _value(attribute: Attribute) -> dict[str, Any]:
    if attribute in (Attribute.NUMBER, Attribute.READER):
        return {"type": "keyword", "doc_values": False}
    return {"type": "keyword", "eager_global_ordinals": True}  # counted in most answers


def packed(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Letters as Elasticsearch takes them."""
    cut = shape.texts(documents)
    return [_packed(document, texts) for document, texts in zip(documents, cut, strict=True)]


def _packed(document: Document, texts: shape.Texts) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": document.id,
        "order": document.order,
        "received": document.received,
        shape.IMPACTS: texts.impacts,
    }
    for field, content in texts.fields.items():
        made[field.value] = content
    for attribute in Attribute:
        made[attribute.value] = document.values(attribute)
    return made
