"""Waits by address beside those by name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from records import audit, signin
from records.database import Database
from records.errors import SignInRefused, TooManyAttempts
from records.home import Settings
from records.limits import network_of
from records.signin import Proof
from records.users import NewUser, add_user, set_password

if TYPE_CHECKING:
    from conftest import Clock

PASSWORD = "seven quiet lanterns"
LIMITS = Settings(free_attempts=100, free_attempts_of_address=5)
HERE = "10.1.2.3"


@pytest.fixture(autouse=True)
def user(database: Database) -> None:
    with database.write() as session:
        add_user(session, NewUser("zhang", "clerk", PASSWORD, second_factor=False))


def enter(
    database: Database, name: str, password: str, address: str | None, limits: Settings = LIMITS
) -> str:
    """What comes of it: in, refused, or the seconds to wait."""
    try:
        signin.sign_in(database, Proof(name, password, None, address), limits)
    except SignInRefused:
        return "refused"
    except TooManyAttempts as error:
        return str(error.retry_after)
    return "in"


def test_guessing_at_many_names_from_one_address_must_wait_longer_each_time(
    database: Database, clock: Clock
) -> None:
    for number in range(5):
        assert enter(database, f"name{number}", "wrong", HERE) == "refused"
    waits = []
    for number in range(12):
        wait = enter(database, f"other{number}", "wrong", HERE)
        waits.append(int(wait))
        clock.moment += timedelta(seconds=int(wait))
        assert enter(database, f"other{number}", "wrong", HERE) == "refused"
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert max(waits) == LIMITS.longest_wait_seconds == waits[-1]


def test_another_address_does_not_wait(database: Database, clock: Clock) -> None:
    for number in range(5):
        enter(database, f"name{number}", "wrong", HERE)
    assert enter(database, "zhang", PASSWORD, HERE) == "1"
    assert enter(database, "zhang", PASSWORD, "10.1.2.4") == "in"
    assert enter(database, "zhang", PASSWORD, None) == "in"


def test_an_address_that_waits_does_not_make_names_wait(database: Database, clock: Clock) -> None:
    limits = Settings(free_attempts=2, free_attempts_of_address=1)
    assert enter(database, "x", "wrong", HERE, limits) == "refused"
    for _ in range(5):
        assert enter(database, "zhang", "wrong", HERE, limits) == "1"
    assert enter(database, "zhang", PASSWORD, "10.1.2.4", limits) == "in"


def test_quiet_minutes_are_forgiven(database: Database, clock: Clock) -> None:
    for number in range(5):
        enter(database, f"name{number}", "wrong", HERE)
    clock.moment += timedelta(minutes=5)
    for number in range(4):
        assert enter(database, f"name{number}", "wrong", HERE) == "refused"


def test_a_right_password_takes_back_only_its_own_attempt(database: Database, clock: Clock) -> None:
    for turn in range(4):
        assert enter(database, f"name{turn}", "wrong", HERE) == "refused"
        assert enter(database, "zhang", PASSWORD, HERE) == "in"
    assert enter(database, "name9", "wrong", HERE) == "refused"
    assert enter(database, "zhang", PASSWORD, HERE) == "1"


def test_a_busy_office_behind_one_address_never_waits(database: Database, clock: Clock) -> None:
    for _ in range(20):
        assert enter(database, "zhang", PASSWORD, HERE) == "in"


def test_attempts_refused_by_the_wait_stand_in_the_audit_without_names_and_addresses(
    database: Database, clock: Clock
) -> None:
    limits = Settings(free_attempts=1)
    enter(database, "zhang", "wrong", HERE, limits)
    assert enter(database, "zhang", PASSWORD, HERE, limits) == "1"
    assert enter(database, "nobody", "wrong", HERE, limits) == "refused"
    assert enter(database, "nobody", "wrong", HERE, limits) == "1"
    with database.read() as session:
        entries = audit.entries(session)
        assert audit.verify(session).intact
    assert [entry.action for entry in entries] == ["sign_in_refused"] * 4
    assert [entry.details.get("wait") for entry in entries] == [None, 1, None, 1]
    assert {len(entry.details["address_hash"]) for entry in entries} == {64}
    assert len({entry.details["address_hash"] for entry in entries}) == 1
    told = str(entries)
    assert HERE not in told
    assert "zhang" not in told


def test_a_password_changed_while_it_is_checked_opens_nothing(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = signin.password_fits

    def slow(password_hash: str | None, password: str) -> bool:
        fits = checked(password_hash, password)
        with database.write() as session:
            user = signin.user_by_id(session, kept.id)
            assert user
            set_password(session, user.id, "eleven loud tambourines")
        return fits

    kept = signin.authenticate(database, "zhang", PASSWORD)
    monkeypatch.setattr(signin, "password_fits", slow)
    assert enter(database, "zhang", PASSWORD, HERE) == "refused"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.1.2.3", "10.1.2.4", False),
        ("10.1.2.3", "::ffff:10.1.2.3", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("testclient", "testclient", True),
        ("", "10.1.2.3", False),
    ],
)
def test_what_one_person_may_choose_freely_is_one_address(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
