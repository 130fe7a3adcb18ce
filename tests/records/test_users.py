from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from records import signin, users
from records.database import Database
from records.errors import (
    BadValue,
    NameTaken,
    UnknownField,
    UnknownLevel,
    UnknownRegion,
    UnknownRole,
    UnknownUser,
)
from records.regions import PUBLISHED, ROOT, add_region
from records.roles import ALIASES, FIELDS, RIGHTS, Role, role_of, roles_of
from records.users import NewUser, add_user

if TYPE_CHECKING:
    from conftest import Stored

PASSWORD = "seven quiet lanterns"
NOBODY = "0" * 32
HANDLING = {"full_text", "name", "phone", "address", "scan"}

# role, reads, counts only, published only, fields, own fields: from "who may see what"
RIGHTS_BY_HAND = [
    ("clerk", True, False, False, set(), set()),
    ("caseworker", True, False, False, set(), HANDLING),
    ("reviewer", True, False, False, HANDLING, HANDLING),
    ("leader", True, False, False, {"leader_notes"}, {"leader_notes"}),
    ("archivist", True, False, False, {"leader_notes"}, {"leader_notes"}),
    ("statistician", True, True, False, set(), set()),
    ("administrator", False, False, False, set(), set()),
    ("security", False, False, False, set(), set()),
    ("auditor", False, False, False, set(), set()),
    ("public", True, False, True, set(), set()),
    ("none", False, False, False, set(), set()),
]

PERSONAL_BY_HAND = {
    "clerk": (set(), set(), {"id_no", "phone"}),
    "caseworker": (
        {"name", "phone", "address"},
        {"name", "phone", "address", "id_no", "bank_card"},
        {"id_no", "phone"},
    ),
    "reviewer": (
        {"name", "phone", "address", "id_no", "bank_card"},
        {"name", "phone", "address", "id_no", "bank_card"},
        {"id_no", "phone"},
    ),
    "archivist": (
        {"name", "phone", "address", "id_no", "bank_card"},
        {"name", "phone", "address", "id_no", "bank_card"},
        {"id_no", "phone"},
    ),
}
"""Which masked facts a role may look at, of all and of own cases, and by which it finds people;
roles that aren't here: none."""


def new(name: str = "zhang", role: str = "clerk", **fields: object) -> NewUser:
    return NewUser(name, role, PASSWORD, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("role", "reads", "counts", "published", "fields", "own"), RIGHTS_BY_HAND)
def test_each_role_has_its_rights(
    database: Database,
    role: str,
    reads: bool,
    counts: bool,
    published: bool,
    fields: set[str],
    own: set[str],
) -> None:
    with database.write() as session:
        user = add_user(session, new(role=role)).user
    assert user.role == role
    assert (user.reads, user.counts_only, user.published_only) == (reads, counts, published)
    assert (user.fields, user.own_fields) == (fields, own)
    assert user.regions == {PUBLISHED if published else ROOT}
    assert user.level == "open"
    personal = PERSONAL_BY_HAND.get(role, (set(), set(), set()))
    assert (user.reveals, user.own_reveals, user.finds) == personal


def test_every_role_is_in_the_table_by_hand() -> None:
    assert {row[0] for row in RIGHTS_BY_HAND} == set(Role) == set(RIGHTS)


def test_roles_are_known_by_other_names() -> None:
    assert role_of(" Intake-Clerk ") is Role.CLERK
    assert role_of("承办人") is Role.CASEWORKER
    assert role_of("security auditor") is Role.AUDITOR
    assert {role_of(alias) for alias in ALIASES} == set(Role)
    with pytest.raises(UnknownRole, match="caseworker"):
        role_of("king")


def test_a_setting_names_roles() -> None:
    assert roles_of("") == frozenset()
    assert roles_of("all") == roles_of(" ALL,") == frozenset(Role)
    assert roles_of("reviewer, 领导,") == {Role.REVIEWER, Role.LEADER}
    for nothing in (" ", ",", " , "):  # somebody meant something by it
        with pytest.raises(UnknownRole, match="use all, or some of"):
            roles_of(nothing)


