"""One spelling for everything that reads the same: compatibility forms, case, script, spaces.

Folding goes character by character and knows no context (NFKC, lower case, Traditional to
Simplified by OpenCC's character table), so the folding of a part is a part of the folding:
`fold_text(s) in fold_text(t)` for every part `s` of `t` that is not blank. Only runs of white
space look at their neighbours: one space stays between ASCII letters or digits, none elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from analyzers.characters import Characters

# Radicals that fonts put into the text layer of PDFs in place of the characters they look like.
# Unicode gives them no compatibility mapping (its EquivalentUnifiedIdeograph list does).
_RADICALS = dict(
    zip(
        "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
        "民虎西见角贝车长门青页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
        strict=True,
    )
)
_SPACE = " "
_OPEN_BOX = "␣"  # stands for a space in the index of characters, so it may be nothing else
_REPLACEMENT = "�"

_SPACES = re.compile(r" {2,}")
_SPACE_RUN = re.compile(r" ++")
_NEEDLESS_SPACE = re.compile(r" (?:(?<![a-z0-9] )|(?![a-z0-9]))")
_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@cache
def _simplified() -> Callable[[str], str]:
    from opencc import OpenCC  # put off: 30 ms that a process which folds nothing need not pay

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _fold_character(character: str) -> str:
    """The folding of one character: nothing, one character, or several."""
    if character.isspace() or character == _OPEN_BOX:
        return _SPACE
    category = unicodedata.category(character)
    if category == "Cs":
        return _REPLACEMENT  # half a surrogate pair has no UTF-8 form, engines would refuse it
    if category in ("Cc", "Cf") or unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
        return ""
    folded = unicodedata.normalize("NFKC", _RADICALS.get(character, character)).lower()
    folded = _simplified()(unicodedata.normalize("NFKC", folded))
    if folded == character:
        return folded
    return "".join(_fold_character(part) for part in folded)


_TABLE = Characters(_fold_character)


def fold_text(text: str) -> str:
    """The folded text alone; `fold` also tells where its characters came from."""
    folded = _TABLE.translated(text)
    if _SPACE in folded:
        folded = _NEEDLESS_SPACE.sub("", _SPACES.sub(_SPACE, folded))
    return folded


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where it came from.

    `origins[i]` is the position in the original of the character that gave `text[i]`; None means
    that every position is its own. Positions count code points.
    """

    text: str
    original_length: int
    origins: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original half-open span that holds the folded one, widened to whole characters.

        An empty span stays empty. Raises ValueError where the span leaves the folded text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}..{end} leaves a folded text of {len(self.text)}")
        if self.origins is None:
            return start, end
        if start == end:
            at = self.origins[start] if start < len(self.text) else self.original_length
            return at, at
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text and keep the way back to its original positions."""
    pieces = list(map(_TABLE.__getitem__, map(ord, text)))
    origins: list[int] | None = None
    uneven = [at for at, piece in enumerate(pieces) if piece.__class__ is not int]
    if uneven:
        origins = list(range(len(text)))
        for at in reversed(uneven):
            piece = pieces[at]
            origins[at : at + 1] = [at] * (len(piece) if isinstance(piece, str) else 0)
    folded = _TABLE.translated(text)
    if _SPACE not in folded:
        return Folded(folded, len(text), origins)
    if origins is None:
        origins = list(range(len(text)))
    kept: list[int] = []
    parts: list[str] = []
    last = 0
    for run in _SPACE_RUN.finditer(folded):
        start, end = run.span()
        parts.append(folded[last:start])
        kept += origins[last:start]
        if start and end < len(folded) and folded[start - 1] in _ASCII and folded[end] in _ASCII:
            parts.append(_SPACE)
            kept.append(origins[start])
        last = end
    parts.append(folded[last:])
    kept += origins[last:]
    return Folded("".join(parts), len(text), kept)
