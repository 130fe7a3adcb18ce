"""Signing in, and the sessions that follow: kept here, so that they can be ended here."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from records import audit
from records.codes import TOTP_SECRET, fitting_step
from records.database import Database, Session
from records.errors import BadValue, SignInRefused, TooManyAttempts
from records.home import Settings
from records.keys import normal_text
from records.limits import Subject, count_attempt, forget, network_of
from records.tables import sign_ins, users
from records.times import now
from records.users import (
    User,
    end_sessions,
    name_key,
    password_fits,
    require_user,
    user_by_id,
)

Made = TypeVar("Made")

REFUSED = "name, password or code are wrong"
TOUCH_SECONDS = 60
HANDLE = 16
"""Characters of a token's hash that name its sign-in to its owner. They open nothing and narrow
nothing down: the token has 256 random bits, is looked for by its whole hash, and what ends by a
handle is only ever a sign-in of the very user who asks."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody gives to prove who they are. `address`: where from, as far as that is known."""

    name: str
    password: str
    code: str | None = None
    address: str | None = None

    def __repr__(self) -> str:
        return "Proof(…)"  # never in a log or a traceback


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session begun: `token`, kept here only as a hash, proves it until it ends; so does
    `cookie` (256 random bits), of which it is made (`token_in`)."""

    cookie: str = field(repr=False)
    user: User
    expires_at: datetime

    @property
    def token(self) -> str:
        return token_in(self.cookie)


@dataclass(frozen=True, slots=True)
class Running:
    """A sign-in that still opens. `used_at`: to the minute; `ends_at`: at the latest; `present`:
    the one that asks."""

    handle: str
    began_at: datetime
    used_at: datetime
    ends_at: datetime
    present: bool


def authenticate(
    database: Database,
    name: str,
    password: str,
    code: str | None = None,
    settings: Settings | None = None,
) -> User:
    """The user whose name, password and second factor these are; raises as `proven`."""
    return proven(database, Proof(name, password, code), settings, lambda _, user: user)


def sign_in(
    database: Database, proof: Proof, settings: Settings | None = None, before: str | None = None
) -> SignIn:
    """Begin a session; raises as `proven`. `before`: the token of a session that it replaces."""

    def enter(session: Session, user: User) -> SignIn:
        if before:
            end(session, before)
        return begin(session, user, settings)

    return proven(database, proof, settings, enter)


def proven(
    database: Database,
    proof: Proof,
    settings: Settings | None,
    act: Callable[[Session, User], Made],
    *,
    action: str = "sign_in",
) -> Made:
    """What `act` gives for the user whose proof this is, in the transaction that finds it right.

    Opens its own transactions: don't call it inside one. Raises SignInRefused, the same for every
    cause and after the same work, and TooManyAttempts while waiting is due: after `free_attempts`
    wrong ones for a name, or `free_attempts_of_address` from an address, the wait doubles from one
    second to `longest_wait_seconds`, for names without a user alike. An attempt counts before the
    password is looked at, so that guessing in parallel gains nothing. `action` and `action`_refused
    stand in the audit, what raises TooManyAttempts included.
    """
    limits, given_at = settings or Settings(), now()  # a code mustn't run out while this waits
    attempt = admit(database, proof.name, proof.address, limits, action)
    found = select(users).where(users.c.name_key == attempt.key)
    with database.read() as session:
        row = session.connection.execute(found).first()
    checked = row.password_hash if row else None
    right = password_fits(checked, proof.password)
    with database.write() as session:
        # Read again: while the password was checked, it may have been changed, the user disabled,
        # the code used.
        row = session.connection.execute(found.with_for_update()).first()
        right = (
            right and row is not None and row.disabled_at is None and row.password_hash == checked
        )
        if row is not None and row.totp_secret is not None:
            secret = session.keys.decrypt(TOTP_SECRET, row.totp_secret)
            step = fitting_step(
                secret, proof.code or "", row.totp_step, given_at, limits.code_steps
            )
            right = right and step is not None
            if right:
                session.connection.execute(
                    update(users).where(users.c.id == row.id).values(totp_step=step)
                )
        user = user_by_id(session, row.id) if row is not None and right else None
        if user is None:
            audit.write(session, "nobody", f"{action}_refused", details=attempt.details)
        else:
            attempt.succeeded(session)
            audit.write(session, user.id, action, details=attempt.details)
            made = act(session, user)
    if user is None:
        raise SignInRefused(REFUSED)
    return made


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was counted. `key`: the name as it is looked for; `details`: for the audit."""

    key: str
    subjects: tuple[Subject, ...]
    details: Mapping[str, str]

    def succeeded(self, session: Session) -> None:
        for subject in self.subjects:
            forget(session, subject, now())


