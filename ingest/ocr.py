"""The port that every OCR engine implements, and the values that cross it.

A page goes in as it was scanned: any quarter turn, a few degrees of skew, specks, a red seal over
the text. Its lines come back in reading order, with boxes in pixels of the *upright* page:
the scanned page turned by `rotation` and straightened by `skew`. That picture is not part of the
answer; `ingest.upright.straighten(pixels, page.rotation, page.skew)` makes it again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ingest.errors import IngestError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENGINES = ("rapid", "tesseract")

Box: TypeAlias = tuple[int, int, int, int]


class OcrFailed(IngestError):
    """The engine could not read one page; other pages are not concerned."""

    code = "ocr_failed"


class EngineMissing(IngestError):
    """The engine, or a language that it needs, is not installed on this machine."""

    code = "ocr_engine_missing"


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as scanned: RGB, shape (height, width, 3), 8 bits; `number` counts from 1."""

    pixels: NDArray[np.uint8]
    number: int = 1

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line.

    `box` is (left, top, right, bottom) in pixels of the upright page, from its top left corner, and
    lies within it. `confidence` is 0.0 to 1.0, the engine's own.
    """

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What was read on a page.

    `lines` are in reading order, none of them empty. `width` and `height` are the upright page's,
    in pixels. `rotation` (0, 90, 180, 270) is how far the scan was turned clockwise to stand
    upright, `skew` how many degrees it was then turned clockwise to lie straight.
    """

    lines: tuple[Line, ...]
    width: int
    height: int
    engine: str
    version: str
    rotation: int = 0
    skew: float = 0.0

    @property
    def confidence(self) -> float:
        """Mean over the characters; 1.0 for a blank page."""
        characters = sum(len(line.text) for line in self.lines)
        if not characters:
            return 1.0
        return sum(line.confidence * len(line.text) for line in self.lines) / characters


class Ocr(Protocol):
    """An engine.

    An engine uses one thread, starts no process that outlives the call, downloads nothing and keeps
    nothing of a page. Give each worker process its own; they are not safe to share among threads.
    """

    @property
    def name(self) -> str:
        """One of `ENGINES`."""
        ...

    @property
    def version(self) -> str:
        """Engine, models and our preparation: pages read by another version may be read again."""
        ...

    def read(self, image: PageImage) -> ReadPage:
        """Read one page; a blank page gives no lines.

        Raises OcrFailed when this page cannot be read.
        """
        ...


def open_ocr(name: str = "rapid") -> Ocr:
    """The engine of that name, its models loaded.

    Raises EngineMissing, telling what to install; ValueError for a name not in `ENGINES`.
    """
    if name == "rapid":
        from ingest.ocr_rapid import RapidOcr

        return RapidOcr()
    if name == "tesseract":
        from ingest.ocr_tesseract import TesseractOcr

        return TesseractOcr()
    raise ValueError(f"no OCR engine {name!r}; choose one of {', '.join(ENGINES)}")
