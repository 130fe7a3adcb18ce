"""Three people share accounts and rights: none of them alone gives anybody a letter to read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import pytest

from records import administration, audit, recovery, signin
from records.administration import NO_RIGHTS, Rights
from records.database import Database, Session
from records.errors import (
    BadValue,
    Changed,
    NameTaken,
    NotYours,
    SignInRefused,
    UnknownCategory,
    UnknownField,
    UnknownLevel,
    UnknownRegion,
    UnknownRole,
    UnknownUser,
)
from records.regions import add_region
from records.roles import Role
from records.signin import Proof
from records.users import NewUser, User, add_user, require_user, set_rights

if TYPE_CHECKING:
    from conftest import Clock

PASSWORD = "seven quiet lanterns"
CONTENT = Rights("reviewer", "restricted", ("A市",), ("01",), ("full_text", "name"))
Act = Callable[[Session, User, str], object]


@pytest.fixture
def people(database: Database) -> dict[str, User]:
    with database.write() as session:
        add_region(session, "A市", "A市")
        made = {}
        for name, role in (
            ("admin", "administrator"),
            ("admin2", "administrator"),
            ("guard", "security"),
            ("guard2", "security"),
            ("auditor", "auditor"),
            ("li", "reviewer"),
        ):
            new = NewUser(name, role, PASSWORD, second_factor=False)
            made[name] = add_user(session, new).user
    return made


def proposed(database: Database, people: dict[str, User], rights: Rights = CONTENT) -> str:
    """Proposed for li; the proposal's id."""
    with database.write() as session:
        administration.propose(session, people["admin"], people["li"].id, rights)
    with database.read() as session:
        waiting = administration.proposal_for(session, people["li"].id)
    assert waiting is not None
    return waiting.id


def held(database: Database, user: User) -> User:
    with database.read() as session:
        return require_user(session, user.id)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return [one.action for one in audit.entries(session, limit=1000)]


def test_rights_need_two_people(database: Database, people: dict[str, User]) -> None:
    waiting = proposed(database, people)
    assert held(database, people["li"]) == people["li"]
    with database.write() as session:
        after = administration.confirm(session, people["guard"], people["li"].id, waiting)
    assert (after.role, after.level) == (Role.REVIEWER, "restricted")
    assert (after.regions, after.categories) == ({"A市"}, {"01"})
    assert after.fields == {"full_text", "name"}
    with database.read() as session:
        assert administration.proposals(session) == {}
        (entry,) = [one for one in audit.entries(session) if one.action == "rights.confirm"]
        assert audit.verify(session).intact
    assert (entry.actor, entry.object_id) == (people["guard"].id, people["li"].id)
    assert entry.details["by"] == people["admin"].id
    assert entry.details["before"]["level"] == "open"
    assert entry.details["after"]["regions"] == ["A市"]


def test_what_is_declined_changes_nothing(database: Database, people: dict[str, User]) -> None:
    waiting = proposed(database, people)
    with database.write() as session:
        administration.decline(session, people["guard"], people["li"].id, waiting)
    assert held(database, people["li"]) == people["li"]
    with database.write() as session, pytest.raises(Changed):
        administration.confirm(session, people["guard"], people["li"].id, waiting)
    assert actions(database)[-1] == "rights.decline"


def test_only_what_was_looked_at_is_confirmed(database: Database, people: dict[str, User]) -> None:
    seen = proposed(database, people, Rights("clerk"))
    proposed(database, people, Rights("reviewer", "secret"))
    with database.write() as session, pytest.raises(Changed):
        administration.confirm(session, people["guard"], people["li"].id, seen)
    with database.write() as session, pytest.raises(Changed):
        administration.decline(session, people["guard"], people["li"].id, seen)
    assert held(database, people["li"]) == people["li"]


