"""What one thing is called by those who write, by offices, and elsewhere.

`synonyms.txt`: a group a line, the office's word first. An office adds a file of its own
(`PETITIONS_SYNONYMS`) in the same form: a group there is joined to those that share a word with it,
its words first; a word alone on a line is taken out of its group; `#` begins a remark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from analyzers.fold import fold_text
from records.errors import BadValue
from records.home import environment_name, text_named

GROUPS = "synonyms.txt"


@dataclass(frozen=True, slots=True)
class Synonyms:
    """`groups`: the other words of each word's group, folded, the office's word first. `own`: the
    words of the office's own groups."""

    groups: Mapping[str, tuple[str, ...]]
    own: frozenset[str] = frozenset()

    def of(self, word: str) -> tuple[str, ...]:
        """The other words of its group; none for an unknown one."""
        return self.groups.get(word, ())


@cache
def shipped() -> Synonyms:
    """Those that every office has."""
    return Synonyms(_table(_shipped_groups()))


def with_own(file: Path) -> Synonyms:
    """The shipped ones and those of an office's file.

    Raises BadValue, saying what to do, for a file that can't be read, or is not in order: by line.
    """
    lines = _groups(text_named(environment_name("synonyms"), file), str(file))
    own = [group for group in lines if len(group) > 1]
    groups = _shipped_groups()
    for group in own:
        touched = [one for one in groups if not set(one).isdisjoint(group)]
        groups = [one for one in groups if one not in touched]
        groups.append(tuple(dict.fromkeys((*group, *(word for one in touched for word in one)))))
    alone = {group[0] for group in lines if len(group) == 1}
    left = [tuple(word for word in group if word not in alone) for group in groups]
    return Synonyms(_table(left), frozenset(word for group in own for word in group))


def _shipped_groups() -> list[tuple[str, ...]]:
    text = files("search.expansion").joinpath(GROUPS).read_text(encoding="utf-8")
    return _groups(text, GROUPS)


def _table(groups: list[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(o for o in one if o != word) for one in groups for word in one}


def _groups(text: str, name: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line.partition("#")[0], f"{name}, line {number}")
        group = tuple(dict.fromkeys(words))
        for word in group:
            if word in lines:
                raise BadValue(
                    f"{name}, line {number}: {word!r} stands on line {lines[word]} already: put "
                    "all words for one thing on one line"
                )
            lines[word] = number
        if group:
            found.append(group)
    return found


def _words(line: str, place: str) -> Iterator[str]:
    for typed in line.split():
        word = fold_text(typed)
        if len(word) < 2 or not word.isalnum():
            raise BadValue(
                f"{place}: {typed!r} is no word of two or more characters: write words parted by "
                "blanks, without other signs"
            )
        yield word
