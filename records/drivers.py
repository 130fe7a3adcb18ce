"""What is peculiar to each database: how it is opened, and what its driver's errors mean."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from records.errors import (
    BadValue,
    Crossed,
    Damaged,
    DatabaseBusy,
    DatabaseDown,
    DatabaseNotReady,
    RecordsError,
    StoreFull,
)

WRITE = "petitions_write"
LASTING = "petitions_lasting"
FILE = "sqlite"
SERVER = "postgresql"

_SETTING = "PETITIONS_DATABASE_URL"
_LONGEST = 10
"""How many times the longest wait for a lock one statement may run."""
_CACHE = 16_384
"""KiB of pages that a connection to SQLite keeps; its default is 2 MiB."""


def address(url: str) -> URL:
    """The database's address; PostgreSQL is spoken to by psycopg. Raises BadValue, which never
    repeats what was given: it may hold a password."""
    told = (
        f"{_SETTING} is no address of a database; write postgresql://USER:PASSWORD@HOST:PORT/NAME "
        "(in the password, write / as %2F, @ as %40 and : as %3A), or leave it empty for SQLite"
    )
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise BadValue(told) from None
    if found.drivername in ("postgres", SERVER):
        found = found.set(drivername=f"{SERVER}+psycopg")
    if "@" in f"{found.host}{found.database}":  # the rest of a password that wasn't written so
        raise BadValue(told)
    if found.drivername not in (FILE, f"{SERVER}+psycopg"):
        raise BadValue(told)
    return found


def place(url: str | URL) -> str:
    """Where a database is, for people: never the password, nor the user."""
    found = address(url) if isinstance(url, str) else url
    if found.get_backend_name() == FILE:
        return found.database or "in memory"
    host = found.host or found.query.get("host", "localhost")
    return f"PostgreSQL at {host}:{found.port or 5432}/{found.database or ''}"


def make_engine(url: str, wait_seconds: float, connections: int) -> Engine:
    """An engine for the address; nothing is connected yet."""
    found = address(url)
    arguments: dict[str, Any] = {}
    if found.get_backend_name() == FILE:
        arguments["connect_args"] = {"timeout": wait_seconds}
    else:
        arguments["connect_args"] = {"connect_timeout": max(2, int(wait_seconds))}
        arguments["pool_pre_ping"] = True  # a server that was started anew is no error
    if not in_memory(found):
        arguments |= {
            "pool_size": min(5, connections),
            "max_overflow": max(0, connections - 5),
            "pool_timeout": wait_seconds,
        }
    # Errors tell the statement, never the letter that it was about.
    engine = create_engine(found, hide_parameters=True, **arguments)
    event.listen(engine, "before_cursor_execute", _refuse_nul)
    if found.get_backend_name() == FILE:
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _tuning_postgresql(wait_seconds))
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "handle_error", _shorten)
    return engine


def in_memory(url: URL) -> bool:
    return url.get_backend_name() == FILE and url.database in (None, "", ":memory:")


def unhurried(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need: they go through all."""
    if connection.dialect.name == SERVER:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def meaning(error: DBAPIError | PoolTimeout, url: URL) -> RecordsError | None:
    """What a driver's error means to the office; None: it is a bug of ours."""
    if isinstance(error, PoolTimeout):
        return DatabaseBusy(
            "all connections of this process to the database are in use; try again, "
            "or set PETITIONS_DATABASE_CONNECTIONS higher"
        )
    if url.get_backend_name() == FILE:
        return _meaning_sqlite(error, url)
    return _meaning_postgresql(error, url)


def came_second(error: DBAPIError) -> bool:
    """Whether another transaction inserted the same key meanwhile (PostgreSQL alone)."""
    return getattr(error.orig, "sqlstate", None) == "23505"


def _meaning_sqlite(error: DBAPIError, url: URL) -> RecordsError | None:
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy("another process is writing to the database for too long; try again")
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(f"no room left for {place(url)}: free space and try again")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{place(url)} is damaged ({error.orig}): restore it from a backup")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        return DatabaseDown(
            f"{place(url)} can't be used ({error.orig}): look at the disk and its permissions"
        )
    return None


def _meaning_postgresql(error: DBAPIError, url: URL) -> RecordsError | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state == "55P03":
        return DatabaseBusy("another transaction is holding what is needed here; try again")
    if state == "57014":
        return DatabaseBusy("the database took too long for this; try again")
    if state in ("40P01", "40001"):
        return Crossed("this crossed with another change; try again")
    if state == "53100":
        return StoreFull(f"no room left for {place(url)}: free space there and try again")
    if state == "42501":
        return DatabaseNotReady(
            f"{place(url)}: {_told(error)}; make the user of {_SETTING} the database's owner"
        )
    down = error.connection_invalidated or state is None or state[:2] in ("08", "28", "53", "57")
    if down or state in ("3D000", "25006"):
        return DatabaseDown(
            f"{place(url)} can't be used ({_told(error)}): start it, make the database, "
            f"or correct {_SETTING}"
        )
    return None


def _told(error: DBAPIError) -> str:
    """The driver's reason in a line; it never holds the password."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    reasons = [line for line in lines if "failed:" in line] or lines[:1]
    return reasons[0].rpartition("failed: ")[2] if reasons else type(error.orig).__name__


def _refuse_nul(
    _: Connection, __: Any, statement: str, parameters: Any, ___: Any, many: bool
) -> None:
    """PostgreSQL's texts hold no NUL, and what the one database refuses the other does too."""
    for row in parameters if many else (parameters,):
        for value in row.values() if isinstance(row, dict) else row:
            if isinstance(value, str) and "\x00" in value:
                into = " ".join(statement.split()[:3])
                raise BadValue(f"a text holds a NUL character ({into}); remove it")


def _tune_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin in `_begin_sqlite`, not by themselves
    for pragma in (
        "journal_mode=WAL",  # readers and one writer at the same time
        "synchronous=FULL",  # what was answered as registered survives a power cut
        "foreign_keys=ON",
        "temp_store=MEMORY",
        f"cache_size=-{_CACHE}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get(WRITE, False)
    if writes:  # can't be changed inside a transaction
        level = "FULL" if options.get(LASTING, True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    # A writer takes its lock at once: one that began by reading could find its view outdated.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _tuning_postgresql(wait_seconds: float) -> Any:
    wait = max(1, int(wait_seconds * 1000))  # 0 would be without an end
    longest = _LONGEST * max(1000, wait)
    chosen = {
        "lock_timeout": wait,
        "statement_timeout": longest,
        # A machine that vanished must not hold its locks: the server looks after it.
        "idle_in_transaction_session_timeout": longest,
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
    }
    statement = "SELECT " + ", ".join(
        f"set_config('{name}', '{value}', false)" for name, value in chosen.items()
    )

    def tune(connection: Any, _: object) -> None:
        connection.autocommit = True
        connection.execute(statement)
        connection.autocommit = False

    return tune


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get(LASTING, True):
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def _shorten(context: ExceptionContext) -> None:
    """PostgreSQL's DETAIL quotes the row, which may be a letter: it is taken out of the error."""
    primary = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if primary is None:
        return
    context.original_exception.args = (primary,)
    if context.sqlalchemy_exception is not None:
        kind = type(context.original_exception)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {primary}",)
