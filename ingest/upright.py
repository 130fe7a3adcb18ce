"""Quarter turns and small angles: the way from a page as scanned to a page that stands upright."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.ocr import Box

# Below this angle (degrees) a page counts as straight: turning it would only blur it.
STRAIGHT = 0.2
# A larger skew is taken for a mistake of measurement: scanners don't feed so crookedly.
STEEPEST = 20.0
# Longest sides of the copies on which the lie of the lines is measured, roughly and then finely.
_COARSE, _FINE = 420, 1000


def quarter_turn(pixels: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """Turn clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -rotation // 90))


def straighten(pixels: NDArray[np.uint8], rotation: int, skew: float) -> NDArray[np.uint8]:
    """Turn a colour or grey page clockwise by `rotation`, then by `skew` degrees.

    The picture grows so that nothing is cut off; corners that appear are white.
    """
    turned = quarter_turn(pixels, rotation)
    if abs(skew) < STRAIGHT:
        return turned
    matrix, width, height = _turning(turned.shape[1], turned.shape[0], skew)
    white = (255, 255, 255)
    straight = cv2.warpAffine(
        turned, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=white
    )
    return np.asarray(straight, np.uint8)


def straightened_size(width: int, height: int, rotation: int, skew: float) -> tuple[int, int]:
    """Width and height of what `straighten` makes of a page of this size."""
    if rotation in (90, 270):
        width, height = height, width
    if abs(skew) < STRAIGHT:
        return width, height
    _, width, height = _turning(width, height, skew)
    return width, height


def straight_boxes(
    corners: NDArray[np.float32], width: int, height: int, skew: float
) -> tuple[list[Box], int, int]:
    """Boxes on the straightened page, and its width and height.

    `corners` has shape (n, 4, 2): points on the quarter-turned page of `width` x `height` pixels.
    """
    if abs(skew) >= STRAIGHT:
        matrix, width, height = _turning(width, height, skew)
        corners = corners @ matrix[:, :2].T.astype(np.float32) + matrix[:, 2].astype(np.float32)
    limit = (width, height)
    low = np.clip(np.floor(corners.min(axis=1)), 0, limit).astype(int)
    high = np.clip(np.ceil(corners.max(axis=1)), 0, limit).astype(int)
    boxes = [
        (int(left), int(top), int(right), int(bottom))
        for (left, top), (right, bottom) in zip(low, high, strict=True)
    ]
    return boxes, width, height


def lie_of_lines(grey: NDArray[np.uint8]) -> tuple[bool, float]:
    """Whether lines run down the page, and the skew of the page turned so that they run across."""
    sideways, rough = _rough_lie(grey)
    page = quarter_turn(grey, 90) if sideways else grey
    _, angle = _sharpest(_ink(page, _FINE), np.arange(rough - 1.0, rough + 1.01, 0.25))
    return sideways, angle


def lines_run_down(grey: NDArray[np.uint8]) -> bool:
    """Whether lines run down the page rather than across."""
    return _rough_lie(grey)[0]


def skew_of(corners: NDArray[np.float32]) -> float:
    """Degrees clockwise that would lay the lines straight: the median, longer lines first.

    `corners` as for `straight_boxes`, each from the line's top left, clockwise.
    """
    along = corners[:, 1] - corners[:, 0]
    lengths = np.hypot(along[:, 0], along[:, 1])
    heights = np.hypot(*(corners[:, 3] - corners[:, 0]).T)
    long = lengths > 5 * np.maximum(heights, 1)
    if not long.any():
        return 0.0
    angles = np.degrees(np.arctan2(along[long, 1], along[long, 0]))
    order = np.argsort(angles)
    weight = np.cumsum(lengths[long][order])
    middle = float(angles[order][np.searchsorted(weight, weight[-1] / 2)])
    return -middle if abs(middle) <= STEEPEST else 0.0


def _rough_lie(grey: NDArray[np.uint8]) -> tuple[bool, float]:
    """As `lie_of_lines`, the skew in whole degrees.

    Ink summed along the lines is all peaks and gaps, across them it is even; so the page is turned
    through small angles until the sums along rows or along columns change most abruptly. The copy
    that is summed is so small that the gaps between characters vanish and those between lines stay.
    """
    across, across_angle = _sharpest(_ink(grey, _COARSE), np.arange(-14.0, 14.1, 1.0))
    down, down_angle = _sharpest(_ink(quarter_turn(grey, 90), _COARSE), np.arange(-14.0, 14.1, 1.0))
    return (True, down_angle) if down > across else (False, across_angle)


def _ink(grey: NDArray[np.uint8], longest: int) -> NDArray[np.float32]:
    """How much darker than the paper around, on a copy with that longest side.

    Rims and whatever is no paper (the table under a photographed letter) count as empty.
    """
    scale = min(1.0, longest / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    reach = max(3, longest // 40)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    ink = np.maximum(cv2.subtract(paper, small).astype(np.float32) - 20, 0)
    table = (paper < 0.6 * np.percentile(paper, 70)).astype(np.uint8)
    ink[cv2.dilate(table, np.ones((reach, reach), np.uint8)) > 0] = 0
    rim = max(1, min(ink.shape) // 20)
    ink[:rim], ink[-rim:], ink[:, :rim], ink[:, -rim:] = 0, 0, 0, 0
    return np.asarray(ink, np.float32)


def _sharpest(ink: NDArray[np.float32], angles: NDArray[np.float64]) -> tuple[float, float]:
    """The best score among these clockwise turns, and its angle; 0.0, 0.0 without ink."""
    height, width = ink.shape
    total = float(ink.sum())
    if total <= 0:
        return 0.0, 0.0
    best = (0.0, 0.0)
    for angle in sorted(angles.tolist(), key=abs):
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
        rows = cv2.warpAffine(ink, matrix, (width, height)).sum(axis=1)
        score = float((np.diff(rows) ** 2).sum()) * height / total**2
        if score > best[0] * 1.001:
            best = (score, angle)
    return best


def _turning(width: int, height: int, skew: float) -> tuple[NDArray[np.float64], int, int]:
    """The affine map of a clockwise turn about the middle, and the size of the result."""
    angle = math.radians(skew)
    cosine, sine = math.cos(angle), math.sin(angle)
    wide = math.ceil(width * abs(cosine) + height * abs(sine))
    high = math.ceil(width * abs(sine) + height * abs(cosine))
    matrix = np.array(((cosine, -sine, 0.0), (sine, cosine, 0.0)))
    matrix[:, 2] = np.array((wide, high)) / 2 - matrix[:, :2] @ (width / 2, height / 2)
    return matrix, wide, high
