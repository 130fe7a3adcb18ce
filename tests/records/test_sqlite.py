"""What is SQLite's own: one writer at a time, and a file that several processes share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from records import petitions
from records.database import Database, open_database, open_home
from records.errors import Damaged, DatabaseBusy, DatabaseDown
from records.home import Home, Settings


@pytest.fixture
def home(sqlite_home: Home) -> Home:
    return sqlite_home


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    opened = open_home(home)
    yield opened
    opened.close()


def test_readers_and_a_writer_share_the_file(database: Database) -> None:
    with database.read() as session:
        mode = session.connection.execute(text("PRAGMA journal_mode")).scalar()
        keys_on = session.connection.execute(text("PRAGMA foreign_keys")).scalar()
    assert (mode, keys_on) == ("wal", 1)


def test_opening_again_changes_nothing(home: Home) -> None:
    before = home.path.joinpath("petitions.db").read_bytes()
    open_home(home).close()
    assert home.path.joinpath("petitions.db").read_bytes() == before


def test_a_thread_that_waits_too_long_is_told(home: Home) -> None:
    database = open_home(replace(home, settings=Settings(database_wait_seconds=0)))
    try:
        with database.write(), pytest.raises(DatabaseBusy, match="thread"), database.write():
            pytest.fail("two writers at once")
    finally:
        database.close()


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_that_writes_is_waited_for_then_named(home: Home) -> None:
    path = str(home.path / "petitions.db")
    database = open_home(replace(home, settings=Settings(database_wait_seconds=1)))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        began = time.monotonic()
        with pytest.raises(DatabaseBusy, match="another process"), database.write():
            pytest.fail("two writers at once")
        assert 0.5 < time.monotonic() - began < 10
        process.communicate(b"")
    with database.write() as session:
        assert petitions.count(session) == 0
    database.close()


@pytest.mark.parametrize(("lasting", "level"), [(True, 2), (False, 1)])
def test_what_must_last_waits_for_the_disk(database: Database, lasting: bool, level: int) -> None:
    with database.write(lasting=lasting) as session:
        assert session.connection.execute(text("PRAGMA synchronous")).scalar() == level


def test_a_file_that_cannot_be_used_is_named(home: Home) -> None:
    path = home.path / "petitions.db"
    nowhere = open_database(f"sqlite:///{home.path / 'no' / 'petitions.db'}")
    with pytest.raises(DatabaseDown, match=r"no/petitions\.db"), nowhere.read():
        pytest.fail("there is no such folder")
    path.write_bytes(b"this was a database once " * 1000)
    for left in home.path.glob("petitions.db-*"):
        left.unlink()
    broken = open_database(f"sqlite:///{path}")
    with pytest.raises(Damaged, match="backup"), broken.read():
        pytest.fail("it is no database")
