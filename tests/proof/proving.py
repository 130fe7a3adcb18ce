"""The proof itself: the same requests to both offices of a pair give the same bytes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from difflib import unified_diff

from tests.proof.asking import Situation, answer, drawn, know, told
from tests.proof.offices import Ground, offices
from tests.proof.worlds import CANARY, USERS, Letter, User, World, pair, reads_whole, sees

QUESTIONS = 50
"""Requests to a pair of offices."""


@dataclass(frozen=True)
class Difference:
    """`case`: which, so that it can be asked again."""

    case: int
    user: str
    asked: str
    one: bytes
    other: bytes

    def __str__(self) -> str:
        one, other = (one.decode(errors="replace").splitlines() for one in (self.one, self.other))
        head = f"case {self.case}: {self.user} asks {self.asked}"
        return "\n".join((head, *unified_diff(one, other, n=1)))


def prove(ground: Ground, cases: int, seed: int) -> tuple[int, Difference | None]:
    """Ask so many requests of pairs of offices; how many were asked, and the first difference.

    A case is one request, asked of both offices by the user for whom they look the same. Others
    act between the requests. Canaries must stand in no answer, and none may be a server's error.
    """
    know(ground.template)
    asked = 0
    while asked < cases:
        dice = random.Random(f"{seed} {asked}")
        difference = _prove_pair(ground, dice, asked, min(QUESTIONS, cases - asked))
        asked += min(QUESTIONS, cases - asked)
        if difference is not None:
            return asked, difference
    return asked, None


def _prove_pair(ground: Ground, dice: random.Random, case: int, count: int) -> Difference | None:
    user = dice.choice(USERS)
    worlds = pair(dice, user)
    with offices(ground, f"pair {case}") as made:
        for office, world in zip(made, worlds, strict=True):
            office.take_in_all(world.letters)
        waiting = [list(world.acts) for world in worlds]
        letters = tuple({one.key: one for world in worlds for one in world.letters}.values())
        whole = {one.key for one in letters if sees(user, one) and reads_whole(user, one)}
        assert not any(CANARY in one.body for one in letters if one.key in whole)
        alike = _alike(user, worlds, letters)
        compared = not user.asks or {one for one in letters if sees(user, one)} <= {*alike}
        situation = Situation(user, letters, dice, alike, compared)
        for number in range(count):
            for office, acts in zip(made, waiting, strict=True):
                if acts and dice.random() < 0.3:
                    acts.pop()(office)
            request = drawn(situation)
            one, other = (answer(office, user, request, case + number) for office in made)
            if one != other or CANARY.encode() in one or one.startswith(b"5"):
                return Difference(case + number, user.name, told(request), one, other)
    return None


def _alike(
    user: User, worlds: tuple[World, World], letters: tuple[Letter, ...]
) -> tuple[Letter, ...]:
    """Letters whose persons are the same in both, or that this user doesn't see in either: who may
    look at what is masked, or find people by it, may ask about these alone. The others show that
    nobody learns of it without asking."""
    facts: dict[int, set[tuple[str, ...]]] = {}
    for world in worlds:
        for one in world.letters:
            if sees(user, one):
                facts.setdefault(one.key, set()).add(one.facts)
    apart = {key for key, found in facts.items() if len(found) > 1}
    numbers = {fact for one in letters if one.key in apart for fact in one.facts}
    return tuple(
        one for one in letters if one.key not in apart and numbers.isdisjoint(one.facts[1::2])
    )
