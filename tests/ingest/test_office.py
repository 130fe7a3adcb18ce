"""One contract for both ways to reach Tika."""

from __future__ import annotations

import socket
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
ODT = "application/vnd.oasis.opendocument.text"
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


def docx_with(head: str, entity: str, make: Maker) -> Path:
    """A letter whose document names what lies outside of it."""
    plain, path = make.docx("plain.docx", *LINES, "ENTITY"), make("a.docx", b"")
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                before, tag, after = content.decode().partition("<w:document ")
                content = (before + head + tag + after.replace("ENTITY", entity)).encode()
            copy.writestr(name, content)
    return path


def odt_with(head: str, entity: str, make: Maker) -> Path:
    path = make("a.odt", b"")
    lines = "".join(f"<text:p>{line}</text:p>" for line in (*LINES, entity))
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    names += 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    body = f"<office:body><office:text>{lines}</office:text></office:body>"
    document = f"<office:document-content {names}>{body}</office:document-content>"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", ODT)
        made.writestr("content.xml", f'<?xml version="1.0" encoding="UTF-8"?>{head}{document}')
    return path


@pytest.mark.parametrize(("media_type", "with_"), [(DOCX, docx_with), (ODT, odt_with)])
@pytest.mark.parametrize("form", ["entity", "parameter", "definition"])
def test_nothing_outside_of_a_file_is_read_or_asked_for(
    tika: Extractor, make: Maker, media_type: str, with_: Any, form: str
) -> None:
    secret = make("secret.txt", "外面的秘密")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        elsewhere = f"http://127.0.0.1:{listener.getsockname()[1]}/letter.dtd"
        heads = {
            "entity": f'[<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y SYSTEM "{elsewhere}">]',
            "parameter": f'[<!ENTITY % z SYSTEM "{elsewhere}"> %z;]',
            "definition": f'SYSTEM "{elsewhere}"',
        }
        entity = "&x;&y;" if form == "entity" else "no entity"
        path = with_(f"<!DOCTYPE letter {heads[form]}>", entity, make)
        try:
            text = tika.read(path, media_type).text
        except Damaged:
            text = ""
        assert "秘密" not in text
        with pytest.raises(BlockingIOError):  # nobody called
            listener.accept()


def test_web_pages_fetch_nothing(tika: Extractor, make: Maker) -> None:
    secret = make("secret.txt", "外面的秘密")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        elsewhere = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
        page = (
            f'<html><head><base href="{elsewhere}"><link rel="stylesheet" href="{elsewhere}">'
            f'</head><body><p>{LINES[2]}</p><img src="{elsewhere}"><iframe src="{elsewhere}">'
            f'</iframe><object data="{secret.as_uri()}"></object></body></html>'
        )
        text = tika.read(make("a.html", page), "text/html").text
        assert LINES[2] in text
        assert "秘密" not in text
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_version_is_told(tika: Extractor) -> None:
    assert tika.version.startswith("tika ")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ExtractorDown) as down:
        open_extractor(Settings(tika_url="http://127.0.0.1:9"))
    assert "PETITIONS_TIKA_URL" in down.value.remedy


def test_complaints_about_passwords_are_told_apart() -> None:
    assert refusal("org.apache.tika.exception.EncryptedDocumentException: x").code == "locked"
    assert refusal("anything else").code == "damaged"
