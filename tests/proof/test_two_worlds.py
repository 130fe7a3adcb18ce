"""Nobody learns anything of what is hidden from them: by no route, count, order or error.

Two offices look the same to a user and differ at random in all that is hidden; every answer must be
the same, byte for byte. `make proof` asks 50,000 times on each engine.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from api.pages.questions import Question, seal_of
from api.rate import Rate
from search.access import Allowed
from search.engine import Matches
from search.engines.memory import MemoryEngine
from search.query import Attribute
from tests.proof.asking import (
    STRATEGIES,
    VOLATILE,
    Situation,
    answer,
    counted,
    know,
    routes,
)
from tests.proof.conftest import MakeGround
from tests.proof.offices import offices
from tests.proof.proving import prove
from tests.proof.worlds import ACTOR, USERS, pair, reads_whole, sees

CASES = int(os.environ.get("PETITIONS_PROOF_CASES", "0"))
SEED = int(os.environ.get("PETITIONS_PROOF_SEED", "1"))

GROUNDS = (
    ("memory", "sqlite", 200),
    ("tantivy", "sqlite", 2_000),
    ("tantivy", "postgresql", 400),
    pytest.param("elasticsearch-1", "sqlite", 200, marks=pytest.mark.xdist_group("elasticsearch")),
    pytest.param(
        "elasticsearch-3", "postgresql", 200, marks=pytest.mark.xdist_group("elasticsearch")
    ),
)
"""Engine, database, cases in an ordinary run."""


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "database", "cases"), GROUNDS)
def test_what_is_hidden_changes_no_answer(
    ground: MakeGround, engine: str, database: str, cases: int
) -> None:
    asked, difference = prove(ground(engine, database), CASES or cases, SEED)
    if difference is not None:
        pytest.fail(str(difference), pytrace=False)
    assert asked == (CASES or cases)


def test_every_route_is_asked(ground: MakeGround) -> None:
    made = ground("memory", "sqlite")
    with offices(made, "routes") as (one, _):
        assert one.client.app is not None
        assert routes(one.client.app) == STRATEGIES.keys()


REGIONS_COUNTED = {"limit": 0, "facets": (str(Attribute.REGION),)}
"""What the engine is asked for forms and for naming regions: how many letters each holds."""


ASKERS = [user for user in USERS if user.asks]
"""Those who may do most."""


@pytest.mark.slow
def test_whatever_asks_the_engine_counts_as_a_search(
    ground: MakeGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each user asks each route a few times, and the engine is listened to."""
    made, heard = ground("memory", "sqlite"), []
    ask = MemoryEngine.search

    def listen(engine: MemoryEngine, allowed: Allowed, **given: Any) -> Matches:
        if not REGIONS_COUNTED.items() <= given.items():
            heard.append(given)
        return ask(engine, allowed, **given)

    monkeypatch.setattr(MemoryEngine, "search", listen)
    know(made.template)
    asking: set[tuple[str, str]] = set()
    numbers = count()
    for user in ASKERS:
        dice = random.Random(user.name)
        with offices(made, f"listened to {user.name}") as (office, _):
            world, _ = pair(dice, user)
            office.take_in_all(world.letters)
            now = Situation(user, world.letters, dice)
            for route, strategy in STRATEGIES.items():
                heard.clear()
                for _ in range(3):
                    answer(office, user, strategy(now), next(numbers))
                if heard:
                    asking.add(route)
    assert office.client.app is not None
    routes_counted = counted(office.client.app)
    assert asking - routes_counted == set()
    assert len(asking) > 12
    assert ("POST", "/api/search") in asking
    assert ("GET", "/api/petitions/{petition_id}/export") in routes_counted


@pytest.mark.slow
def test_who_searches_too_fast_learns_nothing(ground: MakeGround) -> None:
    """Refused before anything is looked at: the same of each letter, hidden, seen or none."""
    made = ground("memory", "sqlite")
    know(made.template)
    for user in ASKERS:
        dice = random.Random(user.name)
        with offices(made, f"too fast {user.name}") as pairs:
            worlds = pair(dice, user)
            for office, world in zip(pairs, worlds, strict=True):
                office.take_in_all(world.letters)
                rate = Rate(1, lambda: 0)
                assert rate.count(made.template.ids[user.name]) is None
                assert office.client.app is not None
                state = office.client.app.state
                state.office = replace(state.office, rate=rate)
            letters = tuple({one.key: one for world in worlds for one in world.letters}.values())
            now = Situation(user, letters, dice, letters)
            for route in sorted(counted(pairs[0].client.app)):
                told = set()
                for number in range(3):
                    asked = STRATEGIES[route](now)
                    one, other = (answer(office, user, asked, number) for office in pairs)
                    by_role = route == ("POST", "/register/check") and one.startswith(b"403\n")
                    assert by_role or one.startswith(b"429\n"), (route, one)
                    assert one == other, (user.name, route)
                    told.add(one)
                if route[1].startswith("/api/"):  # a page has its own address in it
                    assert len(told) == 1, route


def test_little_may_differ() -> None:
    assert len(VOLATILE) <= 5


def test_a_sealed_question_is_told_from_any_other() -> None:
    """Or nothing of it would be compared."""
    seal = seal_of("a token")
    states = [seal.close(Question(text=text)) for text in ("路灯", "路灯", "噪音")]
    assert len(set(states)) == 3
    assert [seal.open(state).text for state in states] == ["路灯", "路灯", "噪音"]


def test_worlds_differ_and_show_the_same() -> None:
    """A pair of equal worlds, or one that shows nothing, would prove nothing."""
    differing = seen = whole = 0
    for number in range(300):
        dice = random.Random(number)
        user = dice.choice(USERS)
        worlds = pair(dice, user)
        shown = [[one for one in world.letters if sees(user, one)] for world in worlds]
        assert {one.key for one in shown[0]} == {one.key for one in shown[1]}
        differing += {*worlds[0].letters} != {*worlds[1].letters}
        seen += bool(shown[0])
        whole += any(reads_whole(user, one) for one in shown[0])
        assert all(sees(ACTOR, one) or one.sealed for world in worlds for one in world.letters)
    assert differing > 280
    assert seen > 180
    assert whole > 30
