from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import petitions
from records.database import Database
from records.errors import (
    BadValue,
    UnknownCategory,
    UnknownChannel,
    UnknownLevel,
    UnknownRegion,
    UnknownStatus,
)
from records.petitions import NewPerson, NewPetition, order
from records.regions import ROOT, add_region
from records.users import NewUser, add_user

MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def add(database: Database, *entries: NewPetition) -> list[str]:
    with database.write() as session:
        return [result.id for result in petitions.add_many(session, entries)]


def get(database: Database, id_: str) -> petitions.PetitionRecord:
    with database.read() as session:
        found = petitions.read_one(session, id_)
    assert found is not None
    return found


def test_everything_stated_is_read_again(database: Database, petition, reply) -> None:
    with database.write() as session:
        add_region(session, "A市", "A市")
        add_region(session, "A3区", "A3区", "A市")
        user = add_user(session, NewUser("li", "caseworker", "long enough words 1")).user.id
    beijing = timezone(timedelta(hours=8))
    entry = petition(
        "正文有张三",
        text_redacted="正文有张*",
        subject="标题",
        external_id="77",
        source="旧系统",
        petitioner="A00001",
        name="张三",
        id_no="11010519491231002X",
        phone="13800000000",
        address="A3区某路1号",
        others=(NewPerson("李四", role="joint"),),
        people_count=5,
        received_at=MOMENT.astimezone(beijing),
        submitted_at=MOMENT - timedelta(days=1),
        region="A3区",
        category="010101",
        category_confidence=0.5,
        status="HANDLING",
        channel="visit",
        level="secret",
        sealed=True,
        published=True,
        handler=user,
        registrar=user,
        named=(user,),
        text_source="ocr",
        text_confidence=0.98,
        replies=(
            reply("告知", kind="notice", body="某局", replied_at=MOMENT),
            reply("已转某局", transfer_only=True),
        ),
        extra={"likes": 3, "备注": ["无"]},
    )
    (id_,) = add(database, entry)
    found = get(database, id_)
    for same in [
        "external_id",
        "source",
        "petitioner",
        "people_count",
        "submitted_at",
        "received_at",
        "region",
        "category",
        "category_confidence",
        "status",
        "channel",
        "level",
        "sealed",
        "published",
        "subject",
        "text",
        "text_redacted",
        "text_source",
        "text_confidence",
    ]:
        assert getattr(found, same) == getattr(entry, same), same
    assert found.received_at.tzinfo is UTC
    assert found.region_path == (ROOT, "A市", "A3区")
    assert found.category_path == ("01", "0101", "010101")
    assert found.category_source == "import"
    assert found.extra == {"likes": 3, "备注": ["无"]}
    assert found.handlers == found.registrars == found.named == found.readers == (user,)
    main, joint = found.persons
    assert (main.name, main.id_no, main.phone, main.address, main.role) == (
        "张三", "11010519491231002X", "13800000000", "A3区某路1号", "main",
    )  # fmt: skip
    assert (joint.name, joint.id_no, joint.role) == ("李四", None, "joint")
    assert [(one.kind, one.text, one.body, one.transfer_only) for one in found.replies] == [
        ("notice", "告知", "某局", False),
        ("reply", "已转某局", None, True),
    ]
    assert [(one.before, one.after, one.who) for one in found.history] == [(None, "HANDLING", user)]
    assert (found.revision, found.indexed_revision, found.index_error) == (1, 0, None)
    with database.read() as session:
        (bare,) = petitions.read(session, [id_], bare=True)
    assert bare == replace(found, replies=(), history=(), files=(), pages=(), extra={})


def test_what_is_not_stated_has_defaults(database: Database, petition) -> None:
    before = datetime.now(UTC)
    found = get(database, *add(database, petition()))
    assert (found.status, found.channel, found.level) == ("REGISTERED", "letter", "open")
    assert not found.sealed
    assert not found.published
    assert found.region_path == (ROOT,)
    assert found.category_path == ()
    assert found.persons == found.replies == found.files == found.pages == ()
    assert before <= found.received_at <= datetime.now(UTC)


def test_the_same_again_is_no_double_and_no_change(database: Database, petition, reply) -> None:
    entries = [
        petition(f"文{n}", external_id=str(n), name="张三", replies=(reply(),)) for n in range(3)
    ]
    first = add(database, *entries)
    with database.write() as session:
        again = petitions.add_many(session, entries)
        assert petitions.count(session) == 3
    assert [(one.id, one.created, one.changed) for one in again] == [
        (id_, False, False) for id_ in first
    ]
    assert get(database, first[0]).revision == 1


