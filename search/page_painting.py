"""A redacted page as a new picture: pixels only, nothing of the file that it was made from."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, UnidentifiedImageError

from search.answers import Box

MEDIA_TYPE = "image/jpeg"
_UNREAD = (236, 236, 232)  # what is not shown, and holds nothing known to be personal
_COVER = (0, 0, 0)
_QUALITY = 82


def painted(
    picture: bytes, size: tuple[int, int], shown: Sequence[Box], covered: Sequence[Box]
) -> bytes | None:
    """A JPEG with the boxes of `picture` that are shown, those covered black above them.

    `size`: width and height in which the boxes are measured. None where the picture can't be read.
    """
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            source = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    scale = source.width / size[0], source.height / size[1]
    sheet = Image.new("RGB", source.size, _UNREAD)
    for box in shown:
        part = _pixels(box, scale, source.size)
        sheet.paste(source.crop(part), part)
    draw = ImageDraw.Draw(sheet)
    for box in covered:
        left, top, right, bottom = _pixels(box, scale, source.size)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=_COVER)
    with io.BytesIO() as made:
        sheet.save(made, "JPEG", quality=_QUALITY)
        return made.getvalue()


def _pixels(
    box: Box, scale: tuple[float, float], size: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Whole pixels within the picture: never less than the box."""
    left, top, right, bottom = box
    across, down = scale
    first, above = max(0, math.floor(left * across)), max(0, math.floor(top * down))
    last, below = min(size[0], math.ceil(right * across)), min(size[1], math.ceil(bottom * down))
    return first, above, max(first + 1, last), max(above + 1, below)
