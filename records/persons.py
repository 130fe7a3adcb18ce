"""Petitioners: their facts encrypted as named in each petition, and who is the same person.

Two entries are one person when their identity numbers are equal, else when the older system gave
both the same petitioner code. Anything weaker is left to people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union_all,
)

from records.database import Session, insert_unless_known
from records.entries import NewPerson, NewPetition
from records.errors import BadValue
from records.ids import chunks, new_id
from records.keys import normal_number, normal_phone, normal_text
from records.regions import PUBLISHED, ROOT
from records.tables import persons, petition_persons, petition_users, petitions, regions

NORMAL: dict[str, Callable[[str], str]] = {
    "name": normal_text,
    "id_no": normal_number,
    "phone": normal_phone,
    "address": normal_text,
    "bank_card": normal_number,
}
"""The facts of a person, and how each is made comparable."""


def fact_hash(session: Session, fact: str, value: str) -> str | None:
    """The keyed hash by which a fact is looked up; None when nothing is left of the value."""
    if fact not in NORMAL:
        raise BadValue(f"no fact {fact!r} of a person; use one of {', '.join(NORMAL)}")
    normal = NORMAL[fact](value)
    return session.keys.hash(f"person.{fact}", normal) if normal else None


def petitions_naming(session: Session, fact: str, value: str) -> tuple[str, ...]:
    """Ids of petitions in which a person has exactly this fact (`NORMAL`)."""
    wanted = fact_hash(session, fact, value)
    if wanted is None:
        return ()
    link = petition_persons.c
    found = select(link.petition_id).where(petition_persons.columns[f"{fact}_hash"] == wanted)
    return tuple(session.connection.execute(found.distinct().order_by(link.petition_id)).scalars())


@dataclass(frozen=True, slots=True)
class Within:
    """What somebody may see, as the database can tell it: roots of regions and categories (none:
    all), levels, and the user whose own petitions count besides. `own_only`: nothing else does."""

    user_id: str
    levels: tuple[str, ...]
    regions: frozenset[str]
    categories: frozenset[str]
    own_only: bool = False


PERSON: Final = "person"
"""Instead of a fact: a person of the register."""


def petitions_naming_within(
    session: Session, fact: str, values: Sequence[str], within: Within, limit: int
) -> tuple[str, ...]:
    """As `petitions_naming`, of any of the values (of `PERSON`: persons' ids), of those within; the
    newest `limit` of all."""
    if fact == PERSON:
        column, wanted = "person_id", list(values)
    else:
        hashes = (fact_hash(session, fact, value) for value in values)
        column, wanted = f"{fact}_hash", [one for one in hashes if one is not None]
    if not wanted:
        return ()
    found = _naming_within(column, within, limit)
    return tuple(session.connection.execute(found, {"wanted": wanted}).scalars())


# Made once for each user and fact: building a statement costs as much as running it.
@lru_cache(maxsize=256)
def _naming_within(column: str, within: Within, limit: int) -> Select[Any]:
    """The database leaves the others out, so that how many there are costs next to no time. Who
    asks projects what comes back all the same.
    """
    named = select(petition_persons.c.petition_id).where(
        petition_persons.columns[column].in_(bindparam("wanted", expanding=True))
    )
    # Asked for fewer than three levels, SQLite takes the index that holds no more, and reads rows;
    # of equals it takes the one that was made last.
    levels = within.levels and (*within.levels, *[""] * (3 - len(within.levels)))
    return (
        select(petitions.c.id)
        .where(petitions.c.id.in_(named), reached(replace(within, levels=levels)))
        .order_by(petitions.c.sort_order, petitions.c.id)
        .limit(limit)
    )


FOUND: Final = func.coalesce(petitions.c.level, "")
"""The level of letters that are found by something else: SQLite would go through all of a level."""


def reached(within: Within, level: ColumnElement[str] = petitions.c.level) -> ColumnElement[bool]:
    """Of petitions."""
    named = petition_users.c
    mine = exists().where(
        named.user_id == within.user_id,
        named.level == petitions.c.level,
        named.petition_id == petitions.c.id,
    )
    over = mine if within.own_only else or_(_in_scope(within), mine)
    return and_(level.in_(within.levels), over)


def all_reached(within: Within, told: Select[Any]) -> CompoundSelect[Any]:
    """What is `told` of all petitions that `reached` is true of, of some twice. Where it is who may
    see them and the day of receipt, an index holds just these, in its order: the others take next
    to no time."""
    read, named = petitions.c, petition_users.c
    own = told.join(petition_users, read.id == named.petition_id).where(
        named.user_id == within.user_id, named.level.in_(within.levels)
    )
    parts = [] if within.own_only else _regions_of(within)
    open_to = and_(read.level.in_(within.levels), read.sealed.is_(False), _under_categories(within))
    return union_all(own, *(told.where(open_to, one) for one in parts))


def _in_scope(within: Within) -> ColumnElement[bool]:
    """Not sealed, in one of the regions and in one of the categories."""
    return and_(
        petitions.c.sealed.is_(False),
        or_(false(), *_regions_of(within)),
        _under_categories(within),
    )


def _regions_of(within: Within) -> list[ColumnElement[bool]]:
    """Of which one has to be true. Regions are named one by one: an index finds them."""
    path = cast(regions.c.path, Text)  # codes as JSON has them, each in quotation marks
    over = (path.contains(json.dumps(code), autoescape=True) for code in within.regions)
    under = select(regions.c.code).where(or_(false(), *over))
    every = true() if ROOT in within.regions else petitions.c.region.in_(under)
    found: list[ColumnElement[bool]] = [every]
    if PUBLISHED in within.regions:
        found.append(petitions.c.published.is_(True))
    return found


def _under_categories(within: Within) -> ColumnElement[bool]:
    under = [petitions.c.category.startswith(code, autoescape=True) for code in within.categories]
    return or_(false(), *under) if under else true()


def petitions_of_person(session: Session, person_id: str) -> tuple[str, ...]:
    """Ids of all petitions of one person."""
    link = petition_persons.c
    found = select(link.petition_id).where(link.person_id == person_id)
    return tuple(session.connection.execute(found.distinct().order_by(link.petition_id)).scalars())


def names_of(session: Session, petition_id: str) -> tuple[str, ...]:
    """Names of the people of a petition."""
    link = petition_persons.c
    blobs = session.connection.execute(
        select(link.name)
        .where(link.petition_id == petition_id, link.name.is_not(None))
        .order_by(link.position)
    ).scalars()
    return tuple(session.keys.decrypt("person.name", blob) for blob in blobs)


def add_people(
    session: Session, entries: Sequence[tuple[str, NewPetition]], moment: datetime
) -> None:
    """Write down the people of new petitions, given as (petition id, entry)."""
    links: list[dict[str, Any]] = []
    identities: list[str | None] = []
    for id_, entry in entries:
        people = entry.people or ((NewPerson(),) if entry.petitioner else ())
        for position, person in enumerate(people, 1):
            row = _link(session, id_, position, person)
            links.append(row)
            identities.append(_identity(session, row, entry))
    known = _known(session, identities)
    fresh: list[dict[str, Any]] = []
    for row, identity in zip(links, identities, strict=True):
        person_id = known.get(identity) if identity else None
        if person_id is None:
            person_id = new_id()
            fresh.append({"id": person_id, "identity": identity, "first_seen": moment})
            if identity:
                known[identity] = person_id
        row["person_id"] = person_id
    fresh.sort(key=lambda row: row["identity"] or "")  # all in one order: none waits in a ring
    insert_unless_known(session, persons, fresh)
    if any(row["identity"] for row in fresh):
        known = _known(session, identities)  # another process may have been first
        for row, identity in zip(links, identities, strict=True):
            row["person_id"] = known[identity] if identity else row["person_id"]
    if links:
        session.connection.execute(insert(petition_persons), links)


def _identity(session: Session, row: dict[str, Any], entry: NewPetition) -> str | None:
    """The keyed hash of what makes two entries one person; None when nothing does."""
    if row["id_no_hash"] is not None:
        return session.keys.hash("person.identity", f"id:{row['id_no_hash']}")
    if row["position"] == 1 and entry.petitioner:
        return session.keys.hash("person.identity", f"code:{entry.source}\x00{entry.petitioner}")
    return None


def _known(session: Session, identities: Sequence[str | None]) -> dict[str, str]:
    known: dict[str, str] = {}
    for part in chunks(sorted({identity for identity in identities if identity})):
        found = select(persons.c.identity, persons.c.id).where(persons.c.identity.in_(part))
        known.update((row.identity, row.id) for row in session.connection.execute(found))
    return known


def _link(session: Session, id_: str, position: int, person: NewPerson) -> dict[str, Any]:
    row: dict[str, Any] = {"petition_id": id_, "position": position, "role": person.role}
    for fact in NORMAL:
        value = getattr(person, fact)
        row[fact] = session.keys.encrypt(f"person.{fact}", value) if value else None
        row[f"{fact}_hash"] = fact_hash(session, fact, value) if value else None
    return row