def test_the_same_id_of_another_source_is_another_petition(database: Database, petition) -> None:
    ids = add(
        database,
        petition(external_id="1", source="甲"),
        petition(external_id="1", source="乙"),
        petition(),
        petition(),
    )
    assert len(set(ids)) == 4


def test_newer_content_replaces_and_the_older_is_kept(database: Database, petition, reply) -> None:
    old = petition("旧文", external_id="1", id_no="11010519491231002X", replies=(reply("旧答"),))
    (id_,) = add(database, old)
    new = petition(
        "新文", external_id="1", received_at=MOMENT, replies=(reply("新答"), reply("再答"))
    )
    with database.write() as session:
        result = petitions.add(session, new)
    assert (result.id, result.created, result.changed) == (id_, False, True)
    found = get(database, id_)
    assert (found.text, found.text_redacted, found.revision) == ("新文", "新文", 2)
    assert [one.text for one in found.replies] == ["新答", "再答"]
    assert found.persons[0].id_no == "11010519491231002X"  # not stated again: stays
    assert found.order == order(MOMENT, id_)
    with database.read() as session:
        (kept,) = petitions.versions(session, id_)
    assert (kept.revision, kept.content["text"]) == (1, "旧文")
    assert [one["text"] for one in kept.content["replies"]] == ["旧答"]
    assert len(kept.content["persons"]) == 1


def test_what_an_import_does_not_state_stays(database: Database, petition) -> None:
    (id_,) = add(
        database, petition("一", external_id="1", level="secret", sealed=True, category="01")
    )
    add(database, petition("二", external_id="1"))
    found = get(database, id_)
    assert (found.text, found.level, found.sealed, found.category) == ("二", "secret", True, "01")


def test_one_file_that_names_an_id_twice_updates_it(database: Database, petition) -> None:
    with database.write() as session:
        results = petitions.add_many(
            session, [petition("一", external_id="1"), petition("二", external_id="1")]
        )
        assert petitions.count(session) == 1
    assert [(one.created, one.changed) for one in results] == [(True, False), (False, True)]
    assert get(database, results[0].id).text == "二"


def test_more_than_one_statement_holds(database: Database, petition) -> None:
    entries = [petition(f"文{n}", external_id=str(n)) for n in range(1203)]
    ids = add(database, *entries)
    assert len(set(ids)) == 1203
    with database.read() as session:
        found = petitions.read(session, ids[::-1])
        assert [one.external_id for one in found] == [str(n) for n in range(1203)][::-1]
    assert add(database, *entries) == ids


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"region": "无此地"}, UnknownRegion, "无此地"),
        ({"category": "99"}, UnknownCategory, "99"),
        ({"status": "DONE"}, UnknownStatus, "DONE"),
        ({"channel": "pigeon"}, UnknownChannel, "pigeon"),
        ({"level": "top"}, UnknownLevel, "top"),
        ({"people_count": -1}, BadValue, "people_count"),
        ({"external_id": ""}, BadValue, "id"),
        ({"external_id": "x" * 201}, BadValue, "id"),
        ({"text_redacted": "短"}, BadValue, "text"),
        ({"subject": "a\x00", "subject_redacted": None}, BadValue, "NUL"),
        ({"subject": "a\ud800", "subject_redacted": None}, BadValue, "half of a character"),
        ({"received_at": datetime(2024, 1, 1)}, BadValue, "time zone"),  # noqa: DTZ001
        ({"extra": {"when": date(2024, 1, 1)}}, BadValue, "date"),
        ({"others": (NewPerson("李", role="boss"),)}, BadValue, "boss"),
    ],
)
def test_a_refused_petition_leaves_nothing(
    database: Database, petition, fields: dict[str, Any], error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named), database.write() as session:
        petitions.add_many(session, [petition(), petition(**fields)])
    with database.read() as session:
        assert petitions.count(session) == 0


def test_a_reply_of_an_unknown_kind_is_refused(database: Database, petition, reply) -> None:
    with pytest.raises(BadValue, match="wish"), database.write() as session:
        petitions.add(session, petition(replies=(reply(kind="wish"),)))


