"""Checkpoints: signed words of what the log was at a moment, to be kept where the office is not.

A log that was replaced as a whole by an older one, or written anew, is intact in itself; only what
was kept elsewhere shows it. A checkpoint is a line of canonical JSON: how many entries, the hash
of the last one, the time, whose log, and an Ed25519 signature over all of it. The hash of the last
entry stands for all before it, as in every chain: who checks has the whole log at hand anyway, so
that a tree, whose proofs do without, would prove nothing more (ADR 10).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from records.audit_chain import AuditReport, decoded, encoded
from records.audit_signer import public_key
from records.errors import BadValue, Damaged
from records.keys import Keys
from records.times import now

FIELDS: Final = ("at", "entries", "head", "key", "origin", "signature")
PURPOSE: Final = b"petitions audit checkpoint\n"
"""Stands before what is signed, so that no other signature can be taken for a checkpoint's."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`entries`: the number of the last entry; `head`: its hash; `at`: ISO time in UTC.

    `key`, `signature`: Ed25519, the public key of 32 bytes and 64 bytes, hexadecimal. `origin`:
    the same for all of an office. `where`: file and line that it was read from.
    """

    at: str
    entries: int
    head: str
    key: str
    origin: str
    signature: str = ""
    where: str = ""

    def signed(self) -> bytes:
        """What the signature is over."""
        return PURPOSE + encoded({name: getattr(self, name) for name in FIELDS[:-1]}).encode()

    def line(self) -> bytes:
        """As it is kept, without the line's end."""
        return encoded({name: getattr(self, name) for name in FIELDS}).encode()


def origin(keys: Keys) -> str:
    """The name of an office in its checkpoints: its own as long as it has its keys."""
    return keys.hash("audit.origin", "")[:32]


def make_checkpoint(signer: Ed25519PrivateKey, origin: str, entries: int, head: str) -> Checkpoint:
    """Sign what the log is now."""
    said = Checkpoint(
        at=now().isoformat(timespec="seconds"),
        entries=entries,
        head=head,
        key=public_key(signer),
        origin=origin,
    )
    signature = signer.sign(said.signed()).hex()
    return Checkpoint(said.at, entries, head, said.key, origin, signature)


def read_checkpoint(line: bytes, where: str) -> Checkpoint:
    """One line, strictly: it is written again and compared. Raises Damaged naming `where`."""
    held = decoded(line, FIELDS)
    texts = held is not None and all(
        isinstance(held[name], str) for name in FIELDS if name != "entries"
    )
    if held is None or not texts or type(held["entries"]) is not int:
        raise Damaged(f"{where} is no checkpoint any more: fetch it again from where it was kept")
    return Checkpoint(**held, where=where)


def read_checkpoints(path: Path) -> tuple[list[Checkpoint], list[str]]:
    """The checkpoints of a file, one a line, and what is wrong with the other lines.

    Raises Damaged where there is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Damaged(
            f"{path} can't be read ({error.strerror}): name a file of checkpoints"
        ) from error
    found, faults = [], []
    if content and not content.endswith(b"\n"):
        faults.append(f"{path} ends within a line: fetch it again from where it was kept")
    lines = content.removesuffix(b"\n").split(b"\n") if content else []
    for number, line in enumerate(lines, 1):
        try:
            found.append(read_checkpoint(line, f"{path}, line {number}"))
        except Damaged as error:
            faults.append(str(error))
    return found, faults


def keep(path: Path, checkpoint: Checkpoint) -> None:
    """Add a checkpoint to a file; it is on the disk then. Raises Damaged, BadValue."""
    try:
        held = path.read_bytes() if path.exists() else b""
        if held and not held.endswith(b"\n"):
            raise Damaged(f"{path} ends within a line: take that line out, then try again")
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(checkpoint.line() + b"\n")
            os.fsync(file.fileno())
    except OSError as error:
        raise BadValue(
            f"{path} can't be written to ({error.strerror}): name another file"
        ) from error


def against(
    report: AuditReport, checkpoints: Sequence[Checkpoint], trusted: Iterable[str], origin: str
) -> list[str]:
    """What the checkpoints say against a log, or against themselves; empty when all agree.

    `report` holds the hashes of their entries; `trusted`: public keys, hexadecimal.
    """
    keys, faults = frozenset(trusted), []
    agreeing = [one.entries for one in checkpoints if report.hashes.get(one.entries) == one.head]
    after = f"after entry {max(agreeing)}" if agreeing else "from its beginning"
    for one in checkpoints:
        fault = _fault(one, keys, origin)
        if fault is None and one.entries not in report.hashes:
            fault = (
                f"it covers {one.entries} entries, the log has {report.entries}: its end was cut "
                "off, or an older copy took its place"
            )
        elif fault is None and report.hashes[one.entries] != one.head:
            fault = (
                f"entry {one.entries} is not the one that was signed: the log was written anew "
                f"{after}"
            )
        if fault is not None:
            faults.append(f"{one.where}, of {one.at}: {fault}")
    return faults


def _fault(checkpoint: Checkpoint, trusted: frozenset[str], origin: str) -> str | None:
    if checkpoint.key not in trusted:
        return "it is signed by a key that is not known here: name its public key with --key"
    try:
        signature = bytes.fromhex(checkpoint.signature)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.key)).verify(
            signature, checkpoint.signed()
        )
    except (InvalidSignature, ValueError):
        return "its signature does not fit: it was changed"
    if signature.hex() != checkpoint.signature:
        return "its signature is not written as this program writes it: it was changed"
    return None if checkpoint.origin == origin else "it is of another office"
