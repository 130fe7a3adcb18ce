"""Opening the database, and its transactions. The only place that knows which database it is."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, ProgrammingError

from records.errors import DatabaseBusy, DatabaseNotReady, DatabaseTooNew
from records.home import Home
from records.keys import Keys, make_keys, new_keys

NEWEST = "0001"
"""The migration that this version of the program needs."""

MIGRATIONS = Path(__file__).parent / "migrations"
WRITE = "petitions_write"
LASTING = "petitions_lasting"


@dataclass(frozen=True, slots=True)
class Session:
    """One transaction: the connection that it runs on, and the office's keys."""

    connection: Connection
    keys: Keys


class Database:
    """Transactions on the records. Safe to share between threads; not between processes."""

    def __init__(self, engine: Engine, keys: Keys, wait_seconds: float) -> None:
        self._engine = engine
        self._wait_seconds = wait_seconds
        # SQLite takes one writer at a time and lets the others poll; threads of one process
        # rather stand in line here.
        self._writers = threading.Lock() if engine.dialect.name == "sqlite" else None
        self.keys = keys

    @contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        `lasting`: waits until the disk has it. Otherwise SQLite may lose it when the power fails
        before the next lasting one (never when a process dies). Don't open a second one inside it.
        Raises DatabaseBusy when other writers hold the database for longer than the setting
        `database_wait_seconds`.
        """
        if self._writers is None:
            with self._transaction(write=True, lasting=lasting) as session:
                yield session
            return
        if not self._writers.acquire(timeout=self._wait_seconds):
            raise DatabaseBusy("another thread is writing to the database for too long; try again")
        try:
            with self._transaction(write=True, lasting=lasting) as session:
                yield session
        finally:
            self._writers.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that sees the database as it stood at its first statement."""
        with self._transaction(write=False) as session:
            yield session

    @contextmanager
    def _transaction(self, *, write: bool, lasting: bool = True) -> Iterator[Session]:
        options: dict[str, Any] = {WRITE: write, LASTING: lasting}
        if not write and self._writers is None:
            options["isolation_level"] = "REPEATABLE READ"  # SQLite's readers have it anyway
        with self._engine.connect().execution_options(**options) as connection:
            try:
                connection.begin()
            except OperationalError as error:
                raise DatabaseBusy(
                    "another process is writing to the database for too long; try again"
                ) from error
            yield Session(connection, self.keys)
            if write:
                connection.commit()
            else:
                connection.rollback()

    def version(self) -> str | None:
        """The migration that the database stands at; None when it has no tables."""
        versions = table("alembic_version", sql_column("version_num"))
        try:
            with self._engine.connect() as connection:
                found = connection.execute(select(versions.c.version_num)).scalar()
                return None if found is None else str(found)
        except (OperationalError, ProgrammingError):
            return None

    def require_ready(self) -> None:
        """Raises DatabaseNotReady or DatabaseTooNew unless the tables are those needed here."""
        version = self.version()
        if version is None or version < NEWEST:
            raise DatabaseNotReady("the database has no tables or old ones: run 'petitions init'")
        if version > NEWEST:
            raise DatabaseTooNew(
                f"the database stands at version {version}, this program knows {NEWEST}: "
                "install the newer program"
            )

    def upgrade(self, to: str = "head") -> None:
        """Make or change the tables to those of this program, nothing lost. Again: no change."""
        from alembic import command

        version = self.version()
        if version is not None and version > NEWEST:
            self.require_ready()
        with self._engine.connect().execution_options(**{WRITE: True}) as connection:
            command.upgrade(_alembic(connection), to)
            connection.commit()

    def downgrade(self, to: str) -> None:
        """Take tables back to an older state: what they lacked is lost. `base`: no tables."""
        from alembic import command

        with self._engine.connect().execution_options(**{WRITE: True}) as connection:
            command.downgrade(_alembic(connection), to)
            connection.commit()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def open_database(url: str, keys: Keys | None = None, *, wait_seconds: float = 30) -> Database:
    """Open a database by URL; tables are neither made nor checked.

    Without keys a new, unkept set is used: personal values then can't be read after closing.
    """
    arguments: dict[str, Any] = {}
    if url.startswith("sqlite"):
        arguments["connect_args"] = {"timeout": wait_seconds}
    # Errors tell the statement, never the letter that it was about.
    engine = create_engine(url, hide_parameters=True, **arguments)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, keys or new_keys(), wait_seconds)


def open_home(home: Home) -> Database:
    """Open an office: folders, keys, tables and fixed rows are made where they are missing."""
    from records.categories import categories_missing, seed_categories
    from records.regions import seed_regions

    home.make()
    database = open_database(
        home.database_url,
        make_keys(home.keys),
        wait_seconds=home.settings.database_wait_seconds,
    )
    if database.version() != NEWEST:
        database.upgrade()
    # Asked each time: who made the tables may have been killed before it filled them.
    with database.read() as session:
        unfilled = categories_missing(session)
    if unfilled:
        with database.write() as session:
            seed_regions(session)
            seed_categories(session)
    return database


def insert_unless_known(session: Session, into: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, leaving out those whose key is there; waits for others that insert the same."""
    if not rows:
        return
    if session.connection.dialect.name == "postgresql":
        session.connection.execute(postgresql.insert(into).on_conflict_do_nothing(), rows)
    else:
        session.connection.execute(sqlite.insert(into).on_conflict_do_nothing(), rows)


def _tune_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin in `_begin_sqlite`, not by themselves
    for pragma in (
        "journal_mode=WAL",  # readers and one writer at the same time
        "synchronous=FULL",  # what was answered as registered survives a power cut
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get(WRITE, False)
    if writes:  # can't be changed inside a transaction
        level = "FULL" if options.get(LASTING, True) else "NORMAL"
        connection.execute(text(f"PRAGMA synchronous={level}"))
    # A writer takes its lock at once: one that began by reading could find its view outdated.
    connection.execute(text("BEGIN IMMEDIATE" if writes else "BEGIN"))


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
