"""The chain of the log, in bytes: how an entry is written, and how a log is followed.

An entry is canonical JSON (sorted keys, ASCII, no blanks); `hash = SHA-256(0x00 ‖ entry)`, and the
next entry's `previous` is that hash. Here is no database and no file: whatever holds a log hands
in its bytes, and they are written anew and compared, so that nothing has two spellings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from records.errors import BadValue

START: Final = "0" * 64
"""What stands as `previous` in the first entry."""

FIELDS: Final = ("action", "actor", "at", "details", "object", "previous", "seq")
NO_ENTRY: Final = "it is no longer an entry"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`faults`: (entry's number, what is wrong with it), in order; empty when all is intact.

    `entries`, `head`: how many were read and the last hash. `hashes`: those of the entries that
    were asked for, by number. A log that was replaced as a whole by an older one is intact in
    itself: checkpoints kept elsewhere show it (`records.audit_checkpoints`).
    """

    entries: int
    head: str
    faults: tuple[tuple[int, str], ...]
    hashes: Mapping[int, str] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        return not self.faults


def canonical(
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    object_id: str | None,
    details: Mapping[str, Any],
    previous: str,
) -> str:
    """The bytes that are hashed, as ASCII text. Raises BadValue for details JSON can't hold."""
    try:
        return encoded(
            {
                "action": action,
                "actor": actor,
                "at": at.isoformat(timespec="microseconds"),
                "details": details,
                "object": object_id,
                "previous": previous,
                "seq": seq,
            }
        )
    except (TypeError, ValueError) as error:
        raise BadValue(f"audit details of {action!r} must be JSON: {error}") from error


def encoded(value: Mapping[str, Any]) -> str:
    """Canonical JSON. Raises TypeError, ValueError."""
    return _ENCODER.encode(value)


def decoded(line: bytes, fields: tuple[str, ...]) -> dict[str, Any] | None:
    """An object with exactly these fields, in this order; None where one byte is not canonical."""
    try:
        held = _DECODER.decode(line.decode("ascii"))
        canonical_ = isinstance(held, dict) and encoded(held).encode("ascii") == line
    except (ValueError, TypeError, RecursionError):
        return None
    return held if canonical_ and tuple(held) == fields else None


def entry_hash(entry: str | bytes) -> str:
    """SHA-256 over 0x00 and the entry."""
    content = entry.encode() if isinstance(entry, str) else entry
    return hashlib.sha256(b"\x00" + content).hexdigest()


@dataclass(slots=True)
class Chain:
    """A log, followed entry by entry: where it stands, and what was wrong up to there.

    `last`, `head`: number and hash of the last entry. `wanted`: the numbers whose hashes are kept.
    """

    wanted: Collection[int] = ()
    last: int = 0
    head: str = START
    count: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=lambda: {0: START})

    def follow(self, entry: bytes, number: int | None = None) -> dict[str, Any] | None:
        """Take the next entry; what it says, None if nothing. `number`: under which it is stored;
        without one, as it says itself."""
        held = decoded(entry, FIELDS)
        said = held["seq"] if held is not None and type(held["seq"]) is int else None
        if number is None:
            number = self.last + 1 if said is None else said
        self.count += 1
        if number > self.last + 1:
            self.fault(number, f"entries from number {self.last + 1} on are missing before it")
        elif number <= self.last:
            self.fault(number, f"it stands after entry {self.last}")
        if held is None or said is None:
            self.fault(number, NO_ENTRY)
        elif held["previous"] != self.head:
            self.fault(number, "it does not follow the entry before it")
        elif said != number:
            self.fault(number, f"it is stored as {number}, but says that it is {said}")
        self.last, self.head = number, entry_hash(entry)
        if number in self.wanted:
            self.hashes[number] = self.head
        return held

    def fault(self, number: int, told: str) -> None:
        self.faults.append((number, told))

    def report(self) -> AuditReport:
        return AuditReport(self.count, self.head, tuple(self.faults), self.hashes)
