"""Mail: header, text in any encoding, attached files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest.errors import Damaged
from ingest.mail import read_mail
from records.home import Settings

if TYPE_CHECKING:
    from conftest import Maker


def test_text_and_attachments(make: Maker, settings: Settings) -> None:
    scan = make("扫描件.png", b"\x89PNG")
    mail = read_mail(make.mail("a.eml", "反映路灯", "路灯不亮。", scan), settings)
    assert (mail.subject, mail.sender, mail.text) == ("反映路灯", "林小满", "路灯不亮。")
    assert mail.sent_at is not None
    assert mail.sent_at.astimezone(UTC) == datetime(2019, 3, 5, 1, 30, tzinfo=UTC)
    assert [(file.name, file.content) for file in mail.files] == [("扫描件.png", b"\x89PNG")]


def test_raw_headers_and_wrong_charsets_of_old_programs(make: Maker, settings: Settings) -> None:
    raw = "Subject: 反映路灯\nFrom: 林小满 <a@b.cn>\nContent-Type: text/plain; charset=gb2312\n\n"
    path = make("a.eml", raw.encode("gb18030") + "路灯不亮，镕基路。".encode("gb18030"))
    mail = read_mail(path, settings)
    assert mail.subject == "反映路灯"
    assert mail.text == "路灯不亮，镕基路。"


def test_html_alone(make: Maker, settings: Settings) -> None:
    path = make("a.eml", "Subject: x\nFrom: y\nContent-Type: text/html\n\n<p>hello</p>")
    mail = read_mail(path, settings)
    assert mail.text == ""
    assert mail.html is not None
    assert b"hello" in mail.html


def test_no_mail(make: Maker, settings: Settings) -> None:
    with pytest.raises(Damaged):
        read_mail(make("a.eml", "\n\nnothing"), settings)
