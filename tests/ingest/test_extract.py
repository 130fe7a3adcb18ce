"""One function for any file: what it gives beside the text, and how it says no."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from docx import Document
from PIL import Image

from cli.sample.pages import render_form
from ingest.errors import Damaged, NothingReadable, TooLarge
from ingest.extract import Readers, error_of, extract
from ingest.ocr import Line, PageImage, ReadPage
from records.home import Settings

if TYPE_CHECKING:
    from conftest import Maker

    from ingest.extraction import Extraction


class Copyist:
    """Reads the same lines on every page."""

    name, version = "copyist", "1"

    def __init__(self, *lines: Line) -> None:
        self.lines = lines

    def read(self, image: PageImage) -> ReadPage:
        return ReadPage(self.lines, image.width, image.height, self.name, self.version)


def read(path: Path, *lines: Line, settings: Settings | None = None) -> Extraction:
    readers = Readers(settings or Settings())
    readers.__dict__["ocr"] = Copyist(*lines)
    folder = path.parent / "out"
    folder.mkdir(exist_ok=True)
    return extract(path, path.name, folder, settings or Settings(), readers)


def test_pages_of_both_sorts_in_one_pdf(make: Maker) -> None:
    from pypdfium2 import PdfDocument

    path = make("mixed.pdf", b"")
    with PdfDocument.new() as mixed:
        for part in (make.pdf("a.pdf", "第一页有文字层，说的是路灯。"), make.scan("b.pdf")):
            with PdfDocument(part) as source:
                mixed.import_pages(source)
        mixed.save(str(path))
    found = read(path, Line("第二页是扫描。", (10, 10, 200, 40), 0.8))
    assert [page.source for page in found.pages] == ["text-layer", "ocr"]
    assert found.text == "第一页有文字层，说的是路灯。\n第二页是扫描。"
    assert [page.confidence for page in found.pages] == [None, 0.8]
    assert found.confidence == pytest.approx(0.8)
    assert found.source == "ocr"
    for page in found.pages:
        with Image.open(page.picture) as shown:
            assert shown.size == (page.width, page.height)


def test_large_scans_are_shown_smaller_with_their_boxes(make: Maker) -> None:
    path = make("large.png", b"")
    Image.new("L", (3000, 4800), 255).save(path)
    (page,) = read(path, Line("路灯", (300, 480, 600, 540), 0.9)).pages
    assert (page.width, page.height) == (1500, 2400)
    assert page.lines[0].box == (150, 240, 300, 270)


def test_every_page_of_a_tiff(make: Maker) -> None:
    path = make("many.tif", b"")
    pages = [Image.new("L", (400, 500), shade) for shade in (255, 250, 245)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    done: list[int] = []
    readers = Readers(Settings())
    readers.__dict__["ocr"] = Copyist(Line("页", (1, 1, 20, 20), 1.0))
    found = extract(path, "x", make.folder, Settings(), readers, page_done=done.append)
    assert [page.number for page in found.pages] == done == [1, 2, 3]
    assert found.text == "页\n页\n页"


def test_a_scanned_form_tells_its_fields(make: Maker) -> None:
    rows = [("姓名", "林小满"), ("联系电话", "13812345678"), ("住址", "B2区柳岸路1号")]
    path = make("form.png", b"")
    render_form("信访事项登记表", rows).image.save(path)
    folder = make.folder / "out"
    folder.mkdir()
    found = extract(path, "form.png", folder, Settings(), Readers(Settings()))
    assert found.fields["name"] == "林小满"
    assert found.fields["phone"] == "13812345678"


def test_limits_are_named(make: Maker) -> None:
    path = make("a.txt", "灯" * 200)
    for limit in ("max_file_bytes", "max_text_characters"):
        small = dataclasses.replace(Settings(), **{limit: 100})
        with pytest.raises(TooLarge) as refused:
            read(path, settings=small)
        assert f"PETITIONS_{limit.upper()}" in refused.value.remedy


def test_the_engine_of_the_settings() -> None:
    assert Readers(Settings(ocr="tesseract")).ocr.name == "tesseract"
    with pytest.raises(ValueError, match="rapid, tesseract"):
        _ = Readers(Settings(ocr="none")).ocr


def test_errors_are_told_with_a_remedy() -> None:
    assert error_of(TooLarge("much", "less")) == ("too_large", "much", "less")
    assert error_of(MemoryError())[0] == "out_of_memory"
    code, cause, remedy = error_of(KeyError("x"))
    assert (code, "KeyError" in cause, bool(remedy)) == ("reader_failed", True, True)


def docx_of_pictures(make: Maker, *pictures: Path, text: str = "") -> Path:
    document = Document()
    if text:
        document.add_paragraph(text)
    for picture in pictures:
        document.add_picture(str(picture))
    path = make("scanned.docx", b"")
    document.save(str(path))
    return path


class Measuring:
    """Reads on each page how large it is."""

    name, version = "measuring", "1"

    def read(self, image: PageImage) -> ReadPage:
        line = Line(f"{image.width}乘{image.height}", (0, 0, 9, 9), 0.9)
        return ReadPage((line,), image.width, image.height, self.name, self.version)


def measured(path: Path, settings: Settings | None = None) -> tuple[Extraction, list[int]]:
    settings = settings or Settings()
    readers, done = Readers(settings), list[int]()
    readers.__dict__["ocr"] = Measuring()
    folder = path.parent / "measured"
    folder.mkdir()
    return extract(path, path.name, folder, settings, readers, page_done=done.append), done


def blank(make: Maker, name: str, width: int, height: int, **how: object) -> Path:
    path = make(name, b"")
    Image.new("L", (width, height), 250).save(path, **how)
    return path


def test_a_docx_that_only_holds_scans_is_read_page_by_page(make: Maker) -> None:
    many = make("many.tif", b"")
    frames = [Image.new("L", (310, 410), 250), Image.new("L", (320, 420), 250)]
    frames[0].save(many, save_all=True, append_images=frames[1:])
    pictures = [blank(make, "b.png", 300, 400), many, blank(make, "a.jpg", 330, 430)]
    found, done = measured(docx_of_pictures(make, *pictures, pictures[0]))
    assert [page.text for page in found.pages] == ["300乘400", "310乘410", "320乘420", "330乘430"]
    assert [page.number for page in found.pages] == done == [1, 2, 3, 4]
    assert found.text.split("\n") == [page.text for page in found.pages]
    assert found.media_type.endswith("wordprocessingml.document")
    assert found.source == "ocr"
    assert len({page.picture for page in found.pages}) == 4


def test_a_docx_with_text_keeps_to_its_text(make: Maker) -> None:
    path = docx_of_pictures(make, blank(make, "logo.png", 90, 90), text="路灯不亮。")
    found, _ = measured(path)
    assert (found.text, found.pages) == ("路灯不亮。", ())


def test_a_docx_without_text_and_pictures_is_refused(make: Maker) -> None:
    with pytest.raises(NothingReadable, match="no text"):
        measured(docx_of_pictures(make))


def test_limits_hold_for_the_pages_of_a_docx(make: Maker) -> None:
    pictures = [blank(make, f"{number}.png", 300 + number, 400) for number in range(3)]
    path = docx_of_pictures(make, *pictures)
    with pytest.raises(TooLarge, match="more than 2 pages"):
        measured(path, Settings(max_pages=2))


def test_a_broken_picture_of_a_docx_is_named(make: Maker) -> None:
    noise = Image.effect_noise((300, 300), 90)
    whole = make("whole.png", b"")
    noise.save(whole)
    path = docx_of_pictures(make, blank(make, "first.png", 300, 400), whole)
    broken = make("broken.docx", b"")
    with ZipFile(path) as source, ZipFile(broken, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if content == whole.read_bytes():
                content = content[:20_000]
            target.writestr(entry.filename, content)
    with pytest.raises(Damaged, match="picture 2 in it") as error:
        measured(broken)
    assert error.value.remedy


def test_old_word_pictures_and_names_from_the_root_are_found(make: Maker) -> None:
    """VML, as old programs write it, and targets that begin with a slash."""
    picture = blank(make, "p.png", 300, 400).read_bytes()
    path = docx_of_pictures(make)
    old = make("old.docx", b"")
    relation = (
        '<Relationship Target="/word/media/image7.png" Id="rId77" Type="http://schemas.openxml'
        'formats.org/officeDocument/2006/relationships/image"/></Relationships>'
    )
    shape = (
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml">'
        "<v:imagedata o:title='' r:id='rId77' xmlns:o='urn:o'/></v:shape></w:pict></w:r></w:p>"
    )
    with ZipFile(path) as source, ZipFile(old, "w") as target:
        for entry in source.infolist():
            content = source.read(entry).decode("latin-1")
            if entry.filename == "word/_rels/document.xml.rels":
                content = content.replace("</Relationships>", relation)
            if entry.filename == "word/document.xml":
                content = content.replace("<w:sectPr", shape + "<w:sectPr", 1)
            if entry.filename == "[Content_Types].xml":
                png = '<Default Extension="png" ContentType="image/png"/>'
                content = content.replace("</Types>", png + "</Types>")
            target.writestr(entry.filename, content.encode("latin-1"))
        target.writestr("word/media/image7.png", picture)
    found, _ = measured(old)
    assert [page.text for page in found.pages] == ["300乘400"]
