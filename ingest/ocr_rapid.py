"""RapidOCR (PP-OCRv6 small on ONNX Runtime): finds lines as quadrangles, reads each.

The models lie inside the wheel and are named by path, so nothing is ever fetched. Lines are read
one by one: in batches the short ones are padded to the longest, which cost half as much time again
and 300 MB. Settings were chosen by `bench/ocr.py`.
"""

from __future__ import annotations

import copy
import importlib.metadata
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ingest.cleaning import clean
from ingest.errors import IngestError
from ingest.line_finder import LineFinder
from ingest.line_reader import LineReader, pitch_of
from ingest.ocr import EngineMissing, Line, OcrFailed, PageImage, ReadPage
from ingest.reading_order import in_reading_order
from ingest.upright import lines_run_down, quarter_turn, skew_of, straight_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ingest.cleaning import CleanPage
    from ingest.line_reader import Glance

# Our preparation and settings: raise it when they change what is read.
_PREPARATION = 3
_LEAST_CONFIDENCE = 0.5
# Print with less contrast than this share of the page's may be the other side's, showing through:
# it counts only where it reads well.
_FAINT = 0.55
# Lines read before it is decided which way up the page is, and the confidence that settles it.
# So many that read as surely as this settle it at once.
_PROBES = 4
_ENOUGH = 2
_SURE = 0.95
_CERTAIN = 0.85
# Below this the lines may run the other way after all.
_DOUBTFUL = 0.7


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to hold the page: turned by `rotation`, its lines, how surely they read so, and how
    far apart their characters stand (`pitch_of`)."""

    rotation: int
    corners: NDArray[np.float32]
    certainty: float
    pitch: float


class RapidOcr:
    """Implements `ingest.ocr.Ocr`."""

    name = "rapid"

    def __init__(self) -> None:
        try:
            self._finder, self._reader = _models()
        except ImportError as error:
            remedy = "pip install -r requirements.txt"
            raise EngineMissing(f"RapidOCR is not installed: {error}", remedy) from error
        self.version = f"rapidocr {importlib.metadata.version('rapidocr')} p{_PREPARATION}"

    def read(self, image: PageImage) -> ReadPage:
        """As `Ocr.read`."""
        try:
            return self._read(image)
        except IngestError:
            raise
        except Exception as error:
            remedy = "repeat the page, or read it with tesseract"
            raise OcrFailed(f"page {image.number}: RapidOCR failed: {error}", remedy) from error

    def _read(self, image: PageImage) -> ReadPage:
        page = clean(image.pixels)
        sideways = lines_run_down(page.smooth)
        way = self._upright(page, 90 if sideways else 0)
        if len(way.corners) and way.certainty < _DOUBTFUL:
            other = self._upright(page, 0 if sideways else 90)
            way = max(way, other, key=lambda each: each.certainty)
        rotation, corners = way.rotation, way.corners
        grey = quarter_turn(page.grey, rotation)
        strips = [_cut(grey, quadrangle) for quadrangle in corners]
        read = [self._reader.read(strip, way.pitch) for strip in strips]
        ink = [_contrast(strip) for strip in strips]
        faint = _FAINT * float(np.median(ink)) if ink else 0.0
        skew = skew_of(corners) if len(corners) else 0.0
        width, height = image.width, image.height
        if rotation in (90, 270):
            width, height = height, width
        boxes, width, height = straight_boxes(corners / page.scale, width, height, skew)
        lines = [
            Line(text, box, confidence)
            for (text, confidence), box, contrast in zip(read, boxes, ink, strict=True)
            if text and confidence >= (_LEAST_CONFIDENCE if contrast > faint else _CERTAIN)
        ]
        return ReadPage(
            in_reading_order(lines), width, height, self.name, self.version, rotation, skew
        )

    def _upright(self, page: CleanPage, rotation: int) -> _Way:
        """Find the lines of the page turned by `rotation` or by 180 degrees more.

        Of the two the one in which pieces of some lines read better.
        """
        grey = quarter_turn(page.grey, rotation)
        corners = self._finder.find(quarter_turn(page.smooth, rotation))
        probes = [_cut(grey, quadrangle) for quadrangle in _probes(corners)]
        if not probes:
            return _Way(rotation, corners, 0.0, 0.0)
        as_is, pitch = self._glances(probes)
        if as_is >= _CERTAIN:
            return _Way(rotation, corners, as_is, pitch)
        turned, turned_pitch = self._glances([quarter_turn(probe, 180) for probe in probes])
        if turned <= as_is:
            return _Way(rotation, corners, as_is, pitch)
        upended = _upended(corners, grey.shape[1], grey.shape[0])
        return _Way(rotation + 180, upended, turned, turned_pitch)

    def _glances(self, probes: Sequence[NDArray[np.uint8]]) -> tuple[float, float]:
        """Mean certainty, and pitch; not all are read where the first are sure."""
        found: list[Glance] = []
        for probe in probes:
            found.append(self._reader.glance(probe))
            if len(found) == _ENOUGH and min(each.certainty for each in found) >= _SURE:
                break
        return sum(each.certainty for each in found) / len(found), pitch_of(found)


def _models() -> tuple[LineFinder, LineReader]:
    """One thread each."""
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    import rapidocr
    from rapidocr.ch_ppocr_det import TextDetector
    from rapidocr.ch_ppocr_rec import TextRecognizer
    from rapidocr.utils.parse_parameters import ParseParams

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    cv2.setNumThreads(1)
    folder = Path(rapidocr.__file__).parent
    settings = ParseParams.load(folder / "config.yaml")
    engine = settings.EngineConfig.onnxruntime
    engine.intra_op_num_threads = engine.inter_op_num_threads = 1
    settings.Rec.engine_cfg = engine
    # The detector's large blocks would be given back and zeroed anew a hundred times a page.
    settings.Det.engine_cfg = copy.deepcopy(engine)
    settings.Det.engine_cfg.enable_cpu_mem_arena = True
    settings.Det.model_path = str(folder / "models" / "PP-OCRv6_det_small.onnx")
    settings.Rec.model_path = str(folder / "models" / "PP-OCRv6_rec_small.onnx")
    settings.Det.limit_type = "max"
    settings.Rec.font_path = None
    return LineFinder(TextDetector(settings.Det)), LineReader(TextRecognizer(settings.Rec))


def _sides(corners: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lengths of the top sides and of the left sides."""
    top, left = corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    return np.hypot(top[:, 0], top[:, 1]), np.hypot(left[:, 0], left[:, 1])


