"""Office files, mail of Outlook and web pages: Tika, embedded or as a server, behind one port."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.errors import Damaged, Locked, NothingReadable
from ingest.plain_text import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from records.home import Settings

# Tika runs any Tesseract that it finds on the pictures inside a document and can't be told not to
# (extractous has no switch, servers disagree on its name). A language that nobody has ends that.
NO_LANGUAGE = "zzz"
_PICTURE_NAME = re.compile(r"^image\d+\.\w{3,4}$", re.M)


@dataclass(frozen=True, slots=True)
class OfficeText:
    """`title` is what the file's properties say, empty where they say nothing."""

    text: str
    title: str


class Extractor(Protocol):
    """Reads the text of an office file; starts no OCR, calls nobody but its own server."""

    @property
    def version(self) -> str:
        """Name and version, stored with what it produced."""
        ...

    def read(self, path: Path, media_type: str) -> OfficeText:
        """The text, paragraph by paragraph.

        Raises Damaged, Locked, NothingReadable where there is no text in it, and ExtractorDown.
        """
        ...


def open_extractor(settings: Settings) -> Extractor:
    """The Tika server of the settings (`PETITIONS_TIKA_URL`), else the embedded one."""
    if settings.tika_url:
        from ingest.tika_server import TikaServer

        return TikaServer(settings.tika_url, settings.max_seconds_per_file)
    return EmbeddedTika(settings.max_text_characters)


class EmbeddedTika:
    """Tika compiled to native code (extractous), in this process."""

    def __init__(self, max_characters: int) -> None:
        from importlib.metadata import version

        import extractous

        # One more than is allowed, so that what is longer is seen and refused, not cut.
        self._tika = (
            extractous.Extractor()
            .set_extract_string_max_length(max_characters + 1)
            .set_ocr_config(extractous.TesseractOcrConfig().set_language(NO_LANGUAGE))
        )
        self.version = f"tika embedded (extractous {version('extractous')})"

    def read(self, path: Path, media_type: str) -> OfficeText:  # noqa: ARG002 (Tika tells it itself)
        try:
            text, properties = self._tika.extract_file_to_string(str(path))
        except Exception as error:  # the binding raises plain Exception for everything
            raise refusal(str(error)) from error
        return office_text(text, properties)


def office_text(text: str, properties: Mapping[str, Sequence[str]]) -> OfficeText:
    """Tidied. Raises NothingReadable."""
    kept = without_cells(_PICTURE_NAME.sub("", tidy(text)))
    if not kept.strip():
        raise NothingReadable(
            "no text in it", "print it to PDF and take that in, or check the file"
        )
    return OfficeText(kept, next(iter(properties.get("dc:title", ())), "").strip())


def without_cells(text: str) -> str:
    """Tables come out with empty lines and tabs for cells; letters read better without."""
    lines = (re.sub(r"\t+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def refusal(reason: str) -> Damaged | Locked:
    """What Tika's complaint means for the clerk."""
    if re.search(r"encrypt|password|protected", reason, re.I):
        return Locked("the document has a password", "save it without its password")
    last = reason.strip().splitlines()[-1][:200] if reason.strip() else "no reason given"
    return Damaged(f"the document is broken ({last})", "open and save it again, or send it as PDF")
