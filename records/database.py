"""Opening the database, and its transactions, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, delete, inspect, select, table, text, update
from sqlalchemy import column as sql_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from records import alone, drivers
from records.drivers import FILE, LASTING, SERVER, WRITE
from records.errors import Crossed, DatabaseBusy, DatabaseDown, DatabaseNotReady, DatabaseTooNew
from records.home import Home
from records.keys import Keys, make_keys, new_keys, read_keys

NEWEST = "0018"
"""The migration that this version of the program needs."""

MOVING = "moving"
"""Stands for the migration while another office's records are copied into a database."""

OFFICE = "office"
"""The lock that all hold who work with an office's keys; who holds it alone may change them."""

MIGRATIONS = Path(__file__).parent / "migrations"
_TRIES = 6
_VERSIONS = table("alembic_version", sql_column("version_num"))

Made = TypeVar("Made")


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
        self._writers = threading.Lock() if engine.dialect.name == FILE else None
        self._let_go: Callable[[], None] | None = None
        self.keys = keys

    @property
    def place(self) -> str:
        """Where it is, for people: never a password."""
        return drivers.place(self._engine.url)

    @property
    def in_memory(self) -> bool:
        return drivers.in_memory(self._engine.url)

    @contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        `lasting`: waits until the disk has it. Otherwise it may be lost when the power fails
        before the next lasting one (never when a process dies). Don't open a second one inside it.
        Raises DatabaseBusy when others hold what is needed for longer than the setting
        `database_wait_seconds`, DatabaseDown when the database does not answer.
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

    def written(self, act: Callable[[Session], Made], *, lasting: bool = True) -> Made:
        """What `act` gives, run in one writing transaction; where that crossed with another's (a
        deadlock, or both added the same thing), it is run again in a new one. Raises as `write`.
        """
        for turn in range(1, _TRIES + 1):
            try:
                with self.write(lasting=lasting) as session:
                    return act(session)
            except Crossed:
                if turn == _TRIES:
                    raise
            except IntegrityError as error:
                if turn == _TRIES or not drivers.came_second(error):
                    raise
            time.sleep(random.uniform(0, 0.01 * 2**turn))  # noqa: S311
        raise AssertionError

    def alone(self, name: str) -> AbstractContextManager[bool]:
        """Whether this block now holds the lock `name`, which one process of the whole office
        holds at most; it never waits, and the lock dies with its process."""
        return self._told(lambda: alone.held_alone(self._engine, name))

    def attend(self) -> None:
        """Say that the office's keys are in use, until `close` or the end of the process. Raises
        DatabaseBusy while they are renewed, DatabaseDown."""
        if self._let_go is not None:
            return

        def hold() -> AbstractContextManager[None]:
            self._let_go = alone.share(self._engine, OFFICE, self._renewed_now)
            return nullcontext()

        try:
            with self._told(hold):
                pass
        except OSError as error:
            raise DatabaseDown(
                f"{self.place} can't be used ({error.strerror}): look at the disk and its "
                "permissions"
            ) from error

    def _renewed_now(self) -> DatabaseBusy:
        return DatabaseBusy(
            f"the keys of {self.place} are being renewed: wait for 'petitions keys renew' to end"
        )

    @contextmanager
    def _transaction(self, *, write: bool, lasting: bool = True) -> Iterator[Session]:
        options: dict[str, Any] = {WRITE: write, LASTING: lasting}
        if not write and self._writers is None:
            options["isolation_level"] = "REPEATABLE READ"  # SQLite's readers have it anyway
        with self._told(self._engine.connect) as connection:
            connection.execution_options(**options)
            connection.begin()
            yield Session(connection, self.keys)
            if write:
                connection.commit()
            else:
                connection.rollback()

    @contextmanager
    def _told(self, opened: Callable[[], AbstractContextManager[Made]]) -> Iterator[Made]:
        """A driver's errors in that block as errors of the records."""
        try:
            with opened() as inside:
                yield inside
        except (DBAPIError, PoolTimeout) as error:
            meant = drivers.meaning(error, self._engine.url)
            if meant is None:
                raise
            raise meant from error

    def version(self) -> str | None:
        """The migration that the database stands at; None when it has no tables."""
        with self.read() as session:
            if not inspect(session.connection).has_table("alembic_version"):
                return None
            found = session.connection.execute(select(_VERSIONS.c.version_num)).scalar()
            return None if found is None else str(found)

    def require_ready(self) -> None:
        """Raises DatabaseNotReady or DatabaseTooNew unless the tables are those needed here."""
        version = self.version()
        if version == MOVING:
            raise DatabaseNotReady(
                f"{self.place} holds part of an office: a 'petitions move' into it was broken off. "
                "Run it again with the old database's setting, or use another database"
            )
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
        with self.write() as session:
            _one_at_a_time(session.connection)
            command.upgrade(_alembic(session.connection), to)

    def downgrade(self, to: str) -> None:
        """Take tables back to an older state: what they lacked is lost. `base`: no tables."""
        from alembic import command

        with self.write() as session:
            _one_at_a_time(session.connection)
            command.downgrade(_alembic(session.connection), to)

    def begin_filling(self) -> None:
        """All tables anew and without a row, marked as unfinished, in one transaction."""
        from alembic import command

        version = self.version()
        with self.write() as session:
            _one_at_a_time(session.connection)
            if version is not None:
                mark_version(session, NEWEST)
                command.downgrade(_alembic(session.connection), "base")
            command.upgrade(_alembic(session.connection), "head")
            session.connection.execute(delete(table("audit_head")))
            mark_version(session, MOVING)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        if self._let_go is not None:
            self._let_go()
            self._let_go = None


