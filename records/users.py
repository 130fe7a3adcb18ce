"""Users, their rights, and proving who one is."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Row, delete, insert, select, update

from records.database import Session
from records.errors import BadValue, NameTaken, UnknownUser, WeakPassword
from records.ids import new_id
from records.regions import PUBLISHED, ROOT, require_region
from records.roles import RIGHTS, Role, require_fields, role_of
from records.statuses import require_level
from records.tables import grants, sign_ins, users
from records.times import now

TOTP_SECRET = "users.totp_secret"  # noqa: S105  # a column
ISSUER = "Petitions"
STEP_SECONDS = 30
MIN_PASSWORD = 12
MAX_PASSWORD = 256

_COMMON = (
    "password", "passw0rd", "qwertyuiop", "iloveyou", "administrator", "letmein", "welcome",
    "petition", "xinfang", "信访",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class User:
    """Who somebody is and what they may see, as it stands at this moment.

    `regions`: roots of the subtrees in scope. `level`: clearance. `fields`: rights over all in
    scope; `own_fields`: over petitions that name this user. `reads` False: no petition at all;
    `counts_only`: totals, never a letter; `published_only`: the published alone (its scope root
    is `records.regions.PUBLISHED`).
    """

    id: str
    name: str
    display_name: str
    role: Role
    regions: frozenset[str]
    level: str
    fields: frozenset[str]
    own_fields: frozenset[str]
    reads: bool
    counts_only: bool
    published_only: bool
    second_factor: bool
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewUser:
    """`fields` None: those of the role. No `regions`: the whole office."""

    name: str
    role: str
    password: str
    regions: tuple[str, ...] = ()
    level: str = "open"
    fields: frozenset[str] | None = None
    display_name: str | None = None
    second_factor: bool = True


@dataclass(frozen=True, slots=True)
class AddedUser:
    """`enrolment`: an otpauth:// address for an authenticator, shown once; None without one."""

    user: User
    enrolment: str | None


def add_user(session: Session, new: NewUser) -> AddedUser:
    """Add a user. Raises NameTaken, WeakPassword, UnknownRole, UnknownRegion, UnknownLevel,
    UnknownField."""
    key = name_key(new.name)
    role = role_of(new.role)
    given = require_fields(new.fields) if new.fields is not None else frozenset[str]()
    require_level(new.level)
    require_strong(new.password, new.name)
    for code in new.regions:
        require_region(session, code)
    if session.connection.execute(select(users.c.id).where(users.c.name_key == key)).first():
        raise NameTaken(f"there is a user {new.name!r} already; choose another name")
    id_ = new_id()
    secret = pyotp.random_base32() if new.second_factor else None
    session.connection.execute(
        insert(users).values(
            id=id_,
            name=new.name.strip(),
            name_key=key,
            display_name=new.display_name or new.name.strip(),
            role=role,
            level=new.level,
            fields_given=new.fields is not None,
            password_hash=hasher().hash(new.password),
            totp_secret=session.keys.encrypt(TOTP_SECRET, secret) if secret else None,
            created_at=now(),
        )
    )
    rows = [{"user_id": id_, "kind": "region", "value": code} for code in set(new.regions)]
    rows += [{"user_id": id_, "kind": "field", "value": field} for field in given]
    if rows:
        session.connection.execute(insert(grants), rows)
    enrolment = (
        pyotp.TOTP(secret).provisioning_uri(name=new.name.strip(), issuer_name=ISSUER)
        if secret
        else None
    )
    return AddedUser(require_user(session, id_), enrolment)


def user_by_id(session: Session, id_: str) -> User | None:
    """The user of this id, disabled ones too."""
    return next(iter(_read(session, select(users).where(users.c.id == id_))), None)


def user_by_name(session: Session, name: str) -> User | None:
    """The user of this name; capitals and full width don't matter."""
    return next(iter(_read(session, select(users).where(users.c.name_key == name_key(name)))), None)


def require_user(session: Session, id_: str) -> User:
    """The user of this id. Raises UnknownUser."""
    found = user_by_id(session, id_)
    if found is None:
        raise UnknownUser(f"there is no user with the id {id_!r}")
    return found


def all_users(session: Session) -> tuple[User, ...]:
    """Every user by name, disabled ones too."""
    everyone = _read(session, select(users))
    return tuple(sorted(everyone, key=lambda user: name_key(user.name)))


def disable_user(session: Session, id_: str) -> None:
    """Shut a user out at once; signed-in sessions end. Raises UnknownUser."""
    require_user(session, id_)
    _set(session, id_, disabled_at=now())
    end_sessions(session, id_)


def enable_user(session: Session, id_: str) -> None:
    """Let a disabled user in again. Raises UnknownUser."""
    require_user(session, id_)
    _set(session, id_, disabled_at=None)


