"""A backup of an office: database, originals, and a sealed manifest that names and hashes them.

    TARGET/originals/ab/cd/…      files as they came, once for all backups
    TARGET/2026-03-01T020000Z/    one backup: dump, list of originals, manifest
    TARGET/.coming-…              one that was interrupted; the next backup removes it

The indexes are not in it: they follow from the records. The keys are not in it either: with them
beside the database its encryption would protect nothing.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from records import audit
from records.database import Database
from records.dumps import FORMATS, Contents, dump, kind_of
from records.errors import Damaged, OriginalMissing, RecordsError, StoreFull
from records.home import Home
from records.keys import COLUMNS, LOOKUP, Keys, older_files, put_key, read_keys
from records.originals import PASSING, Originals
from records.renewal import keys_of_values
from records.syncing import sync_folder
from records.times import now

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
LIST: Final = "originals.txt"
STORE: Final = "originals"
_SEAL = "backup.manifest"

Told = Callable[[str, int, int], None]
"""Told now and then: at what, how much is done, of how much."""


class BackupRefused(RecordsError):
    """A backup that can't be made or used; the message names the file and the remedy."""

    code = "backup_refused"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`lacking`: originals that were missing or damaged in the office when it was made.

    `keys`: names of the keys that the database's values may be encrypted with, the present one
    first; empty in format 1, which knew of one key alone.
    """

    made_at: str
    kind: str
    database_sha256: str
    database_size: int
    list_sha256: str
    tables: dict[str, int]
    migration: str
    audit_entries: int
    audit_head: str
    originals: int
    originals_bytes: int
    lacking: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    format: int = FORMAT
    seal: str = ""

    def sealed(self, keys: Keys) -> Manifest:
        return replace(self, seal=keys.hash(_SEAL, self._said()))

    def is_sealed(self, keys: Keys) -> bool:
        return self.seal == keys.hash(_SEAL, self._said())

    def _said(self) -> str:
        said = asdict(replace(self, seal=""))
        if self.format == 1:
            del said["keys"]
        return json.dumps(said, sort_keys=True)

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class Made:
    """`copied`: originals that no earlier backup had."""

    folder: Path
    manifest: Manifest
    copied: int


def back_up(home: Home, database: Database, target: Path, actor: str, told: Told) -> Made:
    """Make one backup in `target`, while the office goes on working.

    It stands in the log, that of the backup too; where it can't, nothing is copied. Raises
    BackupRefused, and what `dump` raises; then no new backup is there.
    """
    _refuse_inside(home, target)
    with _alone(target):
        for left in target.glob(f"{PASSING}*"):
            shutil.rmtree(left)
        kept = Originals(target / STORE)
        kept.clear_passing()
        name = now().strftime("%Y-%m-%dT%H%M%SZ")
        while (target / name).exists():
            name += "+"  # a second backup within one second
        with database.write() as session:
            audit.write(session, actor, "backup", details={"name": name})
            keys = keys_of_values(session)
        folder = target / f"{PASSING}{name}"
        folder.mkdir(mode=0o700)
        kind = kind_of(home.database_url)
        dumped = folder / FORMATS[kind]
        contents = dump(
            database,
            home.database_url,
            dumped,
            lambda done, total: told("database", done, total),
        )
        sizes, copied, lacking = _copy_originals(
            contents.originals, Originals(home.originals), kept, told
        )
        listed = "".join(f"{sha256} {size}\n" for sha256, size in sorted(sizes.items()))
        (folder / LIST).write_text(listed, "ascii")
        manifest = _manifest(contents, kind, folder, sizes, lacking, keys).sealed(database.keys)
        (folder / MANIFEST).write_text(manifest.text(), "utf-8")
        _sync(folder)
        folder.rename(target / name)
        sync_folder(target)
    return Made(target / name, manifest, copied)


def back_up_keys(home: Home, to: Path, target: Path, *, beside: bool) -> None:
    """Copy the keys to a place of their own. Raises BackupRefused where that is the target's,
    unless `beside`, or where other keys lie there."""
    if not beside and _one_in_the_other(to, target):
        raise BackupRefused(
            f"{to} lies with the backup {target}: whoever has both reads every name; "
            "choose a place apart, or say --keys-beside"
        )
    copy_keys(read_keys(home.keys), to)


def copy_keys(keys: Keys, to: Path) -> None:
    """Write the key files. Those that are there stay, but for a present key that is an older one by
    now: then the older ones come first. Raises BackupRefused where other keys lie there."""
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = {one.file: one.key for one in reversed(keys.older)}
    wanted |= {LOOKUP: keys.lookup, COLUMNS: keys.columns}
    there = {path.name: path.read_bytes() for path in to.glob("*.key") if path.name in wanted}
    others = {path.name: path.read_bytes() for path in older_files(to).values()} | there
    for name, key in others.items():
        outdated = name == COLUMNS and key in keys.all
        if wanted.get(name) != key and not outdated:
            raise BackupRefused(
                f"{to / name} is the key of another office, or younger than this one's; choose "
                "another folder"
            )
    for name, key in wanted.items():
        if there.get(name) != key:
            put_key(to / name, key)


def file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _manifest(
    contents: Contents,
    kind: str,
    folder: Path,
    sizes: dict[str, int],
    lacking: Sequence[str],
    keys: tuple[str, ...],
) -> Manifest:
    dumped = folder / FORMATS[kind]
    return Manifest(
        made_at=now().isoformat(timespec="seconds"),
        kind=kind,
        database_sha256=file_hash(dumped),
        database_size=dumped.stat().st_size,
        list_sha256=file_hash(folder / LIST),
        tables=dict(contents.tables),
        migration=contents.migration,
        audit_entries=contents.audit_entries,
        audit_head=contents.audit_head,
        originals=len(sizes),
        originals_bytes=sum(sizes.values()),
        lacking=tuple(sorted(lacking)),
        keys=keys,
    )


def _copy_originals(
    named: Sequence[str], office: Originals, kept: Originals, told: Told
) -> tuple[dict[str, int], int, list[str]]:
    """Sizes of all that the backup holds, how many were new, and which can't be had."""
    sizes: dict[str, int] = {}
    new: dict[str, int] = {}
    lacking = []
    for sha256 in named:
        held, ours = _size(kept.path(sha256)), _size(office.path(sha256))
        if held is not None and ours in (None, held):
            sizes[sha256] = held
        elif ours is not None:
            new[sha256] = ours
        else:
            lacking.append(sha256)
    done, total = 0, sum(new.values())
    for sha256, size in new.items():
        try:
            with office.open(sha256) as stream:
                sizes[sha256] = kept.put(stream).size
        except (Damaged, OriginalMissing):
            lacking.append(sha256)
        done += size
        told(STORE, done, total)
    return sizes, len(new.keys() & sizes.keys()), lacking


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _refuse_inside(home: Home, target: Path) -> None:
    if _one_in_the_other(home.path, target):
        raise BackupRefused(
            f"{target} and the office {home.path} lie in one folder and would be lost together; "
            "choose a place on another disk"
        )


def _one_in_the_other(one: Path, other: Path) -> bool:
    one, other = one.resolve(), other.resolve()
    return one == other or one in other.parents or other in one.parents


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One backup at a time in a target; a dead one holds nobody up."""
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(target / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupRefused(f"{target} can't be written to ({error.strerror})") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(f"another backup is being made in {target}; wait for it") from error
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"no room left in {target}: free space and try again") from error
        raise
    finally:
        os.close(lock)


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def manifest_of(folder: Path) -> Manifest:
    """Read a manifest; its seal is not checked. Raises BackupRefused naming the file."""
    path = folder / MANIFEST
    try:
        held: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if held["format"] > FORMAT:
            raise BackupRefused(
                f"{path} is of format {held['format']}, this program knows {FORMAT}: "
                "install the newer program"
            )
        lists = {name: tuple(held.get(name, ())) for name in ("lacking", "keys")}
        return Manifest(**held | lists)
    except FileNotFoundError as error:
        raise BackupRefused(f"{path} is missing: {folder} is no whole backup") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BackupRefused(f"{path} is damaged or was changed: use another backup") from error
