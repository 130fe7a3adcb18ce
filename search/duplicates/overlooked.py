"""What a clerk could not be told: a letter repeats one that lies outside their rights.

The clerk's answer holds nothing of it. Who sees both letters finds the pair here, computed from
what they see themselves when they ask: nothing is stored that a hidden letter could have changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from records.record import PetitionRecord
from search.access import Scope
from search.answers import VisiblePetition
from search.duplicates.answers import Duplicate, Verdict
from search.projection import granted_on

WAITING: Final = frozenset({"REGISTERED", "DUP_CHECK"})
"""Statuses of letters that nobody has decided about."""
LETTERS: Final = 20
"""So many of them are looked at, the newest."""

_TOLD: Final = frozenset({Verdict.EXACT, Verdict.NEAR, Verdict.REPEAT, Verdict.SAME_MATTER})


@dataclass(frozen=True, slots=True)
class Overlooked:
    """A letter, and those that it repeats and its registrar may not see."""

    petition: VisiblePetition
    found: tuple[Duplicate, ...]


def unseen_by(
    registrars: tuple[Scope, ...], found: list[Duplicate], records: dict[str, PetitionRecord]
) -> tuple[Duplicate, ...]:
    """Of what belongs together, what none of the registrars sees."""
    return tuple(
        one
        for one in found
        if one.verdict in _TOLD
        and (record := records.get(one.petition.id)) is not None
        and not any(granted_on(scope, record) is not None for scope in registrars)
    )