def _probes(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lines to try: long enough to judge by, spread over the page."""
    wide, high = _sides(corners)
    long = corners[wide > 4 * high]
    if not len(long):
        long = corners
    step = max(1, len(long) // _PROBES)
    return long[step // 2 :: step][:_PROBES]


def _upended(corners: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """The quadrangles after a half turn of the page, top left first again."""
    turned = np.array((width, height), np.float32) - corners
    return np.ascontiguousarray(turned[::-1, (2, 3, 0, 1)])


def _contrast(strip: NDArray[np.uint8]) -> float:
    """From paper to ink, 0 to 255, sparing the extremes."""
    up_to = np.cumsum(np.bincount(strip.ravel(), minlength=256))
    dark, light = np.searchsorted(up_to, (0.04 * strip.size, 0.75 * strip.size))
    return float(light - dark)


def _cut(grey: NDArray[np.uint8], quadrangle: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The quadrangle as a level strip."""
    wide, high = (max(1, round(float(side[0]))) for side in _sides(quadrangle[None]))
    target = np.array(((0, 0), (wide, 0), (wide, high), (0, high)), np.float32)
    strip = cv2.warpPerspective(
        grey,
        cv2.getPerspectiveTransform(quadrangle, target),
        (wide, high),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(strip, np.uint8)
