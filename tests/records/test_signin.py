from __future__ import annotations

import statistics
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from records import audit, signin, users
from records.database import Database
from records.errors import SignInRefused, TooManyAttempts, UnknownUser
from records.home import Settings
from records.users import NewUser, add_user

if TYPE_CHECKING:
    from conftest import Clock, Stored

PASSWORD = "seven quiet lanterns"
WRONG = "seven wrong lanterns"


@pytest.fixture
def user(database: Database) -> users.User:
    with database.write() as session:
        return add_user(session, NewUser("zhang", "clerk", PASSWORD, second_factor=False)).user


def refused(database: Database, name: str, password: str, code: str | None = None) -> str:
    with pytest.raises(SignInRefused) as caught:
        signin.authenticate(database, name, password, code)
    return str(caught.value)


def test_name_and_password_open(database: Database, user: users.User) -> None:
    assert signin.authenticate(database, "ＺHANG", PASSWORD) == user


def test_every_refusal_is_the_same(database: Database, user: users.User) -> None:
    with database.write() as session:
        other = add_user(session, NewUser("li", "clerk", PASSWORD, second_factor=False)).user
        users.disable_user(session, other.id)
        add_user(session, NewUser("wang", "clerk", PASSWORD))
    answers = {
        refused(database, "zhang", WRONG),
        refused(database, "nobody", PASSWORD),
        refused(database, "li", PASSWORD),
        refused(database, "wang", PASSWORD),
        refused(database, "wang", PASSWORD, "000000"),
        refused(database, "", ""),
        refused(database, "a b", PASSWORD),
    }
    assert answers == {signin.REFUSED}


def test_an_unknown_name_takes_as_long_as_a_known_one(database: Database, user: users.User) -> None:
    def seconds(name: str) -> float:
        began = time.process_time()
        with pytest.raises(SignInRefused):
            signin.authenticate(database, name, WRONG, None, Settings(free_attempts=1000))
        return time.process_time() - began

    seconds("nobody")
    known, unknown = zip(*((seconds("zhang"), seconds("nobody")) for _ in range(7)), strict=True)
    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


def test_waits_grow_and_end_with_the_right_password(
    database: Database, user: users.User, clock: Clock
) -> None:
    refused(database, "zhang", WRONG)
    refused(database, "zhang", WRONG)
    waits = []
    for _ in range(12):
        refused(database, "zhang", WRONG)
        with pytest.raises(TooManyAttempts) as caught:  # the right one has to wait as well
            signin.authenticate(database, "zhang", PASSWORD)
        waits.append(caught.value.retry_after)
        clock.pass_(caught.value.retry_after)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert signin.authenticate(database, "zhang", PASSWORD) == user
    refused(database, "zhang", WRONG)
    refused(database, "zhang", WRONG)  # counting began anew


def test_names_without_a_user_wait_alike(database: Database, clock: Clock) -> None:
    for _ in range(3):
        refused(database, "nobody", WRONG)
    with pytest.raises(TooManyAttempts) as caught:
        signin.authenticate(database, "nobody", WRONG)
    assert caught.value.retry_after == 1


def test_guessing_in_parallel_gains_nothing(database: Database, user: users.User) -> None:
    outcomes: list[type[Exception]] = []

    def guess() -> None:
        try:
            signin.authenticate(database, "zhang", WRONG)
        except (SignInRefused, TooManyAttempts) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(SignInRefused) <= 4
    assert len(outcomes) == 12


def test_the_second_factor_is_needed_and_used_once(database: Database, clock: Clock) -> None:
    with database.write() as session:
        added = add_user(session, NewUser("wang", "clerk", PASSWORD))
    totp = pyotp.TOTP(parse_qs(urlsplit(added.enrolment).query)["secret"][0])
    refused(database, "wang", PASSWORD)
    code = totp.at(clock.moment)
    refused(database, "wang", WRONG, code)  # a wrong password doesn't use the code up
    assert signin.authenticate(database, "wang", PASSWORD, code) == added.user
    refused(database, "wang", PASSWORD, code)
    clock.pass_(30)
    assert signin.authenticate(database, "wang", PASSWORD, totp.at(clock.moment)) == added.user


