"""Accounts and rights, shared by three people so that none alone gives anybody a letter to read.

The administrator makes accounts, resets and shuts them, and proposes rights; the security
administrator confirms or declines what is proposed, and may shut an account; either may end a
user's sign-ins; the auditor reads the log. Nobody acts on themself, and nobody confirms what they
proposed. Whoever comes back into an account (after a reset, or after it was shut) comes back
without rights, until they are confirmed again: a one-time code that the administrator kept opens
nothing.

Every act writes its audit entry into the caller's transaction. The shell (`petitions user`) acts
alone: whoever holds the machine holds the keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from records import audit, recovery, signin
from records.categories import category
from records.database import Session
from records.errors import BadValue, Changed, NotYours
from records.home import Settings
from records.ids import new_id
from records.regions import require_region
from records.roles import Role, require_fields, role_of
from records.statuses import require_level
from records.tables import grants, rights_proposals, users
from records.times import now
from records.users import (
    NewUser,
    User,
    add_user,
    disable_user,
    enable_user,
    require_user,
    set_rights,
)

LONGEST_DISPLAY_NAME = 100


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user is given. No `regions`, no `categories`: all; `fields` None: the role's."""

    role: str
    level: str = "open"
    regions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None


NO_RIGHTS = Rights(Role.NONE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rights that wait for the security administrator. `id` changes with each proposal."""

    id: str
    user_id: str
    proposed_by: str
    proposed_at: datetime
    rights: Rights


def open_account(
    session: Session,
    actor: User,
    name: str,
    display_name: str,
    rights: Rights,
    settings: Settings | None = None,
) -> tuple[User, str]:
    """An account without rights, and the one-time code that opens it; the rights are proposed.

    Raises NotYours, NameTaken, BadValue and its kinds.
    """
    _require(session, actor, Role.ADMINISTRATOR)
    shown = display_name.strip() or name.strip()
    if len(shown) > LONGEST_DISPLAY_NAME or not shown.isprintable():
        raise BadValue(f"a displayed name has {LONGEST_DISPLAY_NAME} characters at most, on a line")
    sound = sound_rights(session, rights)
    new = NewUser(name, Role.NONE, secrets.token_urlsafe(32), display_name=shown)
    user = add_user(session, new, settings).user
    audit.write(session, actor.id, "user.add", user.id)
    code = recovery.reset(session, user.id, actor.id, settings)
    _propose(session, actor, user.id, sound)
    return require_user(session, user.id), code


def propose(session: Session, actor: User, user_id: str, rights: Rights) -> None:
    """Propose rights in place of those held, and of what was proposed before.

    Raises NotYours, UnknownUser, BadValue and its kinds.
    """
    _require(session, actor, Role.ADMINISTRATOR, user_id)
    require_user(session, user_id)
    _propose(session, actor, user_id, sound_rights(session, rights))


def confirm(session: Session, actor: User, user_id: str, proposal_id: str) -> User:
    """Give what was proposed. Raises NotYours, UnknownUser; Changed where the proposal is no
    longer the one that was looked at."""
    waiting = _seen(session, actor, user_id, proposal_id)
    if waiting.proposed_by == actor.id:
        raise NotYours("who proposed rights can't confirm them; another person has to")
    before = rights_of(session, user_id)
    user = give(session, user_id, waiting.rights)
    told = {"before": asdict(before), "after": asdict(waiting.rights), "by": waiting.proposed_by}
    audit.write(session, actor.id, "rights.confirm", user_id, told)
    return user


def decline(session: Session, actor: User, user_id: str, proposal_id: str) -> None:
    """Leave things as they are. Raises as `confirm`."""
    waiting = _seen(session, actor, user_id, proposal_id)
    _forget(session, user_id)
    told = {"declined": asdict(waiting.rights), "by": waiting.proposed_by}
    audit.write(session, actor.id, "rights.decline", user_id, told)


def reset_account(
    session: Session, actor: User, user_id: str, settings: Settings | None = None
) -> str:
    """A one-time code for who lost password or authenticator; the rights wait to be confirmed
    again. Raises NotYours, UnknownUser."""
    _require(session, actor, Role.ADMINISTRATOR, user_id)
    code = recovery.reset(session, user_id, actor.id, settings)
    _withhold(session, actor, user_id)
    return code


def shut(session: Session, actor: User, user_id: str) -> None:
    """Nobody gets in any more, at once. Raises NotYours, UnknownUser."""
    _require_one_of(session, actor, (Role.ADMINISTRATOR, Role.SECURITY), user_id)
    disable_user(session, user_id)
    audit.write(session, actor.id, "user.disable", user_id)


def sign_out(session: Session, actor: User, user_id: str, settings: Settings | None = None) -> None:
    """End all sign-ins of a user at once, and nothing else: they may sign in again. Raises
    NotYours, UnknownUser."""
    _require_one_of(session, actor, (Role.ADMINISTRATOR, Role.SECURITY), user_id)
    signin.end_all(session, user_id, actor.id, settings)


def reopen(session: Session, actor: User, user_id: str) -> None:
    """Let somebody in again; the rights wait to be confirmed again. Raises NotYours,
    UnknownUser."""
    _require(session, actor, Role.ADMINISTRATOR, user_id)
    enable_user(session, user_id)
    audit.write(session, actor.id, "user.enable", user_id)
    _withhold(session, actor, user_id)


def proposals(session: Session) -> Mapping[str, Proposal]:
    """What waits to be confirmed, by user."""
    return {
        row.user_id: _proposal(row) for row in session.connection.execute(select(rights_proposals))
    }


def proposal_for(session: Session, user_id: str) -> Proposal | None:
    """What waits to be confirmed for a user."""
    found = select(rights_proposals).where(rights_proposals.c.user_id == user_id)
    row = session.connection.execute(found).first()
    return _proposal(row) if row is not None else None


def rights_of(session: Session, user_id: str) -> Rights:
    """What a user was given. Raises UnknownUser."""
    require_user(session, user_id)
    return _held(session, user_id)[user_id]


def all_rights(session: Session) -> Mapping[str, Rights]:
    """What every user was given, by id."""
    return _held(session, None)


def sound_rights(session: Session, rights: Rights) -> Rights:
    """The rights in one spelling. Raises UnknownRole, UnknownLevel, UnknownRegion,
    UnknownCategory, UnknownField."""
    fields = None if rights.fields is None else require_fields(frozenset(rights.fields))
    return Rights(
        str(role_of(rights.role)),
        str(require_level(rights.level)),
        tuple(sorted({require_region(session, code).code for code in rights.regions})),
        tuple(sorted({category(code).code for code in rights.categories})),
        None if fields is None else tuple(sorted(fields)),
    )


def give(session: Session, user_id: str, rights: Rights) -> User:
    """The rights in place of all that were held or proposed. Raises as `sound_rights`,
    UnknownUser."""
    _forget(session, user_id)
    return set_rights(
        session,
        user_id,
        role=rights.role,
        level=rights.level,
        regions=rights.regions,
        categories=rights.categories,
        fields=None if rights.fields is None else frozenset(rights.fields),
        role_fields=rights.fields is None,
    )


def _held(session: Session, user_id: str | None) -> dict[str, Rights]:
    """Of one user, or of all."""
    people = select(users.c.id, users.c.role, users.c.level, users.c.fields_given)
    given = select(grants).order_by(grants.c.value)
    if user_id is not None:
        people, given = (
            people.where(users.c.id == user_id),
            given.where(grants.c.user_id == user_id),
        )
    held: dict[tuple[str, str], list[str]] = {}
    for grant in session.connection.execute(given):
        held.setdefault((grant.user_id, grant.kind), []).append(grant.value)

    def values(id_: str, kind: str) -> tuple[str, ...]:
        return tuple(held.get((id_, kind), ()))

    return {
        row.id: Rights(
            row.role,
            row.level,
            values(row.id, "region"),
            values(row.id, "category"),
            values(row.id, "field") if row.fields_given else None,
        )
        for row in session.connection.execute(people)
    }


def _require(session: Session, actor: User, role: Role, user_id: str | None = None) -> None:
    _require_one_of(session, actor, (role,), user_id)


def _require_one_of(
    session: Session, actor: User, roles: tuple[Role, ...], user_id: str | None
) -> None:
    present = require_user(session, actor.id)  # as it stands in this transaction
    if present.role not in roles or present.disabled:
        raise NotYours("this is another person's to do: your role does not")
    if user_id == actor.id:
        raise NotYours("nobody changes their own account; another person has to")


def _propose(session: Session, actor: User, user_id: str, rights: Rights) -> None:
    _forget(session, user_id)
    session.connection.execute(
        insert(rights_proposals).values(
            user_id=user_id,
            id=new_id(),
            proposed_by=actor.id,
            proposed_at=now(),
            rights=asdict(rights),
        )
    )
    audit.write(session, actor.id, "rights.propose", user_id, {"proposed": asdict(rights)})


def _withhold(session: Session, actor: User, user_id: str) -> None:
    """Take the rights away and propose them again; what was proposed for somebody without any
    waits on."""
    held = rights_of(session, user_id)
    if held.role == Role.NONE:
        return
    give(session, user_id, NO_RIGHTS)
    _propose(session, actor, user_id, held)


def _seen(session: Session, actor: User, user_id: str, proposal_id: str) -> Proposal:
    _require(session, actor, Role.SECURITY, user_id)
    require_user(session, user_id)
    found = select(rights_proposals).where(rights_proposals.c.user_id == user_id)
    row = session.connection.execute(found.with_for_update()).first()
    if row is None or row.id != proposal_id:
        raise Changed("what is proposed for this user has changed; look at it again")
    return _proposal(row)


def _forget(session: Session, user_id: str) -> None:
    session.connection.execute(
        delete(rights_proposals).where(rights_proposals.c.user_id == user_id)
    )


def _proposal(row: Row[Any]) -> Proposal:
    held = dict(row.rights)
    lists = {name: tuple(held[name]) for name in ("regions", "categories")}
    fields = None if held["fields"] is None else tuple(held["fields"])
    rights = Rights(held["role"], held["level"], **lists, fields=fields)
    return Proposal(row.id, row.user_id, row.proposed_by, row.proposed_at, rights)
