"""Tables are made and changed step by step, forth and back, on both databases alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from records.database import MIGRATIONS, NEWEST, Database, open_database
from records.errors import DatabaseNotReady, DatabaseTooNew
from records.tables import metadata

TABLES = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
    # columns, constraints, indexes, triggers and functions
    "postgresql": """
SELECT 'column', attrelid::regclass::text, attname,
       format_type(atttypid, atttypmod) || attnotnull || coalesce(pg_get_expr(adbin, adrelid), '')
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)
UNION SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION SELECT 'function', '', proname, prosrc FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4""",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'p.db'}"
    else:
        new: Callable[[], str] = request.getfixturevalue("new_database")
        url = new()
    database = open_database(url)
    yield database
    database.close()


def schema(database: Database) -> list[tuple[object, ...]]:
    with database.read() as session:
        wanted = TABLES[session.connection.dialect.name]
        return [tuple(row) for row in session.connection.execute(text(wanted))]


def versions() -> list[str]:
    """All migrations, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    return [step.revision for step in steps][::-1]


def test_the_newest_migration_is_the_one_that_is_needed() -> None:
    assert versions()[-1] == NEWEST


def test_migrations_and_tables_do_not_differ(empty: Database) -> None:
    empty.upgrade()
    with empty.read() as session:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(session.connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_every_step_forth_and_back_and_forth_again(empty: Database) -> None:
    assert empty.version() is None
    states = [[]]
    for version in versions():
        empty.upgrade(version)
        assert empty.version() == version
        states.append(schema(empty))
    bare = None
    for before, version in zip(states[::-1][1:], ["base", *versions()][::-1][1:], strict=True):
        empty.downgrade(version)
        if version == "base":
            assert empty.version() is None
            bare = schema(empty)
            assert all("alembic_version" in f"{row}" for row in bare), bare
        else:
            assert schema(empty) == before
    assert bare is not None
    empty.upgrade()
    assert schema(empty) == states[-1]
    assert empty.version() == NEWEST


def test_the_log_refuses_changes_after_every_step(empty: Database) -> None:
    empty.upgrade()
    rows = "INSERT INTO audit_entries (seq, at, actor, action, entry, hash) VALUES "
    with empty.write() as session:
        session.connection.execute(text(rows + "(1, '2020-01-01', 'u', 'x', '{}', '')"))
    for statement in ("DELETE FROM audit_entries", "UPDATE audit_entries SET actor = 'v'"):
        with pytest.raises(Exception, match="audit entries are never"), empty.write() as session:
            session.connection.execute(text(statement))


def test_several_processes_that_start_at_once_make_the_tables_once(empty: Database) -> None:
    errors: list[Exception] = []

    def start() -> None:
        try:
            empty.upgrade()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert empty.version() == NEWEST


def test_tables_that_are_missing_or_newer_are_named(empty: Database) -> None:
    with pytest.raises(DatabaseNotReady, match="petitions init"):
        empty.require_ready()
    empty.upgrade()
    empty.require_ready()
    with empty.write() as session:
        session.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (empty.require_ready, empty.upgrade):
        with pytest.raises(DatabaseTooNew, match="9999"):
            act()
