"""The kinds of matter that invented letters speak of, read from `matters/*.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from records.categories import find_categories

FOLDER = Path(__file__).with_name("matters")


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of matter: templates with `{slots}` and `[a|b]` choices.

    `category` is a code of the classification. `accusing`: letters of this kind accuse somebody,
    so they are sealed. `rural`: it plays in a county. `voice`: the only one that suits it.
    """

    name: str
    category: str
    office: str
    subjects: tuple[str, ...]
    facts: tuple[str, ...]
    demands: tuple[str, ...]
    findings: tuple[str, ...]
    outcomes: tuple[str, ...]
    accusing: bool
    rural: bool
    voice: str | None


def _matter(entry: dict[str, Any]) -> Matter:
    name = entry["category"]
    lists = ("subjects", "facts", "demands", "findings", "outcomes")
    return Matter(
        name=name,
        category=find_categories(name)[0].code,
        office=entry["office"],
        accusing=entry.get("accusing", False),
        rural=name.startswith("农村农业") or "{village}" in "".join(entry["facts"]),
        voice=entry.get("voice"),
        **{one: tuple(entry[one]) for one in lists},
    )


@cache
def all_matters() -> tuple[Matter, ...]:
    """Every kind, files by name, kinds as they stand in them."""
    return tuple(
        _matter(entry)
        for file in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["matter"]
    )
