"""Two texts laid side by side: what stands in one alone, or where little is alike, what in both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzers.fold import Folded, fold

Span = tuple[int, int]

RUN: Final = 6
"""Characters of the shortest run that counts as shared: shorter ones stand in any two letters."""
SHORT_RUN: Final = 4
"""The same where little is shared: an expression of four characters is worth seeing."""
ALIKE: Final = 0.5
"""Where so much of both is shared, what differs is worth marking."""


@dataclass(frozen=True, slots=True)
class Beside:
    """`one`, `other`: spans to be marked, in code points of the texts as given. `shared`: they are
    what both hold, not what differs."""

    one: tuple[Span, ...]
    other: tuple[Span, ...]
    shared: bool


def beside(one: str, other: str, run: int = RUN) -> Beside:
    """Compare as folded, so that script, width, case and blanks make no difference; in any order of
    the sentences. Takes time in proportion to the texts."""
    ours, theirs = fold(one), fold(other)
    here, there = _both(ours.text, theirs.text, run)
    whole = len(here) + len(there)
    shared = whole > 0 and (sum(here) + sum(there)) / whole < ALIKE
    if shared and run > SHORT_RUN:
        here, there = _both(ours.text, theirs.text, SHORT_RUN)
    return Beside(tuple(_spans(ours, here, shared)), tuple(_spans(theirs, there, shared)), shared)


def _both(one: str, other: str, run: int) -> tuple[bytearray, bytearray]:
    run = max(1, min(run, len(one), len(other)))
    return _held(one, other, run), _held(other, one, run)


def _held(text: str, other: str, run: int) -> bytearray:
    """Of each character, whether a run around it stands in the other text."""
    known = {other[at : at + run] for at in range(len(other) - run + 1)}
    held = bytearray(len(text))
    filled = b"\x01" * run
    for at in range(len(text) - run + 1):
        if text[at : at + run] in known:
            held[at : at + run] = filled
    return held


def _spans(folded: Folded, held: bytearray, shared: bool) -> Iterator[Span]:
    start, wanted = 0, int(shared)
    for end in range(1, len(held) + 1):
        if end < len(held) and held[end] == held[start]:
            continue
        told = any(sign.isalnum() for sign in folded.text[start:end])
        if held[start] == wanted and told:
            yield folded.span(start, end)
        start = end
