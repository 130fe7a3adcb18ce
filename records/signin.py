"""Signing in, and the sessions that follow: kept here, so that they can be ended here."""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from records import audit
from records.database import Database, Session, insert_unless_known
from records.errors import BadValue, SignInRefused, TooManyAttempts
from records.home import Settings
from records.keys import normal_text
from records.tables import sign_in_failures, sign_ins, users
from records.times import now
from records.users import TOTP_SECRET, User, fitting_step, name_key, password_fits, user_by_id

REFUSED = "name, password or code are wrong"
TOUCH_SECONDS = 60
FORGET = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session begun: `token` (256 bits, kept here only as a hash) proves it until it ends."""

    token: str
    user: User
    expires_at: datetime


def authenticate(
    database: Database,
    name: str,
    password: str,
    code: str | None = None,
    settings: Settings | None = None,
) -> User:
    """The user whose name, password and second factor these are.

    Opens its own transactions: don't call it inside one. Raises SignInRefused, the same for every
    cause and after the same work, and TooManyAttempts while waiting is due: after
    `free_attempts` wrong ones the wait doubles from one second to `longest_wait_seconds`, for
    names without a user alike. A failure counts before the password is looked at, so that
    guessing in parallel gains nothing.
    """
    limits = settings or Settings()
    try:
        key = name_key(name)
    except BadValue:
        key = normal_text(name)[:200]
    with database.write() as session:
        name_hash = session.keys.hash("sign_in.name", key)
        wait = _count_attempt(session, name_hash, limits)
        row = session.connection.execute(select(users).where(users.c.name_key == key)).first()
    if wait:
        raise TooManyAttempts(f"too many wrong attempts; wait {wait} seconds", wait)
    right = password_fits(row.password_hash if row else None, password)
    with database.write() as session:
        # read again: it may have been disabled, or the code used, while the password was checked
        row = session.connection.execute(
            select(users).where(users.c.name_key == key).with_for_update()
        ).first()
        right = right and row is not None and row.disabled_at is None
        if row is not None and row.totp_secret is not None:
            secret = session.keys.decrypt(TOTP_SECRET, row.totp_secret)
            step = fitting_step(secret, code or "", row.totp_step, now())
            right = right and step is not None
            if right:
                session.connection.execute(
                    update(users).where(users.c.id == row.id).values(totp_step=step)
                )
        user = user_by_id(session, row.id) if row is not None and right else None
        if user is not None:
            session.connection.execute(
                delete(sign_in_failures).where(sign_in_failures.c.name_hash == name_hash)
            )
        audit.write(
            session,
            user.id if user else "nobody",
            "sign_in" if user else "sign_in_refused",
            details={"name_hash": name_hash},
        )
    if user is None:
        raise SignInRefused(REFUSED)
    return user


def _count_attempt(session: Session, name_hash: str, limits: Settings) -> int:
    kept, moment = sign_in_failures.c, now()
    session.connection.execute(delete(sign_in_failures).where(kept.wait_until < moment - FORGET))
    first = {"name_hash": name_hash, "failures": 0, "wait_until": moment}
    insert_unless_known(session, sign_in_failures, [first])
    row = session.connection.execute(
        select(sign_in_failures).where(kept.name_hash == name_hash).with_for_update()
    ).one()
    if row.wait_until > moment:
        due: float = (row.wait_until - moment).total_seconds()
        return math.ceil(due)
    failures = row.failures + 1
    beyond = failures - limits.free_attempts
    seconds = min(2 ** min(beyond, 30), limits.longest_wait_seconds) if beyond >= 0 else 0
    session.connection.execute(
        update(sign_in_failures)
        .where(kept.name_hash == name_hash)
        .values(failures=failures, wait_until=moment + timedelta(seconds=seconds))
    )
    return 0


def begin(session: Session, user: User, settings: Settings | None = None) -> SignIn:
    """Begin a session of a user who was authenticated."""
    limits, moment = settings or Settings(), now()
    token = secrets.token_urlsafe(32)
    ends_at = moment + timedelta(seconds=limits.session_seconds)
    session.connection.execute(delete(sign_ins).where(sign_ins.c.ends_at < moment))
    session.connection.execute(
        insert(sign_ins).values(
            token_hash=token_hash(token),
            user_id=user.id,
            began_at=moment,
            seen_at=moment,
            ends_at=ends_at,
        )
    )
    return SignIn(token, user, ends_at)


def resume(database: Database, token: str, settings: Settings | None = None) -> User | None:
    """The user of a running session with their rights as they stand now; None when it ended.

    Opens its own transactions. Notes the use at most once a minute.
    """
    limits, moment = settings or Settings(), now()
    with database.read() as session:
        row = session.connection.execute(
            select(sign_ins).where(sign_ins.c.token_hash == token_hash(token))
        ).first()
        if row is None or moment >= row.ends_at:
            return None
        idle = (moment - row.seen_at).total_seconds()
        if idle >= limits.session_idle_seconds:
            return None
        user = user_by_id(session, row.user_id)
    if user is None or user.disabled:
        return None
    if idle >= TOUCH_SECONDS:
        with database.write() as session:
            session.connection.execute(
                update(sign_ins)
                .where(sign_ins.c.token_hash == row.token_hash)
                .values(seen_at=moment)
            )
    return user


def end(session: Session, token: str) -> None:
    """End one session; an unknown token changes nothing."""
    session.connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == token_hash(token)))


def count_sessions(session: Session, user_id: str) -> int:
    """How many sessions of a user are kept."""
    wanted = select(func.count()).select_from(sign_ins).where(sign_ins.c.user_id == user_id)
    return int(session.connection.execute(wanted).scalar_one())


def token_hash(token: str) -> str:
    """SHA-256; a token has 256 random bits, so that no slower hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
