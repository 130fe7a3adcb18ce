"""Offices with letters, files, users and a log, and all that can be said of one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import text
from typer.testing import CliRunner

from cli.context import WRONG_USAGE
from cli.main import _is_ours, app
from cli.sample.letters import letters
from cli.sample.petition import import_record
from records import audit
from records.database import open_database
from records.files import add_file
from records.home import Home, Settings
from records.keys import read_keys
from records.originals import Originals
from records.petitions import all_after
from search.answers import SearchRequest
from search.bootstrap import open_archive
from search.scopes import shell_scope

ROOT = Path(__file__).parents[2]
PASSWORD = "路灯不亮-2019-柳岸路-井盖"
ENDED = ("sign_ins", "followed_index")
QUESTIONS = ("路灯", '"夜间"', "拆遷 补偿", "物业 OR 停车", "")


@dataclass(frozen=True)
class Place:
    """Where an office lies: a home, and a database if it isn't in the home."""

    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        given = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
        return {**given, "PETITIONS_DATABASE_URL": self.url, "PYTHONUTF8": "1"}

    @property
    def office(self) -> Home:
        return Home(self.home, Settings(database_url=self.url))

    def command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "cli.main", "--home", str(self.home), *map(str, words)]

    def run(self, *words: str | Path, code: int = 0, stdin: str = "") -> tuple[str, str]:
        """A command on this office, in this process; what it answered and what it said."""
        given = {"PETITIONS_DATABASE_URL": self.url}
        ran = CliRunner().invoke(
            app, ["--home", str(self.home), *map(str, words)], input=stdin, env=given
        )
        said, ended = ran.stderr, ran.exit_code
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            if not _is_ours(ran.exception):
                raise ran.exception
            said, ended = f"{said}{ran.exception}", WRONG_USAGE
        assert ended == code, f"{words}: {ended}\n{ran.stdout}\n{said}"
        return ran.stdout, said

    def json(self, *words: str | Path, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code)[0])


def fill(place: Place, folder: Path, originals: int = 10) -> None:
    """Letters from an export and from files, a user, a question in the log, originals."""
    folder.mkdir()
    export = folder / "old.jsonl"
    with export.open("w", encoding="utf-8") as lines:
        for letter in letters(40, 7):
            lines.write(json.dumps(import_record(letter), ensure_ascii=False) + "\n")
    place.run("import", export)
    post = folder / "post"
    post.mkdir()
    (post / "甲.txt").write_text("关于路灯不亮的反映\n\n柳岸路的路灯坏了两个月。\n", "gb18030")
    (post / "乙.pdf").write_bytes(_printed("夜间施工噪声扰民，请派人处理。电话13812345678。"))
    place.run("ingest", post, "--processes", "1")
    place.run(
        "user", "add", "lin", "--role", "clerk", "--level", "open", "--no-second-factor",
        "--password-stdin", stdin=PASSWORD + "\n",
    )  # fmt: skip
    place.run("search", "路灯", "--as", "lin")
    attach(place, originals)


def attach(place: Place, originals: int) -> None:
    """More originals of the first letter."""
    home = place.office
    database = open_database(home.database_url, read_keys(home.keys))
    with database.write() as session:
        first = all_after(session, "", 1)[0].id
        for number in range(originals):
            kept = Originals(home.originals).put(f"Anlage {number}".encode() * 50)
            add_file(session, first, kept, f"{number}.bin", role="attachment")
    database.close()
    place.run("work", "--once", "--processes", "1")


def _printed(line: str) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.setFont("STSong-Light", 14)
    for step in range(6):
        canvas.drawString(60, 760 - 30 * step, line)
    canvas.save()
    return made.getvalue()


def held(place: Place) -> dict[str, Any]:
    """Every row, decrypted petition and file on disk, and the log's end; a broken log fails.

    Left out is what a restore ends: sign-ins, and which index follows.
    """
    home = place.office
    database = open_database(home.database_url, read_keys(home.keys))
    try:
        with database.read() as session:
            report = audit.verify(session)
            assert report.intact, report.faults
            rows = session.connection
            names = rows.execute(text(_TABLES[rows.dialect.name])).scalars().all()
            told = {
                "rows": {name: _rows(rows, name) for name in names if name not in ENDED},
                "log": (report.entries, report.head),
                "petitions": [repr(one) for one in all_after(session, "", 10_000)],
            }
    finally:
        database.close()
    return told | {"files": files(place.home)}


def files(home: Path) -> dict[Path, str]:
    """The hash of every original on disk."""
    folder = home / "originals"
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def answers(place: Place) -> list[str]:
    """What is found, in which order, counted how, with which passages. Stands in the log then."""
    archive = open_archive(place.office)
    try:
        return [_answer(archive.library, question) for question in QUESTIONS]
    finally:
        archive.close()


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
}


def _rows(connection: Any, name: str) -> list[str]:
    found: Sequence[Any] = connection.execute(text(f"SELECT * FROM {name}")).all()
    return sorted(repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))
                  for row in found)  # fmt: skip


def _answer(library: Any, question: str) -> str:
    asked = SearchRequest(text=question, facets=("category", "region", "status"), size=100)
    found = library.search(shell_scope(), asked)
    return repr((found.total, found.hits, found.facets, found.query))
