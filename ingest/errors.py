"""What can be wrong with an item that is taken in: one class a fault.

`str(error)` is the cause; `remedy` says what a person can do about it; `code` is stable, so that
the web pages can say both in the reader's language. The item's name is added by the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from records.home import Settings


class IngestError(Exception):
    """An item can't be taken in. The others go on."""

    code: ClassVar[str] = "ingest"

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[IngestError], tuple[str, str]]:
        return type(self), (str(self), self.remedy)


class EmptyFile(IngestError):
    code = "empty_file"


class UnknownKind(IngestError):
    """The content is of no kind that can be read."""

    code = "unknown_kind"


class TooLarge(IngestError):
    """A limit of the settings is passed; the remedy names it and how to raise it."""

    code = "too_large"


class Locked(IngestError):
    """A password is needed to read it."""

    code = "locked"


class Damaged(IngestError):
    """Cut off or broken: it can't be read to its end."""

    code = "damaged"


class UnsafeArchive(IngestError):
    """An archive that would do harm: a bomb, a path that leads outside, a link."""

    code = "unsafe_archive"


class VirusFound(IngestError):
    """The office's virus scanner says that it isn't clean; it was not kept."""

    code = "virus_found"


class ScannerDown(IngestError):
    """The office's virus scanner can't tell; it was not kept."""

    code = "scanner_down"


class NothingReadable(IngestError):
    """It was read, and holds no text and no page."""

    code = "nothing_readable"


class ExtractorDown(IngestError):
    """The program that reads office files doesn't answer."""

    code = "extractor_down"


class ReaderFailed(IngestError):
    """The child process that read the item died or broke off."""

    code = "reader_failed"


class OutOfTime(IngestError):
    code = "out_of_time"


class OutOfMemory(IngestError):
    code = "out_of_memory"


class BadLine(IngestError):
    """A line of an export or of a manifest can't become a record."""

    code = "bad_line"


class BadMapping(IngestError):
    """The mapping file or the manifest itself is wrong: nothing can be taken in by it."""

    code = "bad_mapping"


def over_limit(what: str, settings: Settings, name: str) -> TooLarge:
    """A refusal by the limit `name`: `what` says by how much, the remedy how to raise it."""
    return TooLarge(what, f"{settings.remedy(name)} higher if this is right, or split the item")
