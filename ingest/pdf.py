"""PDF by pdfium: its text layer where there is a good one, else pictures of its pages for OCR."""

from __future__ import annotations

import ctypes
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.errors import Damaged, Locked, over_limit
from ingest.ocr import Line
from ingest.plain_text import everyday_share, han_count, oddity, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL.Image import Image

    from records.home import Settings

ENGINE = f"pdfium {pypdfium2.PDFIUM_INFO.build}"
OCR_DPI = 200
DISPLAY_DPI = 120
_POINTS = 72

_LEAST_CHARACTERS = 10
_SCAN_CHARACTERS = 100  # a scan with fewer carries a footer or a stamp, not its text
_SCAN_SHARE = 0.6  # of the page under one image
_MOST_ODD = 0.05
_LEAST_EVERYDAY = 0.2
_CELL_GAP = 1.2  # in heights of a character: what stands further off is another cell of a table


@contextmanager
def open_pdf(path: Path, settings: Settings) -> Iterator[pypdfium2.PdfDocument]:
    """The document, closed at the end.

    Raises Locked, Damaged (also where only its beginning arrived: pdfium would mend it and lose
    pages without a word) or TooLarge for more than `max_pages` pages.
    """
    _check_end(path)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Locked("the PDF has a password", "save it without its password") from error
        raise Damaged(f"the PDF is broken ({error})", "scan, save or send it again") from error
    try:
        pages = len(document)
        if pages == 0:
            raise Damaged("the PDF has no pages", "scan, save or send it again")
        if pages > settings.max_pages:
            raise over_limit(f"{pages} pages", settings, "max_pages")
        if document.get_formtype() != pdfium.FORMTYPE_NONE:
            document.init_forms()
        yield document
    finally:
        document.close()


def _check_end(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 4096))
        end = file.read()
    if b"%%EOF" not in end and b"startxref" not in end:
        raise Damaged("the PDF is cut off: its end is missing", "scan, save or send it again")


def text_layer(page: pypdfium2.PdfPage, dpi: float) -> tuple[Line, ...] | None:
    """The lines of a page's text layer, or None where it has no good one and OCR must read it.

    Boxes are in pixels of the page as `picture(page, dpi)` gives it.
    """
    textpage = page.get_textpage()
    try:
        lines = _lines(page, textpage, dpi)
    finally:
        textpage.close()
    text = "".join(line.text for line in lines)
    if not is_good(text):
        return None
    if len(text) < _SCAN_CHARACTERS and _image_share(page) > _SCAN_SHARE:
        return None
    return lines


def is_good(text: str) -> bool:
    """Whether a text layer can be believed.

    A broken character map shows as private, unassigned or control characters, as Han characters
    that nobody writes, or as signs without letters.
    """
    solid = "".join(text.split())
    if len(solid) < _LEAST_CHARACTERS or oddity(solid) > _MOST_ODD:
        return False
    han = han_count(solid)
    if han >= _LEAST_CHARACTERS and everyday_share(solid) < _LEAST_EVERYDAY:
        return False
    return sum(character.isalnum() for character in solid) >= len(solid) / 2


def picture(page: pypdfium2.PdfPage, dpi: float, settings: Settings) -> Image:
    """The page as an RGB picture, at `dpi` or at what `max_pixels` allows if that is less."""
    width, height = page.get_size()
    scale = dpi / _POINTS
    if width * height * scale * scale > settings.max_pixels:
        scale = (settings.max_pixels / (width * height)) ** 0.5
    if scale * _POINTS < DISPLAY_DPI / 4:
        side = f"{width / _POINTS:.0f} × {height / _POINTS:.0f} inches"
        raise over_limit(f"a page of {side}", settings, "max_pixels")
    shown: Image = page.render(scale=scale).to_pil()
    return shown.convert("RGB")


def _lines(page: pypdfium2.PdfPage, textpage: Any, dpi: float) -> tuple[Line, ...]:
    lines: list[Line] = []
    characters: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []

    def end() -> None:
        text = tidy("".join(characters)).strip()
        if text and boxes:
            lines.append(Line(text, _pixels(page, boxes, dpi), 1.0))
        characters.clear()
        boxes.clear()

    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        character = chr(code) if code < 0x110000 else "\ufffd"
        if character in "\r\n":
            end()
            continue
        characters.append("" if character == "\x00" else character)
        if not pdfium.FPDFText_IsGenerated(textpage, index) and not character.isspace():
            box = textpage.get_charbox(index, loose=True)
            if boxes and box[0] - boxes[-1][2] > _CELL_GAP * (box[3] - box[1]):
                characters.pop()
                end()
                characters.append(character)
            boxes.append(box)
    end()
    return tuple(lines)


def _pixels(
    page: pypdfium2.PdfPage, boxes: list[tuple[float, float, float, float]], dpi: float
) -> tuple[int, int, int, int]:
    """The box around all, from points of the page to pixels of its picture (turned as shown)."""
    width, height = (math.ceil(side * dpi / _POINTS) for side in page.get_size())
    left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
    corners = [_pixel(page, x, y, width, height) for x, y in ((left, bottom), (right, top))]
    xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    return (
        min(max(0, xs[0]), width - 1),
        min(max(0, ys[0]), height - 1),
        max(1, min(xs[1], width)),
        max(1, min(ys[1], height)),
    )


def _pixel(page: pypdfium2.PdfPage, x: float, y: float, width: int, height: int) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value, down.value


def _image_share(page: pypdfium2.PdfPage) -> float:
    """The share of the page that its largest image covers."""
    width, height = page.get_size()
    largest = 0.0
    for found in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = found.get_bounds()
        largest = max(largest, abs(right - left) * abs(top - bottom))
    return largest / (width * height) if width * height else 0.0