def set_password(session: Session, id_: str, password: str) -> None:
    """Another password; signed-in sessions end. Raises WeakPassword, UnknownUser."""
    user = require_user(session, id_)
    require_strong(password, user.name)
    _set(session, id_, password_hash=hasher().hash(password))
    end_sessions(session, id_)


def set_rights(
    session: Session,
    id_: str,
    *,
    role: str | None = None,
    level: str | None = None,
    regions: Iterable[str] | None = None,
    fields: frozenset[str] | None = None,
) -> User:
    """Change what is given; rights hold from the next request on."""
    require_user(session, id_)
    values: dict[str, Any] = {}
    if role is not None:
        values["role"] = role_of(role)
    if level is not None:
        values["level"] = require_level(level)
    if regions is not None:
        _regrant(session, id_, "region", {require_region(session, code).code for code in regions})
    if fields is not None:
        values["fields_given"] = True
        _regrant(session, id_, "field", require_fields(fields))
    if values:
        _set(session, id_, **values)
    return require_user(session, id_)


def end_sessions(session: Session, id_: str) -> None:
    """End every sign-in session of a user."""
    session.connection.execute(delete(sign_ins).where(sign_ins.c.user_id == id_))


def name_key(name: str) -> str:
    """A name as it is compared. Raises BadValue for one that is empty, long or has blanks."""
    key = unicodedata.normalize("NFKC", name).strip().casefold()
    if not 0 < len(key) <= 100 or any(c.isspace() or not c.isprintable() for c in key):
        raise BadValue(f"user name {name!r}: use 1 to 100 characters without blanks")
    return key


def require_strong(password: str, name: str = "") -> None:
    """Raises WeakPassword for what is short, repeats itself, or is easily guessed."""
    lowered = password.casefold()
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise WeakPassword(f"use a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    if len(set(password)) < 5:
        raise WeakPassword("the password repeats few characters; mix more of them")
    rest = lowered.replace(name.casefold(), "") if name else lowered
    for common in _COMMON:
        rest = rest.replace(common, "")
    if len(rest) < MIN_PASSWORD // 2:
        raise WeakPassword("the password is an everyday word or the user's name; choose another")


@cache
def hasher() -> PasswordHasher:
    """argon2id with at least OWASP's parameters: 19 MiB, two passes, one lane."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    return hasher().hash("nobody has this password")


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is the right one; takes as long when there is no such user."""
    try:
        fits = hasher().verify(password_hash or _nobody(), password[: MAX_PASSWORD + 1])
    except VerificationError:
        return False
    return fits and password_hash is not None


def fitting_step(secret: str, code: str, last_step: int, moment: datetime) -> int | None:
    """The time step whose code this is, unless it or a later one was used (RFC 6238, ±1 step)."""
    plain = "".join(unicodedata.normalize("NFKC", code).split())
    present = int(moment.timestamp()) // STEP_SECONDS
    found = None
    for step in (present - 1, present, present + 1):
        expected = pyotp.TOTP(secret).at(step * STEP_SECONDS)
        if hmac.compare_digest(expected.encode(), plain.encode()) and step > last_step:
            found = step
    return found


def _set(session: Session, id_: str, **values: Any) -> None:
    session.connection.execute(update(users).where(users.c.id == id_).values(**values))


def _regrant(session: Session, id_: str, kind: str, values: Iterable[str]) -> None:
    session.connection.execute(delete(grants).where(grants.c.user_id == id_, grants.c.kind == kind))
    if rows := [{"user_id": id_, "kind": kind, "value": value} for value in values]:
        session.connection.execute(insert(grants), rows)


def _read(session: Session, wanted: Any) -> list[User]:
    rows = session.connection.execute(wanted).all()
    given: dict[str, dict[str, set[str]]] = {}
    held = select(grants).where(grants.c.user_id.in_([row.id for row in rows]))
    for grant in session.connection.execute(held):
        given.setdefault(grant.user_id, {}).setdefault(grant.kind, set()).add(grant.value)
    return [_user(row, given.get(row.id, {})) for row in rows]


def _user(row: Row[Any], given: dict[str, set[str]]) -> User:
    role = Role(row.role)
    rights = RIGHTS[role]
    fields = frozenset(given.get("field", ())) if row.fields_given else rights.fields
    regions = frozenset(given.get("region", ())) or frozenset({ROOT})
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=role,
        regions=frozenset({PUBLISHED}) if rights.published_only else regions,
        level=row.level,
        fields=fields if rights.reads and not rights.published_only else frozenset(),
        own_fields=rights.own_fields | fields if rights.reads else frozenset(),
        reads=rights.reads,
        counts_only=rights.counts_only,
        published_only=rights.published_only,
        second_factor=row.totp_secret is not None,
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
    )
