"""What comes out of a file: values that cross from the child process to the parent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.errors import IngestError

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page; `start` is where it begins in the page's text.

    `box` is (left, top, right, bottom) in pixels of the page's picture; `confidence` 0.0 to 1.0.
    """

    text: str
    start: int
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """One page. `picture` is its upright display image, a file in the worker's folder.

    `number` counts from 1; `width` and `height` are the picture's. `confidence` is None for a text
    layer. `engine` tells who read it, with the version.
    """

    number: int
    width: int
    height: int
    text: str
    lines: tuple[PageLine, ...]
    source: str  # text-layer or ocr
    engine: str
    picture: Path
    confidence: float | None = None
    rotation: int = 0
    skew: float = 0.0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a mail or an archive; `content` is a file in the worker's folder.

    `role`: attachment (belongs to the mail) or member (stands for itself). `error`: why there is
    no content.
    """

    name: str
    content: Path | None
    role: str = "attachment"
    error: IngestError | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """The text of one file and what was found beside it.

    `fields` holds what the file itself says in so many words (a form's cells, a mail's header):
    subject, name, phone, address, number, date. `notes` are for the clerk.
    """

    text: str
    media_type: str
    produced_by: str
    pages: tuple[ExtractedPage, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def confidence(self) -> float | None:
        """Mean of the pages read by OCR, by length of text; None when none was."""
        read = [
            (page.confidence, len(page.text)) for page in self.pages if page.confidence is not None
        ]
        total = sum(length for _, length in read)
        if not total:
            return min((confidence for confidence, _ in read), default=None)
        return sum(confidence * length for confidence, length in read) / total

    @property
    def source(self) -> str:
        """`ocr` where any page was read by OCR, else `native`."""
        return "ocr" if any(page.source == "ocr" for page in self.pages) else "native"
