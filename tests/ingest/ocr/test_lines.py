"""Lines are found where ink is and read in few columns, without losing a sign."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from cli.sample.degrade import Fault, Level, degrade
from cli.sample.pages import font
from ingest.line_finder import inked
from ingest.line_reader import LineReader, _narrow, _Sign, pitch_of
from ingest.ocr_rapid import _models
from ingest.upright import quarter_turn

CHINESE = "本小区东侧工地夜间仍在施工，噪音很大，老人和孩子都无法休息，恳请有关部门尽快核查处理"
TIGHT = (
    "我家家户户天天人人都说谢谢谢谢！！！……这件事情已经反映了很多次，，仍然没有解决。。。",
    "欠款1000000元，其中2000000元已还，另有33330000元未还，合计11110000元整。",
    "电话13800001111或者13911110000，每天11点到22点都可以打，本人身份证号码尾号是0011。",
    "住址是幸福路111号1幢11单元1101室和2幢22单元2202室，车牌号是京A11000和京B00011。",
    "今年11月11日到12月22日之间共有11人、111户受到影响，其中3栋最重，有55户。",
    "合同编号XX-2011-0011-00100，网址http://www.llook.com/1100，邮箱是wwill@qq.com。",
)


@pytest.fixture(scope="module")
def models():
    return _models()


@pytest.fixture(scope="module")
def reader(models):
    return models[1]


class Widths:
    """Stands before the recogniser and notes how many columns it is given."""

    def __init__(self, session):
        self.session, self.columns = session, 0

    def __call__(self, batch):
        self.columns += batch.shape[3]
        return self.session(batch)


def _strip(text: str, size: int = 33, paper: float = 1.15) -> np.ndarray:
    """As the finder cuts it: a printed line with a little paper around, or much."""
    face = font("sans", size)
    high = round(size * paper)
    picture = Image.new("L", (round(face.getlength(text)) + 12, high), 255)
    ImageDraw.Draw(picture).text((6, (high - 1.45 * size) / 2), text, 0, face)
    return np.asarray(picture)


def _pitch(reader, size: int = 33, paper: float = 1.15) -> float:
    return pitch_of([reader.glance(_strip(CHINESE, size, paper))])


@pytest.mark.parametrize("paper", [1.15, 1.3, 1.5])
@pytest.mark.parametrize("size", [27, 40])
@pytest.mark.parametrize("text", TIGHT)
def test_what_repeats_is_read_as_often_as_it_stands(reader, text, size, paper):
    strip = _strip(text, size, paper)
    read, confidence = reader.read(strip, _pitch(reader, size, paper))
    assert _folded(read) == _folded(text)
    assert confidence > 0.9


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_chinese_lines_take_fewer_columns(reader, monkeypatch):
    strip = _strip(CHINESE)
    pitch, widths = _pitch(reader), Widths(reader._session)
    monkeypatch.setattr(reader, "_session", widths)
    assert reader.read(strip, pitch)[0] == CHINESE
    assert widths.columns < 0.62 * strip.shape[1] * 48 / strip.shape[0]


def test_a_number_in_a_line_costs_little_more(reader, monkeypatch):
    text = CHINESE[:20] + "1100元" + CHINESE[23:]
    strip = _strip(text)
    pitch, widths = _pitch(reader), Widths(reader._session)
    monkeypatch.setattr(reader, "_session", widths)
    assert reader.read(strip, pitch)[0] == text
    assert widths.columns < 0.95 * strip.shape[1] * 48 / strip.shape[0]


def test_nothing_is_read_on_blank_strips(reader):
    for shape in ((40, 1500), (1, 1), (48, 3), (90, 20)):
        for pitch in (0.0, 43.0):
            assert reader.read(np.full(shape, 255, np.uint8), pitch) == ("", 0.0)


def test_certainty_tells_which_way_up(reader):
    for text in (CHINESE, TIGHT[1]):
        strip = _strip(text)
        assert reader.glance(strip).certainty > 0.9
        assert reader.glance(quarter_turn(strip, 180)).certainty < 0.8


@pytest.mark.parametrize("paper", [1.15, 1.5, 2.0])
def test_the_pitch_is_measured(reader, paper):
    assert _pitch(reader, 33, paper) == pytest.approx(48 / paper, rel=0.1)


def test_no_pitch_is_told_from_latin(reader):
    assert (
        pitch_of([reader.glance(_strip("Dear Sir or Madam, the street lamps are out again"))]) == 0
    )
    assert pitch_of([]) == 0


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("全是汉字", []),
        ("欠1元", ["欠1元"]),
        ("共欠款100元整", ["款100元"]),
        ("3月5日", ["3月5日"]),
        ("11", ["11"]),
        ("有A区和B区", ["有A区和B区"]),
        ("有A区都和B区", ["有A区", "和B区"]),
        ("是1", ["是1"]),
        ("到期。2、请", ["期。2、请"]),
        ("全部，（3）", ["部，（3）"]),
        ("1、2、请", ["1、2、请"]),
        ("有3。都。5元", ["有3。都。5元"]),
        ("有3。都好。5元", ["有3。都好。5元"]),
        ("", []),
    ],
)
def test_narrow_signs_are_taken_with_their_neighbours(text, runs):
    signs = [_Sign(each, 1.0, 0.0) for each in text]
    assert [text[start:end] for start, end in _narrow(signs)] == runs


def test_a_stretch_that_reads_otherwise_at_its_ends_makes_the_whole_line_be_read_again(reader):
    """Faults of cutting must not pass: the cut is displaced by a sign."""
    text = TIGHT[1]

    class Displaced(LineReader):
        def __init__(self, other):
            self._session, self._characters = other._session, other._characters

        def _signs(self, strip, squeeze=1.0, least=320):
            found = super()._signs(strip, squeeze, least)
            if squeeze == 1.0:
                return found
            return [_Sign(each.text, each.confidence, each.place + 0.06) for each in found]

    read, _ = Displaced(reader).read(_strip(text), _pitch(reader))
    assert _folded(read) == _folded(text)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("seed", range(4))
def test_ink_lies_within_the_part_that_is_searched(letter, level, seed):
    scan = np.asarray(degrade(letter.image, level, seed).convert("L"))
    left, top, right, bottom = inked(scan)
    near = np.ones((25, 25), np.uint8)
    paper = cv2.erode(cv2.morphologyEx(scan, cv2.MORPH_CLOSE, near), near) > 130  # not the table
    dark = (cv2.blur(cv2.morphologyEx(scan, cv2.MORPH_BLACKHAT, near), (15, 15)) > 60) & paper
    assert dark.sum() > 10_000
    dark[top:bottom, left:right] = False
    assert not dark.any()


def test_margins_are_left_out_and_small_print_at_the_rim_is_not(letter):
    page = letter.image.convert("L")
    clean = np.asarray(page)
    left, top, right, bottom = inked(clean)
    assert (right - left) * (bottom - top) < 0.5 * clean.size
    ImageDraw.Draw(page).text((page.width - 90, page.height - 50), "第1页", 120, font("sans", 22))
    left, top, right, bottom = inked(np.asarray(page))
    assert right >= page.width - 24
    assert bottom >= page.height - 24
    assert inked(np.full((300, 200), 255, np.uint8)) == (0, 0, 200, 300)


def test_lines_have_the_places_that_they_have_on_the_whole_page(models, letter):
    finder, _ = models
    grey = np.asarray(letter.image.convert("L"))
    found = finder.find(grey)
    framed = grey.copy()
    framed[2:6, 2:-2] = framed[-6:-2, 2:-2] = 0
    framed[2:-2, 2:6] = framed[2:-2, -6:-2] = 0
    assert inked(framed) == (0, 0, grey.shape[1], grey.shape[0])
    whole = finder.find(framed)
    middles = [sorted(each.mean(axis=1).tolist()) for each in (found, whole)]
    for middle in middles[0]:
        assert min(np.hypot(*(np.array(middle) - other)) for other in middles[1]) < 6


def test_faint_writing_is_ink(letter):
    page = letter.image.convert("L").point([round(215 + v * 40 / 255) for v in range(256)])
    faint = degrade(page.convert("RGB"), [(Fault.GRAIN, 0.1)], seed=1).convert("L")
    left, top, right, bottom = inked(np.asarray(faint))
    dark = np.argwhere(np.asarray(letter.image.convert("L")) < 128)
    assert (left, top) <= tuple(dark.min(axis=0)[::-1])
    assert right > dark[:, 1].max()
    assert bottom > dark[:, 0].max()
