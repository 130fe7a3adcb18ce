"""Locks of the whole office that die with their process: one holds it alone, or many together."""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from records.drivers import FILE, in_memory


@contextmanager
def held_alone(engine: Engine, name: str) -> Iterator[bool]:
    """Whether the lock `name` is held by this block now; it never waits.

    PostgreSQL keeps it for a connection of its own, SQLite's is a file beside the database. Where
    the server is started anew meanwhile, the lock is lost and the block isn't told.
    """
    if in_memory(engine.url):
        yield True
    elif engine.dialect.name == FILE:
        with _file(Path(f"{engine.url.database}.{name}.lock")) as mine:
            yield mine
    else:
        with _session(engine, name) as mine:
            yield mine


@contextmanager
def _file(path: Path) -> Iterator[bool]:
    with path.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True  # closing lets it go


@contextmanager
def _session(engine: Engine, name: str) -> Iterator[bool]:
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        connection.detach()  # not given back: closing it lets the lock go
        asked = {"key": key(name)}
        mine = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), asked).scalar()
        yield bool(mine)
        if mine:  # at once: the server notices a closed connection a moment later
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), asked)
    finally:
        connection.close()


def share(engine: Engine, name: str, refuse: Callable[[], Exception]) -> Callable[[], None]:
    """Hold the lock `name` together with others; what is given back lets it go.

    Raises what `refuse` makes while a process holds it alone. On PostgreSQL every connection of
    the engine holds it from now on, so that none is held once the process is gone, wherever it ran.
    """
    if in_memory(engine.url):
        return lambda: None
    if engine.dialect.name == FILE:
        held = _share_file(Path(f"{engine.url.database}.{name}.lock"), refuse)
        return weakref.finalize(engine, os.close, held)  # nobody need call it: it goes with it
    statement = f"SELECT pg_try_advisory_lock_shared({key(name)})"

    def hold(connection: Any, _: object) -> None:
        connection.autocommit = True
        (held,) = connection.execute(statement).fetchone()
        connection.autocommit = False
        if not held:
            connection.close()
            raise refuse()

    engine.dispose()
    event.listen(engine, "connect", hold)
    engine.connect().close()

    def let_go() -> None:
        event.remove(engine, "connect", hold)
        engine.dispose()

    return let_go


def _share_file(path: Path, refuse: Callable[[], Exception]) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise refuse() from None
    return descriptor


def key(name: str) -> int:
    """The number by which PostgreSQL knows a lock of this name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
