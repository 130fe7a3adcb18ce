"""Users, their rights, and proving who one is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Row, delete, insert, select, update

from records.categories import category
from records.codes import TOTP_SECRET, factor_address, new_secret
from records.database import Session
from records.errors import BadValue, NameTaken, UnknownUser
from records.home import Settings
from records.ids import new_id
from records.passwords import MAX_PASSWORD, require_strong
from records.regions import PUBLISHED, ROOT, require_region
from records.roles import RIGHTS, Role, require_fields, role_of
from records.statuses import require_level
from records.tables import grants, sign_ins, users
from records.times import now


@dataclass(frozen=True, slots=True)
class User:
    """Who somebody is and what they may see, as it stands at this moment.

    `regions`: roots of the subtrees in scope; `categories`: likewise, none: all. `level`:
    clearance. `fields`: rights over all in scope; `own_fields`: over petitions that name this user.
    `reveals`, `own_reveals`, `finds`, `decides`, `notes`: as in `records.roles`. `reads` False: no
    petition at all; `counts_only`: totals, never a letter; `published_only`: the published alone
    (its scope root is `records.regions.PUBLISHED`). `factor_due`: a second factor has to be set up.
    """

    id: str
    name: str
    display_name: str
    role: Role
    regions: frozenset[str]
    categories: frozenset[str]
    level: str
    fields: frozenset[str]
    own_fields: frozenset[str]
    reveals: frozenset[str]
    own_reveals: frozenset[str]
    finds: frozenset[str]
    decides: bool
    notes: bool
    reads: bool
    counts_only: bool
    published_only: bool
    second_factor: bool
    factor_due: bool
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewUser:
    """`fields` None: those of the role. No `regions`: the whole office; no `categories`: all."""

    name: str
    role: str
    password: str
    regions: tuple[str, ...] = ()
    level: str = "open"
    fields: frozenset[str] | None = None
    display_name: str | None = None
    second_factor: bool = True
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddedUser:
    """`enrolment`: an otpauth:// address for an authenticator, shown once; None without one."""

    user: User
    enrolment: str | None


def add_user(session: Session, new: NewUser, settings: Settings | None = None) -> AddedUser:
    """Add a user. Raises NameTaken, WeakPassword, UnknownRole, UnknownRegion, UnknownCategory,
    UnknownLevel, UnknownField."""
    key = name_key(new.name)
    role = role_of(new.role)
    given = require_fields(new.fields) if new.fields is not None else frozenset[str]()
    require_level(new.level)
    require_strong(new.password, new.name, settings)
    for code in new.regions:
        require_region(session, code)
    for code in new.categories:
        category(code)
    if session.connection.execute(select(users.c.id).where(users.c.name_key == key)).first():
        raise NameTaken(f"there is a user {new.name!r} already; choose another name")
    id_ = new_id()
    secret = new_secret() if new.second_factor else None
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
    rows += [{"user_id": id_, "kind": "category", "value": code} for code in set(new.categories)]
    rows += [{"user_id": id_, "kind": "field", "value": field} for field in given]
    if rows:
        session.connection.execute(insert(grants), rows)
    enrolment = factor_address(secret, new.name) if secret else None
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
    set_columns(session, id_, disabled_at=now())
    end_sessions(session, id_)


def enable_user(session: Session, id_: str) -> None:
    """Let a disabled user in again. Raises UnknownUser."""
    require_user(session, id_)
    set_columns(session, id_, disabled_at=None)


def set_password(
    session: Session, id_: str, password: str, settings: Settings | None = None
) -> None:
    """Another password; signed-in sessions end, and a one-time code or a second factor that was
    begun is worth nothing any more.

    Raises WeakPassword, UnknownUser.
    """
    user = require_user(session, id_)
    require_strong(password, user.name, settings)
    set_columns(
        session,
        id_,
        password_hash=hasher().hash(password),
        totp_pending=None,
        reset_code_hash=None,
        reset_until=None,
    )
    end_sessions(session, id_)


def set_rights(
    session: Session,
    id_: str,
    *,
    role: str | None = None,
    level: str | None = None,
    regions: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    fields: frozenset[str] | None = None,
    role_fields: bool = False,
) -> User:
    """Change what is given; rights hold from the next request on. `role_fields`: the field rights
    are again those of the role."""
    require_user(session, id_)
    values: dict[str, Any] = {}
    if role is not None:
        values["role"] = role_of(role)
    if level is not None:
        values["level"] = require_level(level)
    if regions is not None:
        _regrant(session, id_, "region", {require_region(session, code).code for code in regions})
    if categories is not None:
        _regrant(session, id_, "category", {category(code).code for code in categories})
    if fields is not None or role_fields:
        values["fields_given"] = not role_fields
        _regrant(session, id_, "field", require_fields(fields or frozenset()))
    if values:
        set_columns(session, id_, **values)
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


def set_columns(session: Session, id_: str, **values: Any) -> None:
    """For the modules of the records that keep something with a user."""
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
        categories=frozenset(given.get("category", ())),
        level=row.level,
        fields=fields if rights.reads and not rights.published_only else frozenset(),
        own_fields=rights.own_fields | fields if rights.reads else frozenset(),
        reveals=rights.reveals,
        own_reveals=rights.reveals | rights.own_reveals,
        finds=rights.finds,
        decides=rights.decides,
        notes=rights.notes,
        reads=rights.reads,
        counts_only=rights.counts_only,
        published_only=rights.published_only,
        second_factor=row.totp_secret is not None,
        factor_due=row.totp_secret is None and row.factor_due_at is not None,
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
    )