def test_given_rights_replace_those_of_the_role(database: Database) -> None:
    with database.write() as session:
        add_region(session, "A市", "A市")
        user = add_user(
            session,
            new(
                role="caseworker",
                regions=("A市",),
                level="secret",
                fields=frozenset({"id_no"}),
                display_name="张 处长",
            ),
        ).user
        bare = add_user(session, new("bare", "reviewer", fields=frozenset())).user
    assert (user.regions, user.level, user.fields) == ({"A市"}, "secret", {"id_no"})
    assert user.own_fields == HANDLING | {"id_no"}
    assert user.display_name == "张 处长"
    assert bare.fields == set()


def test_field_rights_open_nothing_for_roles_without_content(database: Database) -> None:
    with database.write() as session:
        for role in ("administrator", "auditor", "public"):
            user = add_user(session, new(role, role, fields=frozenset(FIELDS))).user
            assert not user.fields
            assert user.published_only or not (user.reads or user.own_fields)


def test_rights_change_and_hold_at_the_next_reading(database: Database) -> None:
    with database.write() as session:
        add_region(session, "A市", "A市")
        id_ = add_user(session, new(role="reviewer")).user.id
        users.set_rights(session, id_, regions=["A市"], fields=frozenset({"name"}), level="secret")
        user = users.require_user(session, id_)
        assert (user.regions, user.fields, user.level) == ({"A市"}, {"name"}, "secret")
        assert users.set_rights(session, id_, role="clerk", regions=[]).regions == {ROOT}


def test_users_are_found_by_id_and_by_name_in_any_case(database: Database) -> None:
    with database.write() as session:
        user = add_user(session, new("Ｚhang")).user
        assert users.user_by_name(session, " ZHANG ") == user == users.user_by_id(session, user.id)
        assert users.all_users(session) == (user,)
        assert users.user_by_name(session, "li") is None
        assert users.user_by_id(session, NOBODY) is None


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "Zhang"}, NameTaken),
        ({"name": "a b"}, BadValue),
        ({"name": ""}, BadValue),
        ({"role": "king"}, UnknownRole),
        ({"level": "top"}, UnknownLevel),
        ({"regions": ("无",)}, UnknownRegion),
        ({"fields": frozenset({"soul"})}, UnknownField),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    database: Database, fields: dict[str, object], error: type[Exception]
) -> None:
    given = {"name": "x", "role": "clerk", "password": PASSWORD, **fields}
    with database.write() as session:
        add_user(session, new())
        with pytest.raises(error):
            add_user(session, NewUser(**given))  # type: ignore[arg-type]


def test_passwords_are_kept_as_argon2id(database: Database) -> None:
    with database.write() as session:
        add_user(session, new())
        row = session.connection.execute(users.users.select()).one()
    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", row.password_hash)
    assert users.password_fits(row.password_hash, PASSWORD)
    assert not users.password_fits(row.password_hash, PASSWORD + " ")
    assert not users.password_fits(None, PASSWORD)


def test_a_new_password_or_disabling_ends_the_sessions(database: Database) -> None:
    with database.write() as session:
        user = add_user(session, new(second_factor=False)).user
    tokens = []
    for act in (
        lambda session: users.set_password(session, user.id, "eight loud lanterns"),
        lambda session: users.disable_user(session, user.id),
    ):
        with database.write() as session:
            tokens.append(signin.begin(session, user).token)
        assert signin.resume(database, tokens[-1]) is not None
        with database.write() as session:
            act(session)
        assert signin.resume(database, tokens[-1]) is None
    with database.write() as session:
        assert users.require_user(session, user.id).disabled
        users.enable_user(session, user.id)
        assert not users.require_user(session, user.id).disabled
    assert [signin.resume(database, token) for token in tokens] == [None, None]


def test_unknown_users_are_named(database: Database) -> None:
    with database.write() as session:
        for act in (users.disable_user, users.enable_user, users.require_user):
            with pytest.raises(UnknownUser, match=NOBODY):
                act(session, NOBODY)
        with pytest.raises(UnknownUser):
            users.set_password(session, NOBODY, PASSWORD)


def test_the_second_factor_is_enrolled_once_and_kept_encrypted(
    database: Database, stored: Stored
) -> None:
    with database.write() as session:
        added = add_user(session, new())
        assert add_user(session, new("li", second_factor=False)).enrolment is None
    assert added.user.second_factor
    secret = parse_qs(urlsplit(added.enrolment).query)["secret"][0]
    kept = stored()
    assert secret.encode() not in kept
