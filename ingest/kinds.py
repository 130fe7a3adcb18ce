"""What a file is, told by its content. A name may lie; then the content wins and a note says so."""

from __future__ import annotations

import mmap
import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import puremagic

from ingest.errors import Damaged, EmptyFile, Locked, UnknownKind
from ingest.plain_text import decode

if TYPE_CHECKING:
    from pathlib import Path


class Kind(StrEnum):
    PDF = "pdf"
    IMAGE = "image"
    OFFICE = "office"
    MAIL = "mail"
    TEXT = "text"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class FileKind:
    """`extension` with its dot; `note` where the file's own name says something else."""

    kind: Kind
    extension: str
    media_type: str
    note: str | None = None


_OOXML = "application/vnd.openxmlformats-officedocument."
_KINDS = {
    found.extension: found
    for found in (
        FileKind(Kind.PDF, ".pdf", "application/pdf"),
        FileKind(Kind.IMAGE, ".png", "image/png"),
        FileKind(Kind.IMAGE, ".jpg", "image/jpeg"),
        FileKind(Kind.IMAGE, ".tif", "image/tiff"),
        FileKind(Kind.IMAGE, ".bmp", "image/bmp"),
        FileKind(Kind.IMAGE, ".webp", "image/webp"),
        FileKind(Kind.IMAGE, ".gif", "image/gif"),
        FileKind(Kind.OFFICE, ".docx", _OOXML + "wordprocessingml.document"),
        FileKind(Kind.OFFICE, ".xlsx", _OOXML + "spreadsheetml.sheet"),
        FileKind(Kind.OFFICE, ".pptx", _OOXML + "presentationml.presentation"),
        FileKind(Kind.OFFICE, ".odt", "application/vnd.oasis.opendocument.text"),
        FileKind(Kind.OFFICE, ".ods", "application/vnd.oasis.opendocument.spreadsheet"),
        FileKind(Kind.OFFICE, ".doc", "application/msword"),
        FileKind(Kind.OFFICE, ".xls", "application/vnd.ms-excel"),
        FileKind(Kind.OFFICE, ".ppt", "application/vnd.ms-powerpoint"),
        FileKind(Kind.OFFICE, ".msg", "application/vnd.ms-outlook"),
        FileKind(Kind.OFFICE, ".rtf", "application/rtf"),
        FileKind(Kind.OFFICE, ".html", "text/html"),
        FileKind(Kind.MAIL, ".eml", "message/rfc822"),
        FileKind(Kind.TEXT, ".txt", "text/plain"),
        FileKind(Kind.ARCHIVE, ".zip", "application/zip"),
    )
}

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
    (b"II+\x00", ".tif"),
    (b"MM\x00+", ".tif"),
    (b"GIF87a", ".gif"),
    (b"GIF89a", ".gif"),
    (b"{\\rtf", ".rtf"),
)

# Names under which a kind is also known: no note for these.
_ALSO = {
    ".jpg": {".jpeg", ".jpe", ".jfif"},
    ".tif": {".tiff"},
    ".doc": {".wps", ".dot", ".wpt"},
    ".xls": {".et"},
    ".ppt": {".dps"},
    ".docx": {".docm", ".dotx", ".wps"},
    ".xlsx": {".xlsm", ".et"},
    ".html": {".htm", ".xhtml"},
    ".eml": {".mht", ".mhtml"},
    ".txt": {".text", ".csv", ".md", ".json", ".jsonl", ".log", ".tsv", ".xml"},
}

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", None),
    ("__properties_version1.0", ".msg"),
    ("WordDocument", ".doc"),
    ("Workbook", ".xls"),
    ("Book", ".xls"),
    ("PowerPoint Document", ".ppt"),
)
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_MAIL = re.compile(
    rb"^(?:received|return-path|from|to|subject|date|message-id|mime-version|content-type|delivered-to):",
    re.I | re.M,
)


def kind_of(path: Path, name: str | None = None) -> FileKind:
    """The kind of the file at `path`; `name` is what its owner calls it (default: its own name).

    Raises EmptyFile, UnknownKind, Locked (an office file with a password) or Damaged (a zip
    without its directory).
    """
    if path.stat().st_size == 0:
        raise EmptyFile("the file is empty (0 bytes)", "scan or send it again")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    extension = _extension(path, head)
    found = _KINDS[extension]
    claimed = _suffix(name or path.name)
    if not claimed or claimed == extension or claimed in _ALSO.get(extension, ()):
        return found
    if not re.fullmatch(r"\.[a-z][a-z0-9]{1,4}", claimed):
        return found  # a dot in a title, not an extension
    note = f"named {claimed}, but its content is {extension[1:]}; read as {extension[1:]}"
    return FileKind(found.kind, found.extension, found.media_type, note)


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def _extension(path: Path, head: bytes) -> str:
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    for signature, extension in _SIGNATURES:
        if head.startswith(signature):
            return extension
    if head.startswith(b"BM") and int.from_bytes(head[2:6], "little") == path.stat().st_size:
        return ".bmp"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    if head.startswith(_OLE):
        return _compound(path)
    if _HTML.match(head.lstrip(b"\xef\xbb\xbf")):
        return ".html"
    if _is_mail(head):
        return ".eml"
    return _text(path, head)


def _is_mail(head: bytes) -> bool:
    first, _, _ = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    names = {found.group().lower() for found in _MAIL.finditer(first)}
    return len(names) >= 2 and bool(re.match(rb"(?:From |[A-Za-z][A-Za-z0-9-]*:)", first))


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            declared = (
                archive.read("mimetype")[:100].decode("ascii", "replace")
                if "mimetype" in names
                else ""
            )
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError) as error:
        raise Damaged(
            f"the archive is cut off or broken ({error})", "pack or send it again"
        ) from error
    if "[Content_Types].xml" in names:
        for folder, extension in (("word/", ".docx"), ("xl/", ".xlsx"), ("ppt/", ".pptx")):
            if any(name.startswith(folder) for name in names):
                return extension
    if declared.endswith("opendocument.text"):
        return ".odt"
    if declared.endswith("opendocument.spreadsheet"):
        return ".ods"
    if "OFD.xml" in names:
        raise UnknownKind("an OFD document", "save it as PDF and take that in")
    return ".zip"


def _compound(path: Path) -> str:
    """Which program wrote an OLE file: told by the names of its streams."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for stream, extension in _OLE_STREAMS:
            if content.find(stream.encode("utf-16-le")) < 0:
                continue
            if extension is None:
                raise Locked("the document has a password", "save it without its password")
            return extension
    raise UnknownKind("an OLE file that is no letter", "save it as .docx or PDF")


def _text(path: Path, head: bytes) -> str:
    # Whole, for the middle of a binary file may be what gives it away.
    data = path.read_bytes()
    if decode(data) is not None:
        return ".txt"
    raise UnknownKind(
        f"binary content of no kind that can be read ({_guess(head)})",
        "take in a scan (PNG, JPEG, TIFF), PDF, office file, mail, text or zip of these",
    )


def _guess(head: bytes) -> str:
    try:
        return puremagic.magic_string(head)[0].name or "unknown"
    except (puremagic.PureError, ValueError, IndexError):
        return "unknown"
