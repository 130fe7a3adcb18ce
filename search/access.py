"""Who may find what, and see what of it. The one gate.

A user's rights (`Scope`) become a list of slices (index, filter); a search is their union. Only
`restrict` makes an `Allowed` question, and engines accept nothing else. What is shown is read from
the records again and goes through `project`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from search.engine import Edition, IndexName, Level
from search.query import And, Attribute, Is, Not, Or, Query


class FieldRight(StrEnum):
    """What a user may see of a petition in their scope beyond its redacted text."""

    FULL_TEXT = "full_text"
    NAME = "name"
    ID_NO = "id_no"
    PHONE = "phone"
    ADDRESS = "address"
    BANK_CARD = "bank_card"
    SCAN = "scan"
    LEADER_NOTES = "leader_notes"


@dataclass(frozen=True, slots=True)
class Scope:
    """One user's rights, evaluated for one request. An empty one finds nothing.

    `regions`: roots of the region subtrees in scope. `categories`: likewise, and a petition must
    lie in both; none: every category, and petitions without one. `level`: clearance, over own
    petitions too. `fields`: rights on every petition in scope; a petition that names this user as a
    reader is theirs, with the rights `own_fields` besides. `reveals`, `own_reveals`: masked facts
    that may be looked at one at a time, with a reason. `finds`: facts by which a person may be
    looked up. `decides`: says of letters whether they repeat others. `notes`: writes notes on
    petitions. `reads`: may ask at all.
    `counts_only`: totals and facets but no letter. What was published lies in the region
    `PUBLISHED` besides its own.
    """

    user_id: str
    regions: frozenset[str] = frozenset()
    level: Level = Level.OPEN
    fields: frozenset[FieldRight] = frozenset()
    own_fields: frozenset[FieldRight] = frozenset()
    reads: bool = False
    counts_only: bool = False
    categories: frozenset[str] = frozenset()
    reveals: frozenset[FieldRight] = frozenset()
    own_reveals: frozenset[FieldRight] = frozenset()
    finds: frozenset[FieldRight] = frozenset()
    decides: bool = False
    notes: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of one index: what of it this user may find."""

    index: IndexName
    within: Query


_KEY = object()


@final
class Allowed:
    """A question with its rights inside. Only `restrict` makes one."""

    __slots__ = ("query", "slices")

    def __init__(self, query: Query, slices: tuple[Slice, ...], key: object) -> None:
        if key is not _KEY:
            raise TypeError("only search.access.restrict makes an Allowed question")
        self.query = query
        self.slices = slices


def rights(
    scope: Scope,
    *,
    level: Level,
    region_path: Sequence[str],
    category_path: Sequence[str],
    named_users: Sequence[str],
    sealed: bool,
) -> frozenset[FieldRight] | None:
    """What this scope may see of such a petition beyond its redacted text; None: nothing at all.

    The same rule as `slices`, asked of one petition: it is found in the full edition where
    `FULL_TEXT` is among the rights (unless it has but one edition), in the redacted one where it
    isn't.
    """
    if not scope.reads or level not in cleared(scope):
        return None
    if scope.user_id in named_users:
        return scope.fields | scope.own_fields
    if sealed or scope.regions.isdisjoint(region_path):
        return None
    if scope.categories and scope.categories.isdisjoint(category_path):
        return None
    return scope.fields


def cleared(scope: Scope) -> tuple[Level, ...]:
    """The levels up to the scope's clearance."""
    levels = tuple(Level)
    return levels[: levels.index(scope.level) + 1]


def region_reader(code: str) -> str:
    """The reader token of everyone whose scope holds this region."""
    return f"region:{code}"


def user_reader(user_id: str) -> str:
    """The reader token of one user."""
    return f"user:{user_id}"


WHOLE = "whole"
"""Stands among the readers of a petition that holds no personal data: it has one edition, in the
redacted index, and readers of full texts find it there."""


def readers_of(
    *, region_path: Sequence[str], named_users: Sequence[str], sealed: bool
) -> tuple[str, ...]:
    """Who may find a petition: those over its region and those named; sealed: only those named."""
    regions = () if sealed else tuple(region_reader(code) for code in region_path)
    return regions + tuple(user_reader(user) for user in named_users)


def slices(scope: Scope) -> tuple[Slice, ...]:
    """The parts of the indexes that this scope may find; disjoint, so that counts add up."""
    if not scope.reads:
        return ()
    mine = Is(Attribute.READER, frozenset({user_reader(scope.user_id)}))
    over = _over(scope)
    whole = Is(Attribute.READER, frozenset({WHOLE}))
    found: list[Slice] = []
    for level in cleared(scope):
        full, redacted = IndexName(level, Edition.FULL), IndexName(level, Edition.REDACTED)
        if FieldRight.FULL_TEXT in scope.fields:
            either = _either(mine, over)
            found += Slice(full, either), Slice(redacted, And((either, whole)))
            continue
        if FieldRight.FULL_TEXT in scope.own_fields:
            found += Slice(full, mine), Slice(redacted, And((mine, whole)))
        else:
            found.append(Slice(redacted, mine))
        if scope.regions:
            found.append(Slice(redacted, And((over, Not(mine)))))
    return tuple(found)


def _over(scope: Scope) -> Query:
    """What lies in the scope's regions and categories."""
    regions = Is(Attribute.READER, frozenset(region_reader(code) for code in scope.regions))
    if not scope.categories:
        return regions
    return And((regions, Is(Attribute.CATEGORY, scope.categories)))


def _either(mine: Is, over: Query) -> Query:
    """One or the other; by one list of readers where that will do."""
    if isinstance(over, Is):
        return Is(Attribute.READER, mine.values | over.values)
    return Or((mine, over))


def restrict(query: Query, scope: Scope) -> Allowed:
    """The question, asked within these rights.

    Raises ValueError when the question itself speaks of readers: that is for this module alone.
    """
    if _speaks_of_readers(query):
        raise ValueError("a question can't narrow by reader; narrow by region or number instead")
    return Allowed(query, slices(scope), _KEY)


def _speaks_of_readers(query: Query) -> bool:
    match query:
        case Is(attribute):
            return attribute is Attribute.READER
        case And(parts) | Or(parts):
            return any(_speaks_of_readers(part) for part in parts)
        case Not(part):
            return _speaks_of_readers(part)
        case _:
            return False
