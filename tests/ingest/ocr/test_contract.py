"""What every OCR engine must do, whichever it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from cli.sample.degrade import Fault, degrade
from ingest import ocr_tesseract
from ingest.ocr import EngineMissing, OcrFailed, PageImage, open_ocr
from ingest.page_images import display_image
from ingest.paragraphs import page_text

WRONG = {"rapid": 0.01, "tesseract": 0.15}


def test_reads_a_page(engine, letter, scan, character_error):
    page = engine.read(scan(letter.image))
    assert character_error(letter.text, page_text(page.lines).text) <= WRONG[engine.name]
    assert (page.rotation, page.skew) == (0, pytest.approx(0, abs=0.2))
    assert (page.width, page.height) == letter.image.size
    assert page.engine == engine.name
    assert page.version == engine.version
    assert 0.5 < page.confidence <= 1


def test_boxes_lie_over_their_print(engine, letter, scan):
    page = engine.read(scan(letter.image))
    dark = np.asarray(letter.image.convert("L")) < 128
    inside = np.zeros_like(dark)
    for line in page.lines:
        left, top, right, bottom = line.box
        assert 0 <= left < right <= page.width
        assert 0 <= top < bottom <= page.height
        assert 0 <= line.confidence <= 1
        assert dark[top:bottom, left:right].any()
        inside[top:bottom, left:right] = True
    assert (dark & inside).sum() > 0.97 * dark.sum()
    assert inside.mean() < 0.35


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_stand_upright(engine, letter, scan, character_error, turn):
    lying = letter.image.rotate(turn, expand=True)  # counter-clockwise
    image = scan(lying)
    page = engine.read(image)
    assert page.rotation == turn
    assert character_error(letter.text, page_text(page.lines).text) <= WRONG[engine.name]
    assert display_image(image, page).size == (page.width, page.height)


def test_skewed_page_is_straightened_with_its_boxes(engine, letter, scan, character_error):
    crooked = scan(letter.image.rotate(4, Image.Resampling.BICUBIC, True, fillcolor="white"))
    page = engine.read(crooked)
    assert page.skew == pytest.approx(4, abs=0.5)
    assert character_error(letter.text, page_text(page.lines).text) <= WRONG[engine.name]
    shown = display_image(crooked, page)
    assert shown.size == (page.width, page.height)
    dark = np.asarray(shown.convert("L")) < 128
    inside = np.zeros_like(dark)
    for line in page.lines:
        left, top, right, bottom = line.box
        inside[top:bottom, left:right] = True
    assert (dark & inside).sum() > 0.95 * dark.sum()


def test_traditional_is_read_as_traditional(engine, traditional, scan, character_error):
    # Tesseract leaves out half a line here, and guesses where only its Simplified is installed.
    bound = 0.6 if engine.name == "tesseract" else WRONG[engine.name]
    page = engine.read(scan(traditional.image))
    assert character_error(traditional.text, page_text(page.lines).text) <= bound


@pytest.mark.parametrize("size", [(1654, 2339), (40, 30), (1, 1), (3, 400)])
def test_nothing_is_read_where_nothing_stands(engine, size):
    page = engine.read(PageImage(np.full((size[1], size[0], 3), 255, np.uint8)))
    assert page.lines == ()
    assert (page.width, page.height) == size
    assert page.confidence == 1.0


def test_large_scans_keep_their_own_pixels(engine, letter, scan, character_error):
    large = letter.image.resize((letter.image.width * 2, letter.image.height * 2))
    page = engine.read(scan(large))
    assert (page.width, page.height) == large.size
    assert character_error(letter.text, page_text(page.lines).text) <= WRONG[engine.name]
    assert max(line.box[2] for line in page.lines) > letter.image.width


def test_a_failure_is_of_the_page_and_says_what_to_do(engine, letter, scan, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of order")

    module = type(engine).__module__
    monkeypatch.setattr(f"{module}.clean", broken)
    image = PageImage(scan(letter.image).pixels, number=7)
    with pytest.raises(OcrFailed, match=r"page 7.*out of order") as failure:
        engine.read(image)
    assert failure.value.remedy
    assert failure.value.code == "ocr_failed"
    monkeypatch.undo()
    assert engine.read(scan(letter.image)).lines


def test_the_same_page_reads_the_same_twice(engine, letter, scan):
    image = scan(degrade(letter.image, [(Fault.GRAIN, 0.4)], seed=3))
    assert engine.read(image) == engine.read(image)


def test_missing_tesseract_names_the_package(monkeypatch):
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    monkeypatch.setattr(ocr_tesseract.pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tess")
    with pytest.raises(EngineMissing) as missing:
        open_ocr("tesseract")
    assert "tesseract-ocr-chi-sim" in missing.value.remedy


def test_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="rapid, tesseract"):
        open_ocr("abbyy")


def test_confidence_weighs_by_length():
    from ingest.ocr import Line, ReadPage

    lines = (Line("一二三", (0, 0, 1, 1), 1.0), Line("四", (0, 0, 1, 1), 0.2))
    page = ReadPage(lines, 10, 10, "e", "1")
    assert math.isclose(page.confidence, 0.8)
