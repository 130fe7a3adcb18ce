"""An office's records, copied from one database into another one, and the copy proven.

While it is filled, the new database is marked as unfinished, so that nothing can use it; only a
copy that was proven loses the mark. Nobody writes to the old one meanwhile: what was written after
the copy began would be lost. Originals, indexes and keys stay where they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, bindparam, func, insert, inspect, select, text, update

from records import audit
from records.audit_chain import AuditReport
from records.database import MOVING, NEWEST, Database, Session, mark_version
from records.drivers import SERVER, unhurried
from records.errors import BadValue, DatabaseBusy, NotEmpty
from records.regions import ROOT
from records.tables import audit_head, categories, metadata, regions
from records.times import utc

AT_ONCE = 200
"""Rows read and written together: a row may be a letter of megabytes."""

Progress = Callable[[int, int], None]
"""Told after each lot: rows done, rows in all."""

_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Content:
    """Rows of a table, and the sum of their hashes: the same whatever their order."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One table in both databases."""

    table: str
    old: Content
    new: Content

    @property
    def equal(self) -> bool:
        return self.old == self.new


@dataclass(frozen=True, slots=True)
class Move:
    """What came of a move. `audit`: the log as it was read in the new database. `begun_anew`: an
    earlier move into it had been broken off."""

    proofs: tuple[Proof, ...]
    audit: AuditReport
    begun_anew: bool

    @property
    def proven(self) -> bool:
        return all(proof.equal for proof in self.proofs) and self.audit.intact


def move(old: Database, new: Database, actor: str, copied: Progress, proven: Progress) -> Move:
    """Copy all records of `old` into `new`, which must be empty, and compare every row.

    Broken off, or with a difference, `new` stays unusable, and the next move into it begins anew.
    Raises NotEmpty, BadValue for the same database, DatabaseBusy while others write to `old`.
    """
    if old.place == new.place or new.in_memory:
        raise BadValue(f"{new.place} can't take the records of {old.place}: name another database")
    with _only_move(old), _only_move(new):
        begun_anew = require_empty(new)
        with old.write() as session:
            audit.write(session, actor, "move_begun", None, {"to": new.place})
        new.begin_filling()
        with old.write() as session:
            _hold_all(session)
            before = copy(session, new, copied)
            done = Move(*prove(before, new, proven), begun_anew)
            if done.proven:
                _finish(old, new, actor, sum(proof.new.rows for proof in done.proofs))
    return done


def _finish(old: Database, new: Database, actor: str, rows: int) -> None:
    with new.write() as session:
        _number_on(session)
        audit.write(session, actor, "moved", None, {"from": old.place, "rows": rows})
        mark_version(session, NEWEST)


def _number_on(session: Session) -> None:
    """A server numbers rows by counters of its own: they go on behind the rows that were copied."""
    if session.connection.dialect.name != SERVER:
        return
    for table in metadata.sorted_tables:
        if (column := table.autoincrement_column) is not None and not column.foreign_keys:
            counter = func.pg_get_serial_sequence(table.name, column.name)
            behind = func.coalesce(func.max(column), 0) + 1
            session.connection.execute(
                select(func.setval(counter, behind, False)).select_from(table)
            )


@contextmanager
def _only_move(database: Database) -> Iterator[None]:
    with database.alone("moving") as mine:
        if not mine:
            raise DatabaseBusy(f"another 'petitions move' is at work on {database.place}; wait")
        yield


def require_empty(new: Database) -> bool:
    """Whether a move into this database was broken off; its rows don't count. Raises NotEmpty."""
    version = new.version()
    with new.read() as session:
        there = set(inspect(session.connection).get_table_names())
        others = sorted(there - metadata.tables.keys() - {"alembic_version"})
        if others or (there and version not in (NEWEST, MOVING, None)):
            named = ", ".join((others or sorted(there))[:5])
            raise NotEmpty(f"{new.place} holds tables already ({named}): name an empty database")
        if version != NEWEST:
            return version == MOVING
        for table in metadata.sorted_tables:
            if rows := _stated_rows(session, table):
                raise NotEmpty(
                    f"{new.place} holds an office already ({rows:,} rows in {table.name}): "
                    "name an empty database"
                )
    return False


