"""Letters with personal data are scanned, read, and their redacted copies read again: by the real
OCR, no name, number or home comes out of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli.sample.degrade import Level, degrade
from cli.sample.pages import LetterText, PageStyle, render, render_form
from ingest.ocr import PageImage, open_ocr
from ingest.paragraphs import page_text
from ingest.pipeline import Pipeline
from ingest.taking import find_files, take
from records.users import NewUser, add_user
from search.answers import PageView, SearchRequest
from search.bootstrap import Archive
from search.scopes import scope_of

LETTER = LetterText(
    "关于夜间施工噪音的投诉",
    "尊敬的领导：",
    (
        (
            "我叫张建国，身份证号529912196503071234，手机15412345678，家住锦绣花园12栋3单元"
            "502室。今年3月以来，小区东侧的工地每晚仍在施工，噪音很大。"
        ),
        "我妻子刘桂香神经衰弱，整夜不能入睡，多次拨打热线反映，至今没有得到明确的答复。",
    ),
    ("反映人：张建国", "电话：0731-85551234", "2019年5月6日"),
)
FORM = (
    ("登记编号", "XF2019000123"),
    ("信访人姓名", "张建国"),
    ("身份证号码", "529912196503071234"),
    ("联系电话", "15412345678"),
    ("家庭住址", "汀澜市青棠区锦绣花园12栋3单元502室"),
    ("信访事由", "夜间施工噪音"),
    ("信访内容", "小区东侧的工地每晚仍在施工，噪音很大，请派人查处。"),
)
PERSONAL = ("建国", "桂香", "5299121", "0307123", "154123", "345678", "8555123", "502室", "3单元")


def take_in(archive: Archive, path: Path) -> None:
    def catch_up() -> bool:
        archive.catch_up()
        return True

    settings = archive.home.settings
    take(archive.database, archive.originals, list(find_files([path])), settings)
    Pipeline(archive.home, archive.database, archive.originals, catch_up, processes=1).run(
        once=True
    )


def scanned(kind: str) -> Image.Image:
    if kind == "form":
        return render_form("信访事项登记表", FORM).image
    clean = render(LETTER, PageStyle(size=14))[0].image
    return clean if kind == "clean" else degrade(clean, Level(kind), seed=5)


@pytest.mark.parametrize("kind", ["clean", "moderate", "severe", "form"])
def test_nothing_personal_is_read_from_a_redacted_copy(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "李秀英 13912345678.png"
    scanned(kind).save(path)
    take_in(archive, path)
    with archive.database.write() as session:
        new = NewUser("leader", "leader", "wide lanterns 湖", second_factor=False)
        leader = scope_of(add_user(session, new).user)
    (hit,) = archive.library.search(leader, SearchRequest("施工")).hits
    (page,) = archive.library.petition(leader, hit.id).pages
    assert page.view is PageView.REDACTED
    copy = archive.library.page_image(leader, hit.id, 1).content
    assert copy != path.read_bytes()
    with Image.open(io.BytesIO(copy)) as image:
        read = open_ocr("rapid").read(PageImage(np.asarray(image.convert("RGB"))))
    text = "".join(page_text(read.lines).text.split())
    assert [personal for personal in PERSONAL if personal in text] == []
    assert "施工" in text  # what is no personal data can be read
    assert "噪音" in text
