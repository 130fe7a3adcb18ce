"""Petitioners: their facts encrypted as named in each petition, and who is the same person.

Two entries are one person when their identity numbers are equal, else when the older system gave
both the same petitioner code. Anything weaker is left to people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from records.database import Session, insert_unless_known
from records.entries import NewPerson, NewPetition
from records.errors import BadValue
from records.ids import chunks, new_id
from records.keys import normal_number, normal_phone, normal_text
from records.tables import persons, petition_persons

NORMAL: dict[str, Callable[[str], str]] = {
    "name": normal_text,
    "id_no": normal_number,
    "phone": normal_phone,
    "address": normal_text,
}
"""The facts of a person, and how each is made comparable."""


def fact_hash(session: Session, fact: str, value: str) -> str | None:
    """The keyed hash by which a fact is looked up; None when nothing is left of the value."""
    if fact not in NORMAL:
        raise BadValue(f"no fact {fact!r} of a person; use one of {', '.join(NORMAL)}")
    normal = NORMAL[fact](value)
    return session.keys.hash(f"person.{fact}", normal) if normal else None


def petitions_naming(session: Session, fact: str, value: str) -> tuple[str, ...]:
    """Ids of petitions in which a person has exactly this name, id_no, phone or address."""
    wanted = fact_hash(session, fact, value)
    if wanted is None:
        return ()
    link = petition_persons.c
    found = select(link.petition_id).where(petition_persons.columns[f"{fact}_hash"] == wanted)
    return tuple(session.connection.execute(found.distinct().order_by(link.petition_id)).scalars())


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