ACTS: dict[str, Act] = {
    "open": lambda s, who, _: administration.open_account(s, who, "new", "", CONTENT),
    "propose": lambda s, who, on: administration.propose(s, who, on, CONTENT),
    "reset": administration.reset_account,
    "shut": administration.shut,
    "sign_out": administration.sign_out,
    "reopen": administration.reopen,
    "confirm": lambda s, who, on: administration.confirm(s, who, on, "x"),
    "decline": lambda s, who, on: administration.decline(s, who, on, "x"),
}
MAY = {
    "administrator": {"open", "propose", "reset", "shut", "sign_out", "reopen"},
    "security": {"shut", "sign_out", "confirm", "decline"},
}


@pytest.mark.parametrize("role", Role)
def test_each_role_does_its_own_part_and_nothing_else(
    database: Database, people: dict[str, User], role: Role
) -> None:
    with database.write() as session:
        actor = set_rights(session, people["admin2"].id, role=role)
    for name, act in ACTS.items():
        with database.write() as session:
            if name in MAY.get(role, set()):
                if name in {"confirm", "decline"}:
                    with pytest.raises(Changed):
                        act(session, actor, people["li"].id)
                else:
                    act(session, actor, people["li"].id)
            else:
                with pytest.raises(NotYours):
                    act(session, actor, people["li"].id)


@pytest.mark.parametrize(
    ("who", "name"), [*product(["admin"], sorted(MAY["administrator"] - {"open"})),
                      *product(["guard"], sorted(MAY["security"]))]
)  # fmt: skip
def test_nobody_acts_on_themself(
    database: Database, people: dict[str, User], who: str, name: str
) -> None:
    with database.write() as session, pytest.raises(NotYours, match="own account"):
        ACTS[name](session, people[who], people[who].id)


def test_who_proposed_cannot_confirm_in_another_role(
    database: Database, people: dict[str, User]
) -> None:
    waiting = proposed(database, people)
    with database.write() as session:
        turned = set_rights(session, people["admin"].id, role="security")
        with pytest.raises(NotYours, match="proposed"):
            administration.confirm(session, turned, people["li"].id, waiting)


def test_rights_are_those_of_this_moment(database: Database, people: dict[str, User]) -> None:
    """Not those of the beginning of a request."""
    with database.write() as session:
        set_rights(session, people["admin"].id, role="clerk")
        with pytest.raises(NotYours):
            administration.propose(session, people["admin"], people["li"].id, CONTENT)


def test_a_new_account_opens_by_its_code_and_sees_nothing_until_it_is_confirmed(
    database: Database, people: dict[str, User], clock: Clock
) -> None:
    with database.write() as session:
        user, code = administration.open_account(session, people["admin"], "wu", " 吴一 ", CONTENT)
    assert (user.role, user.display_name, user.reads) == (Role.NONE, "吴一", False)
    recovery.redeem(database, "wu", code, "eleven loud tambourines")
    entered = signin.sign_in(database, Proof("wu", "eleven loud tambourines"))
    assert entered.user.factor_due
    assert not entered.user.reads
    with database.read() as session:
        waiting = administration.proposal_for(session, user.id)
    assert waiting is not None
    assert waiting.rights == CONTENT
    with database.write() as session:
        administration.confirm(session, people["guard"], user.id, waiting.id)
    assert held(database, user).reads
    assert actions(database)[:3] == ["user.add", "user.reset", "rights.propose"]


def test_a_code_that_the_administrator_keeps_opens_nothing_to_read(
    database: Database, people: dict[str, User], clock: Clock
) -> None:
    with database.write() as session:
        code = administration.reset_account(session, people["admin"], people["li"].id)
    recovery.redeem(database, "li", code, "eleven loud tambourines")
    entered = signin.sign_in(database, Proof("li", "eleven loud tambourines")).user
    assert (entered.role, entered.reads, entered.fields) == (Role.NONE, False, frozenset())
    with database.read() as session:
        waiting = administration.proposal_for(session, people["li"].id)
    assert waiting is not None
    assert waiting.rights == Rights("reviewer")
    with database.write() as session:
        administration.confirm(session, people["guard"], people["li"].id, waiting.id)
    assert held(database, people["li"]).fields == people["li"].fields