def test_an_office_may_take_codes_a_step_early_or_late(database: Database, clock: Clock) -> None:
    with database.write() as session:
        added = add_user(session, NewUser("wang", "clerk", PASSWORD))
    totp = pyotp.TOTP(parse_qs(urlsplit(added.enrolment).query)["secret"][0])
    code = totp.at(clock.moment)
    early = totp.at(clock.moment + timedelta(seconds=60))
    clock.pass_(30)
    refused(database, "wang", PASSWORD, code)
    refused(database, "wang", PASSWORD, early)
    wide = Settings(code_steps=1)
    assert signin.authenticate(database, "wang", PASSWORD, code, wide) == added.user
    assert signin.authenticate(database, "wang", PASSWORD, early, wide) == added.user


def test_a_code_does_not_run_out_while_it_is_looked_at(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        added = add_user(session, NewUser("wang", "clerk", PASSWORD))
    totp = pyotp.TOTP(parse_qs(urlsplit(added.enrolment).query)["secret"][0])
    honest = signin.password_fits

    def slow(*given: object) -> bool:
        clock.pass_(30)
        return honest(*given)

    monkeypatch.setattr(signin, "password_fits", slow)
    assert signin.authenticate(database, "wang", PASSWORD, totp.at(clock.moment)) == added.user


def test_sign_ins_stand_in_the_audit_without_names(database: Database, user: users.User) -> None:
    signin.authenticate(database, "zhang", PASSWORD)
    refused(database, "secretname", WRONG)
    with database.read() as session:
        entries = audit.entries(session)
    assert [(one.actor, one.action) for one in entries] == [
        (user.id, "sign_in"),
        ("nobody", "sign_in_refused"),
    ]
    assert "secretname" not in str(entries)


def test_a_session_lasts_while_it_is_used_and_no_longer_than_its_end(
    database: Database, user: users.User, clock: Clock
) -> None:
    limits = Settings()
    with database.write() as session:
        begun = signin.begin(session, user)
    assert begun.expires_at == clock.moment + timedelta(seconds=limits.session_seconds)
    used = 0
    while used + 1500 < limits.session_seconds:
        clock.pass_(1500)
        used += 1500
        assert signin.resume(database, begun.token) == user
    clock.pass_(1500)
    assert signin.resume(database, begun.token) is None


def test_an_idle_session_ends(database: Database, user: users.User, clock: Clock) -> None:
    with database.write() as session:
        token = signin.begin(session, user).token
    clock.pass_(Settings().session_idle_seconds - 1)
    assert signin.resume(database, token) == user
    clock.pass_(Settings().session_idle_seconds)
    assert signin.resume(database, token) is None


def test_signing_out_ends_one_session(database: Database, user: users.User) -> None:
    with database.write() as session:
        one, two = signin.begin(session, user).token, signin.begin(session, user).token
        signin.end(session, one)
        signin.end(session, "unknown")
        assert signin.count_sessions(session, user.id) == 1
    assert signin.resume(database, one) is None
    assert signin.resume(database, two) == user
    assert signin.resume(database, "") is None


def begun(database: Database, user: users.User) -> str:
    with database.write() as session:
        return signin.begin(session, user).token


def running(database: Database, user: users.User, token: str) -> tuple[signin.Running, ...]:
    with database.read() as session:
        found = signin.running(session, user.id, token)
        assert signin.count_running(session, user.id) == len(found)
    return found


def test_a_user_sees_what_is_open_newest_first(
    database: Database, user: users.User, clock: Clock
) -> None:
    limits = Settings()
    idle = begun(database, user)
    clock.pass_(1200)
    old = begun(database, user)
    with database.write() as session:
        other = add_user(session, NewUser("li", "clerk", PASSWORD, second_factor=False)).user
        signin.begin(session, other)
    clock.pass_(limits.session_idle_seconds - 1200 - 1)
    assert signin.resume(database, old) == user
    new = begun(database, user)
    assert len(running(database, user, new)) == 3
    clock.pass_(1)  # the first was not used for as long as that
    found = running(database, user, new)
    assert signin.resume(database, idle) is None
    assert [one.handle for one in found] == [signin.handle(new), signin.handle(old)]
    assert [one.present for one in found] == [True, False]
    lasting = timedelta(seconds=limits.session_seconds)
    assert all(one.ends_at == one.began_at + lasting for one in found)
    assert found[1].used_at == found[0].began_at == clock.moment - timedelta(seconds=1)


def test_a_sign_in_that_is_over_is_not_listed(
    database: Database, user: users.User, clock: Clock
) -> None:
    token = begun(database, user)
    for _ in range(Settings().session_seconds // 1200):
        assert len(running(database, user, token)) == 1
        clock.pass_(1200)
        signin.resume(database, token)
    assert running(database, user, token) == ()


def test_a_handle_is_neither_the_token_nor_its_hash(database: Database, user: users.User) -> None:
    token = begun(database, user)
    (one,) = running(database, user, token)
    assert len(one.handle) == 16
    assert one.handle not in token
    assert token not in repr(one)
    assert signin.token_hash(token) not in repr(one)
    for given in (one.handle, signin.token_hash(token)):  # neither opens anything
        assert signin.resume(database, given) is None


def test_a_user_ends_one_of_their_own_by_its_handle(database: Database, user: users.User) -> None:
    one, two = begun(database, user), begun(database, user)
    with database.write() as session:
        other = add_user(session, NewUser("li", "clerk", PASSWORD, second_factor=False)).user
    others = begun(database, other)
    with database.write() as session:
        for wrong in (signin.handle(others), signin.handle(one)[:15], "%", "", two):
            signin.end_one(session, user.id, wrong)
        assert audit.entries(session) == ()
        signin.end_one(session, user.id, signin.handle(one))
        (entry,) = audit.entries(session)
    assert (entry.actor, entry.action) == (user.id, "sign_ins_ended")
    assert entry.details == {"ended": 1}
    assert signin.resume(database, one) is None
    assert signin.resume(database, two) == user
    assert signin.resume(database, others) == other


def test_a_user_ends_all_others_of_their_own(database: Database, user: users.User) -> None:
    tokens = [begun(database, user) for _ in range(4)]
    with database.write() as session:
        other = add_user(session, NewUser("li", "clerk", PASSWORD, second_factor=False)).user
    others = begun(database, other)
    with database.write() as session:
        signin.end_others(session, user.id, tokens[2])
        signin.end_others(session, user.id, tokens[2])  # nothing is left to end: no entry
        assert [entry.details for entry in audit.entries(session)] == [{"ended": 3}]
    left = [signin.resume(database, token) is not None for token in (*tokens, others)]
    assert left == [False, False, True, False, True]


def test_ending_all_of_a_user_tells_how_many_were_open(
    database: Database, user: users.User, clock: Clock
) -> None:
    idle = begun(database, user)
    clock.pass_(Settings().session_idle_seconds)
    one = begun(database, user)
    with database.write() as session:
        assert signin.end_all(session, user.id, "shell") == 1
        (entry,) = audit.entries(session)
        assert signin.count_sessions(session, user.id) == 0
        with pytest.raises(UnknownUser):
            signin.end_all(session, "nobody", "shell")
    assert (entry.actor, entry.action) == ("shell", "user.sign_out")
    assert (entry.object_id, entry.details) == (user.id, {"ended": 1})
    assert signin.resume(database, one) is signin.resume(database, idle) is None
    assert signin.authenticate(database, "zhang", PASSWORD) == user  # and in again


def test_rights_are_read_anew(database: Database, user: users.User) -> None:
    with database.write() as session:
        token = signin.begin(session, user).token
        users.set_rights(session, user.id, level="secret")
    assert signin.resume(database, token).level == "secret"


def test_tokens_are_long_and_kept_as_hashes(
    database: Database, user: users.User, stored: Stored
) -> None:
    with database.write() as session:
        begun = [signin.begin(session, user) for _ in range(20)]
    given = [*(one.token for one in begun), *(one.cookie for one in begun)]
    assert len(set(given)) == 40
    assert all(len(one) == 43 for one in given)
    assert not any(one.cookie in repr(one) or one.token in repr(one) for one in begun)
    kept = stored()
    assert not any(one.encode() in kept for one in given)
