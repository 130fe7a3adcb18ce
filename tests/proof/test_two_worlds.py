"""Nobody learns anything of what is hidden from them: by no route, count, order or error.

Two offices look the same to a user and differ at random in all that is hidden; every answer must be
the same, byte for byte. `make proof` asks 50,000 times on each engine.
"""

from __future__ import annotations

import os
import random

import pytest

from api.pages.questions import Question, seal_of
from tests.proof.asking import STRATEGIES, VOLATILE, routes
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
