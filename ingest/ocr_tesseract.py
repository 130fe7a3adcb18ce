"""Tesseract, the second engine: in Debian, less memory, several times the errors and the time.

It is a program of its own, started two to five times a page. It expects upright, straight, clean
pages, so all of our preparation is done before it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytesseract

from ingest.cleaning import clean
from ingest.errors import IngestError
from ingest.ocr import EngineMissing, Line, OcrFailed, PageImage, ReadPage
from ingest.reading_order import in_reading_order
from ingest.upright import lie_of_lines, quarter_turn, straighten, straightened_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Our preparation and settings: raise it when they change what is read.
_PREPARATION = 1
_LEAST_CONFIDENCE = 0.2
_PACKAGES = "apt-get install tesseract-ocr tesseract-ocr-chi-sim"
# One block of text lines (6) for the strip that tells which way up; free layout (3) for the page.
_STRIP, _PAGE = "--oem 1 --psm 6", "--oem 1 --psm 3"
# Confidence of a strip, judged by this many characters or more, that settles which way is up.
_CERTAIN = 0.85
_ENOUGH = 10
# By how much Traditional must read better than Simplified to be chosen: it leads by up to 0.04 on
# Simplified pages, by that and more on Traditional ones.
_LEAD = 0.04


class TesseractOcr:
    """Implements `ingest.ocr.Ocr`."""

    name = "tesseract"

    def __init__(self) -> None:
        # Tesseract would start four threads, each slower than one alone.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            program = str(pytesseract.get_tesseract_version())
            languages = pytesseract.get_languages()
        except pytesseract.TesseractNotFoundError as error:
            raise EngineMissing("Tesseract is not installed", _PACKAGES) from error
        if "chi_sim" not in languages:
            raise EngineMissing("Tesseract's Chinese is not installed", _PACKAGES)
        self._scripts = tuple(each for each in ("chi_sim", "chi_tra") if each in languages)
        self.version = f"tesseract {program} {'+'.join(self._scripts)} p{_PREPARATION}"

    def read(self, image: PageImage) -> ReadPage:
        """As `Ocr.read`."""
        try:
            return self._read(image)
        except IngestError:
            raise
        except Exception as error:
            remedy = "repeat the page, or read it with rapid"
            raise OcrFailed(f"page {image.number}: Tesseract failed: {error}", remedy) from error

    def _read(self, image: PageImage) -> ReadPage:
        page = clean(image.pixels)
        grey, scale = page.grey, page.scale
        sideways, skew = lie_of_lines(grey)
        rotation = 90 if sideways else 0
        straight = straighten(quarter_turn(grey, rotation), 0, skew)
        half_turn, script = self._reading_of(_fullest_strip(straight))
        if half_turn:
            rotation += 180
            straight = quarter_turn(straight, 180)
        width, height = straightened_size(image.width, image.height, rotation, skew)
        lines = [
            Line(
                text,
                (
                    min(int(left / scale), width),
                    min(int(top / scale), height),
                    min(int(right / scale) + 1, width),
                    min(int(bottom / scale) + 1, height),
                ),
                confidence,
            )
            for text, (left, top, right, bottom), confidence in _lines(straight, script, _PAGE)
            if confidence >= _LEAST_CONFIDENCE
        ]
        return ReadPage(
            in_reading_order(lines), width, height, self.name, self.version, rotation, skew
        )

    def _reading_of(self, strip: NDArray[np.uint8]) -> tuple[bool, str]:
        """How a strip reads best: whether the other way up, and in which script.

        Both scripts in one pass would misread a third more of every Simplified page.
        """
        readings = self._readings(strip, half_turn=False)
        if max(readings)[0] < _CERTAIN:
            readings += self._readings(quarter_turn(strip, 180), half_turn=True)
        _, half_turn, script = max(readings)
        return half_turn, script

    def _readings(
        self, strip: NDArray[np.uint8], *, half_turn: bool
    ) -> list[tuple[float, bool, str]]:
        return [
            (_certainty(strip, script) - (_LEAD if number else 0), half_turn, script)
            for number, script in enumerate(self._scripts)
        ]


def _fullest_strip(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The eighth of the page's height that holds the most ink, rims left out."""
    height = grey.shape[0]
    reach, rim = max(1, height // 8), height // 20
    ink = 255 - grey[rim : height - rim].mean(axis=1)
    sums = np.convolve(ink, np.ones(min(reach, len(ink))), "valid")
    top = rim + int(sums.argmax())
    return grey[top : top + reach]


def _certainty(strip: NDArray[np.uint8], script: str) -> float:
    """Mean confidence of the characters read; next to nothing read counts for next to nothing."""
    lines = _lines(strip, script, _STRIP)
    characters = sum(len(text) for text, _, _ in lines)
    weighted = sum(confidence * len(text) for text, _, confidence in lines)
    return weighted / max(characters, _ENOUGH)


def _lines(
    grey: NDArray[np.uint8], script: str, layout: str
) -> list[tuple[str, tuple[int, int, int, int], float]]:
    """Text, box and confidence of each line found."""
    table: dict[str, list[Any]] = pytesseract.image_to_data(
        grey, lang=script, config=layout, output_type=pytesseract.Output.DICT
    )
    words: dict[tuple[int, ...], list[int]] = {}
    for number, text in enumerate(table["text"]):
        if text.strip() and float(table["conf"][number]) >= 0:
            place = tuple(table[key][number] for key in ("block_num", "par_num", "line_num"))
            words.setdefault(place, []).append(number)
    return [_line(table, numbers) for numbers in words.values()]


def _line(
    table: dict[str, list[Any]], numbers: list[int]
) -> tuple[str, tuple[int, int, int, int], float]:
    text, weighted = "", 0.0
    for number in numbers:
        word = str(table["text"][number]).strip()
        if _latin(text[-1:]) and _latin(word[:1]):
            text += " "
        text += word
        weighted += float(table["conf"][number]) / 100 * len(word)
    letters = sum(len(str(table["text"][number]).strip()) for number in numbers)
    left = min(int(table["left"][number]) for number in numbers)
    top = min(int(table["top"][number]) for number in numbers)
    right = max(int(table["left"][number]) + int(table["width"][number]) for number in numbers)
    bottom = max(int(table["top"][number]) + int(table["height"][number]) for number in numbers)
    return text, (left, top, right, bottom), weighted / letters


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
