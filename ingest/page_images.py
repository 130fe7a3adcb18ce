"""Picture files as pages: every colour mode, EXIF orientation, many pages in one TIFF."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.errors import Damaged, EmptyFile, UnknownKind, over_limit
from ingest.ocr import PageImage
from ingest.upright import straighten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.ocr import ReadPage
    from records.home import Settings

_DEEP_MODES = frozenset(("I", "I;16", "I;16L", "I;16B", "I;16N", "F"))


# Pixels kept of a page: an A4 page at 600 dpi. Larger ones are halved, or taken a third of each
# side, for pictures and reading, so that a reader's process stays below 1 GB; the file stays.
_KEPT = 36_000_000


def page_images(path: Path, settings: Settings) -> Iterator[PageImage]:
    """The pages of a picture file, one after the other; only a TIFF has more than one.

    Sizes are checked before a page is decoded. Raises EmptyFile, UnknownKind, Damaged, and TooLarge
    by `max_pixels` of a page and `max_pages` of the file.
    """
    if path.stat().st_size == 0:
        raise EmptyFile("the file is empty", "scan it again")
    try:
        with _no_warnings_of_size(), Image.open(path) as picture:
            frames = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
            if frames > settings.max_pages:
                raise over_limit(f"it has {frames} pages", settings, "max_pages")
            for frame in range(frames):
                if frame:
                    picture.seek(frame)
                width, height = picture.size
                if width * height > settings.max_pixels:
                    what = f"page {frame + 1} has {width} x {height} pixels"
                    raise over_limit(what, settings, "max_pixels")
                yield page_image(picture, frame + 1)
    except UnidentifiedImageError as error:
        remedy = "save it as PNG, JPEG or TIFF and take it in again"
        raise UnknownKind("this kind of picture can't be read", remedy) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # Pillow's plugins raise any of these for a file that is cut off or broken.
        raise Damaged(f"the picture is broken: {error}", "scan or copy it again") from error


def page_image(picture: Image.Image, number: int = 1) -> PageImage:
    """A decoded picture as a page: turned by its EXIF mark, on white where it is transparent.

    Pages beyond A4 at 600 dpi come out smaller.
    """
    marks = picture.getexif().tobytes()
    if picture.mode in _DEEP_MODES:
        picture = Image.fromarray(_eight_bits(np.asarray(picture)))
    elif picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode in {"P", "PA"}:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.width * picture.height > _KEPT:
        picture = picture.reduce(math.ceil(math.sqrt(picture.width * picture.height / _KEPT)))
    picture.info["exif"] = marks
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer.getchannel("A"))
    if upright.mode != "RGB":
        upright = upright.convert("RGB")
    return PageImage(np.asarray(upright), number)


def display_image(image: PageImage, page: ReadPage) -> Image.Image:
    """The upright picture that the boxes of `page` belong to."""
    return Image.fromarray(straighten(image.pixels, page.rotation, page.skew))


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Deep grey values by their own scale: 16 bits where any value needs them."""
    top = float(values.max(initial=0))
    full = 1.0 if top <= 1.0 else 255.0 if top <= 255 else max(top, 65535.0)
    return np.clip(values * (255.0 / full), 0, 255).astype(np.uint8)


@contextmanager
def _no_warnings_of_size() -> Iterator[None]:
    """Pillow's own limit is a constant of the process; ours is a setting, checked page by page."""
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before