def open_database(
    url: str, keys: Keys | None = None, *, wait_seconds: float = 30, connections: int = 50
) -> Database:
    """Open a database by URL; tables are neither made nor checked.

    Without keys a new, unkept set is used: personal values then can't be read after closing.
    Raises BadValue for what is no URL of a database.
    """
    engine = drivers.make_engine(url, wait_seconds, connections)
    return Database(engine, keys or new_keys(), wait_seconds)


def open_home(home: Home) -> Database:
    """Open an office: folders, keys, tables and fixed rows are made where they are missing."""
    home.make()
    make_keys(home.keys)
    database = open_as_it_is(home)
    try:
        _complete(database, home)
    except BaseException:
        database.close()
        raise
    return database


def open_as_it_is(home: Home) -> Database:
    """Open an office whose keys are there; its tables are neither made nor changed."""
    database = open_database(
        home.database_url,
        read_keys(home.keys),
        wait_seconds=home.settings.database_wait_seconds,
        connections=home.settings.database_connections,
    )
    try:
        database.attend()
        database.keys = read_keys(home.keys)  # those of before may have been renewed meanwhile
    except BaseException:
        database.close()
        raise
    return database


def _complete(database: Database, home: Home) -> None:
    """Tables and fixed rows where they are missing."""
    from records.categories import categories_missing, seed_categories
    from records.regions import seed_regions
    from records.renewal import require_keys

    if database.version() != NEWEST:
        database.upgrade()
    # Asked each time: who made the tables may have been killed before it filled them.
    with database.read() as session:
        require_keys(session, home.keys)
        unfilled = categories_missing(session)
    if unfilled:
        with database.write() as session:
            seed_regions(session)
            seed_categories(session)


def mark_version(session: Session, version: str) -> None:
    """Say at which migration the database stands."""
    session.connection.execute(update(_VERSIONS).values(version_num=version))


def insert_unless_known(session: Session, into: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, leaving out those whose key is there; waits for others that insert the same."""
    if not rows:
        return
    if session.connection.dialect.name == SERVER:
        session.connection.execute(postgresql.insert(into).on_conflict_do_nothing(), rows)
    else:
        session.connection.execute(sqlite.insert(into).on_conflict_do_nothing(), rows)


def _one_at_a_time(connection: Connection) -> None:
    """Of several processes that start at once, one changes the tables; the others find it done."""
    drivers.unhurried(connection)
    if connection.dialect.name == SERVER:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        key = alone.key("migrations")
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
