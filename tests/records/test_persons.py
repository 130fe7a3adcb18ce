from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert, select, update

from records import petitions, tables
from records.database import Database, open_home
from records.decisions import urged_within
from records.errors import BadValue
from records.home import Home
from records.matters import mates_within
from records.persons import (
    PERSON,
    Within,
    all_reached,
    petitions_naming,
    petitions_naming_within,
    petitions_of_person,
    reached,
)
from records.petitions import NewPerson
from records.regions import PUBLISHED, ROOT, add_region
from records.statuses import LEVELS
from records.users import NewUser, add_user

if TYPE_CHECKING:
    from conftest import Stored

ID_NO = "11010519491231002X"


def person_of(database: Database, id_: str) -> str:
    with database.read() as session:
        found = petitions.read_one(session, id_)
    assert found is not None
    return found.persons[0].person_id


def test_exactly_equal_facts_are_found_in_any_spelling(database: Database, petition) -> None:
    with database.write() as session:
        one = petitions.add(
            session,
            petition(name="张三", id_no=ID_NO, phone="138 0000 0000", address="某路 1号"),
        ).id
        petitions.add(session, petition(name="张三丰", id_no="110105194912310038"))
    with database.read() as session:
        for fact, spelling in (
            ("name", "张三"),
            ("id_no", "11010519491231002x"),
            ("phone", "+86 13800000000"),
            ("address", "某路１号"),
        ):
            assert petitions_naming(session, fact, spelling) == (one,)
        for fact, part in (("id_no", ID_NO[:17]), ("phone", "138"), ("name", ""), ("name", "张")):
            assert petitions_naming(session, fact, part) == ()
        with pytest.raises(BadValue, match="shoe"):
            petitions_naming(session, "shoe", "42")


def test_an_identity_number_makes_one_person(database: Database, petition) -> None:
    with database.write() as session:
        ids = [
            one.id
            for one in petitions.add_many(
                session,
                [
                    petition("一", id_no=ID_NO, petitioner="a"),
                    petition("二", id_no=ID_NO.lower(), petitioner="b"),
                    petition("三", name="张三"),
                    petition("四", name="张三"),
                ],
            )
        ]
        ids.append(petitions.add(session, petition("五", id_no=ID_NO)).id)
    people = [person_of(database, id_) for id_ in ids]
    assert people[0] == people[1] == people[4]
    assert len(set(people)) == 3  # the same name alone is nobody's proof
    with database.read() as session:
        assert set(petitions_of_person(session, people[0])) == {ids[0], ids[1], ids[4]}


def test_an_older_systems_code_makes_one_person_of_that_system(
    database: Database, petition
) -> None:
    with database.write() as session:
        ids = [
            petitions.add(session, petition(text, petitioner="A1", source=source, name=name)).id
            for text, source, name in (
                ("一", "甲", None),
                ("二", "甲", "张三"),
                ("三", "乙", None),
            )
        ]
    people = [person_of(database, id_) for id_ in ids]
    assert people[0] == people[1] != people[2]


def test_a_stolen_database_shows_no_personal_value(
    database: Database, petition, stored: Stored
) -> None:
    values = {
        "name": "欧阳某某",
        "id_no": ID_NO,
        "phone": "13812345678",
        "address": "澄江市某街道某路八号",
    }
    entry = petition(
        "可以看到的正文",
        external_id="1",
        **values,
        others=(NewPerson("司徒某某", phone="13987654321"),),
        extra={"备用电话": "13711112222"},
    )
    with database.write() as session:
        petitions.add(session, entry)
        petitions.add(session, petition("改过的正文", external_id="1", **values, people_count=2))
    kept = stored()
    for secret in (*values.values(), ID_NO[:17], "司徒某某", "13987654321", "13711112222"):
        assert secret.encode() not in kept, secret
    assert "改过的正文".encode() in kept


