"""Setting up a second factor, and getting in again by a one-time code, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from records import audit, recovery, signin, users
from records.database import Database
from records.errors import SignInRefused, TooManyAttempts, WeakPassword, WrongCode
from records.home import Settings
from records.signin import Proof
from records.users import NewUser, add_user

if TYPE_CHECKING:
    from conftest import Clock, Stored

PASSWORD = "seven quiet lanterns"
OTHER = "eleven loud tambourines"
ADMINISTRATOR = "a" * 32


@pytest.fixture
def user(database: Database) -> users.User:
    with database.write() as session:
        return add_user(session, NewUser("zhang", "clerk", PASSWORD, second_factor=False)).user


def now_of(database: Database, user: users.User) -> users.User:
    with database.read() as session:
        return users.require_user(session, user.id)


def enrol(database: Database, user: users.User, clock: Clock) -> pyotp.TOTP:
    with database.write() as session:
        totp = pyotp.TOTP(recovery.begin_enrolment(session, user.id).secret)
        recovery.finish_enrolment(session, user.id, totp.at(clock.moment))
    clock.pass_(30)
    return totp


def reset(database: Database, user: users.User, **settings: int) -> str:
    with database.write() as session:
        return recovery.reset(session, user.id, ADMINISTRATOR, Settings(**settings))


def acts(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(entry.actor, entry.action) for entry in audit.entries(session)]


def test_a_factor_counts_once_a_code_of_it_was_given(
    database: Database, user: users.User, clock: Clock
) -> None:
    with database.write() as session:
        begun = recovery.begin_enrolment(session, user.id)
    assert parse_qs(urlsplit(begun.address).query)["secret"] == [begun.secret]
    assert not now_of(database, user).second_factor
    assert signin.authenticate(database, "zhang", PASSWORD).id == user.id
    with database.write() as session, pytest.raises(WrongCode):
        recovery.finish_enrolment(session, user.id, "000000")
    totp = pyotp.TOTP(begun.secret)
    with database.write() as session:
        assert recovery.pending_enrolment(session, user.id) == begun
        token = signin.begin(session, user).token
        recovery.finish_enrolment(session, user.id, totp.at(clock.moment))
        assert recovery.pending_enrolment(session, user.id) is None
    assert now_of(database, user).second_factor
    assert signin.resume(database, token) is None
    with pytest.raises(SignInRefused):
        signin.authenticate(database, "zhang", PASSWORD)
    assert (user.id, "user.second_factor") in acts(database)


def test_the_code_that_confirmed_a_factor_does_not_sign_in(
    database: Database, user: users.User, clock: Clock
) -> None:
    totp = enrol(database, user, clock)
    with pytest.raises(SignInRefused):
        signin.authenticate(
            database,
            "zhang",
            PASSWORD,
            totp.at(clock.moment - timedelta(seconds=30)),
            Settings(code_steps=1),
        )
    assert signin.authenticate(database, "zhang", PASSWORD, totp.at(clock.moment)).second_factor


def test_the_old_factor_holds_until_the_new_one_is_confirmed(
    database: Database, user: users.User, clock: Clock
) -> None:
    old = enrol(database, user, clock)
    with database.write() as session:
        new = pyotp.TOTP(recovery.begin_enrolment(session, user.id).secret)
    with pytest.raises(SignInRefused):
        signin.authenticate(database, "zhang", PASSWORD, new.at(clock.moment))
    signin.authenticate(database, "zhang", PASSWORD, old.at(clock.moment))
    with database.write() as session:
        recovery.finish_enrolment(session, user.id, new.at(clock.moment))
    clock.pass_(60)
    with pytest.raises(SignInRefused):
        signin.authenticate(database, "zhang", PASSWORD, old.at(clock.moment))
    signin.authenticate(database, "zhang", PASSWORD, new.at(clock.moment))


def test_nothing_is_confirmed_that_was_not_begun(database: Database, user: users.User) -> None:
    with database.write() as session, pytest.raises(WrongCode):
        recovery.finish_enrolment(session, user.id, "000000")


def test_what_was_begun_and_left_is_forgotten(
    database: Database, user: users.User, clock: Clock
) -> None:
    with database.write() as session:
        begun = pyotp.TOTP(recovery.begin_enrolment(session, user.id).secret)
        clock.pass_(recovery.PENDING_SECONDS - 1)
        assert recovery.pending_enrolment(session, user.id)
        clock.pass_(1)
        assert recovery.pending_enrolment(session, user.id) is None
        with pytest.raises(WrongCode):
            recovery.finish_enrolment(session, user.id, begun.at(clock.moment))
        recovery.begin_enrolment(session, user.id)
        users.set_password(session, user.id, OTHER)
        assert recovery.pending_enrolment(session, user.id) is None


def test_a_code_opens_once_also_when_it_is_given_many_times_at_once(
    database: Database, user: users.User, clock: Clock
) -> None:
    totp = enrol(database, user, clock)
    code = totp.at(clock.moment)
    limits = Settings(free_attempts=100)
    outcomes: list[str] = []
    ready = threading.Barrier(8)

    def enter() -> None:
        ready.wait()
        try:
            signin.sign_in(database, Proof("zhang", PASSWORD, code), limits)
            outcomes.append("in")
        except SignInRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 7
    with database.read() as session:
        assert signin.count_sessions(session, user.id) == 1


def test_secrets_and_one_time_codes_are_kept_unreadable(
    database: Database, user: users.User, stored: Stored
) -> None:
    with database.write() as session:
        secret = recovery.begin_enrolment(session, user.id).secret
        code = recovery.reset(session, user.id, ADMINISTRATOR)
        again = recovery.begin_enrolment(session, user.id).secret
    kept = stored()
    for text in (secret, again, code, code.replace("-", "")):
        assert text.encode() not in kept


def test_a_reset_takes_password_factor_and_sessions_away(
    database: Database, user: users.User, clock: Clock
) -> None:
    totp = enrol(database, user, clock)
    with database.write() as session:
        token = signin.begin(session, user).token
    reset(database, user)
    found = now_of(database, user)
    assert (found.second_factor, found.factor_due) == (False, True)
    assert signin.resume(database, token) is None
    for code in (None, totp.at(clock.moment)):
        with pytest.raises(SignInRefused):
            signin.authenticate(database, "zhang", PASSWORD, code)
    assert (ADMINISTRATOR, "user.reset") in acts(database)


def test_the_code_sets_a_password_once_and_a_factor_is_due_then(
    database: Database, user: users.User, clock: Clock
) -> None:
    enrol(database, user, clock)
    code = reset(database, user)
    recovery.redeem(database, "ＺHANG", code.lower().replace("-", " "), OTHER)
    assert signin.authenticate(database, "zhang", OTHER).factor_due
    with pytest.raises(SignInRefused):
        recovery.redeem(database, "zhang", code, PASSWORD)
    assert signin.authenticate(database, "zhang", OTHER).id == user.id
    enrol(database, user, clock)
    assert not now_of(database, user).factor_due
    assert (user.id, "recovery") in acts(database)
    assert ("nobody", "recovery_refused") in acts(database)


def test_who_had_no_factor_needs_none_after_a_reset(
    database: Database, user: users.User, clock: Clock
) -> None:
    recovery.redeem(database, "zhang", reset(database, user), OTHER)
    assert not signin.authenticate(database, "zhang", OTHER).factor_due


def test_a_second_reset_before_the_first_was_used_keeps_the_factor_due(
    database: Database, user: users.User, clock: Clock
) -> None:
    enrol(database, user, clock)
    first = reset(database, user)
    second = reset(database, user)
    with pytest.raises(SignInRefused):
        recovery.redeem(database, "zhang", first, OTHER)
    recovery.redeem(database, "zhang", second, OTHER)
    assert now_of(database, user).factor_due


def test_codes_run_out(database: Database, user: users.User, clock: Clock) -> None:
    code = reset(database, user, reset_code_seconds=600)
    clock.pass_(600)
    with pytest.raises(SignInRefused):
        recovery.redeem(database, "zhang", code, OTHER)
    code = reset(database, user, reset_code_seconds=600)
    clock.pass_(599)
    recovery.redeem(database, "zhang", code, OTHER)


def test_another_password_makes_the_code_worthless(
    database: Database, user: users.User, clock: Clock
) -> None:
    code = reset(database, user)
    with database.write() as session:
        users.set_password(session, user.id, PASSWORD)
    with pytest.raises(SignInRefused):
        recovery.redeem(database, "zhang", code, OTHER)


def test_a_weak_password_does_not_use_the_code_up(
    database: Database, user: users.User, clock: Clock
) -> None:
    code = reset(database, user)
    with pytest.raises(WeakPassword):
        recovery.redeem(database, "zhang", code, "short")
    recovery.redeem(database, "zhang", code, OTHER)


def test_every_refused_recovery_is_the_same_and_guessing_must_wait(
    database: Database, user: users.User, clock: Clock
) -> None:
    with database.write() as session:
        li = add_user(session, NewUser("li", "clerk", PASSWORD, second_factor=False)).user
    code = reset(database, user)
    disabled = reset(database, li)
    with database.write() as session:
        users.disable_user(session, li.id)
    told = set()
    for name, given in (("zhang", disabled), ("nobody", code), ("li", disabled), ("", "")):
        with pytest.raises(SignInRefused) as caught:
            recovery.redeem(database, name, given, OTHER)
        told.add(str(caught.value))
    assert told == {signin.REFUSED}
    for _ in range(2):
        with pytest.raises(SignInRefused):
            recovery.redeem(database, "zhang", "WRONG", OTHER)
    with pytest.raises(TooManyAttempts):
        recovery.redeem(database, "zhang", code, OTHER)
    clock.pass_(1)
    recovery.redeem(database, "zhang", code, OTHER)
