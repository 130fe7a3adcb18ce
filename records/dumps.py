"""A whole database into one file and back: SQLite by its own copier, PostgreSQL by pg_dump.

A dump shows one moment, whatever is written meanwhile.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    func,
    inspect,
    make_url,
    select,
    table,
    text,
    union,
)

from records.database import Database, Session, open_database
from records.errors import Damaged, RecordsError, StoreFull
from records.tables import audit_head, files, intake_items, pages

Told = Callable[[int, int], None]
"""Told now and then: how much is done, of how much."""

FORMATS: Final = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
"""How the dump of each kind of database is called."""

_PAGES_AT_ONCE = 2_000
_LOOK_EVERY = 0.5


class DumpFailed(RecordsError):
    """The database's own tool did not do it; the message holds what it said."""

    code = "dump_failed"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds at one moment. `originals`: the SHA-256 of every file it names."""

    tables: Mapping[str, int]
    migration: str
    audit_entries: int
    audit_head: str
    originals: Sequence[str]


def kind_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def file_of_sqlite(url: str) -> Path:
    return Path(str(make_url(url).database))


def count_rows(connection: Connection) -> dict[str, int]:
    """Every table by name, and how many rows it has."""
    return {
        name: int(connection.execute(select(func.count()).select_from(table(name))).scalar() or 0)
        for name in sorted(inspect(connection).get_table_names())
    }


def read_contents(session: Session) -> Contents:
    """What the transaction sees."""
    connection = session.connection
    end = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    named = union(
        select(files.c.sha256),
        select(pages.c.image_sha256).where(pages.c.image_sha256.is_not(None)),
        select(intake_items.c.sha256).where(intake_items.c.sha256.is_not(None)),
    )
    return Contents(
        count_rows(connection),
        str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()),
        int(end.seq),
        str(end.hash),
        sorted(connection.execute(named).scalars()),
    )


def dump(database: Database, url: str, to: Path, told: Told) -> Contents:
    """Write the database of `url`, open as `database`, into the new file `to`; what is in it.

    Raises DumpFailed, Damaged, StoreFull.
    """
    if kind_of(url) == "sqlite":
        return _copy_sqlite(file_of_sqlite(url), to, database, told)
    with database.read() as session:
        snapshot = str(session.connection.execute(text("SELECT pg_export_snapshot()")).scalar())
        contents = read_contents(session)
        words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        command = ["pg_dump", *words, f"--file={to}"]
        _run(command, url, database, sum(contents.tables.values()), told)
    return contents


def load(url: str, database: Database, dumped: Path, rows: int, told: Told) -> None:
    """Fill the empty database of `url` from a dump, all or nothing. Raises DumpFailed."""
    if kind_of(url) == "sqlite":
        file = file_of_sqlite(url)
        passing = file.with_name(f".{file.name}.coming")
        shutil.copyfile(dumped, passing)
        with passing.open("rb") as held:
            os.fsync(held.fileno())
        passing.chmod(0o600)
        passing.replace(file)
        told(1, 1)
        return
    words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(["pg_restore", *words, str(dumped)], url, database, rows, told)


def is_empty(url: str, database: Database) -> bool:
    """Whether nothing would be overwritten."""
    if kind_of(url) == "sqlite":
        return not file_of_sqlite(url).exists()
    with database.read() as session:
        return not inspect(session.connection).get_table_names()


def _copy_sqlite(source: Path, to: Path, database: Database, told: Told) -> Contents:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as live,
            closing(sqlite3.connect(to)) as copy,
        ):
            # Without a transaction of its own the copy would begin anew at each write of others.
            live.execute("BEGIN").close()
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            live.backup(
                copy,
                pages=_PAGES_AT_ONCE,
                progress=lambda _, left, total: told(total - left, total),
            )
            copy.execute("PRAGMA journal_mode=DELETE").close()  # one file, nothing beside it
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StoreFull(f"no room left for {to}: free space and try again") from error
        raise DumpFailed(f"{source} can't be copied ({error})") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{source} is damaged ({error}): restore it from a backup") from error
    if found != "ok":
        raise Damaged(f"{source} is damaged ({found}): restore it from a backup")
    to.chmod(0o600)
    copied = open_database(f"sqlite:///{to}", database.keys)
    try:
        with copied.read() as session:
            contents = read_contents(session)
    finally:
        copied.close()
    # Opening it has turned the write-ahead log on again.
    with closing(sqlite3.connect(to)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE").close()
    return contents


def _run(command: list[str], url: str, database: Database, rows: int, told: Told) -> None:
    """Run a tool of PostgreSQL; the server tells how far it is."""
    address = make_url(url)
    # The password stays out of the list of processes.
    plain = URL.create(
        "postgresql",
        address.username,
        None,
        address.host,
        address.port,
        address.database,
        address.query,
    ).render_as_string()
    secret = {"PGPASSWORD": address.password} if address.password else {}
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603
            [program(command[0]), *command[1:], f"--dbname={plain}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env={**os.environ, **secret},
        )
        try:
            _watch(process, database, rows, told)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            complaints.seek(0)
            said = complaints.read().decode("utf-8", "replace").strip()[-2000:]
            raise DumpFailed(f"{command[0]} ended with {process.returncode}: {said}")


def _watch(process: subprocess.Popen[bytes], database: Database, rows: int, told: Told) -> None:
    """Adds up the rows of the tables that were seen passing, until the tool ends."""
    passing = text(
        "SELECT relid, tuples_processed FROM pg_stat_progress_copy WHERE datname = "
        "current_database()"
    )
    seen: dict[Any, int] = {}
    while process.poll() is None:
        time.sleep(_LOOK_EVERY if seen else 0.05)
        with database.read() as session:
            for row in session.connection.execute(passing):
                seen[row.relid] = max(seen.get(row.relid, 0), int(row.tuples_processed))
        told(min(sum(seen.values()), rows), rows)
    if process.returncode == 0:
        told(rows, rows)


def program(name: str) -> str:
    """A tool of PostgreSQL: the one on the path, else Debian's newest."""
    found = shutil.which(name)
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda one: int(one.parts[-3])
    )
    if installed:  # Debian's name on the path is a wrapper that asks for a cluster of its own
        return str(installed[-1])
    if found is None:
        raise DumpFailed(f"{name} is not installed: install PostgreSQL's client programs")
    return found
