"""A file becomes text: the one function that the child processes run on what somebody sent.

Everything that parses foreign bytes happens behind `extract`, in a process that may die.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ingest.archives import unpack
from ingest.errors import IngestError, NothingReadable, over_limit
from ingest.extraction import Attachment, ExtractedPage, Extraction, PageLine
from ingest.kinds import Kind, kind_of
from ingest.plain_text import decode, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from PIL.Image import Image

    from ingest.kinds import FileKind
    from ingest.ocr import Line, Ocr, PageImage
    from ingest.office import Extractor
    from records.home import Settings

VERSION = "1"
"""Raise it when the same file would give another text; then older ones may be done again."""

PAGE_BREAK = "\n"
_DISPLAY_SIDE = 2400  # pixels of the longer side: an A4 page at 200 dpi
_JPEG_QUALITY = 82


class Readers:
    """The engines of one process, each loaded when first needed and then kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def ocr(self) -> Ocr:
        """The engine of the settings (`PETITIONS_OCR`). Raises ingest.ocr.EngineMissing."""
        from ingest.ocr import open_ocr

        return open_ocr(self._settings.ocr)

    @cached_property
    def office(self) -> Extractor:
        """Raises ExtractorDown."""
        from ingest.office import open_extractor

        return open_extractor(self._settings)


def extract(
    path: Path,
    name: str,
    folder: Path,
    settings: Settings,
    readers: Readers,
    *,
    depth: int = 0,
    page_done: Callable[[int], None] = lambda _: None,
) -> Extraction:
    """Read a file, whatever it is; `name` is what its sender calls it.

    Pictures of pages and files found inside go to `folder`, which is the caller's to empty.
    `depth` counts the archives and mails around the file. `page_done` is called after each page.
    Raises IngestError.
    """
    if path.stat().st_size > settings.max_file_bytes:
        raise over_limit(f"{path.stat().st_size:,} bytes", settings, "max_file_bytes")
    kind = kind_of(path, name)
    found = _BY_KIND[kind.kind](path, kind, _Task(folder, settings, readers, depth, page_done))
    if len(found.text) > settings.max_text_characters:
        raise over_limit(f"{len(found.text):,} characters", settings, "max_text_characters")
    if not found.text.strip() and not found.pages and not found.attachments:
        raise NothingReadable("no text in it", "scan it again, or check the file")
    if found.pages and not found.text.strip():
        found = replace(found, notes=(*found.notes, "no text was read on its pages"))
    return found


