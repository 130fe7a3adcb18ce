from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from cli.sample.pages import LetterText, Page, PageStyle, render
from ingest.ocr import ENGINES, Ocr, PageImage, open_ocr

LETTER = LetterText(
    "关于夜间施工噪音的投诉",
    "尊敬的领导：",
    (
        (
            "我是青山市河东区幸福路12号院的居民。今年3月以来，小区东侧的工地每晚23点以后仍在"
            "施工，噪音很大，老人和孩子都无法休息。"
        ),
        (
            "我们多次拨打热线反映，至今没有得到明确的答复。恳请有关部门尽快核查处理，并将结果"
            "书面告知本院住户。"
        ),
    ),
    ("反映人：张建国", "2019年5月6日"),
)


@pytest.fixture(scope="session")
def letter() -> Page:
    return render(LETTER, PageStyle(size=16))[0]


@pytest.fixture(scope="session")
def traditional() -> Page:
    text = LetterText(
        "關於房屋拆遷補償的請求",
        "尊敬的領導：",
        ("我家的房屋於二零一八年被拆遷，補償款項至今沒有發放，懇請貴單位儘快調查處理。",),
    )
    return render(text, PageStyle(size=16))[0]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Ocr]:
    before = os.environ.get("OMP_THREAD_LIMIT")
    yield open_ocr(request.param)
    if before is None:
        os.environ.pop("OMP_THREAD_LIMIT", None)
    else:
        os.environ["OMP_THREAD_LIMIT"] = before


@pytest.fixture(scope="module")
def rapid() -> Ocr:
    return open_ocr("rapid")


@pytest.fixture(scope="session")
def scan() -> Callable[[Image.Image], PageImage]:
    return lambda picture: PageImage(np.asarray(picture.convert("RGB")))


def _plain(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="session")
def character_error() -> Callable[[str, str], float]:
    """Edit distance over the length of what was printed, white space apart."""

    def measure(printed: str, read: str) -> float:
        printed, read = _plain(printed), _plain(read)
        row = list(range(len(read) + 1))
        for i, character in enumerate(printed, 1):
            last, row[0] = row[0], i
            for j, other in enumerate(read, 1):
                best = min(row[j] + 1, row[j - 1] + 1, last + (character != other))
                last, row[j] = row[j], best
        return row[-1] / len(printed)

    return measure
