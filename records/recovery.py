"""Setting up a second factor, and getting in again without password or factor.

Who has lost either asks the administrator, who makes sure of the person and gives them a one-time
code. With it they choose a password that the administrator never learns; then the second factor is
set up anew. Nothing else opens an account again.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from records import audit
from records.codes import (
    TOTP_SECRET,
    factor_address,
    fitting_step,
    new_one_time_code,
    new_secret,
    one_time_hash,
)
from records.database import Database, Session
from records.errors import SignInRefused, WrongCode
from records.home import Settings
from records.passwords import require_strong
from records.signin import REFUSED, admit
from records.tables import users
from records.times import now
from records.users import end_sessions, hasher, require_user, set_columns, set_password

PENDING = "users.totp_pending"
PENDING_SECONDS = 600
"""How long a secret is shown that nobody confirmed: whoever comes to a browser left open can't take
up what its owner began."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor being set up: `secret` to type, `address` for a QR code."""

    secret: str
    address: str

    def __repr__(self) -> str:
        return "Enrolment(…)"  # never in a log or a traceback


def begin_enrolment(session: Session, user_id: str) -> Enrolment:
    """A new secret, worth nothing until a code of it was given; the old factor holds till then."""
    user = require_user(session, user_id)
    secret = new_secret()
    kept = f"{secret} {now().timestamp()}"
    set_columns(session, user_id, totp_pending=session.keys.encrypt(PENDING, kept))
    return Enrolment(secret, factor_address(secret, user.name))


def pending_enrolment(session: Session, user_id: str) -> Enrolment | None:
    """The one that was begun in the last `PENDING_SECONDS` and waits for its code."""
    user = require_user(session, user_id)
    held = session.connection.execute(
        select(users.c.totp_pending).where(users.c.id == user_id)
    ).scalar_one()
    if held is None:
        return None
    secret, begun_at = session.keys.decrypt(PENDING, held).split(" ")
    if now().timestamp() - float(begun_at) >= PENDING_SECONDS:
        return None
    return Enrolment(secret, factor_address(secret, user.name))


def finish_enrolment(
    session: Session,
    user_id: str,
    code: str,
    settings: Settings | None = None,
    given_at: datetime | None = None,
) -> None:
    """The secret that was begun becomes the user's factor; their sessions end. That code, which
    came at `given_at` (now), is used. Raises WrongCode, also when none was begun.
    """
    begun = pending_enrolment(session, user_id)
    around, moment = (settings or Settings()).code_steps, given_at or now()
    step = fitting_step(begun.secret, code, 0, moment, around) if begun else None
    if begun is None or step is None:
        raise WrongCode("this is not the code that the authenticator shows now")
    set_columns(
        session,
        user_id,
        totp_secret=session.keys.encrypt(TOTP_SECRET, begun.secret),
        totp_step=step,
        totp_pending=None,
        factor_due_at=None,
    )
    end_sessions(session, user_id)
    audit.write(session, user_id, "user.second_factor", user_id)


def reset(session: Session, user_id: str, actor: str, settings: Settings | None = None) -> str:
    """Take password and second factor away, end the sessions; a one-time code, shown once.

    A user who had a second factor, or still had to set one up, must set one up. Raises UnknownUser.
    """
    user = require_user(session, user_id)
    code, moment = new_one_time_code(), now()
    lasting = timedelta(seconds=(settings or Settings()).reset_code_seconds)
    set_columns(
        session,
        user_id,
        password_hash=hasher().hash(secrets.token_urlsafe(32)),  # nobody knows it
        totp_secret=None,
        totp_step=0,
        totp_pending=None,
        factor_due_at=moment if user.second_factor or user.factor_due else None,
        reset_code_hash=one_time_hash(code),
        reset_until=moment + lasting,
    )
    end_sessions(session, user_id)
    audit.write(session, actor, "user.reset", user_id)
    return code


def redeem(
    database: Database,
    name: str,
    code: str,
    password: str,
    settings: Settings | None = None,
    address: str | None = None,
) -> None:
    """Choose a password by a one-time code, which is worth nothing afterwards.

    Opens its own transactions. Raises WeakPassword before anything is looked at; SignInRefused,
    the same for every cause; TooManyAttempts, by the counts of signing in.
    """
    limits = settings or Settings()
    require_strong(password, name, limits)
    attempt = admit(database, name, address, limits, "recovery")
    given = one_time_hash(code)
    with database.write() as session:
        row = session.connection.execute(
            select(users).where(users.c.name_key == attempt.key).with_for_update()
        ).first()
        right = (
            row is not None
            and row.disabled_at is None
            and row.reset_code_hash is not None
            and hmac.compare_digest(row.reset_code_hash, given)
            and now() < row.reset_until
        )
        if row is not None and right:
            set_password(session, row.id, password, limits)
            attempt.succeeded(session)
            audit.write(session, row.id, "recovery", row.id, attempt.details)
        else:
            audit.write(session, "nobody", "recovery_refused", details=attempt.details)
    if not right:
        raise SignInRefused(REFUSED)
