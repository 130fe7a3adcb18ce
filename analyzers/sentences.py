"""Where sentences end, and the windows of a text around places of interest.

Positions are half-open spans of code points in the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Span = tuple[int, int]

# A sentence ends behind its closing signs (with the quotes and brackets that close after them) or
# with its line. A full stop of ASCII ends one only before a blank, not inside 3.5 or a.b.
_END = re.compile(r"(?:[。！？!?…；;]+|\.(?=\s|$))[”’」』）)\"'》]*\s*|(?<!\s)\s*\n\s*")
_CLAUSE_END = re.compile(r"[，,、：:\s]")


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text: disjoint, in order, together the whole text."""
    found: list[Span] = []
    start = 0
    for end in _END.finditer(text):
        if end.end() > start:
            found.append((start, end.end()))
            start = end.end()
    if start < len(text):
        found.append((start, len(text)))
    return tuple(found)


def windows(text: str, spans: Sequence[Span], width: int) -> tuple[Span, ...]:
    """Parts of about `width` characters that together hold every span; disjoint, in order.

    `spans`: sorted and disjoint. A window begins and ends with a sentence where one fits, else with
    a clause, else anywhere; it is wider than `width` only where one span is.
    """
    parts = sentences(text)
    found: list[Span] = []
    done = sentence = 0
    groups = _groups(spans, width)
    for group, (before, _) in zip(groups, [*groups[1:], (len(text), 0)], strict=False):
        while sentence < len(parts) - 1 and parts[sentence][1] <= group[0]:
            sentence += 1
        start, end = _widened(text, parts, sentence, group, width)
        start, end = max(start, done), min(end, before)
        found.append((start, end))
        done = end
    return tuple(found)


def _groups(spans: Sequence[Span], width: int) -> list[Span]:
    """Neighbouring spans that fit into one window."""
    groups: list[Span] = []
    for start, end in spans:
        if groups and end - groups[-1][0] <= width:
            groups[-1] = (groups[-1][0], max(groups[-1][1], end))
        else:
            groups.append((start, end))
    return groups


def _widened(
    text: str, parts: Sequence[Span], first: int, group: Span, width: int
) -> tuple[int, int]:
    """The group, widened to whole sentences: its own first, then those behind, then before."""
    start, end = group
    last = first
    while last < len(parts) - 1 and parts[last][1] < end:
        last += 1
    if parts[last][1] - parts[first][0] <= width:
        start, end = parts[first][0], parts[last][1]
        while last < len(parts) - 1 and parts[last + 1][1] - start <= width:
            last += 1
            end = parts[last][1]
        while first > 0 and end - parts[first - 1][0] <= width:
            first -= 1
            start = parts[first][0]
        return start, end
    room = max(0, width - (end - start))
    earliest, latest = max(parts[first][0], start - room // 2), min(parts[last][1], end + room)
    borders = [at.end() for at in _CLAUSE_END.finditer(text, earliest, start)]
    begin = parts[first][0] if earliest == parts[first][0] else next(iter(borders), earliest)
    latest = min(latest, max(end, begin + width))
    if latest < parts[last][1]:
        cuts = [at.end() for at in _CLAUSE_END.finditer(text, end, latest)]
        latest = cuts[-1] if cuts else latest
    return begin, latest
