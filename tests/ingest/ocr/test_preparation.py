"""Cleaning, turning, ordering and joining, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cli.sample.degrade import Fault, Level, degrade
from cli.sample.pages import PageStyle, font, fonts, render_form
from ingest.cleaning import clean
from ingest.ocr import Line
from ingest.paragraphs import page_text
from ingest.reading_order import in_reading_order
from ingest.upright import (
    lie_of_lines,
    quarter_turn,
    straight_boxes,
    straighten,
    straightened_size,
)


def _line(text: str, left: int, top: int, right: int, bottom: int) -> Line:
    return Line(text, (left, top, right, bottom), 0.9)


def test_clean_pages_stay_as_they_are(letter):
    page = clean(np.asarray(letter.image))
    assert not page.speckled
    assert page.seals == 0
    assert np.array_equal(page.grey, np.asarray(letter.image.convert("L")))


def test_specks_go_and_strokes_stay(letter):
    before = np.asarray(letter.image.convert("L"))
    page = clean(np.asarray(degrade(letter.image, [(Fault.SPECKS, 0.5)], seed=5)))
    assert page.speckled
    print_, paper = before < 60, before == 255
    assert (page.grey[print_] < 128).mean() > 0.97
    assert (page.grey[paper] < 128).mean() < 0.001


def test_seals_go_and_red_headlines_stay(letter):
    stamped = degrade(letter.image, [(Fault.STAMP, 0.5)], seed=2)
    assert clean(np.asarray(stamped)).seals == 1
    red = np.asarray(stamped).astype(int)
    inked = (red[:, :, 0] - red[:, :, 1]) > 90
    only_ink = inked & (np.asarray(letter.image.convert("L")) == 255)
    assert clean(np.asarray(stamped)).grey[only_ink].mean() > 235
    headed = letter.image.copy()
    ImageDraw.Draw(headed).text((300, 60), "青山市人民政府文件", (200, 20, 30), font("sans", 90))
    page = clean(np.asarray(headed))
    assert page.seals == 0
    assert page.grey[60:170, 300:1110].min() < 100


@pytest.mark.parametrize("angle", [-9.0, -2.5, 0.0, 3.0, 12.0])
@pytest.mark.parametrize("sideways", [False, True])
def test_the_lie_of_lines_is_measured(letter, angle, sideways):
    crooked = letter.image.rotate(angle, Image.Resampling.BICUBIC, True, fillcolor="white")
    grey = np.asarray(crooked.convert("L"))
    if sideways:
        grey = quarter_turn(grey, 270)
    found, skew = lie_of_lines(grey)
    assert found == sideways
    assert skew == pytest.approx(angle, abs=0.3)


def test_boxes_follow_their_points():
    pixels = np.full((300, 200, 3), 255, np.uint8)
    pixels[100:120, 50:90] = 0
    corners = np.array([[[50, 100], [90, 100], [90, 120], [50, 120]]], np.float32)
    (box,), width, height = straight_boxes(corners, 200, 300, 10.0)
    straight = straighten(pixels, 0, 10.0)
    assert straight.shape == (height, width, 3)
    assert straightened_size(200, 300, 0, 10.0) == (width, height)
    assert straightened_size(200, 300, 90, 0.0) == (300, 200)
    rows, columns = np.nonzero(straight[:, :, 0] < 128)
    bounds = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert np.abs(np.array(box) - bounds).max() <= 2


def test_rows_are_read_from_the_left():
    lines = [
        _line("丁", 10, 60, 100, 80),
        _line("乙", 300, 8, 400, 28),
        _line("甲", 10, 10, 100, 30),
        _line("丙", 500, 12, 600, 31),
    ]
    assert "".join(line.text for line in in_reading_order(lines)) == "甲乙丙丁"


def test_lines_join_into_paragraphs_and_are_found_again():
    lines = (
        _line("尊敬的领导：", 100, 100, 300, 130),
        _line("第一段从这里开始一直到行末都是字", 160, 150, 1000, 180),
        _line("还没有完 see", 100, 200, 1000, 230),
        _line("also到此完。", 100, 250, 400, 280),
        _line("第二段也从这里开始一直到行末是字", 160, 300, 1000, 330),
        _line("完。", 100, 350, 150, 380),
        _line("2019年5月6日", 800, 460, 1000, 490),
    )
    page = page_text(lines)
    assert page.text.split("\n") == [
        "尊敬的领导：",
        "第一段从这里开始一直到行末都是字还没有完 see also到此完。",
        "第二段也从这里开始一直到行末是字完。",
        "2019年5月6日",
    ]
    for line, start in zip(lines, page.starts, strict=True):
        assert page.text[start : start + len(line.text)] == line.text
    assert page_text(()).text == ""


@pytest.mark.parametrize("level", list(Level))
def test_faults_are_the_same_for_the_same_seed(letter, level):
    once, again = (degrade(letter.image, level, seed=4) for _ in range(2))
    assert np.array_equal(np.asarray(once), np.asarray(again))
    other = degrade(letter.image, level, seed=5)
    assert once.size != other.size or not np.array_equal(np.asarray(once), np.asarray(other))


def test_forms_are_ruled_and_refuse_what_does_not_fit():
    rows = [("姓名", "张建国"), ("诉求", "请求核查并书面答复。" * 12)]
    form = render_form("信访事项登记表", rows)
    assert form.lines[0] == "信访事项登记表"
    assert form.text.startswith("信访事项登记表姓名张建国诉求请求核查")
    with pytest.raises(ValueError, match="诉求"):
        render_form("信访事项登记表", [("诉求", "请求核查。" * 2000)])


def test_fonts_that_are_not_here_are_named():
    assert fonts()[0] == "sans"
    with pytest.raises(ValueError, match="installed: sans"):
        render_form("表", [("甲", "乙")], PageStyle(font="comic"))
