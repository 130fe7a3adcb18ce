"""One office a test, on SQLite and on PostgreSQL: copied from one that is made once a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records import recovery, signin
from records.database import Database, open_home
from records.home import Home, Settings
from records.petitions import NewPetition, NewReply
from records.tables import metadata

Petition = Callable[..., NewPetition]
Reply = Callable[..., NewReply]


Stored = Callable[[], bytes]


class Clock:
    """The time as sign-ins see it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(signin, "now", clock)
    monkeypatch.setattr(recovery, "now", clock)
    return clock


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("office") / "home")
    open_home(home).close()
    return home.path


@pytest.fixture
def sqlite_home(made_home: Path, tmp_path: Path) -> Home:
    """For what is SQLite's own."""
    shutil.copytree(made_home, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def home(database_url: str, made_home: Path, tmp_path: Path) -> Home:
    """An empty office on either database."""
    if not database_url:
        shutil.copytree(made_home, tmp_path / "home")
    return Home(tmp_path / "home", Settings(database_url=database_url))


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    opened = open_home(home)
    yield opened
    opened.close()


@pytest.fixture
def stored(home: Home, database: Database) -> Stored:
    """All bytes that the database keeps: what somebody sees who has its files."""

    def read() -> bytes:
        if not home.settings.database_url:
            database.close()
            return b"".join(path.read_bytes() for path in home.path.glob("petitions.db*"))
        found = []
        with database.read() as session:
            for table in metadata.sorted_tables:
                for row in session.connection.execute(select(table)):
                    found += [
                        value if isinstance(value, bytes) else str(value).encode() for value in row
                    ]
        return b"\n".join(found)

    return read


@pytest.fixture
def petition() -> Petition:
    """Makes a petition; redacted texts are those given, else the text itself."""

    def make(text: str = "楼下夜间施工,噪声很大。", **fields: Any) -> NewPetition:
        values: dict[str, Any] = {"subject": "夜间施工", "text": text, **fields}
        values.setdefault("subject_redacted", values["subject"])
        values.setdefault("text_redacted", text)
        return NewPetition(**values)

    return make


@pytest.fixture
def reply() -> Reply:
    def make(text: str = "已责令停工。", **fields: Any) -> NewReply:
        fields.setdefault("text_redacted", text)
        return NewReply(text, **fields)

    return make
