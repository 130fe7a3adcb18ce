"""One contract for both ways to reach Tika."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.sample.pages import LetterText, render
from ingest.errors import Damaged, ExtractorDown, NothingReadable
from ingest.office import EmbeddedTika, Extractor, open_extractor, refusal
from ingest.tika_server import TikaServer
from records.home import Settings

if TYPE_CHECKING:
    from conftest import Maker

pytestmark = pytest.mark.xdist_group("tika")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LINES = ("关于柳岸路路灯的来信", "尊敬的领导：", "路灯从去年起就不亮了。")


@pytest.fixture(params=["embedded", "server"])
def tika(request: pytest.FixtureRequest) -> Extractor:
    if request.param == "embedded":
        return EmbeddedTika(1_000_000)
    return TikaServer(request.getfixturevalue("tika_url"), 60)


def test_word(tika: Extractor, make: Maker) -> None:
    read = tika.read(make.docx("a.docx", *LINES), DOCX)
    assert [line for line in read.text.split("\n") if line] == list(LINES)


def test_rich_text_and_html(tika: Extractor, make: Maker) -> None:
    escaped = "".join(rf"\u{ord(sign) - (65536 if ord(sign) > 32767 else 0)}?" for sign in LINES[2])
    assert (
        LINES[2]
        in tika.read(
            make("a.rtf", rf"{{\rtf1\ansi\uc1\pard {escaped}\par}}"), "application/rtf"
        ).text
    )
    page = (
        f"<html><head><title>题目</title><script>x()</script></head><body><p>{LINES[2]}</p></body>"
    )
    read = tika.read(make("a.html", page.encode("gb18030")), "text/html")
    assert LINES[2] in read.text
    assert "x()" not in read.text
    assert read.title == "题目"


def test_pictures_inside_are_not_read_by_it(tika: Extractor, make: Maker) -> None:
    from docx import Document

    picture = make("a.png", b"")
    render(LetterText("HELLO PICTURE", "", ()))[0].image.crop((0, 0, 1654, 600)).save(picture)
    document = Document()
    document.add_paragraph(LINES[2])
    document.add_picture(str(picture))
    path = make("a.docx", b"")
    document.save(str(path))
    assert tika.read(path, DOCX).text == LINES[2]


def test_nothing_in_it(tika: Extractor, make: Maker) -> None:
    with pytest.raises(NothingReadable):
        tika.read(make.docx("a.docx", "  "), DOCX)


def test_broken(tika: Extractor, make: Maker) -> None:
    broken = make("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    with pytest.raises(Damaged):
        tika.read(broken, "application/msword")


def test_version_is_told(tika: Extractor) -> None:
    assert tika.version.startswith("tika ")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ExtractorDown) as down:
        open_extractor(Settings(tika_url="http://127.0.0.1:9"))
    assert "PETITIONS_TIKA_URL" in down.value.remedy


def test_complaints_about_passwords_are_told_apart() -> None:
    assert refusal("org.apache.tika.exception.EncryptedDocumentException: x").code == "locked"
    assert refusal("anything else").code == "damaged"