class _Task:
    """What a reader of one kind gets beside the file."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        readers: Readers,
        depth: int,
        page_done: Callable[[int], None],
    ) -> None:
        self.folder, self.settings, self.readers = folder, settings, readers
        self.depth, self.page_done = depth, page_done


def _text(path: Path, kind: FileKind, _: _Task) -> Extraction:
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise NothingReadable("no text in it", "save it as UTF-8 text")
    text, encoding = decoded
    return Extraction(
        tidy(text), kind.media_type, f"text {VERSION} ({encoding})", notes=_notes(kind)
    )


def _office(path: Path, kind: FileKind, task: _Task) -> Extraction:
    reader = task.readers.office
    try:
        found = reader.read(path, kind.media_type)
    except NothingReadable:
        if kind.extension == ".docx" and (pages := _scanned_in(path, task)):
            fields: dict[str, str] = {}
            for page in pages:
                fields = _form_of_scan(page) | fields
            return _paged(pages, kind, fields)
        raise
    title = {"title": found.title} if found.title else {}
    return Extraction(found.text, kind.media_type, reader.version, fields=title, notes=_notes(kind))


def _scanned_in(path: Path, task: _Task) -> list[ExtractedPage]:
    """The pictures of a document without text, each as a page."""
    from ingest.page_images import page_images
    from ingest.pictures_within import pictures_within

    parts = task.folder / "parts"
    parts.mkdir()
    pictures = pictures_within(path, parts, task.settings)
    pages: list[ExtractedPage] = []
    for number, picture in enumerate(pictures, 1):
        try:
            for image in page_images(picture, task.settings):
                if len(pages) == task.settings.max_pages:
                    what = f"more than {len(pages)} pages"
                    raise over_limit(what, task.settings, "max_pages")
                pages.append(_read(replace(image, number=len(pages) + 1), task))
                task.page_done(len(pages))
        except IngestError as error:
            raise type(error)(f"picture {number} in it: {error}", error.remedy) from error
    return pages


def _mail(path: Path, kind: FileKind, task: _Task) -> Extraction:
    from ingest.mail import read_mail

    mail = read_mail(path, task.settings)
    text = mail.text
    if not text and mail.html:
        page = task.folder / "mail.html"
        page.write_bytes(mail.html)
        text = task.readers.office.read(page, "text/html").text
    attachments = []
    for number, file in enumerate(mail.files):
        kept = task.folder / f"attached-{number:06d}"
        kept.write_bytes(file.content)
        attachments.append(Attachment(file.name, kept))
    fields = {"subject": mail.subject, "name": mail.sender}
    if mail.sent_at:
        fields["received_at"] = mail.sent_at.isoformat()
    return Extraction(
        text,
        kind.media_type,
        f"mail {VERSION}",
        attachments=tuple(attachments),
        fields={field: value for field, value in fields.items() if value},
        notes=_notes(kind),
    )


def _archive(path: Path, kind: FileKind, task: _Task) -> Extraction:
    members = list(unpack(path, task.folder, task.settings, task.depth + 1))
    if not members:
        raise NothingReadable("the archive holds no files", "check what was packed")
    return Extraction(
        "",
        kind.media_type,
        f"zip {VERSION}",
        attachments=tuple(
            Attachment(member.name, member.path, role="member", error=member.error)
            for member in members
        ),
        notes=_notes(kind),
    )


def _picture(path: Path, kind: FileKind, task: _Task) -> Extraction:
    from ingest.page_images import page_images

    pages: list[ExtractedPage] = []
    fields: dict[str, str] = {}
    for image in page_images(path, task.settings):
        pages.append(_read(image, task))
        fields = _form_of_scan(pages[-1]) | fields
        task.page_done(image.number)
    return _paged(pages, kind, fields)


def _pdf(path: Path, kind: FileKind, task: _Task) -> Extraction:
    from ingest import form, pdf
    from ingest.page_images import page_image

    pages: list[ExtractedPage] = []
    fields: dict[str, str] = {}
    with pdf.open_pdf(path, task.settings) as document:
        for number, page in enumerate(document, 1):
            lines = pdf.text_layer(page, pdf.DISPLAY_DPI)
            if lines is None:
                scan = pdf.picture(page, pdf.OCR_DPI, task.settings)
                pages.append(_read(page_image(scan, number), task))
                fields = _form_of_scan(pages[-1]) | fields
            else:
                shown = pdf.picture(page, pdf.DISPLAY_DPI, task.settings)
                pages.append(_layered(shown, lines, number, task))
                if form.looks_like_form(pages[-1].text):
                    fields = form.form_fields(path, number) | fields
            page.close()
            task.page_done(number)
    return _paged(pages, kind, fields)


_BY_KIND = {
    Kind.TEXT: _text,
    Kind.OFFICE: _office,
    Kind.MAIL: _mail,
    Kind.ARCHIVE: _archive,
    Kind.IMAGE: _picture,
    Kind.PDF: _pdf,
}


def _notes(kind: FileKind) -> tuple[str, ...]:
    return (kind.note,) if kind.note else ()


def _paged(pages: list[ExtractedPage], kind: FileKind, fields: dict[str, str]) -> Extraction:
    engines = " + ".join(dict.fromkeys(page.engine for page in pages))
    return Extraction(
        PAGE_BREAK.join(page.text for page in pages),
        kind.media_type,
        f"{kind.kind} {VERSION} ({engines})",
        pages=tuple(pages),
        fields=fields,
        notes=_notes(kind),
    )


def _form_of_scan(page: ExtractedPage) -> dict[str, str]:
    from ingest import form

    return form.scanned_fields(page.lines) if form.looks_like_form(page.text) else {}


def _read(image: PageImage, task: _Task) -> ExtractedPage:
    """A page by OCR, and its upright picture."""
    from ingest.page_images import display_image

    read = task.readers.ocr.read(image)
    shown = display_image(image, read)
    picture, scale = _keep(shown, image.number, task.folder)
    text, lines = _joined(read.lines, scale)
    return ExtractedPage(
        image.number,
        round(read.width * scale),
        round(read.height * scale),
        text,
        lines,
        "ocr",
        f"{read.engine} {read.version}",
        picture,
        read.confidence,
        read.rotation,
        read.skew,
    )


def _layered(shown: Image, lines: Iterable[Line], number: int, task: _Task) -> ExtractedPage:
    """A page by its text layer."""
    from ingest import pdf

    picture, scale = _keep(shown, number, task.folder)
    text, placed = _joined(lines, scale)
    return ExtractedPage(
        number,
        round(shown.width * scale),
        round(shown.height * scale),
        text,
        placed,
        "text-layer",
        pdf.ENGINE,
        picture,
    )


def _joined(lines: Iterable[Line], scale: float) -> tuple[str, tuple[PageLine, ...]]:
    from ingest.paragraphs import page_text

    lines = tuple(lines)
    joined = page_text(lines)
    placed = []
    for line, start in zip(lines, joined.starts, strict=True):
        left, top, right, bottom = (round(side * scale) for side in line.box)
        placed.append(PageLine(line.text, start, (left, top, right, bottom), line.confidence))
    return joined.text, tuple(placed)


def _keep(shown: Image, number: int, folder: Path) -> tuple[Path, float]:
    """Store a display picture; the factor by which it was made smaller."""
    scale = min(1.0, _DISPLAY_SIDE / max(shown.size))
    if scale < 1.0:
        shown = shown.resize((round(shown.width * scale), round(shown.height * scale)))
    target = folder / f"page-{number:06d}.jpg"
    shown.save(target, "JPEG", quality=_JPEG_QUALITY)
    return target, scale


def error_of(error: Exception) -> tuple[str, str, str]:
    """Code, cause and remedy of anything that reading may raise."""
    if isinstance(error, IngestError):
        return error.code, str(error), error.remedy
    if isinstance(error, MemoryError):
        return (
            "out_of_memory",
            "not enough memory to read it",
            ("raise PETITIONS_MAX_MEMORY_PER_FILE, or split the file"),
        )
    return (
        "reader_failed",
        f"the reader broke off ({type(error).__name__}: {error})",
        ("open the file to check it; if it is sound, report this message"),
    )
