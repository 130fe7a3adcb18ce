"""Words of the same sound: who types by sound picks a wrong character, who writes by hand too.

`sounds.json.gz` holds the syllables, without tones, of the 6,763 characters of GB 2312, made by
`python -m search.expansion.build`.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice, product
from typing import Final

from search.ranking_table.table import TABLE

FIGURES: Final = "sounds.json.gz"
_SHORTEST, _LONGEST = 2, 6
_SPELLINGS: Final = 32
"""Of a word whose characters have several readings, at most."""
_EVERYWHERE: Final = 0.5
"""Characters of less weight (的, 不, 有) stand beside any word by chance."""
_LIGHT: Final = 2.5
"""Those of less weight stand beside another single character by chance."""
_COMMON: Final = 3.25
"""Words of more weight are themselves rare: one letter in 700."""
_SURE: Final = 4
"""Characters from which on a word is no chance, though it holds another."""
_PLAIN: Final = 0.75
"""Two characters of which one weighs less (我姐) may be words as they are."""


def load() -> None:
    """Read the table and sort the words by sound."""
    _by_sound()


def meant(word: str, tokens: Sequence[str]) -> str | None:
    """The likeliest word of the same sound, where letters don't hold this one; it shares a
    character with it. `tokens`: what the dictionary cut it into."""
    if not _SHORTEST <= len(word) <= _LONGEST or word in TABLE.words or _right(word, tokens):
        return None
    same = {other for spelled in _spellings(word) for other in _by_sound().get(spelled, ())}
    near = [(-_shared(word, other), TABLE.words[other], other) for other in same]
    near = [one for one in near if one[0] < 0]
    return min(near)[2] if near else None


def likely(word: str, tokens: Sequence[str], right: str) -> bool:
    """Whether who typed the one will have meant the other: not where a known word of the one may
    stand for itself (被物业, 服务业)."""
    if len(word) == _SHORTEST and _lightest(word) < _PLAIN:
        return False
    if any(len(token) > 1 and token in TABLE.words for token in tokens) and len(word) < _SURE:
        return False
    return TABLE.words[right] <= _COMMON


def _right(word: str, tokens: Sequence[str]) -> bool:
    """Known words beside each other are no misspelling, nor is one beside a character that stands
    everywhere, nor two single characters of which one is light."""
    if all(len(token) > 1 and token in TABLE.words for token in tokens):
        return True
    if len(tokens) == 1:
        return False
    least = _LIGHT if len(word) == _SHORTEST else _EVERYWHERE
    return _lightest(word) < least


def _lightest(word: str) -> float:
    return min(TABLE.characters[character] for character in word)


def _shared(word: str, other: str) -> int:
    return sum(a == b for a, b in zip(word, other, strict=True))


def _spellings(word: str) -> Iterator[tuple[str, ...]]:
    readings = _readings()
    return islice(product(*(readings.get(character, ()) for character in word)), _SPELLINGS)


@cache
def _readings() -> Mapping[str, tuple[str, ...]]:
    packed = files("search.expansion").joinpath(FIGURES).read_bytes()
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for syllable, characters in json.loads(gzip.decompress(packed)).items():
        for character in characters:
            found[character] += (syllable,)
    return dict(found)


@cache
def _by_sound() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """The words that letters hold, by how they sound."""
    found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for word in TABLE.words:
        if _SHORTEST <= len(word) <= _LONGEST:
            for spelled in _spellings(word):
                found[spelled].append(word)
    return {spelled: tuple(words) for spelled, words in found.items()}
