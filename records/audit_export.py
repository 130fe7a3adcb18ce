"""The log as a file for those who check it elsewhere: its entries one a line, then a checkpoint.

Each line is the entry byte by byte as it is stored. The checkpoint at the end covers them all, so
that a file that was cut off is found. `deploy/verify_audit.py` reads it with Python alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from records import audit
from records.audit_chain import AuditReport, Chain
from records.audit_checkpoints import (
    Checkpoint,
    against,
    make_checkpoint,
    origin,
    read_checkpoint,
)
from records.database import Database
from records.errors import BadValue, Damaged


def export_log(database: Database, signer: Ed25519PrivateKey, to: Path, actor: str) -> AuditReport:
    """Write the log into the new file `to`; what was found when it was read.

    The export stands in the log itself, and without that entry there is none. A log that is not
    intact is written as it is, as evidence, but never signed. Raises BadValue naming the file.
    """
    try:
        file = os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise BadValue(f"{to} can't be made ({error.strerror}): name a new file") from error
    try:
        with file:
            with database.write() as session:
                audit.write(session, actor, "audit_export")
            with database.read() as session:
                report = audit.verify(session)
                file.writelines(line + b"\n" for line in audit.lines(session))
            if report.intact:
                name = origin(database.keys)
                end = make_checkpoint(signer, name, report.entries, report.head)
                file.write(end.line() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        to.unlink()
        raise
    return report


def verify_export(
    path: Path, checkpoints: Sequence[Checkpoint], trusted: Iterable[str]
) -> tuple[AuditReport, list[str]]:
    """Read an exported log and recompute it; what the checkpoints, its own first, say against it.

    Raises BadValue where there is no such file.
    """
    try:
        with path.open("rb") as file:
            return verify_lines(file, str(path), checkpoints, trusted)
    except OSError as error:
        raise BadValue(f"{path} can't be read ({error.strerror}): name an exported log") from error


def verify_lines(
    lines: Iterable[bytes],
    where: str,
    checkpoints: Sequence[Checkpoint],
    trusted: Iterable[str],
    chain: Chain | None = None,
) -> tuple[AuditReport, list[str]]:
    """The same for lines with their ends, from where `chain` stands."""
    chain = chain or Chain()
    chain.wanted = {one.entries for one in checkpoints}
    last = b""
    for line in lines:
        if last:
            chain.follow(last.removesuffix(b"\n"))
        last = line
    chain.hashes[chain.last] = chain.head
    report = chain.report()
    try:
        if not last.endswith(b"\n"):
            raise Damaged(f"{where} was cut off: fetch it again from where it was kept")
        end = read_checkpoint(last.removesuffix(b"\n"), f"{where}, last line")
    except Damaged as error:
        name = checkpoints[0].origin if checkpoints else ""
        return report, [str(error), *against(report, checkpoints, trusted, name)]
    faults = against(report, [end, *checkpoints], trusted, end.origin)
    if end.entries != chain.last:
        faults.append(f"{end.where}: it is of entry {end.entries}, the file ends at {chain.last}")
    return report, faults