def admit(
    database: Database, name: str, address: str | None, limits: Settings, action: str
) -> Attempt:
    """Count an attempt before it is looked at, in a transaction of its own. Raises TooManyAttempts,
    which stands in the audit as `action`_refused."""
    try:
        key = name_key(name)
    except BadValue:
        key = normal_text(name)[:200]
    with database.write() as session:
        by_name = Subject(session.keys.hash("sign_in.name", key), limits.free_attempts)
        subjects: tuple[Subject, ...] = (by_name,)
        details = {"name_hash": by_name.hash}
        if address is not None:
            place = session.keys.hash("sign_in.address", network_of(address))
            subjects = (Subject(place, limits.free_attempts_of_address, forgives=True), by_name)
            details["address_hash"] = place
        wait = count_attempt(session, subjects, limits.longest_wait_seconds, now())
        if wait:
            told = {**details, "wait": wait}
            audit.write(session, "nobody", f"{action}_refused", details=told)
    if wait:
        raise TooManyAttempts(f"too many wrong attempts; wait {wait} seconds", wait)
    return Attempt(key, subjects, details)


def begin(session: Session, user: User, settings: Settings | None = None) -> SignIn:
    """Begin a session of a user who was authenticated."""
    limits, moment = settings or Settings(), now()
    ends_at = moment + timedelta(seconds=limits.session_seconds)
    begun = SignIn(secrets.token_urlsafe(32), user, ends_at)
    session.connection.execute(delete(sign_ins).where(sign_ins.c.ends_at < moment))
    session.connection.execute(
        insert(sign_ins).values(
            token_hash=token_hash(begun.token),
            user_id=user.id,
            began_at=moment,
            seen_at=moment,
            ends_at=ends_at,
        )
    )
    return begun


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


def handle(token: str) -> str:
    """What names a sign-in to its owner."""
    return token_hash(token)[:HANDLE]


def running(
    session: Session, user_id: str, token: str, settings: Settings | None = None
) -> tuple[Running, ...]:
    """A user's sign-ins that still open, the newest first; `token`: of the one that asks."""
    wanted = (
        select(sign_ins)
        .where(_open(user_id, settings))
        .order_by(sign_ins.c.began_at.desc(), sign_ins.c.token_hash)
    )
    present = token_hash(token)
    return tuple(
        Running(
            row.token_hash[:HANDLE],
            row.began_at,
            row.seen_at,
            row.ends_at,
            row.token_hash == present,
        )
        for row in session.connection.execute(wanted)
    )


def count_running(session: Session, user_id: str, settings: Settings | None = None) -> int:
    """How many sign-ins of a user still open."""
    wanted = select(func.count()).select_from(sign_ins).where(_open(user_id, settings))
    return int(session.connection.execute(wanted).scalar_one())


def end_one(session: Session, user_id: str, handle: str) -> None:
    """End a sign-in of this user by its handle, with an audit entry; another's, or one that has
    ended, changes nothing."""
    named = func.substr(sign_ins.c.token_hash, 1, HANDLE) == handle
    _end(session, user_id, named)


def end_others(session: Session, user_id: str, token: str) -> None:
    """End all sign-ins of this user but that of the token, with an audit entry."""
    _end(session, user_id, sign_ins.c.token_hash != token_hash(token))


def end_all(session: Session, user_id: str, actor: str, settings: Settings | None = None) -> int:
    """End every sign-in of a user, with an audit entry; how many were still open. Raises
    UnknownUser."""
    require_user(session, user_id)
    ended = count_running(session, user_id, settings)
    end_sessions(session, user_id)
    audit.write(session, actor, "user.sign_out", user_id, {"ended": ended})
    return ended


def count_sessions(session: Session, user_id: str) -> int:
    """How many sessions of a user are kept."""
    wanted = select(func.count()).select_from(sign_ins).where(sign_ins.c.user_id == user_id)
    return int(session.connection.execute(wanted).scalar_one())


def _open(user_id: str, settings: Settings | None) -> ColumnElement[bool]:
    """As `resume` has it."""
    limits, moment = settings or Settings(), now()
    idle_since = moment - timedelta(seconds=limits.session_idle_seconds)
    kept = sign_ins.c
    return and_(kept.user_id == user_id, kept.ends_at > moment, kept.seen_at > idle_since)


def _end(session: Session, user_id: str, which: ColumnElement[bool]) -> None:
    mine = sign_ins.c.user_id == user_id
    ended = session.connection.execute(delete(sign_ins).where(mine, which)).rowcount
    if ended:
        audit.write(session, user_id, "sign_ins_ended", details={"ended": ended})


def token_in(cookie: str) -> str:
    """The token of the sign-in that a browser's cookie stands for. No way leads back: what shows
    the one to a script (the answer of `POST /api/session`) doesn't show the other."""
    made = hashlib.sha256(b"cookie\x00" + cookie.encode()).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """SHA-256; a token has 256 random bits, so that no slower hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