def test_who_may_see_a_letter_is_the_same_tried_and_looked_up(database: Database, petition) -> None:
    dice = random.Random(3)
    places, categories = ("A3区", "A7县", "B1区", None), ("0103", "0201", "12", None)
    kept = tables.petitions.c
    with database.write() as session:
        for code, parent in (
            ("A市", ROOT),
            ("B市", ROOT),
            ("A3区", "A市"),
            ("A7县", "A市"),
            ("B1区", "B市"),
        ):
            add_region(session, code, code, parent=parent)
        users = [
            add_user(session, NewUser(name, "clerk", "three 湖 wide lanterns")).user.id
            for name in ("one", "two")
        ]
        letters = petitions.add_many(
            session,
            [
                petition(str(at), region=dice.choice(places), category=dice.choice(categories))
                for at in range(120)
            ],
        )
        for letter in letters:
            drawn = {
                "level": dice.choice(LEVELS),
                "sealed": dice.random() < 0.3,
                "published": dice.random() < 0.3,
            }
            session.connection.execute(
                update(tables.petitions).where(kept.id == letter.id).values(drawn)
            )
            for part in dice.sample(("handler", "named"), dice.choice((0, 0, 0, 1, 2))):
                row = {"petition_id": letter.id, "user_id": users[0], "part": part}
                row["level"] = drawn["level"]
                session.connection.execute(insert(tables.petition_users), row)
    seen = set()
    with database.read() as session:
        records = petitions.read(session, [letter.id for letter in letters])
        for _ in range(60):
            within = Within(
                dice.choice((*users, "nobody")),
                LEVELS[: dice.randrange(len(LEVELS) + 1)],
                frozenset(dice.sample((ROOT, PUBLISHED, "A市", "A3区", "B市"), dice.randrange(3))),
                frozenset(dice.sample(("01", "0201", "12"), dice.randrange(3))),
                own_only=dice.random() < 0.2,
            )
            right = {one.id for one in records if _within(within, one)}
            tried = session.connection.execute(select(kept.id).where(reached(within))).scalars()
            found = session.connection.execute(all_reached(within, select(kept.id))).scalars()
            assert set(tried) == right
            assert set(found) == right
            seen.add(len(right))
    assert len(seen) > 10


def _within(within: Within, one: petitions.PetitionRecord) -> bool:
    if one.level not in within.levels:
        return False
    if within.user_id in one.readers:
        return True
    if within.own_only or one.sealed:
        return False
    under = within.categories and not (one.category_path or ("",))[-1].startswith(
        tuple(within.categories)
    )
    there = not within.regions.isdisjoint(one.region_path)
    return not under and (there or (one.published and PUBLISHED in within.regions))


@pytest.mark.parametrize("levels", [LEVELS[:1], LEVELS[:2], LEVELS])
def test_nobody_goes_through_all_letters_of_a_level(
    sqlite_home: Home, levels: tuple[str, ...]
) -> None:
    """SQLite looks up those that are asked for, whatever level they have; of those that name
    somebody, without their rows."""
    within, ids = Within("u", levels, frozenset({"A市"}), frozenset()), ["0" * 32]
    asked: list[tuple[str, Any]] = []

    def listen(*given: Any) -> None:
        asked.append(given[2:4])

    with closing(open_home(sqlite_home)) as database, database.read() as session:
        run = session.connection
        event.listen(run, "before_cursor_execute", listen)
        petitions_naming_within(session, PERSON, ids, within, 9)
        petitions_naming_within(session, "phone", ["13800000000"], within, 9)
        mates_within(session, ids[0], within, 9)
        urged_within(session, within, 9)
        event.remove(run, "before_cursor_execute", listen)
        assert len(asked) == 4
        for number, (statement, values) in enumerate(asked):
            plan = run.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            used = [row[3] for row in plan if " petitions " in row[3]]
            assert used
            assert all("(id=?" in one or "(matter_id=?" in one for one in used), used
            if number < 2:
                assert all(" COVERING INDEX ix_petitions_found " in one for one in used), used
