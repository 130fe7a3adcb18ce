"""Reads the strip of one printed line with RapidOCR's recogniser, in as few columns as will do.

The recogniser scales strips to 48 points high and takes time in proportion to their width. There a
Chinese character is 26 to 43 points wide, by how closely the line was cut out, and reads as well in
22; digits and Latin letters are half as wide, and what repeats (1000000) would melt together. So a
line is read squeezed, and the stretches that hold narrow signs once more in full width, each
between the Chinese characters beside it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby, pairwise
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
# Points to which a Chinese character is squeezed.
_SQUEEZED = 21.5
# What is squeezed by less, and lines that are shorter by their full width, gain nothing.
_LITTLE, _SHORT = 0.8, 640
# Steps a sign below which a squeezed line is too crowded: a sign that repeats takes two. Squeezed
# Chinese has 2.7, digits half of that.
_CROWDED = 2.0
# A squeezed line that reads less surely is read again.
_SURE = 0.85
# How far from the middle between two signs a stretch may be cut, as a share of their distance.
_AROUND = 0.3
# A glance takes in so many heights of a line, and tells the pitch from so many characters or more.
_GLANCE, _ENOUGH = 8, 4


@dataclass(frozen=True, slots=True)
class Glance:
    """Of some characters in the middle of a line: the mean confidence, and from each Chinese one to
    the next how many points (of a line 48 high)."""

    certainty: float
    pitches: tuple[float, ...]


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

    def glance(self, strip: NDArray[np.uint8]) -> Glance:
        """Enough of a line to tell which way up it is and how much it may be squeezed."""
        height, width = strip.shape
        reach = min(width, _GLANCE * height)
        start = (width - reach) // 2
        part = strip[:, start : start + reach]
        signs = self._signs(part)
        gaps = (
            (after.place - before.place) * _full_width(part)
            for before, after in pairwise(signs)
            if not _is_narrow(before) and not _is_narrow(after)
        )
        return Glance(_joined(signs)[1], tuple(gaps))

    def read(self, strip: NDArray[np.uint8], pitch: float = 0.0) -> tuple[str, float]:
        """Text and mean confidence of a level grey strip; "", 0.0 where nothing is read.

        `pitch`: of Chinese characters (`pitch_of`), 0.0 where it isn't known.
        """
        return _joined(self._read(strip, pitch))

    def _read(self, strip: NDArray[np.uint8], pitch: float) -> list[_Sign]:
        squeeze = _SQUEEZED / pitch if pitch else 1.0
        if squeeze > _LITTLE or _full_width(strip) <= _SHORT:
            return self._signs(strip)
        signs = self._signs(strip, squeeze)
        if len(signs) * _CROWDED > _full_width(strip) * squeeze / _STEP:
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
        first, last = (_gap(strip, signs, number) for number in run)
        found = self._signs(strip[:, first : max(last, first + 1)], least=_LEAST_STRETCH)
        if len(found) < run[1] - run[0]:
            return None
        for end, place, inside in ((0, run[0], run[0] > 0), (-1, run[1] - 1, run[1] < len(signs))):
            if _alike(found[end], signs[place]):
                # A stretch by itself does not tell ， from ,
                found[end] = signs[place]
            elif inside:
                return None
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
            _Sign(self._characters[sign], float(likely[step, sign]), (step + 0.25) * _STEP / wide)
            for step, sign in zip(steps.tolist(), best[steps].tolist(), strict=True)
        ]


def pitch_of(glances: Sequence[Glance]) -> float:
    """From one Chinese character to the next, in points of a line 48 high; 0.0 where there are too
    few to tell."""
    gaps = np.array([gap for glance in glances for gap in glance.pitches])
    if len(gaps) < _ENOUGH:
        return 0.0
    # Where a sign was not read, or stands apart, the gap is no pitch.
    return float(gaps[gaps <= 1.5 * np.median(gaps)].mean())


def _full_width(strip: NDArray[np.uint8]) -> float:
    height, width = strip.shape
    return float(width * _HEIGHT / height)


def _joined(signs: Sequence[_Sign]) -> tuple[str, float]:
    if not signs:
        return "", 0.0
    text = "".join(sign.text for sign in signs)
    return text.strip(), sum(sign.confidence for sign in signs) / len(signs)


def _narrow(signs: Sequence[_Sign]) -> Iterator[tuple[int, int]]:
    """Runs of signs to be read again: narrow ones, and on either side up to a Chinese character.

    Runs that touch are one.
    """
    marked = [False] * len(signs)
    for number, sign in enumerate(signs):
        if _is_narrow(sign):
            first = last = number
            while first > 0 and not _is_chinese(signs[first]):
                first -= 1
            while last < len(signs) - 1 and not _is_chinese(signs[last]):
                last += 1
            marked[first : last + 1] = [True] * (last + 1 - first)
    for again, run in groupby(range(len(signs)), key=marked.__getitem__):
        if again:
            numbers = tuple(run)
            yield numbers[0], numbers[-1] + 1


def _gap(strip: NDArray[np.uint8], signs: Sequence[_Sign], number: int) -> int:
    """The column between a sign and the one before that has the least ink; the strip's ends."""
    width = strip.shape[1]
    if number in (0, len(signs)):
        return 0 if number == 0 else width
    before, after = signs[number - 1].place * width, signs[number].place * width
    middle, reach = (before + after) / 2, _AROUND * (after - before)
    # What is filled up may be read too, beyond the strip's end.
    columns = np.arange(round(middle - reach), round(middle + reach) + 1).clip(0, width - 1)
    # Of equal ones the one nearest to the middle.
    light = strip[:, columns].mean(axis=0) - 0.5 * np.abs(columns - middle)
    return int(columns[int(light.argmax())])


def _is_narrow(sign: _Sign) -> bool:
    return unicodedata.east_asian_width(sign.text) not in "WFA"


def _is_chinese(sign: _Sign) -> bool:
    return sign.text.isalnum() and not _is_narrow(sign)


def _alike(one: _Sign, other: _Sign) -> bool:
    """But for its width."""
    return unicodedata.normalize("NFKC", one.text) == unicodedata.normalize("NFKC", other.text)
