from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from records import contents, petitions, tables
from records.contents import NewContent, Redacted
from records.database import Database
from records.errors import (
    BadValue,
    IllegalTransition,
    NotFound,
    UnknownLevel,
    UnknownRegion,
    UnknownStatus,
)
from records.petitions import Description, NewPerson, order
from records.regions import ROOT, add_region
from records.users import NewUser, add_user

NOBODY = "0" * 32


@pytest.fixture
def known(database: Database, petition) -> str:
    with database.write() as session:
        add_region(session, "A市", "A市")
        add_region(session, "B市", "B市")
        id_ = petitions.add(session, petition("原文", subject="原题")).id
        petitions.mark_indexed(session, [(id_, 1)])
    return id_


def get(database: Database, id_: str) -> petitions.PetitionRecord:
    with database.read() as session:
        found = petitions.read_one(session, id_)
    assert found is not None
    return found


def test_a_status_change_is_written_down_and_indexed_again(database: Database, known: str) -> None:
    with database.write() as session:
        petitions.change_status(session, known, "DUP_CHECK", "u1", "来件")
        petitions.change_status(session, known, "TRIAGE", "u2")
    found = get(database, known)
    assert (found.status, found.revision, found.indexed_revision) == ("TRIAGE", 3, 1)
    assert [(one.before, one.after, one.who, one.reason) for one in found.history[1:]] == [
        ("REGISTERED", "DUP_CHECK", "u1", "来件"),
        ("DUP_CHECK", "TRIAGE", "u2", ""),
    ]


def test_an_illegal_change_is_refused_and_leaves_nothing(database: Database, known: str) -> None:
    for to, error in (("CLOSED", IllegalTransition), ("DONE", UnknownStatus)):
        with pytest.raises(error, match=to), database.write() as session:
            petitions.change_status(session, known, to, "u1")
    found = get(database, known)
    assert (found.status, len(found.history)) == ("REGISTERED", 1)
    with pytest.raises(NotFound, match=NOBODY), database.write() as session:
        petitions.change_status(session, NOBODY, "DUP_CHECK", "u1")


def test_a_merge_is_undone_to_where_it_was(database: Database, known: str) -> None:
    with database.write() as session:
        for to in ("DUP_CHECK", "MERGED", "DUP_CHECK", "TRIAGE", "ACCEPTED", "HANDLING", "MERGED"):
            petitions.change_status(session, known, to, "u")
        with pytest.raises(IllegalTransition):
            petitions.change_status(session, known, "DUP_CHECK", "u")
        petitions.change_status(session, known, "HANDLING", "u")
    assert get(database, known).status == "HANDLING"


def test_an_import_reports_what_the_older_system_did(database: Database, petition) -> None:
    with database.write() as session:
        id_ = petitions.add(session, petition("一", external_id="1", status="TRIAGE")).id
        petitions.add(session, petition("一", external_id="1", status="CLOSED"))
        assert petitions.read_one(session, id_).status == "CLOSED"


def test_the_level_changes_and_the_index_follows(database: Database, known: str) -> None:
    with database.write() as session:
        petitions.set_level(session, known, "secret")
        assert [one.level for one in petitions.pending(session, 9)] == ["secret"]
        with pytest.raises(UnknownLevel):
            petitions.set_level(session, known, "top")


def test_the_level_stands_beside_the_names_on_a_letter(database: Database, petition) -> None:
    named, letters = tables.petition_users.c, tables.petitions.c

    def told() -> str:
        with database.read() as session:
            found = select(named.level).where(named.petition_id == id_)
            return session.connection.execute(found).scalar_one()

    with database.write() as session:
        one = add_user(session, NewUser("one", "caseworker", "long enough words 1")).user.id
        id_ = petitions.add(session, petition("一")).id
        petitions.name_users(session, id_, "named", [one])
        contents.put(
            session, [NewContent("a" * 32, b"1", b"2")], "1", [(Redacted(id_, 1, "", ""), "a" * 32)]
        )
    assert told() == "open"
    with database.write() as session:
        petitions.set_level(session, id_, "secret")
    assert told() == "secret"
    database.downgrade("0016")  # letters of before have none
    database.upgrade()
    assert told() == "secret"
    with database.read() as session:
        found = select(letters.content_id, letters.content_revision).where(letters.id == id_)
        assert session.connection.execute(found).one() == (1, 1)


