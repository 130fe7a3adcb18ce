"""One function for any file: what it gives beside the text, and how it says no."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from cli.sample.pages import render_form
from ingest.errors import TooLarge
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
