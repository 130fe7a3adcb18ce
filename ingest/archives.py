"""Zip archives, unpacked as if the sender meant harm: limits hold while reading, not after."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ingest.errors import Damaged, IngestError, Locked, UnsafeArchive, over_limit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.home import Settings

_CHUNK = 1 << 20
_RATIO_FLOOR = 1 << 20  # below this much unpacked, a high ratio harms nobody
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# What file managers put in beside the files.
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name with its folders, and where it was unpacked to or why not."""

    name: str
    path: Path | None
    error: IngestError | None = None


def unpack(path: Path, into: Path, settings: Settings, depth: int = 1) -> Iterator[Member]:
    """Unpack each member to a file of its own in `into`, under a number instead of its name.

    `depth` counts the archives around it, itself included. A member that can't be taken is given
    with its error, the others go on. Raises UnsafeArchive, TooLarge or Damaged where the archive
    as a whole is refused: nothing of it may then be kept.
    """
    if depth > settings.max_archive_depth:
        raise over_limit(f"archives inside archives, {depth} deep", settings, "max_archive_depth")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not _is_clutter(entry)]
            _check(entries, path.stat().st_size, settings)
            left = settings.max_archive_bytes
            for number, entry in enumerate(entries):
                name = member_name(entry)
                try:
                    taken = _take(archive, entry, into / f"{number:06d}", left, settings)
                except (Locked, Damaged) as error:
                    yield Member(name, None, error)
                    continue
                left -= taken.stat().st_size
                yield Member(name, taken)
    except zipfile.BadZipFile as error:
        raise Damaged(f"the archive is broken ({error})", "pack or send it again") from error


def member_name(entry: zipfile.ZipInfo) -> str:
    """The name as packed: Chinese Windows writes GB18030 where the format says code page 437."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _is_clutter(entry: zipfile.ZipInfo) -> bool:
    return (
        entry.is_dir()
        or entry.filename.startswith(_CLUTTER[0])
        or entry.filename.endswith(_CLUTTER[1:])
    )


def _check(entries: list[zipfile.ZipInfo], packed: int, settings: Settings) -> None:
    """What the directory says; it may lie, so `_take` counts again."""
    if len(entries) > settings.max_archive_entries:
        raise over_limit(f"{len(entries)} files in it", settings, "max_archive_entries")
    total = sum(entry.file_size for entry in entries)
    if total > settings.max_archive_bytes:
        raise over_limit(f"{total:,} bytes unpacked", settings, "max_archive_bytes")
    _check_ratio(total, packed, settings)
    spans: list[tuple[int, int]] = []
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in parts[0]:
            raise UnsafeArchive(
                f"the path {entry.filename!r} leads outside the archive",
                "do not trust it; ask the sender to pack the letters again",
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnsafeArchive(
                f"{entry.filename!r} is a link", "pack the file itself instead of a link to it"
            )
        spans.append((entry.header_offset, entry.header_offset + entry.compress_size))
    spans.sort()
    if any(before[1] > after[0] for before, after in pairwise(spans)):
        raise UnsafeArchive(
            "its files overlap, as in a zip bomb", "do not trust it; ask the sender for the letters"
        )


def _check_ratio(unpacked: int, packed: int, settings: Settings) -> None:
    if unpacked > _RATIO_FLOOR and unpacked > packed * settings.max_archive_ratio:
        raise UnsafeArchive(
            f"a zip bomb: it unpacks to {unpacked // max(packed, 1)} times its size",
            f"do not trust it; {settings.remedy('max_archive_ratio')} higher if it is genuine",
        )


def _take(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int, settings: Settings
) -> Path:
    if entry.flag_bits & _ENCRYPTED:
        raise Locked("it has a password", "unpack it and take in the files")
    size = 0
    try:
        with archive.open(entry) as packed, target.open("wb") as unpacked:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > left:
                    raise over_limit("too much unpacked", settings, "max_archive_bytes")
                _check_ratio(size, entry.compress_size, settings)
                unpacked.write(chunk)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Damaged(f"broken inside the archive ({error})", "pack or send it again") from error
    return target
