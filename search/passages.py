"""Where a letter met the question: spans in the visible text, and the passages around them.

A letter meets a text node as a folded substring; the fold's map leads back to the positions of the
text as it stands. Only the text that is shown is looked at, so a passage cannot hold anything else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.fold import Folded, fold
from analyzers.sentences import windows
from search.answers import Passage, Source, Span
from search.query import Field, Query, Some, beside, positive_texts

WIDTH = 120
"""Characters of a passage, about: it begins and ends at the borders of sentences."""

LETTER_PASSAGES = 2


@dataclass(frozen=True, slots=True)
class Needles:
    """The folded texts that a question looks for in one field."""

    texts: tuple[str, ...]


def needles(query: Query, field: Field) -> Needles:
    """What the question looks for in this field: its text nodes that are under no `Not`."""
    found: set[str] = set()
    for node in positive_texts(query):
        phrases = node.words if isinstance(node, Some) else (node,)
        found.update(p.text for p in phrases if not p.fields or field in p.fields)
    found.update(one.text for one in beside(query) if one.leads)
    return Needles(tuple(sorted(found - {""}, key=lambda text: (-len(text), text))))


def spans(text: str, wanted: Needles) -> tuple[Span, ...]:
    """Where the needles stand in `text`: disjoint, sorted, touching ones joined."""
    return _joined([(start, end) for start, end, _ in _met(fold(text), wanted)]) if text else ()


def _met(folded: Folded, wanted: Needles) -> list[tuple[int, int, int]]:
    """(start, end, needle) in original positions, sorted."""
    inside = folded.text
    met: list[tuple[int, int, int]] = []
    for number, needle in enumerate(wanted.texts):
        at = inside.find(needle)
        while at >= 0:
            met.append((*folded.span(at, at + len(needle)), number))
            at = inside.find(needle, at + len(needle))
    met.sort()
    return met


def _joined(found: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def passages(
    text: str, wanted: Needles, *, source: Source, most: int = LETTER_PASSAGES
) -> tuple[Passage, ...]:
    """The `most` best parts of `text`, in the order of the text.

    Best: the most different needles, then the most spans, then the earliest. Where nothing was met,
    the beginning of the text without spans. Nothing for a text without visible characters.
    """
    if not text.strip():
        return ()
    met = _met(fold(text), wanted) if wanted.texts else []
    if not met:
        return (_passage(text, (0, min(len(text), WIDTH)), (), source),)
    found = _joined([(start, end) for start, end, _ in met])
    worth = [(_worth(window, met), window) for window in windows(text, found, WIDTH)]
    best = sorted(window for _, window in sorted(worth, reverse=True)[:most])
    return tuple(_passage(text, window, found, source) for window in best)


def _worth(window: Span, met: Sequence[tuple[int, int, int]]) -> tuple[int, int, int]:
    near = met[bisect_left(met, (window[0],)) : bisect_left(met, (window[1],))]
    inside = [needle for _, end, needle in near if end <= window[1]]
    return len(set(inside)), len(inside), -window[0]


def _passage(text: str, window: Span, found: Sequence[Span], source: Source) -> Passage:
    start, end = window
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    inside = tuple(
        (max(first, start) - start, min(last, end) - start)
        for first, last in found
        if first < end and last > start
    )
    return Passage(source=source, page=None, text=text[start:end], spans=inside, start=start)
