"""The three-level classification of petition content: a code is the path (`01`, `0103`, `010302`).

Names as provincial offices use them, 17 of level 1. Shipped in `categories.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import func, select

from records.database import Session, insert_unless_known
from records.errors import UnknownCategory
from records.tables import categories

FILE = Path(__file__).with_name("categories.csv")


@dataclass(frozen=True, slots=True)
class Category:
    """`level` is 1 to 3; `path`: codes from level 1 to this one."""

    code: str
    name: str

    @property
    def level(self) -> int:
        return len(self.code) // 2

    @property
    def parent(self) -> str | None:
        return self.code[:-2] or None

    @property
    def path(self) -> tuple[str, ...]:
        return category_path(self.code)


@cache
def all_categories() -> tuple[Category, ...]:
    """Every category, by code, i.e. each before those below it."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(Category(row["code"], row["name"]) for row in csv.DictReader(file))


@cache
def _by_code() -> dict[str, Category]:
    return {category.code: category for category in all_categories()}


def category_path(code: str) -> tuple[str, ...]:
    """Codes from level 1 down to `code` itself."""
    return tuple(code[:end] for end in range(2, len(code) + 1, 2))


def category(code: str) -> Category:
    """The category of a code. Raises UnknownCategory."""
    found = _by_code().get(code)
    if found is None:
        raise UnknownCategory(f"there is no category {code!r}; use a code or name of the table")
    return found


def find_categories(text: str) -> tuple[Category, ...]:
    """Categories with this code or name, higher levels first; `a/b/c` names a path of names."""
    names = [part.strip() for part in text.replace("／", "/").split("/")]
    found = [
        one
        for one in all_categories()
        if one.code == text.strip()
        or (one.name == names[-1] and _names(one)[-len(names) :] == names)
    ]
    return tuple(sorted(found, key=lambda one: (one.level, one.code)))


def category_label(code: str) -> str:
    """Names from level 1 down, e.g. '城乡建设/安全生产'. Raises UnknownCategory."""
    return "/".join(_names(category(code)))


def _names(one: Category) -> list[str]:
    return [_by_code()[code].name for code in one.path]


def categories_missing(session: Session) -> bool:
    """Whether the table lacks categories that this version ships."""
    kept = session.connection.execute(select(func.count()).select_from(categories)).scalar_one()
    return int(kept) < len(all_categories())


def seed_categories(session: Session) -> None:
    """Bring the table of categories to the shipped one; nothing is taken away."""
    known = set(session.connection.execute(select(categories.c.code)).scalars())
    new = [
        {"code": one.code, "name": one.name, "parent": one.parent, "path": list(one.path)}
        for one in all_categories()
        if one.code not in known
    ]
    insert_unless_known(session, categories, new)