def _stated_rows(session: Session, table: Table) -> int:
    """Rows beside those that every new office has."""
    wanted = select(func.count()).select_from(table)
    if table is categories:
        return 0
    if table is regions:
        wanted = wanted.where(regions.c.code != ROOT)
    if table is audit_head:
        wanted = wanted.where(audit_head.c.seq > 0)
    return int(session.connection.execute(wanted).scalar_one())


def copy(session: Session, new: Database, told: Progress) -> dict[str, Content]:
    """Copy every table, those that others point to first; what was read, by table."""
    read: dict[str, Content] = {}
    total, done = _count(session), 0
    for table in metadata.sorted_tables:
        rows, sum_ = 0, 0
        for lot in _lots(session, table):
            _insert(new, table, lot)
            rows, sum_ = rows + len(lot), (sum_ + _sum(table, lot)) % _MODULUS
            done += len(lot)
            told(done, total)
        _join(session, new, table)
        read[table.name] = Content(rows, f"{sum_:064x}")
    return read


def prove(
    before: dict[str, Content], new: Database, told: Progress
) -> tuple[tuple[Proof, ...], AuditReport]:
    """Read everything back from the new database, and compare; its log is recomputed."""
    proofs = []
    with new.read() as session:
        unhurried(session.connection)
        total, done = _count(session), 0
        for table in metadata.sorted_tables:
            rows, sum_ = 0, 0
            for lot in _lots(session, table):
                rows, sum_ = rows + len(lot), (sum_ + _sum(table, lot)) % _MODULUS
                done += len(lot)
                told(done, total)
            found = Content(rows, f"{sum_:064x}")
            proofs.append(Proof(table.name, before[table.name], found))
        return tuple(proofs), audit.verify(session)


def _hold_all(session: Session) -> None:
    """Nobody writes to any table until the transaction ends (SQLite's writer is alone anyway)."""
    unhurried(session.connection)
    if session.connection.dialect.name == SERVER:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        session.connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def _count(session: Session) -> int:
    counts = (select(func.count()).select_from(table) for table in metadata.sorted_tables)
    return sum(session.connection.execute(one).scalar_one() for one in counts)


def _lots(session: Session, table: Table) -> Iterator[list[dict[str, Any]]]:
    wanted = select(table).execution_options(yield_per=AT_ONCE)
    for rows in session.connection.execute(wanted).mappings().partitions():
        yield [dict(row) for row in rows]


def _upward(table: Table) -> list[Column[Any]]:
    """Columns that point to rows of the same table."""
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _insert(new: Database, table: Table, lot: list[dict[str, Any]]) -> None:
    upward = {column.name: None for column in _upward(table)}
    with new.write(lasting=False) as session:
        session.connection.execute(insert(table), [{**row, **upward} for row in lot])


def _join(session: Session, new: Database, table: Table) -> None:
    """Let rows point to others of their table, now that all are there."""
    for column in _upward(table):
        (key,) = table.primary_key.columns
        wanted = select(key.label("the_key"), column.label("above")).where(column.is_not(None))
        change = (
            update(table).where(key == bindparam("the_key")).values({column: bindparam("above")})
        )
        found = session.connection.execute(wanted.execution_options(yield_per=AT_ONCE))
        for rows in found.mappings().partitions():
            with new.write(lasting=False) as there:
                there.connection.execute(change, [dict(row) for row in rows])


def _sum(table: Table, lot: list[dict[str, Any]]) -> int:
    return sum(int.from_bytes(row_hash(table, row), "big") for row in lot)


def row_hash(table: Table, row: dict[str, Any]) -> bytes:
    """SHA-256 over a row's content, the same from either database."""
    content = [table.name, *([column.name, _plain(row[column.name])] for column in table.columns)]
    held = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(held.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": utc(value).isoformat(timespec="microseconds")}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value
