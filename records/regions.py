"""Regions as a tree. Its root is the whole office.

A region is declared by the office, or learned: named by letters alone. That a learned one exists
tells of those letters, so that only who may find one of them may learn of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from records.database import Session, insert_unless_known
from records.errors import BadValue, UnknownRegion
from records.tables import region_aliases, regions

ROOT = "ALL"
ROOT_NAME = "全部地区"

PUBLISHED = "PUBLISHED"
"""Scope root of the public: no region of the tree, so that it holds only what was published."""


@dataclass(frozen=True, slots=True)
class RegionRecord:
    """`path`: codes from the root to this region, itself included. `learned`: from letters."""

    code: str
    name: str
    parent: str | None
    path: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    learned: bool = False


def seed_regions(session: Session) -> None:
    """Make the root where it is missing."""
    root = {"code": ROOT, "name": ROOT_NAME, "parent": None, "path": [ROOT]}
    insert_unless_known(session, regions, [root])


def add_region(
    session: Session,
    code: str,
    name: str,
    parent: str | None = None,
    aliases: Sequence[str] = (),
    *,
    learned: bool = False,
) -> RegionRecord:
    """Add a region under `parent` (None: the root), or rename one and add aliases.

    A region stays under its parent. A learned one that is added again without `learned` is
    declared by that. Raises UnknownRegion for an unknown parent, BadValue for an
    empty or reserved code or another parent than before.
    """
    above = parent or ROOT
    if not code.strip() or not name.strip() or code in {ROOT, PUBLISHED}:
        raise BadValue(f"region {code!r} {name!r}: give a code and a name; {ROOT} is reserved")
    found = region(session, code)
    if found is None:
        path = (*require_region(session, above).path, code)
        new_one: dict[str, Any] = {
            "code": code,
            "name": name,
            "parent": above,
            "path": list(path),
            "learned": learned,
        }
        insert_unless_known(session, regions, [new_one])  # another process may add it too
    elif parent is not None and found.parent != above:
        raise BadValue(f"region {code} stands under {found.parent}; it can't be moved to {above}")
    else:
        new_one = {"name": name, "learned": found.learned and learned}
        session.connection.execute(update(regions).where(regions.c.code == code).values(new_one))
    known = set(found.aliases) if found else set()
    if new := [alias for alias in dict.fromkeys(aliases) if alias not in known]:
        rows = [{"region": code, "alias": alias} for alias in new]
        insert_unless_known(session, region_aliases, rows)
    return require_region(session, code)


def region(session: Session, code: str) -> RegionRecord | None:
    """The region of this code."""
    return next(iter(_read(session, [code])), None)


def require_region(session: Session, code: str) -> RegionRecord:
    """The region of this code. Raises UnknownRegion."""
    found = region(session, code)
    if found is None:
        raise UnknownRegion(f"there is no region {code!r}; add it first")
    return found


def all_regions(session: Session) -> tuple[RegionRecord, ...]:
    """Every region, parents before children, then by code."""
    everything = _read(session, None)
    return tuple(sorted(everything, key=lambda one: (len(one.path), one.code)))


def ancestors(session: Session, code: str) -> tuple[str, ...]:
    """Codes from the root down to the region's parent. Raises UnknownRegion."""
    return require_region(session, code).path[:-1]


def subtree(session: Session, code: str) -> frozenset[str]:
    """The region and all below it. Raises UnknownRegion."""
    require_region(session, code)
    below = select(regions.c.code).where(regions.c.code == code).cte(recursive=True)
    below = below.union_all(select(regions.c.code).where(regions.c.parent == below.c.code))
    return frozenset(session.connection.execute(select(below.c.code)).scalars())


def find_regions(session: Session, text: str) -> tuple[RegionRecord, ...]:
    """Regions with this code, name or alias, exactly; by code."""
    text = text.strip()
    codes = select(regions.c.code).where((regions.c.code == text) | (regions.c.name == text))
    others = select(region_aliases.c.region).where(region_aliases.c.alias == text)
    found = session.connection.execute(codes.union(others)).scalars().all()
    return tuple(sorted(_read(session, found), key=lambda one: one.code)) if found else ()


def _read(session: Session, codes: Iterable[str] | None) -> list[RegionRecord]:
    wanted, named = select(regions), select(region_aliases)
    if codes is not None:
        codes = list(codes)
        wanted = wanted.where(regions.c.code.in_(codes))
        named = named.where(region_aliases.c.region.in_(codes))
    aliases: dict[str, list[str]] = {}
    for row in session.connection.execute(named):
        aliases.setdefault(row.region, []).append(row.alias)
    return [
        RegionRecord(
            row.code,
            row.name,
            row.parent,
            tuple(row.path),
            tuple(sorted(aliases.get(row.code, ()))),
            row.learned,
        )
        for row in session.connection.execute(wanted)
    ]