def test_named_users_are_replaced_part_by_part(database: Database, known: str) -> None:
    with database.write() as session:
        one, two = (
            add_user(session, NewUser(name, "caseworker", "long enough words 1")).user.id
            for name in ("one", "two")
        )
        petitions.name_users(session, known, "handler", [one])
        petitions.name_users(session, known, "named", [one, two, two])
        petitions.name_users(session, known, "handler", [two])
        found = petitions.read_one(session, known)
        assert found.handlers == (two,)
        assert set(found.named) == {one, two}
        assert sorted(found.readers) == sorted([one, two])
        with pytest.raises(BadValue, match=NOBODY):
            petitions.name_users(session, known, "handler", [NOBODY])
        with pytest.raises(BadValue, match="friend"):
            petitions.name_users(session, known, "friend", [one])


def test_a_description_fills_in_and_keeps_the_older_text(database: Database, known: str) -> None:
    received = datetime(2020, 1, 2, tzinfo=UTC)
    found = Description(
        subject="新题",
        subject_redacted="新题",
        text="新文张三",
        text_redacted="新文张*",
        text_source="ocr",
        text_confidence=0.9,
        category="0101",
        category_confidence=0.7,
        region="A市",
        received_at=received,
        people=(NewPerson("张三", phone="13800000000"),),
    )
    with database.write() as session:
        petitions.set_description(session, known, found)
        after = petitions.read_one(session, known)
        petitions.set_description(session, known, found)
        assert petitions.read_one(session, known) == after  # again: nothing changes
        (version,) = petitions.versions(session, known)
    assert (after.subject, after.text, after.text_redacted) == ("新题", "新文张三", "新文张*")
    assert (after.category, after.category_source, after.category_confidence) == (
        "0101", "auto", 0.7,
    )  # fmt: skip
    assert after.region_path == (ROOT, "A市")
    assert (after.received_at, after.order) == (received, order(received, known))
    assert [(one.name, one.phone) for one in after.persons] == [("张三", "13800000000")]
    assert after.revision > 1
    assert version.content["text"] == "原文"


def test_what_people_stated_is_not_overruled_by_rules(database: Database, petition) -> None:
    with database.write() as session:
        add_region(session, "A市", "A市")
        add_region(session, "B市", "B市")
        id_ = petitions.add(
            session, petition(category="02", region="B市", name="李四", petitioner="p1")
        ).id
        petitions.set_description(
            session,
            id_,
            Description(category="01", region="A市", people=(NewPerson("张三"),), people_count=3),
        )
        found = petitions.read_one(session, id_)
    assert (found.category, found.category_source, found.region) == ("02", "import", "B市")
    assert [one.name for one in found.persons] == ["李四"]
    assert found.people_count == 3


def test_people_are_added_to_a_petition_that_only_had_a_code(database: Database, petition) -> None:
    with database.write() as session:
        id_ = petitions.add(session, petition(petitioner="A1", source="s")).id
        (code_only,) = petitions.read_one(session, id_).persons
        petitions.set_description(session, id_, Description(people=(NewPerson("张三"),)))
        (named,) = petitions.read_one(session, id_).persons
    assert (code_only.name, named.name) == (None, "张三")
    assert named.person_id == code_only.person_id


def test_a_description_that_cannot_be_is_refused(database: Database, known: str) -> None:
    with database.write() as session:
        with pytest.raises(UnknownRegion):
            petitions.set_description(session, known, Description(region="无"))
        with pytest.raises(BadValue, match="length"):
            petitions.set_description(session, known, Description(text="ab", text_redacted="a"))
        with pytest.raises(NotFound):
            petitions.set_description(session, NOBODY, Description(text=""))


def test_replies_are_added_in_order_and_once(database: Database, known: str, reply) -> None:
    with database.write() as session:
        first = petitions.add_reply(session, known, reply("一"))
        petitions.add_reply(session, known, reply("二", kind="decision"))
        assert petitions.add_reply(session, known, reply("一")) == first
        found = petitions.read_one(session, known)
        assert [(one.kind, one.text) for one in found.replies] == [
            ("reply", "一"),
            ("decision", "二"),
        ]
        assert found.revision == 3


def test_redacted_texts_are_made_where_they_are_missing(database: Database) -> None:
    text = "我叫张三,身份证11010519491231002X,电话13800000000。"
    entry = petitions.NewPetition(
        subject="张三的信", text=text, name="张三", replies=(petitions.NewReply("张三:已办。"),)
    )
    with database.write() as session:
        id_ = petitions.add(session, entry).id
        petitions.add_reply(session, id_, petitions.NewReply("张三,电话13800000000"))
        found = petitions.read_one(session, id_)
    texts = [found.subject_redacted, found.text_redacted]
    texts += [one.text_redacted for one in found.replies]
    for personal in ("张三", "11010519491231002X", "13800000000"):
        assert not any(personal in one for one in texts)
    assert len(found.text_redacted) == len(text)
    assert "身份证" in found.text_redacted
