"""Every encrypted value of an office, from older keys to a new one.

The files change first (`keys.change_key`), then value after value, each lot a transaction. At any
moment all keys that values are encrypted with are there, so a renewal that was broken off is an
office that works, and the next one goes on. Whether one is unfinished is not written anywhere: it
is while older keys are there and the log has no end of a renewal to the present one.

Questions in the log stay as they are, for the log's hashes cover them: older keys open them still.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Column,
    Row,
    Table,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from records import audit, changes, corrections, notes
from records.codes import TOTP_SECRET
from records.database import OFFICE, Database, Session, open_database
from records.errors import Damaged, DatabaseBusy, KeysMissing
from records.home import Home
from records.intake_items import GIVEN
from records.keys import COLUMNS, Keys, OlderKey, change_key, read_keys
from records.persons import NORMAL
from records.recovery import PENDING
from records.registration import EXTRA
from records.signing_keys import PRIVATE
from records.tables import (
    audit_entries,
    intake_items,
    leader_notes,
    petition_persons,
    petition_versions,
    petitions,
    redaction_corrections,
    signing_keys,
    users,
)

ENCRYPTED: Final[Mapping[Table, Mapping[str, str]]] = {
    users: {"totp_secret": TOTP_SECRET, "totp_pending": PENDING},
    signing_keys: {"private": PRIVATE},
    petitions: {"extra": EXTRA},
    petition_persons: {fact: f"person.{fact}" for fact in NORMAL},
    petition_versions: {"content": changes.CONTENT},
    leader_notes: {"text": notes.TEXT},
    redaction_corrections: {"text": corrections.TEXT},
    intake_items: {"given": GIVEN},
}
"""All encrypted columns, and what their values are bound to."""

AT_ONCE = 200
"""Rows of one transaction: a row may be a letter of megabytes."""

BEGUN, DONE = "keys_renew_begun", "keys_renewed"
"""The acts as the log names them."""

SECONDS = 5.0
"""How long to wait for others to let go: a server notices a closed connection a moment later."""

Told = Callable[[int, int], None]
"""Told after each lot: values looked at, values in all."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What came of it. `values`: encrypted anew by this run; `looked_at`: all there are.

    `went_on`: an earlier run, or somebody, had changed the key files. `failed`: values that no key
    opens; while there are any, the renewal is unfinished.
    """

    values: int
    looked_at: int
    went_on: bool
    older: tuple[OlderKey, ...]
    failed: tuple[str, ...]

    @property
    def finished(self) -> bool:
        return not self.failed


def renew(home: Home, actor: str, told: Told) -> Renewal:
    """Encrypt every value with a new key, or finish a renewal. Nobody else may use the office.

    Interrupted: call it again. Raises DatabaseBusy while others are at work, KeysMissing when no
    key opens what is there, BadValue where key files can't be changed, StoreFull.
    """
    with _only_one(home) as database:
        with database.read() as session:
            require_keys(session, home.keys)
            require_fitting(session, home.keys)
            went_on = is_unfinished(session)
        if not went_on:
            database.keys = change_key(home.keys)
        keys = database.keys
        with database.write() as session:
            begun = {"key": keys.names[0], "older": list(keys.names[1:])}
            audit.write(session, actor, BEGUN, COLUMNS, begun)
        done = _encrypt_anew(database, told)
        if not done.failed:
            with database.write() as session:
                ended = {"key": keys.names[0], "values": done.values}
                audit.write(session, actor, DONE, COLUMNS, ended)
    return Renewal(done.values, done.looked_at, went_on, keys.older, tuple(done.failed))


@contextmanager
def _only_one(home: Home) -> Iterator[Database]:
    """The office, while no other process has it open: not on other machines either, where they
    share a database on a server."""
    settings = home.settings
    database = open_database(
        home.database_url, read_keys(home.keys), wait_seconds=settings.database_wait_seconds
    )
    try:
        database.require_ready()
        until = time.monotonic() + SECONDS
        while True:
            with database.alone(OFFICE) as mine:
                if mine:
                    database.keys = read_keys(home.keys)  # they may be another run's new ones
                    yield database
                    return
            if time.monotonic() > until:
                raise DatabaseBusy(
                    f"others are at work on {database.place}: stop 'petitions serve', 'work' and "
                    "every other command, on all machines, then try again"
                )
            time.sleep(0.1)
    finally:
        database.close()


@dataclass(slots=True)
class _Done:
    values: int
    looked_at: int
    failed: list[str]


def _encrypt_anew(database: Database, told: Told) -> _Done:
    with database.read() as session:
        total = sum(count_values(session).values())
    done = _Done(0, 0, [])
    for table in ENCRYPTED:
        after: tuple[Any, ...] | None = None
        while True:
            # Not lasting: what a power cut takes back is encrypted with a key that is there, and
            # the entry at the end is lasting, with all before it.
            with database.write(lasting=False) as session:
                rows = _lot(session, table, after)
                _renew_lot(session, table, rows, done)
            if not rows:
                break
            after = tuple(rows[-1][: len(table.primary_key)])
            told(done.looked_at, total)
    return done


def _renew_lot(session: Session, table: Table, rows: Sequence[Row[Any]], done: _Done) -> None:
    changed = []
    for row in rows:
        values, anew = row._asdict(), False
        for name, purpose in ENCRYPTED[table].items():
            blob = values[name]
            if blob is None:
                continue
            done.looked_at += 1
            try:
                renewed = _renewed(session.keys, purpose, blob)
            except Damaged:
                key = ", ".join(str(values[one.name]) for one in table.primary_key)
                done.failed.append(f"{table.name}.{name} of {key}")
                continue
            if renewed is not None:
                values[name], anew = renewed, True
                done.values += 1
        if anew:
            changed.append({f"the_{name}": value for name, value in values.items()})
    if changed:
        change = update(table).values({name: bindparam(f"the_{name}") for name in ENCRYPTED[table]})
        for one in table.primary_key:
            change = change.where(one == bindparam(f"the_{one.name}"))
        session.connection.execute(change, changed)


def _renewed(keys: Keys, purpose: str, blob: bytes) -> bytes | None:
    if purpose == changes.CONTENT:
        return changes.renewed_version(keys, blob)
    return keys.renewed(purpose, blob)


def _lot(session: Session, table: Table, after: tuple[Any, ...] | None) -> Sequence[Row[Any]]:
    """The next rows by key that hold encrypted values: their key, then those values."""
    keys = list(table.primary_key)
    columns = [table.c[name] for name in ENCRYPTED[table]]
    wanted = select(*keys, *columns).where(or_(*(one.is_not(None) for one in columns)))
    if after is not None:
        wanted = wanted.where(tuple_(*keys) > tuple_(*after))
    return session.connection.execute(wanted.order_by(*keys).limit(AT_ONCE)).all()


def count_values(session: Session) -> dict[str, int]:
    """Encrypted values by column."""
    counts: dict[str, int] = {}
    for table, names in ENCRYPTED.items():
        wanted = select(*(func.count(table.c[name]).label(name) for name in names))
        row = session.connection.execute(wanted).one()
        counts |= {f"{table.name}.{name}": int(getattr(row, name)) for name in names}
    return counts


def is_unfinished(session: Session) -> bool:
    """Whether values may be encrypted with older keys, so that `renew` has to go on."""
    if not session.keys.older:
        return False
    last = _last(session, DONE)
    return last is None or last["key"] != session.keys.names[0]


def require_keys(session: Session, folder: Path) -> None:
    """Raises KeysMissing where the log knows of keys that these files lack."""
    begun, known = _last(session, BEGUN), set(session.keys.names)
    if begun is None:
        return
    if begun["key"] not in known:
        raise KeysMissing(
            f"{folder / COLUMNS} is not the key that this office was given by 'petitions keys "
            f"renew': bring {COLUMNS} and its older ones from the machine or place that has them"
        )
    done = _last(session, DONE)
    if (done is None or done["key"] != begun["key"]) and not set(begun["older"]) <= known:
        raise KeysMissing(
            f"an older key is missing in {folder} (columns-1.key, …), and 'petitions keys renew' "
            "did not end: put it back, then run that again"
        )


def require_fitting(session: Session, folder: Path) -> None:
    """Raises KeysMissing where no key opens any of the values that each column begins with."""
    found = [session.keys.opening(purpose, blob) for purpose, blob in _samples(session)]
    if found and all(place is None for place in found):
        raise KeysMissing(
            f"no key in {folder} opens what is encrypted in the database: put the {COLUMNS} of "
            "this office back; where it was replaced by hand, it belongs there as columns-1.key"
        )


def _samples(session: Session) -> Iterator[tuple[str, bytes]]:
    """The first value of every column, by key."""
    for table, names in ENCRYPTED.items():
        for name, purpose in names.items():
            column: Column[Any] = table.c[name]
            wanted = select(column).where(column.is_not(None)).order_by(*table.primary_key)
            if (blob := session.connection.execute(wanted.limit(1)).scalar()) is not None:
                yield purpose, blob


def _last(session: Session, action: str) -> dict[str, Any] | None:
    """The details of the newest entry of an act on the keys."""
    kept = audit_entries.c
    wanted = select(kept.entry).where(kept.object_id == COLUMNS, kept.action == action)
    entry = session.connection.execute(wanted.order_by(kept.seq.desc()).limit(1)).scalar()
    return None if entry is None else dict(json.loads(entry)["details"])


def idle_keys(session: Session) -> tuple[str, ...]:
    """Files of keys that open no value and no question of the log."""
    keys = session.keys
    files = [COLUMNS, *(one.file for one in keys.older)]
    unseen = set(range(len(files)))
    with closing(_everything(session)) as everything:
        for purpose, blob in everything:
            place = keys.opening(purpose, blob)
            if place is not None:
                unseen.discard(place)
            if not unseen:
                break
    return tuple(files[place] for place in sorted(unseen))


def _everything(session: Session) -> Generator[tuple[str, bytes], None, None]:
    """Values and questions, those first that tell most keys apart."""
    yield from _samples(session)
    kept = audit_entries.c
    asked = select(kept.entry).where(kept.entry.like('%"query":"%')).order_by(kept.seq)
    with session.connection.execute(asked.execution_options(yield_per=1000)) as found:
        for entry in found.scalars():
            blob = json.loads(entry)["details"].get("query")
            if blob is not None:
                yield audit.QUERY, base64.b64decode(blob)
    for table, names in ENCRYPTED.items():
        after: tuple[Any, ...] | None = None
        while rows := _lot(session, table, after):
            for row in rows:
                values = row._asdict()
                yield from (
                    (purpose, values[name]) for name, purpose in names.items() if values[name]
                )
            after = tuple(rows[-1][: len(table.primary_key)])


def keys_of_values(session: Session) -> tuple[str, ...]:
    """Names of the keys that the database's values may be encrypted with."""
    return session.keys.names if is_unfinished(session) else session.keys.names[:1]
