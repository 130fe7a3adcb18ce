"""Places of a region tree in a text, and the region that a letter is about.

Coded places are those of the published petitions: `西地省` holds the cities `A市`, `B市` …, `A市`
holds its districts, counties and county-level cities `A3区`, `A7县`, `A9市` …
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from analyzers.fold import fold, fold_text

PROVINCE = "西地省"

_CODED = re.compile(r"(?<![a-z0-9])[a-z](?:[1-9][0-9]?[区县市]|市)|" + PROVINCE)
_SUBJECT_WORTH = 3  # a place in the subject counts as often as this many in the text


@dataclass(frozen=True, slots=True)
class Region:
    """One region. `parent` is a code; None for one that stands under nothing."""

    code: str
    name: str
    parent: str | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A region named in a text: half-open span of code points in the text as given."""

    code: str
    start: int
    end: int


def coded_region(name: str) -> Region | None:
    """The coded place of this name (any width and case), its code the name; None for others."""
    folded = fold_text(name)
    if _CODED.fullmatch(folded) is None:
        return None
    if folded == PROVINCE:
        return Region(PROVINCE, PROVINCE, None)
    code = folded.upper()
    return Region(code, code, PROVINCE if len(code) == 2 else f"{code[0]}市")


class Gazetteer:
    """The regions of an office, looked up by name and alias; coded places are known by rule."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._parents: dict[str, str | None] = {}
        self._codes: dict[str, str] = {}
        for region in regions:
            self._parents[region.code] = region.parent
            for name in (region.name, *region.aliases):
                if folded := fold_text(name):
                    self._codes.setdefault(folded, region.code)
        self._names = _any_of(self._codes)
        self._paths: dict[str, tuple[str, ...]] = {}

    def find(self, text: str) -> tuple[Place, ...]:
        """The places named in a text, in order; of two that overlap, the longer name at its place.

        Traditional and full-width spellings are found too.
        """
        folded = fold(text)
        return tuple(
            Place(code, *folded.span(start, end)) for code, start, end in self._met(folded.text)
        )

    def codes(self, text: str) -> tuple[str, ...]:
        """The codes of the places named in a text, in order, repeats included."""
        return tuple(code for code, _, _ in self._met(fold_text(text)))

    def path(self, code: str) -> tuple[str, ...]:
        """The codes from the top down to this region, itself included."""
        if code not in self._paths:
            path = [code]
            while (above := self._above(path[-1])) is not None and above not in path:
                path.append(above)
            self._paths[code] = tuple(reversed(path))
        return self._paths[code]

    def _above(self, code: str) -> str | None:
        if code in self._parents:
            return self._parents[code]
        coded = coded_region(code)
        return coded.parent if coded else None

    def _met(self, folded: str) -> Iterator[tuple[str, int, int]]:
        for place in self._names.finditer(folded):
            name = place.group()
            if name not in self._codes:
                self._codes[name] = _code(name)
            yield self._codes[name], *place.span()


def problem_region(subject: str, text: str, gazetteer: Gazetteer) -> str | None:
    """The code of the region a letter is about; None where it names none.

    From the top of the tree down, always to the branch that is named most often (in the subject,
    thrice as much), the one named first where two are named alike: the most specific place that
    the letter supports most.
    """
    votes: dict[str, int] = defaultdict(int)
    children: dict[str | None, list[str]] = defaultdict(list)
    for code in (*gazetteer.codes(subject) * _SUBJECT_WORTH, *gazetteer.codes(text)):
        above: str | None = None
        for step in gazetteer.path(code):
            if not votes[step]:
                children[above].append(step)
            votes[step] += 1
            above = step
    best: str | None = None
    while below := children.get(best):
        best = max(below, key=votes.__getitem__)  # the first of equals
    return best


def _code(coded: str) -> str:
    region = coded_region(coded)
    return region.code if region else coded


def _any_of(names: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern for the longest name at a place; names that begin alike share their first test."""
    ordered: Sequence[str] = sorted(names, key=lambda name: (name[0], -len(name), name))
    branches = [
        re.escape(first) + "(?:" + "|".join(re.escape(name[1:]) for name in group) + ")"
        for first, group in groupby(ordered, key=lambda name: name[0])
    ]
    return re.compile("|".join([*branches, _CODED.pattern]))
