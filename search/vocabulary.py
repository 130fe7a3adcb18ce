"""The office's public words for regions, categories, statuses, channels and levels.

Regions and categories are trees. A typed value may be a code, a name or an alias, in either
script; a name may stand for several regions. Knowing a word tells nothing about letters, but for
learned regions: those are understood only of those who may find such a letter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from analyzers.fold import fold_text
from records.regions import ROOT
from search.answers import FacetValue, Labelled
from search.engine import Level
from search.query import Attribute


@dataclass(frozen=True, slots=True)
class Word:
    """One value of an attribute. `parent` is the code above it in a tree.

    `learned`: known from letters alone.
    """

    code: str
    name: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    learned: bool = False


class Vocabulary:
    """Looks up what was typed, and names what is shown. Never changes; made anew when words do."""

    def __init__(self, words: Mapping[Attribute, Iterable[Word]]) -> None:
        self._words: dict[Attribute, dict[str, Word]] = {}
        self._typed: dict[Attribute, dict[str, frozenset[str]]] = {}
        for attribute, given in words.items():
            by_code = {word.code: word for word in given}
            typed: defaultdict[str, set[str]] = defaultdict(set)
            for word in by_code.values():
                for form in (word.code, word.name, *word.aliases):
                    typed[fold_text(form)].add(word.code)
            for word in by_code.values():
                typed[fold_text(word.code)] = {word.code}  # a code is never another's name
            self._words[attribute] = by_code
            self._typed[attribute] = {form: frozenset(codes) for form, codes in typed.items()}

    def __call__(self, attribute: Attribute, typed: str) -> frozenset[str] | None:
        """The values that a typed value stands for; None where there is no such value."""
        folded = fold_text(typed)
        match attribute:
            case Attribute.NUMBER:
                return frozenset({folded}) if folded else None
            case Attribute.YEAR:
                return frozenset({folded}) if len(folded) == 4 and folded.isdigit() else None
            case _:
                return self._typed.get(attribute, {}).get(folded)

    @cached_property
    def declared(self) -> Vocabulary:
        """What everybody may say: no learned word."""
        return self.spoken(frozenset())

    def spoken(self, learned: frozenset[str]) -> Vocabulary:
        """What somebody may say who knows, of the learned words, these."""
        spoken = Vocabulary({})
        spoken._words = self._words
        spoken._typed = {attribute: self._spoken(attribute, learned) for attribute in self._typed}
        return spoken

    def _spoken(self, attribute: Attribute, learned: frozenset[str]) -> dict[str, frozenset[str]]:
        words, typed = self._words[attribute], self._typed[attribute]
        unsaid = frozenset(word.code for word in words.values() if word.learned) - learned
        if not unsaid:
            return typed
        return {form: codes - unsaid for form, codes in typed.items() if codes - unsaid}

    def labelled(self, attribute: Attribute, code: str) -> Labelled:
        """The code with its name; a code without a name is its own."""
        word = self._words.get(attribute, {}).get(code)
        return Labelled(code, word.name if word else code)

    def path(self, attribute: Attribute, code: str) -> tuple[Labelled, ...]:
        """The code with all codes above it, from the root down."""
        words = self._words.get(attribute, {})
        path: list[Labelled] = []
        at: str | None = code
        while at is not None and len(path) <= len(words):
            path.append(self.labelled(attribute, at))
            at = words[at].parent if at in words else None
        return tuple(reversed(path))

    def words(self, attribute: Attribute) -> tuple[Word, ...]:
        """The values of an attribute."""
        return tuple(self._words.get(attribute, {}).values())

    def roots(self, attribute: Attribute) -> frozenset[str]:
        """The codes with none above them."""
        return frozenset(
            word.code for word in self._words.get(attribute, {}).values() if word.parent is None
        )

    def facet(self, attribute: Attribute, counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
        """Counts, ready to be shown: trees from the roots down, the largest branch first; levels
        rising; years from the newest; others from the largest. What counts nothing is left out,
        and the root of all regions, which counts everything."""
        counts = {code: n for code, n in counts.items() if n > 0 and code != ROOT}
        if attribute is Attribute.LEVEL:
            shown = [level.value for level in Level if level in counts]
        elif attribute is Attribute.YEAR:
            shown = sorted(counts, reverse=True)
        else:
            return self._tree(attribute, counts)
        return tuple(
            FacetValue(code, self.labelled(attribute, code).label, counts[code]) for code in shown
        )

    def _tree(self, attribute: Attribute, counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
        words = self._words.get(attribute, {})
        below: defaultdict[str | None, list[str]] = defaultdict(list)
        for code in sorted(counts, key=lambda code: (-counts[code], code)):
            parent = words[code].parent if code in words else None
            below[parent if parent in counts else None].append(code)
        shown: list[FacetValue] = []
        stack: list[tuple[str, int, str | None]] = [(c, 0, None) for c in reversed(below[None])]
        while stack:
            code, depth, parent = stack.pop()
            label = self.labelled(attribute, code).label
            shown.append(FacetValue(code, label, counts[code], depth, parent))
            stack.extend((child, depth + 1, code) for child in reversed(below[code]))
        return tuple(shown)
