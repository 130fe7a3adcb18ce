"""How long to wait after wrong sign-ins: longer each time, for a name and for an address, never for
good. What is counted are keyed hashes, so that nothing here names anybody."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update

from records.database import Session, insert_unless_known
from records.tables import sign_in_failures

FORGET = timedelta(hours=24)
FORGIVE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """What attempts are counted for. `free`: attempts before waits begin; `forgives`: one attempt
    is forgotten each minute in which nothing is tried (else all after a day, or at success)."""

    hash: str
    free: int
    forgives: bool = False


def network_of(address: str) -> str:
    """What one person may choose freely counts as one: of IPv6 the first 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def count_attempt(
    session: Session, subjects: tuple[Subject, ...], longest_wait: int, moment: datetime
) -> int:
    """Count an attempt for each subject, or for none: the seconds until one may be made (0: now).

    Subjects are locked in their order; callers must agree on it.
    """
    kept = sign_in_failures.c
    session.connection.execute(delete(sign_in_failures).where(kept.wait_until < moment - FORGET))
    rows = [_locked(session, subject, moment) for subject in subjects]
    due = max(((row.wait_until - moment).total_seconds() for row in rows), default=0.0)
    if due > 0:
        return math.ceil(due)
    for subject, row in zip(subjects, rows, strict=True):
        quiet = (moment - row.wait_until).total_seconds()
        forgiven = int(quiet // FORGIVE_SECONDS) if subject.forgives else 0
        failures = max(row.failures - forgiven, 0) + 1
        beyond = failures - subject.free
        seconds = min(2 ** min(beyond, 30), longest_wait) if beyond >= 0 else 0
        session.connection.execute(
            update(sign_in_failures)
            .where(kept.subject_hash == subject.hash)
            .values(failures=failures, wait_until=moment + timedelta(seconds=seconds))
        )
    return 0


def forget(session: Session, subject: Subject, moment: datetime) -> None:
    """After success: a name begins anew; of an address only this attempt is taken back, and the
    wait that it alone began, so that whoever has one right password can't go on guessing at others.
    """
    kept = sign_in_failures.c
    counted = kept.subject_hash == subject.hash
    if not subject.forgives:
        session.connection.execute(delete(sign_in_failures).where(counted))
        return
    session.connection.execute(
        update(sign_in_failures)
        .where(counted, kept.failures > 0, kept.failures <= subject.free)
        .values(wait_until=moment)
    )
    session.connection.execute(
        update(sign_in_failures)
        .where(counted, kept.failures > 0)
        .values(failures=kept.failures - 1)
    )


def _locked(session: Session, subject: Subject, moment: datetime) -> Row[Any]:
    first = {"subject_hash": subject.hash, "failures": 0, "wait_until": moment}
    insert_unless_known(session, sign_in_failures, [first])
    return session.connection.execute(
        select(sign_in_failures)
        .where(sign_in_failures.c.subject_hash == subject.hash)
        .with_for_update()
    ).one()
