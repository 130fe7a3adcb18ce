"""Cutting folded Chinese into words: jieba's tokens, at the speed of its Rust port.

rjieba gives jieba's tokens except where its last step (the hidden Markov model for what the
dictionary leaves as single characters) meets ASCII joined by `+ # & . _ % -`, an ideograph that
the model does not know, or one three times in a row (two paths then weigh the same); it also takes
rare ideographs into a block that jieba keeps apart. Blocks of text that hold such characters are
cut by rjieba's dictionary alone, and jieba's own `finalseg` does the last step.
`tests/analyzers/test_segment.py` holds the two equal.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import product
from string import ascii_lowercase

from analyzers.fold import Folded

_VERSION = 1  # raise it when the same dictionary would give other tokens
_PLACE_FREQUENCY = 1000
_FILES = files("analyzers") / "dictionary"
_TERMS = (_FILES / "terms.txt").read_text("utf-8")
# Ideographs of jieba's range that its model has no probability for as a word of their own: only
# with one of these can two paths weigh the same, and the two implementations choose differently.
_UNMODELLED = (_FILES / "unmodelled.txt").read_text("utf-8").replace("\n", "")

FINGERPRINT = sha256(f"{_VERSION} {_PLACE_FREQUENCY}\n{_TERMS}{_UNMODELLED}".encode()).hexdigest()
"""Changes when the tokens may change; an index stores it and is rebuilt on a mismatch."""

_JOINERS = r"+#&._%\-"
# Ideographs that belong to a block for rjieba, but not for jieba.
_FOREIGN = "\u3400-\u4dbf\u9fd6-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HARD = re.compile(f"[{_JOINERS}{_FOREIGN}{_UNMODELLED}]")
_REPEATED = re.compile(r"([\u4e00-\u9fd5])\1\1")
_BLOCK = re.compile(f"([\u4e00-\u9fd5a-zA-Z0-9{_JOINERS}]+)|[{_FOREIGN}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word and its half-open span in the original text, in code points."""

    text: str
    start: int
    end: int


def dictionary() -> Iterator[tuple[str, int]]:
    """Our words and their frequencies, beside jieba's own dictionary.

    Coded places of published petitions (`a市`, `a7县`) stay one word, whatever follows.
    """
    for letter, kind in product(ascii_lowercase, "市省"):
        yield letter + kind, _PLACE_FREQUENCY
    for letter, number, kind in product(ascii_lowercase, range(1, 100), "区县市州镇"):
        yield f"{letter}{number}{kind}", _PLACE_FREQUENCY
    for line in _TERMS.splitlines():
        if not line.startswith("#"):
            word, frequency = line.split(" ")
            yield word, int(frequency)


class _Segmenter:
    """rjieba with our words, and jieba's last step for the blocks that need it."""

    __slots__ = ("_has_word", "_rjieba")

    def __init__(self) -> None:
        import rjieba  # unpacks its dictionary: a quarter of a second

        # Its default instance, because importing the module has already paid for that one.
        # jieba counts the frequency of a word that its dictionary lists twice (B超) twice, rjieba
        # once. The total decides between paths of equal weight, so a word that no text can hold
        # makes up for it.
        rjieba.add_word("\n\n", 3, None)
        for word, frequency in dictionary():
            rjieba.add_word(word, frequency, None)
        self._rjieba: Callable[[str, bool], list[str]] = rjieba.cut
        self._has_word: Callable[[str], bool] = rjieba.has_word

    def knows(self, word: str) -> bool:
        return self._has_word(word)

    def cut(self, text: str) -> list[str]:
        if _HARD.search(text) is None and _REPEATED.search(text) is None:
            return self._rjieba(text, True)
        found: list[str] = []
        done = 0
        for block in _BLOCK.finditer(text):
            start, end = block.span()
            if not (_HARD.search(text, start, end) or _REPEATED.search(text, start, end)):
                continue
            if done < start:
                found += self._rjieba(text[done:start], True)
            found += self._cut_hard(block[0]) if block[1] else block[0]
            done = end
        if done < len(text):
            found += self._rjieba(text[done:], True)
        return found

    def _cut_hard(self, block: str) -> list[str]:
        found: list[str] = []
        left = ""
        for word in self._rjieba(block, False):
            if len(word) == 1 or (
                # without the model, jieba joins ASCII letters that were single characters
                word.isascii() and word.isalnum() and not self._has_word(word)
            ):
                left += word
                continue
            if left:
                found += self._last_step(left)
                left = ""
            found.append(word)
        if left:
            found += self._last_step(left)
        return found

    def _last_step(self, left: str) -> Sequence[str]:
        if len(left) == 1:
            return [left]
        if self._has_word(left):
            return list(left)
        return _modelled(left)


@lru_cache(maxsize=20_000)  # numbers, dates and codes that come again and again
def _modelled(left: str) -> tuple[str, ...]:
    return tuple(_finalseg()(left))


@cache
def _finalseg() -> Callable[[str], Iterator[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a package written for older Pythons
        from jieba import finalseg
    cut: Callable[[str], Iterator[str]] = finalseg.cut
    return cut


_loading = threading.Lock()
_loaded: list[_Segmenter] = []


def _segmenter() -> _Segmenter:
    if not _loaded:
        with _loading:
            if not _loaded:
                _loaded.append(_Segmenter())
    return _loaded[0]


def cut(folded: str) -> list[str]:
    """Every token of a folded text, punctuation and spaces too; joined they are the text again."""
    return _segmenter().cut(folded)


def _joins_words(token: str) -> bool:
    return len(token) > 1 and any(map(str.isalnum, token))


def known_word(folded: str) -> bool:
    """The dictionary has this word."""
    return _segmenter().knows(folded)


def words(folded: str) -> list[str]:
    """The tokens of a folded text that hold a letter, an ideograph or a digit."""
    return [
        token
        for token in cut(folded)
        if token.isalnum() or (len(token) > 1 and _joins_words(token))
    ]


def tokens(folded: Folded) -> tuple[Token, ...]:
    """The words of a folded text with their spans in the original."""
    found: list[Token] = []
    start = 0
    origins = folded.origins
    for token in cut(folded.text):
        end = start + len(token)
        if token.isalnum() or _joins_words(token):
            if origins is None:
                found.append(Token(token, start, end))
            else:
                found.append(Token(token, origins[start], origins[end - 1] + 1))
        start = end
    return tuple(found)
