"""The proof has power: each leak that is seeded into the real code is found."""

from __future__ import annotations

import pytest

from tests.proof import asking, proving
from tests.proof.conftest import MakeGround
from tests.proof.leaks import LEAKS, SHOWS
from tests.proof.offices import Ground
from tests.proof.proving import prove
from tests.proof.worlds import USERS

CASES = 2_000
"""As many as an ordinary run asks; a leak is found much earlier."""


@pytest.fixture(scope="module")
def made(ground: MakeGround) -> Ground:
    return ground("memory", "sqlite")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LEAKS))
def test_a_seeded_leak_is_found(made: Ground, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    LEAKS[name](monkeypatch)
    if shows := SHOWS.get(name):
        for route in shows.routes:
            monkeypatch.setitem(asking.OFTEN, route, 60)
        users = tuple(one for one in USERS if not shows.users or one.name in shows.users)
        monkeypatch.setattr(proving, "USERS", users)
    asked, difference = prove(made, CASES, 1)
    assert difference is not None, f"{name} was not found by {asked} cases"


def test_there_are_enough_of_them() -> None:
    assert len(LEAKS) >= 15
