"""A NUL character, which no database text may hold: taken out where it comes in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.pipeline import Pipeline
from ingest.taking import find_files, take
from records.home import Home, Settings
from records.intake_items import failures
from records.petitions import all_after
from search.bootstrap import open_archive

if TYPE_CHECKING:
    from conftest import Maker

MAIL = b"""From: =?utf-8?q?=E6=9E=97=00=E5=B0=8F?= <a@b.c>\r
Subject: =?utf-8?q?=E8=B7=AF=00=E7=81=AF?=\r
Date: Tue, 05 Mar 2019 09:30:00 +0800\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=x\r
\r
--x\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
<p>=E7=81=AF=00=E5=9D=8F&#0;</p>\r
--x\r
Content-Type: text/plain; charset=utf-8; name*=utf-8''a%00b.txt\r
Content-Disposition: attachment; filename*=utf-8''a%00b.txt\r
\r
light pole\r
--x--\r
"""


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Home:
    return Home(tmp_path / "office", Settings(database_url=database_url))


def test_a_mail_full_of_them_is_taken_in(home: Home, make: Maker) -> None:
    archive = open_archive(home)
    path = make("a.eml", MAIL)
    take(archive.database, archive.originals, list(find_files([path])), home.settings)
    Pipeline(home, archive.database, archive.originals, lambda: archive.catch_up() >= 0).run(
        once=True
    )
    with archive.database.read() as session:
        assert [(one.path, one.error_message) for one in failures(session)] == []
        (letter,) = all_after(session, "", 10)
    assert letter.subject == "路灯"
    assert "灯坏" in letter.text.replace("\ufffd", "")
    assert "light pole" in letter.text
    assert [file.name for file in letter.files] == ["a.eml", "ab.txt"]
    archive.close()