def test_a_second_reset_keeps_what_waits(database: Database, people: dict[str, User]) -> None:
    with database.write() as session:
        administration.reset_account(session, people["admin"], people["li"].id)
        administration.reset_account(session, people["admin2"], people["li"].id)
        waiting = administration.proposal_for(session, people["li"].id)
    assert waiting is not None
    assert waiting.rights == Rights("reviewer")
    assert waiting.proposed_by == people["admin"].id


def test_who_is_shut_out_comes_back_without_rights(
    database: Database, people: dict[str, User], clock: Clock
) -> None:
    with database.write() as session:
        administration.shut(session, people["guard"], people["li"].id)
    with pytest.raises(SignInRefused):
        signin.sign_in(database, Proof("li", PASSWORD))
    with database.write() as session:
        administration.reopen(session, people["admin"], people["li"].id)
    clock.pass_(60)
    assert not signin.sign_in(database, Proof("li", PASSWORD)).user.reads


@pytest.mark.parametrize(
    ("rights", "error"),
    [
        (Rights("emperor"), UnknownRole),
        (Rights("clerk", "cosmic"), UnknownLevel),
        (Rights("clerk", regions=("Z",)), UnknownRegion),
        (Rights("clerk", categories=("99",)), UnknownCategory),
        (Rights("clerk", fields=("shoe",)), UnknownField),
    ],
)
def test_rights_that_do_not_exist_are_refused(
    database: Database, people: dict[str, User], rights: Rights, error: type[Exception]
) -> None:
    with pytest.raises(error), database.write() as session:
        administration.propose(session, people["admin"], people["li"].id, rights)
    with pytest.raises(error), database.write() as session:
        administration.open_account(session, people["admin"], "wu", "", rights)
    assert actions(database) == []


def test_mistakes_leave_nothing_behind(database: Database, people: dict[str, User]) -> None:
    with pytest.raises(NameTaken), database.write() as session:
        administration.open_account(session, people["admin"], "LI", "", CONTENT)
    with pytest.raises(BadValue), database.write() as session:
        administration.open_account(session, people["admin"], "wu", "x" * 101, CONTENT)
    with pytest.raises(UnknownUser), database.write() as session:
        administration.propose(session, people["admin"], "0" * 32, CONTENT)
    assert actions(database) == []


def test_rights_are_read_as_they_were_given(database: Database, people: dict[str, User]) -> None:
    with database.write() as session:
        for rights in (CONTENT, Rights("public"), Rights("clerk", fields=()), NO_RIGHTS):
            administration.give(session, people["li"].id, rights)
            assert administration.rights_of(session, people["li"].id) == rights


def test_the_log_is_read_newest_first_and_by_what_is_asked(
    database: Database, people: dict[str, User]
) -> None:
    proposed(database, people)
    proposed(database, people, Rights("clerk"))
    with database.write() as session:
        administration.shut(session, people["guard"], people["li"].id)
    with database.read() as session:
        every = audit.newest(session, audit.LogFilter())
        assert [one.action for one in every] == ["user.disable", "rights.propose", "rights.propose"]
        assert [one.seq for one in every] == [3, 2, 1]
        by_admin = audit.LogFilter(actor=people["admin"].id)
        assert [one.seq for one in audit.newest(session, by_admin, limit=1)] == [2]
        assert [one.seq for one in audit.newest(session, by_admin, before=2)] == [1]
        shut = audit.LogFilter(action="user.disable")
        assert [one.seq for one in audit.newest(session, shut)] == [3]
        moment = every[1].at
        since, until = audit.LogFilter(since=moment), audit.LogFilter(until=moment)
        assert [one.seq for one in audit.newest(session, since)] == [3, 2]
        assert [one.seq for one in audit.newest(session, until)] == [1]
