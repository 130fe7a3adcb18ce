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


def quarter_turn(pixels: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """Turn clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -rotation // 90))


def straighten(pixels: NDArray[np.uint8], rotation: int, skew: float) -> NDArray[np.uint8]:
    """Turn clockwise by `rotation`, then by `skew` degrees; corners that appear are white.

    The picture grows so that nothing is cut off.
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


def _turning(width: int, height: int, skew: float) -> tuple[NDArray[np.float64], int, int]:
    """The affine map of a clockwise turn about the middle, and the size of the result."""
    angle = math.radians(skew)
    cosine, sine = math.cos(angle), math.sin(angle)
    wide = math.ceil(width * abs(cosine) + height * abs(sine))
    high = math.ceil(width * abs(sine) + height * abs(cosine))
    matrix = np.array(((cosine, -sine, 0.0), (sine, cosine, 0.0)))
    matrix[:, 2] = np.array((wide, high)) / 2 - matrix[:, :2] @ (width / 2, height / 2)
    return matrix, wide, high
