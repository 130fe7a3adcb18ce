"""An office from its backup: everything verified, nothing overwritten, goes on when interrupted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete

from records import audit
from records.backup import (
    LIST,
    MANIFEST,
    STORE,
    BackupRefused,
    Manifest,
    Told,
    copy_keys,
    file_hash,
    manifest_of,
)
from records.database import NEWEST, open_database, open_home
from records.dumps import FORMATS, count_rows, is_empty, kind_of, load
from records.errors import Damaged, KeysMissing, OriginalMissing
from records.home import Home
from records.keys import COLUMNS, NAMES, Keys, read_keys
from records.originals import Originals
from records.tables import followed_index, sign_ins

MARK = ".restoring"
"""A file in a home that is being restored; it names the backup."""

RESTORE = "restore"
"""The act as the log names it."""

_MAY_BE_THERE = {"lost+found", "originals", "indexes", "keys", "work"}


@dataclass(frozen=True, slots=True)
class Source:
    """A backup whose manifest, dump and list are what they were when it was made."""

    folder: Path
    manifest: Manifest
    keys: Keys
    keys_from: Path
    sizes: dict[str, int]

    @property
    def originals(self) -> Originals:
        return Originals(self.folder.parent / STORE)

    @property
    def dump(self) -> Path:
        return self.folder / FORMATS[self.manifest.kind]


def find_backup(source: Path, at: str | None = None) -> Path:
    """The newest whole backup in `source`, or the one of that name. Raises BackupRefused."""
    if at is not None:
        return source / at
    whole = sorted(path.parent for path in source.glob(f"[0-9]*/{MANIFEST}"))
    if not whole:
        raise BackupRefused(f"{source} holds no whole backup; name the folder given to 'backup'")
    return whole[-1]


def open_backup(folder: Path, keys_from: Path) -> Source:
    """Verify all but the originals. Raises BackupRefused naming what is wrong, KeysMissing."""
    manifest = manifest_of(folder)
    try:
        keys = read_keys(keys_from)
    except KeysMissing as error:
        raise KeysMissing(
            f"no keys in {keys_from}: name the folder that holds {' and '.join(NAMES)} "
            f"with --keys-from ({error})"
        ) from error
    if not manifest.is_sealed(keys):
        raise BackupRefused(
            f"{folder / MANIFEST} was changed, or the keys in {keys_from} are of another office: "
            "use the keys of this office, or another backup"
        )
    if not set(manifest.keys) <= set(keys.names):
        which = "an older key" if manifest.keys[0] in keys.names else f"the {COLUMNS}"
        raise BackupRefused(
            f"{folder} was made with {which} that is not in {keys_from}: name the folder with the "
            "keys of that time, or with later ones and their older ones (columns-1.key, …), "
            "with --keys-from"
        )
    if manifest.migration > NEWEST:
        raise BackupRefused(
            f"{folder} was made by a newer program (tables {manifest.migration}, this one knows "
            f"{NEWEST}): install that one"
        )
    _require_file(folder / LIST, manifest.list_sha256)
    _require_file(folder / FORMATS[manifest.kind], manifest.database_sha256)
    lines = (folder / LIST).read_text("ascii").splitlines()
    sizes = {sha256: int(size) for sha256, _, size in (line.partition(" ") for line in lines)}
    return Source(folder, manifest, keys, keys_from, sizes)


def verify_originals(source: Source, told: Told) -> list[str]:
    """Read every original of a backup; a line for each that is missing or was changed."""
    faults = []
    done, total = 0, sum(source.sizes.values())
    for sha256, size in source.sizes.items():
        try:
            source.originals.open(sha256).close()
        except (Damaged, OriginalMissing) as error:
            faults.append(_fault(source, sha256, error))
        done += size
        told(STORE, done, total)
    return faults


def restore(
    source: Source, home: Home, actor: str, told: Told, *, leave_damaged: bool = False
) -> list[str]:
    """Fill an empty home, and an empty database; a line for each original left out.

    The log goes on with an entry that says so. Interrupted: call it again. Raises BackupRefused
    before anything is changed where home or database hold something, or where originals are
    missing; when a damaged one is met, after the sound ones were copied and before the database
    is. `leave_damaged` restores all others.
    """
    goes_on = _goes_on(home, source)
    if not goes_on:
        _require_empty(home, source)
    database = open_database(home.database_url, source.keys)
    try:
        if kind_of(home.database_url) != source.manifest.kind:
            raise BackupRefused(
                f"{source.dump} is a {source.manifest.kind} database, PETITIONS_DATABASE_URL names "
                f"a {kind_of(home.database_url)} one: restore it there, then 'petitions move'"
            )
        empty = is_empty(home.database_url, database)
        if not empty and not goes_on:
            raise BackupRefused(
                "the database of PETITIONS_DATABASE_URL is not empty: name a new one, "
                "nothing is overwritten"
            )
        missing = [one for one in source.sizes if not source.originals.has(one)]
        if missing and not leave_damaged:
            raise BackupRefused(_complaint([_missing(source, one) for one in missing]))
        home.make()
        (home.path / MARK).write_text(str(source.folder.resolve()), "utf-8")
        left = _copy_originals(source, home, told)
        if left and not leave_damaged:
            raise BackupRefused(_complaint(left))
        if not (any(home.keys.glob("*.key")) and read_keys(home.keys).holds(source.keys)):
            copy_keys(source.keys, home.keys)
        if empty:
            rows = sum(source.manifest.tables.values())
            load(home.database_url, database, source.dump, rows, _about("database", told))
    finally:
        database.close()
    _require_same(source, home, actor)
    (home.path / MARK).unlink()
    return left


def _copy_originals(source: Source, home: Home, told: Told) -> list[str]:
    faults = []
    ours = Originals(home.originals)
    ours.clear_passing()
    done, total = 0, sum(source.sizes.values())
    for sha256, size in source.sizes.items():
        if not ours.has(sha256):  # else an interrupted run stored it, verified
            try:
                with source.originals.open(sha256) as stream:
                    ours.put(stream)
            except (Damaged, OriginalMissing) as error:
                faults.append(_fault(source, sha256, error))
        done += size
        told(STORE, done, total)
    return faults


def _require_same(source: Source, home: Home, actor: str) -> None:
    """Counts as they were, the audit whole and ending where it ended; sign-ins are over."""
    said = source.manifest
    plain = open_database(home.database_url, source.keys)
    try:
        with plain.read() as session:
            counted = count_rows(session.connection)
            after = audit.entries(session, after=said.audit_entries, limit=1)
    finally:
        plain.close()
    if [one.action for one in after] == [RESTORE]:
        return  # an interrupted run came as far as this
    if counted != said.tables:
        raise BackupRefused(f"{source.dump} gave {counted} rows, its manifest says {said.tables}")
    database = open_home(home)  # changes old tables to those of this program
    try:
        with database.read() as session:
            report = audit.verify(session)
        if not report.intact:
            raise BackupRefused(f"{source.dump}: the log of acts is broken: {report.faults[:3]}")
        if (report.entries, report.head) != (said.audit_entries, said.audit_head):
            raise BackupRefused(f"{source.dump}: the log of acts ends elsewhere than its manifest")
        with database.write() as session:
            # Whoever signed out since must not be in again; and an index that is still there
            # followed the office as it was later.
            session.connection.execute(delete(sign_ins))
            session.connection.execute(delete(followed_index))
            told = {"name": source.folder.name, "made_at": said.made_at}
            audit.write(session, actor, RESTORE, details=told)
    finally:
        database.close()


def _goes_on(home: Home, source: Source) -> bool:
    """Whether an interrupted run of the same restore left what is in the home."""
    mark = home.path / MARK
    return mark.exists() and mark.read_text("utf-8") == str(source.folder.resolve())


def _require_empty(home: Home, source: Source) -> None:
    """Keys may be there already, where they are handed in by others; no file else."""
    for path in sorted(home.path.iterdir()) if home.path.exists() else ():
        held = path.name not in _MAY_BE_THERE or not path.is_dir()
        if held or (path.name != "keys" and _holds_files(path)):
            raise BackupRefused(
                f"{home.path} is not empty ({path.name}): restore into a new home, "
                "nothing is overwritten"
            )
    if any(home.keys.glob("*.key")) and not read_keys(home.keys).holds(source.keys):
        raise BackupRefused(
            f"{home.keys} holds the keys of another office, or not all of {source.keys_from}: "
            "move them away"
        )


def _holds_files(folder: Path) -> bool:
    return any(names for _, _, names in os.walk(folder))


def _require_file(path: Path, sha256: str) -> None:
    try:
        found = file_hash(path)
    except FileNotFoundError as error:
        raise BackupRefused(f"{path} is missing: use another backup") from error
    if found != sha256:
        raise BackupRefused(f"{path} was damaged or changed: use another backup")


def _about(what: str, told: Told) -> Callable[[int, int], None]:
    return lambda done, total: told(what, done, total)


def _missing(source: Source, sha256: str) -> str:
    return f"{source.originals.path(sha256)} is missing"


def _fault(source: Source, sha256: str, error: Exception) -> str:
    if isinstance(error, OriginalMissing):
        return _missing(source, sha256)
    return f"{source.originals.path(sha256)} was damaged or changed"


def _complaint(faults: list[str]) -> str:
    more = f"\n  … and {len(faults) - 20} more" if len(faults) > 20 else ""
    return (
        f"{len(faults)} originals of the backup are not sound; put sound copies there and run it "
        "again, or restore the others with --leave-damaged:\n  " + "\n  ".join(faults[:20]) + more
    )
