"""The published letters, and what was judged of them by reading.

`judged.csv`: pairs with a verdict. `matters.csv`: letters grouped by the one matter that they are
about, each group as complete as searching for its words made it. Both name letters by the ids of
the published collection; the letters themselves lie outside this project (`bench.corpus.SHARED`).

exact         the same text once width, case, white space and punctuation are folded
near          the same letter again: few words changed, or one holds a good half of the other
repeat        the same petitioner on the same matter in other words
same_matter   another petitioner on the same matter: the same object and the same grievance
related       the same topic or wording on another object, or the same object and another grievance
none          neither
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.corpus import SHARED

_HERE = Path(__file__).parent


class Verdict(StrEnum):
    """Closest first."""

    EXACT = "exact"
    NEAR = "near"
    REPEAT = "repeat"
    SAME_MATTER = "same_matter"
    RELATED = "related"
    NONE = "none"

    @property
    def closeness(self) -> int:
        """5 for exact … 0 for none."""
        return len(Verdict) - 1 - list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Letter:
    """`petitioner` is a code: the same code, the same person. `day` is ISO."""

    external_id: str
    petitioner: str
    day: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """`first` and `second` are ids, the smaller one first."""

    first: str
    second: str
    verdict: Verdict


def letters(folder: Path = SHARED) -> dict[str, Letter]:
    """The published letters by id. Raises FileNotFoundError where this machine lacks them."""
    with (folder / "petitions.jsonl").open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return {
        record["id"]: Letter(
            record["id"],
            record["petitioner"],
            record["submitted_at"][:10],
            record["subject"],
            record["text"],
        )
        for record in records
    }


def judged() -> list[Judged]:
    with (_HERE / "judged.csv").open(encoding="utf-8", newline="") as rows:
        return [
            Judged(row["first"], row["second"], Verdict(row["verdict"]))
            for row in csv.DictReader(rows)
        ]


def matters() -> Mapping[str, frozenset[str]]:
    """Ids by matter; no letter stands in two."""
    found: dict[str, set[str]] = defaultdict(set)
    with (_HERE / "matters.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found[row["matter"]].add(row["external_id"])
    return {matter: frozenset(ids) for matter, ids in found.items()}
