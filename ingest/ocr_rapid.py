"""RapidOCR (PP-OCRv6 small on ONNX Runtime): finds lines as quadrangles, reads each.

The models lie inside the wheel and are named by path, so nothing is ever fetched. Lines are read
one by one: in batches the short ones are padded to the longest, which cost half as much time again
and 300 MB. Settings were chosen by `bench/ocr.py`.
"""

from __future__ import annotations

import importlib.metadata
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ingest.cleaning import clean
from ingest.errors import IngestError
from ingest.ocr import EngineMissing, Line, OcrFailed, PageImage, ReadPage
from ingest.reading_order import in_reading_order
from ingest.upright import lie_of_lines, quarter_turn, skew_of, straight_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ingest.cleaning import CleanPage

# Our preparation and settings: raise it when they change what is read.
_PREPARATION = 2
_DETECTOR_SIDE = 1280
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


class RapidOcr:
    """Implements `ingest.ocr.Ocr`."""

    name = "rapid"

    def __init__(self) -> None:
        try:
            self._detector, self._recogniser = _models()
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
        sideways, _ = lie_of_lines(page.smooth)
        rotation, corners, certainty = self._upright(page, 90 if sideways else 0)
        if len(corners) and certainty < _DOUBTFUL:
            other = self._upright(page, 0 if sideways else 90)
            rotation, corners, certainty = max(
                (rotation, corners, certainty), other, key=lambda way: way[2]
            )
        grey = quarter_turn(page.grey, rotation)
        strips = [_cut(grey, quadrangle) for quadrangle in corners]
        read = [self._recognise(strip) for strip in strips]
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

    def _detect(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Quadrangles of lines, shape (n, 4, 2): top left first, clockwise, as they lie."""
        found = self._detector(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)).boxes
        if found is None:
            return np.zeros((0, 4, 2), np.float32)
        return np.asarray(found, np.float32)

    def _recognise(self, line: NDArray[np.uint8]) -> tuple[str, float]:
        from rapidocr.ch_ppocr_rec import TextRecInput

        read = self._recogniser(TextRecInput(img=[line], return_word_box=False))
        return str(read.txts[0]).strip(), float(read.scores[0])

    def _upright(self, page: CleanPage, rotation: int) -> tuple[int, NDArray[np.float32], float]:
        """Find the lines of the page turned by `rotation` or by 180 degrees more.

        Of the two the one in which pieces of some lines read better: its rotation, its lines and
        the confidence of those pieces.
        """
        grey = quarter_turn(page.grey, rotation)
        corners = self._detect(quarter_turn(page.smooth, rotation))
        pieces = [_piece(_cut(grey, quadrangle)) for quadrangle in _probes(corners)]
        if not pieces:
            return rotation, corners, 0.0
        as_is = self._confidence(pieces)
        if as_is >= _CERTAIN:
            return rotation, corners, as_is
        turned = self._confidence([quarter_turn(piece, 180) for piece in pieces])
        if turned <= as_is:
            return rotation, corners, as_is
        return rotation + 180, _upended(corners, grey.shape[1], grey.shape[0]), turned

    def _confidence(self, pieces: Sequence[NDArray[np.uint8]]) -> float:
        """The mean; not all are read where the first are sure."""
        found: list[float] = []
        for piece in pieces:
            found.append(self._recognise(piece)[1])
            if len(found) == _ENOUGH and min(found) >= _SURE:
                break
        return sum(found) / len(found)


def _models() -> tuple[Any, Any]:
    """Detector and recogniser, one thread each."""
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
    settings.Det.engine_cfg = settings.Rec.engine_cfg = engine
    settings.Det.model_path = str(folder / "models" / "PP-OCRv6_det_small.onnx")
    settings.Rec.model_path = str(folder / "models" / "PP-OCRv6_rec_small.onnx")
    settings.Det.limit_side_len, settings.Det.limit_type = _DETECTOR_SIDE, "max"
    settings.Rec.font_path = None
    return TextDetector(settings.Det), TextRecognizer(settings.Rec)


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


def _piece(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """About eight characters of a line: enough to tell which way up it is."""
    height, width = line.shape[:2]
    reach = min(width, 8 * height)
    start = (width - reach) // 2
    return line[:, start : start + reach]


def _upended(corners: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """The quadrangles after a half turn of the page, top left first again."""
    turned = np.array((width, height), np.float32) - corners
    return np.ascontiguousarray(turned[::-1, (2, 3, 0, 1)])


def _contrast(strip: NDArray[np.uint8]) -> float:
    """From paper to ink, 0 to 255, sparing the extremes."""
    dark, light = np.percentile(strip[:, :, 0], (4, 75))
    return float(light - dark)


def _cut(grey: NDArray[np.uint8], quadrangle: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The quadrangle as a level strip, in three equal channels."""
    wide, high = (max(1, round(float(side[0]))) for side in _sides(quadrangle[None]))
    target = np.array(((0, 0), (wide, 0), (wide, high), (0, high)), np.float32)
    strip = cv2.warpPerspective(
        grey,
        cv2.getPerspectiveTransform(quadrangle, target),
        (wide, high),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.cvtColor(strip, cv2.COLOR_GRAY2BGR), np.uint8)
