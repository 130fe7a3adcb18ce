from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from records import petitions
from records.categories import all_categories
from records.database import MIGRATIONS, NEWEST, Database, open_database, open_home
from records.errors import DatabaseBusy, DatabaseNotReady, DatabaseTooNew
from records.home import Home, Settings
from records.regions import ROOT, all_regions
from records.tables import categories, metadata


def test_migrations_and_tables_do_not_differ(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(session.connection)
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_that_is_needed() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_up_down_and_up_again(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'p.db'}")
    try:
        assert database.version() is None
        database.upgrade()
        with database.read() as session:
            first = _schema(session.connection)
        database.downgrade("base")
        assert database.version() is None
        with database.read() as session:
            assert inspect(session.connection).get_table_names() == ["alembic_version"]
        database.upgrade()
        with database.read() as session:
            assert _schema(session.connection) == first
        assert database.version() == NEWEST
    finally:
        database.close()


def _schema(connection: object) -> list[tuple[str, str]]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name"))  # type: ignore[attr-defined]
    return [tuple(row) for row in rows]


def test_opening_again_changes_nothing(home: Home) -> None:
    before = home.path.joinpath("petitions.db").read_bytes()
    open_home(home).close()
    assert home.path.joinpath("petitions.db").read_bytes() == before


def test_a_new_office_has_root_and_categories(database: Database) -> None:
    with database.read() as session:
        assert [region.code for region in all_regions(session)] == [ROOT]
        stored = session.connection.execute(categories.select().order_by(categories.c.code)).all()
    assert [(row.code, row.name) for row in stored] == [
        (one.code, one.name) for one in all_categories()
    ]


def test_readers_see_one_moment_while_others_write(database: Database, petition) -> None:
    with database.read() as reading:
        assert petitions.count(reading) == 0
        with database.write() as writing:
            petitions.add(writing, petition())
        assert petitions.count(reading) == 0
    with database.read() as reading:
        assert petitions.count(reading) == 1
        mode = reading.connection.execute(text("PRAGMA journal_mode")).scalar()
        keys_on = reading.connection.execute(text("PRAGMA foreign_keys")).scalar()
    assert (mode, keys_on) == ("wal", 1)


def test_an_error_rolls_everything_back(database: Database, petition) -> None:
    def fail_halfway() -> None:
        with database.write() as session:
            petitions.add(session, petition())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with database.write() as session:
        assert petitions.count(session) == 0


def test_a_reading_transaction_keeps_nothing(database: Database, petition) -> None:
    with database.read() as session:
        petitions.add(session, petition())
    with database.read() as session:
        assert petitions.count(session) == 0


def test_threads_write_one_after_the_other(database: Database, petition) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with database.write() as session:
                petitions.add(session, petition(external_id=f"{number}-{turn}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert petitions.count(session) == 30


def test_a_thread_that_waits_too_long_is_told(home: Home) -> None:
    database = open_home(Home(home.path, Settings(database_wait_seconds=0)))
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
    database = open_home(Home(home.path, Settings(database_wait_seconds=1)))
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


def test_tables_that_are_missing_or_newer_are_named(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'p.db'}")
    try:
        with pytest.raises(DatabaseNotReady, match="petitions init"):
            database.require_ready()
        database.upgrade()
        database.require_ready()
        with database.write() as session:
            session.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for act in (database.require_ready, database.upgrade):
            with pytest.raises(DatabaseTooNew, match="9999"):
                act()
    finally:
        database.close()
