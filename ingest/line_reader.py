"""Reads the strip of one printed line with RapidOCR's recogniser, in as few columns as will do.

The recogniser scales strips to 48 points high and takes time in proportion to their width. There a
Chinese character is about 43 points wide, and reads as well in 24; digits and Latin letters are
half as wide, and what repeats (1000000) would melt together. So a long line is read squeezed, and
the stretches that hold narrow signs once more in full width, each between the characters beside it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_HEIGHT = 48
# Points across that the recogniser takes in per step; it tells one sign a step at most.
_STEP = 8
# Narrower strips are filled up to this, as RapidOCR does; and stretches of a line to that.
_LEAST_WIDTH, _LEAST_STRETCH = 320, 160
# What is read of a line to tell which way up it is.
_GLANCE = 320
_SQUEEZE = 0.55
# Shorter lines, by their full width, gain little.
_SHORT = 640
# Steps a sign below which a squeezed line is too crowded, for a sign that repeats takes two:
# Chinese has 3.0, less where the finder left much paper around; digits have 1.5.
_CROWDED = 2.0
# A squeezed line that reads less surely is read again.
_SURE = 0.85


@dataclass(frozen=True, slots=True)
class _Sign:
    """One character, its confidence and where it lies: 0.0 to 1.0 of the strip's width."""

    text: str
    confidence: float
    place: float


class LineReader:
    """Not safe to share among threads."""

    def __init__(self, recogniser: Any) -> None:
        """`recogniser` is a `rapidocr.ch_ppocr_rec.TextRecognizer`."""
        self._session = recogniser.session
        self._characters: Sequence[str] = recogniser.postprocess_op.character

    def read(self, strip: NDArray[np.uint8]) -> tuple[str, float]:
        """Text and mean confidence of a level grey strip; "", 0.0 where nothing is read."""
        return _joined(self._read(strip))

    def certainty(self, strip: NDArray[np.uint8]) -> float:
        """Mean confidence of a dozen signs in the middle of a line: tells which way up it is."""
        height, width = strip.shape
        reach = min(width, round(height * _GLANCE / _HEIGHT / _SQUEEZE))
        start = (width - reach) // 2
        return _joined(self._signs(strip[:, start : start + reach], _SQUEEZE))[1]

    def _read(self, strip: NDArray[np.uint8]) -> list[_Sign]:
        if _full_width(strip) <= _SHORT:
            return self._signs(strip)
        signs = self._signs(strip, _SQUEEZE)
        if len(signs) * _CROWDED > _full_width(strip) * _SQUEEZE / _STEP:
            return self._signs(strip)
        for run in reversed(list(_narrow(signs))):
            again = self._again(strip, signs, run)
            if again is None:
                return self._signs(strip)
            signs[run[0] : run[1]] = again
        if _joined(signs)[1] < _SURE:
            return max(signs, self._signs(strip), key=lambda each: _joined(each)[1])
        return signs

    def _again(
        self, strip: NDArray[np.uint8], signs: Sequence[_Sign], run: tuple[int, int]
    ) -> list[_Sign] | None:
        """The signs of a run, read in full width; None where they don't fit into the line."""
        first, last = _stretch(signs, run)
        width = strip.shape[1]
        part = strip[:, int(first * width) : max(int(last * width), int(first * width) + 1)]
        found = self._signs(part, least=_LEAST_STRETCH)
        if len(found) < run[1] - run[0]:
            return None
        for end, place in ((0, run[0]), (-1, run[1] - 1)):
            if _is_narrow(signs[place]):  # the line's own end
                continue
            if not _alike(found[end], signs[place]):
                return None
            # A stretch by itself does not tell ， from ,
            found[end] = signs[place]
        return found

    def _signs(
        self, strip: NDArray[np.uint8], squeeze: float = 1.0, least: int = _LEAST_WIDTH
    ) -> list[_Sign]:
        """What the recogniser sees: at each step the likeliest sign, repeats and blanks apart."""
        wide = max(_STEP, round(_full_width(strip) * squeeze))
        # As it was made: -1 is black, 1 white; what is filled up is grey.
        columns = np.zeros((_HEIGHT, max(wide, least)), np.float32)
        columns[:, :wide] = cv2.resize(strip, (wide, _HEIGHT)).astype(np.float32) / 127.5 - 1
        likely = self._session(np.repeat(columns[None, None], 3, axis=1))[0]
        best = likely.argmax(axis=1)
        told = best != 0
        told[1:] &= best[1:] != best[:-1]
        steps = np.flatnonzero(told)
        return [
            _Sign(self._characters[sign], float(likely[step, sign]), (step + 0.5) * _STEP / wide)
            for step, sign in zip(steps.tolist(), best[steps].tolist(), strict=True)
        ]


def _full_width(strip: NDArray[np.uint8]) -> float:
    height, width = strip.shape
    return float(width * _HEIGHT / height)


def _joined(signs: Sequence[_Sign]) -> tuple[str, float]:
    if not signs:
        return "", 0.0
    text = "".join(sign.text for sign in signs)
    return text.strip(), sum(sign.confidence for sign in signs) / len(signs)


def _narrow(signs: Sequence[_Sign]) -> Iterator[tuple[int, int]]:
    """Runs of signs to be read again: narrow ones and one sign on either side.

    Runs that touch are one.
    """
    start = end = -1
    for number, sign in enumerate(signs):
        if not _is_narrow(sign):
            continue
        if start >= 0 and number - 1 > end:
            yield start, end
            start = -1
        if start < 0:
            start = max(number - 1, 0)
        end = min(number + 2, len(signs))
    if start >= 0:
        yield start, end


def _stretch(signs: Sequence[_Sign], run: tuple[int, int]) -> tuple[float, float]:
    """Where a run lies, from the middle between it and the sign before to that after it."""
    first, last = run
    left = (signs[first - 1].place + signs[first].place) / 2 if first else 0.0
    right = (signs[last - 1].place + signs[last].place) / 2 if last < len(signs) else 1.0
    return left, right


def _is_narrow(sign: _Sign) -> bool:
    return unicodedata.east_asian_width(sign.text) not in "WFA"


def _alike(one: _Sign, other: _Sign) -> bool:
    """But for its width."""
    return unicodedata.normalize("NFKC", one.text) == unicodedata.normalize("NFKC", other.text)
