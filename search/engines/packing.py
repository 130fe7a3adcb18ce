"""Packing letters for an engine: many at once for speed, alone where one of them can't be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from search.engine import Document

_Packed = TypeVar("_Packed")


def packed_or_refused(
    pack: Callable[[Sequence[Document]], list[_Packed]], documents: Sequence[Document]
) -> tuple[list[tuple[str, _Packed]], dict[str, str]]:
    """Ids and letters as `pack` makes them; and of each that it can't, the id and the reason."""
    try:
        return [(d.id, made) for d, made in zip(documents, pack(documents), strict=True)], {}
    except Exception as error:
        if len(documents) == 1:
            return [], {documents[0].id: f"{type(error).__name__}: {error}"}
    packed: list[tuple[str, _Packed]] = []
    refused: dict[str, str] = {}
    for document in documents:
        one, reason = packed_or_refused(pack, [document])
        packed += one
        refused |= reason
    return packed, refused
