"""A file's kind is told by its content."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ingest.errors import Damaged, EmptyFile, Locked, UnknownKind
from ingest.kinds import Kind, kind_of

if TYPE_CHECKING:
    from conftest import Maker

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def test_each_kind_by_its_content(make: Maker) -> None:
    for suffix in ("png", "jpg", "tif", "bmp", "webp", "gif"):
        path = make(f"a.{suffix}", b"")
        Image.new("RGB", (20, 10), "white").save(path)
        assert kind_of(path).kind is Kind.IMAGE
        assert kind_of(path).note is None
    assert kind_of(make.pdf("a.pdf", "来信")).extension == ".pdf"
    assert kind_of(make.docx("a.docx", "来信")).extension == ".docx"
    assert kind_of(make.mail("a.eml", "来信", "你好")).kind is Kind.MAIL
    assert kind_of(make.zip("a.zip", x=b"1")).kind is Kind.ARCHIVE
    assert kind_of(make("a.rtf", r"{\rtf1 x}")).extension == ".rtf"
    assert kind_of(make("a.htm", "<!-- 首页 --> <HTML><p>来信")).extension == ".html"
    assert kind_of(make("a.doc", OLE + "WordDocument".encode("utf-16-le"))).extension == ".doc"
    assert kind_of(make("a.wps", OLE + "WordDocument".encode("utf-16-le"))).note is None
    assert kind_of(
        make("a.msg", OLE + "__properties_version1.0".encode("utf-16-le"))
    ).extension == (".msg")
    odt = make.zip("a.odt", mimetype=b"application/vnd.oasis.opendocument.text")
    assert kind_of(odt).extension == ".odt"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le"]
)
def test_text_in_any_chinese_encoding(make: Maker, encoding: str) -> None:
    letter = (
        "關於路燈不亮的問題，請領導派人處理。" if encoding == "big5" else "路灯不亮，请领导处理。"
    )
    assert kind_of(make("a.txt", letter.encode(encoding))).kind is Kind.TEXT


def test_the_content_wins_over_the_name_and_a_note_tells(make: Maker) -> None:
    scan = make.scan("a.png")
    found = kind_of(make("letter.docx", scan.read_bytes()))
    assert found.extension == ".png"
    assert found.note == "named .docx, but its content is png; read as png"


def test_binary_named_txt_is_refused_with_a_remedy(make: Maker) -> None:
    with pytest.raises(UnknownKind) as refused:
        kind_of(make("a.txt", bytes(range(256)) * 40))
    assert "take in a scan" in refused.value.remedy
    for size in (50, 500, 50_000):
        with pytest.raises(UnknownKind):
            kind_of(make("b.txt", os.urandom(size)))


def test_refusals_name_the_cause(make: Maker) -> None:
    with pytest.raises(EmptyFile):
        kind_of(make("empty.pdf", b""))
    with pytest.raises(Locked):
        kind_of(make("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le")))
    with pytest.raises(Damaged):
        kind_of(make("cut.docx", make.docx("a.docx", "来信").read_bytes()[:2000]))
    with pytest.raises(UnknownKind, match="OFD"):
        kind_of(make.zip("a.ofd", **{"OFD.xml": b"<x/>"}))
    with pytest.raises(UnknownKind, match="OLE"):
        kind_of(make("a.db", OLE + b"nothing known"))
