"""Finds printed lines as quadrangles with RapidOCR's detector, looking only where ink is.

The detector takes time in proportion to the area, and margins are a third of a letter's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.ocr import Box

# The page's longest side when lines are looked for; the detector takes multiples of 32.
_SIDE, _UNIT = 1280, 32
# The copy on which ink is looked for, and how much darker (of 255) than the paper around it counts.
_SMALL, _INK = 600, 12
# Paper that is kept around the ink, as a share of the page's longest side.
_AROUND = 0.015


class LineFinder:
    """Not safe to share among threads."""

    def __init__(self, detector: Any) -> None:
        """`detector` is a `rapidocr.ch_ppocr_det.TextDetector` that limits the longest side."""
        self._detector = detector

    def find(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Quadrangles of lines, shape (n, 4, 2): top left first, clockwise, as they lie."""
        left, top, right, bottom = _whole_units(inked(grey), grey)
        part = grey[top:bottom, left:right]
        scale = min(1.0, _SIDE / max(grey.shape))
        self._detector.limit_side_len = max(_UNIT, round(max(part.shape) * scale))
        found = self._detector(cv2.cvtColor(part, cv2.COLOR_GRAY2BGR)).boxes
        if found is None:
            return np.zeros((0, 4, 2), np.float32)
        return np.asarray(found, np.float32) + np.array((left, top), np.float32)


def inked(grey: NDArray[np.uint8]) -> Box:
    """The part of a page outside of which there is no ink; the whole page where that's uncertain.

    Grain, rims of the scanner's glass and the other side's print count as ink: then there is less
    to leave out, or nothing.
    """
    height, width = grey.shape
    scale = min(1.0, _SMALL / max(height, width))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.blur(small, (3, 3))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    ink = cv2.subtract(paper, small) > _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return 0, 0, width, height
    around = _AROUND * max(height, width)
    return (
        max(0, int(columns[0] / scale - around)),
        max(0, int(rows[0] / scale - around)),
        min(width, int((columns[-1] + 1) / scale + around)),
        min(height, int((rows[-1] + 1) / scale + around)),
    )


def _whole_units(box: Box, grey: NDArray[np.uint8]) -> Box:
    """The box grown, within the page, to sizes that the detector takes without stretching."""
    height, width = grey.shape
    unit = _UNIT / min(1.0, _SIDE / max(height, width))
    left, right = _grown(box[0], box[2], unit, width)
    top, bottom = _grown(box[1], box[3], unit, height)
    return left, top, right, bottom


def _grown(low: int, high: int, unit: float, limit: int) -> tuple[int, int]:
    length = min(limit, round(-(-(high - low) // unit) * unit))
    low = max(0, min(low - (length - (high - low)) // 2, limit - length))
    return low, low + length