def test_the_index_has_what_was_marked_and_nothing_else(database: Database, petition) -> None:
    ids = sorted(add(database, *(petition(f"文{n}", external_id=str(n)) for n in range(5))))
    with database.write() as session:
        assert [one.id for one in petitions.pending(session, 3)] == ids[:3]
        assert [one.id for one in petitions.pending(session, 3, after=ids[2])] == ids[3:]
        petitions.mark_indexed(session, [(ids[0], 1), (ids[1], 1)])
        petitions.mark_failed(session, ids[2], 1, "the engine choked")
        assert [one.id for one in petitions.pending(session, 9)] == ids[3:]
        assert petitions.count_pending(session) == 2
        assert petitions.read_one(session, ids[2]).index_error == "the engine choked"
        petitions.touch(session, ids[:3])
        assert [one.id for one in petitions.pending(session, 9)] == ids
        # what was read before the last change doesn't count as that change
        petitions.mark_indexed(session, [(ids[0], 1), (ids[2], 2), (ids[4], 7)])
        assert [one.id for one in petitions.pending(session, 9)] == [
            ids[0], ids[1], ids[3], ids[4],
        ]  # fmt: skip
        assert petitions.read_one(session, ids[2]).index_error is None


def test_everything_is_walked_once(database: Database, petition) -> None:
    ids = sorted(add(database, *(petition(f"文{n}", external_id=str(n)) for n in range(7))))
    seen, after = [], ""
    with database.read() as session:
        while part := petitions.all_after(session, after, 3):
            seen += [one.id for one in part]
            after = part[-1].id
    assert seen == ids


def test_found_by_our_number_and_by_the_older_one(database: Database, petition) -> None:
    first, second = add(
        database,
        petition(external_id="9", source="甲", received_at=MOMENT),
        petition("二", external_id="9", source="乙", received_at=MOMENT - timedelta(1)),
    )
    number = get(database, first).number
    with database.read() as session:
        assert petitions.by_number(session, f" {number.lower()} ").id == first
        assert petitions.by_number(session, "XF0") is None
        assert [one.id for one in petitions.by_external_id(session, "9")] == [first, second]
        assert [one.id for one in petitions.by_external_id(session, "9", "乙")] == [second]
        assert petitions.read_one(session, "0" * 32) is None


def test_numbers_are_drawn_and_tell_nothing_of_each_other(database: Database, petition) -> None:
    ids = add(database, *(petition(f"文{n}", received_at=MOMENT) for n in range(400)))
    with database.read() as session:
        numbers = [one.number for one in petitions.read(session, ids)]
    assert len(set(numbers)) == 400
    assert all(number.startswith("XF2024") and len(number) == 16 for number in numbers)
    assert numbers != sorted(numbers)
    assert numbers != sorted(numbers, reverse=True)


FIRST, LAST = datetime(1700, 1, 1, tzinfo=UTC), datetime(2240, 1, 1, tzinfo=UTC)
moments = st.datetimes(
    FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC)
)
identities = st.integers(0, (1 << 128) - 1).map(lambda number: f"{number:032x}")


@given(moments, identities, moments, identities)
def test_order_is_newer_first_then_by_id(
    when: datetime, id_: str, other_when: datetime, other_id: str
) -> None:
    mine, other = order(when, id_), order(other_when, other_id)
    assert 0 <= mine < 1 << 63
    if int(when.timestamp()) != int(other_when.timestamp()):
        assert (mine < other) == (when > other_when)
    if mine != other and int(when.timestamp()) == int(other_when.timestamp()):
        assert (mine < other) == (id_ < other_id)


def test_nobody_sees_what_is_not_there_whoever_sees_its_neighbours(
    database: Database, petition
) -> None:
    with database.write() as session:
        user = add_user(session, NewUser("li", "caseworker", "long enough words 1")).user.id
    kept = {"level": "open", "published": True, "category": "0103", "handler": user}
    known = sorted(add(database, *(petition(f"信{number}", **kept) for number in range(5))))
    between = [f"{int(id_, 16) + step:032x}" for id_ in known for step in (-1, 1)]
    with database.read() as session:
        for id_ in known:
            seen = petitions.reach(session, id_)
            assert (seen.level, seen.sealed, seen.published) == ("open", False, True)
            assert (seen.region_path, seen.category_path) == ((ROOT,), ("01", "0103"))
            assert seen.readers == (user,)
        for id_ in (*between, "0" * 32, "f" * 32, ""):
            unseen = petitions.reach(session, id_)
            assert (unseen.level, unseen.sealed, unseen.published) == ("secret", True, False)
            assert unseen.readers == ()
