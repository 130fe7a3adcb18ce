"""A name of a petition is masked in all its texts, whenever and wherever it was told."""

from __future__ import annotations

import pytest

from records.changes import Description, add_reply, correct_redaction, set_description
from records.corrections import Correction, corrected, corrections_of
from records.database import Database
from records.entries import NewPerson, NewPetition, NewReply
from records.errors import BadValue
from records.petitions import read_one
from records.redaction import masked_together, redacted
from records.registration import add

NAME = "李秀英"
SUBJECT = "李秀英家漏水"
ANSWER = NewReply("已到李秀英家修好")


def masked(database: Database, id_: str) -> list[str]:
    with database.read() as session:
        record = read_one(session, id_)
    assert record is not None
    replies = (reply.text_redacted for reply in record.replies)
    return [record.subject_redacted, record.text_redacted, *replies]


def put(database: Database, petition: NewPetition) -> str:
    with database.write() as session:
        return add(session, petition).id


def imported(database: Database, **stated: object) -> str:
    return put(database, NewPetition(external_id="7", source="older", **stated))  # type: ignore[arg-type]


def test_a_name_that_the_letter_announces_is_masked_in_subject_and_reply() -> None:
    made = redacted(NewPetition(subject=SUBJECT, text="我叫李秀英,住在三楼。", replies=(ANSWER,)))
    assert made.subject_redacted == "李**家漏水"
    assert made.text_redacted == "我叫李**,住在三楼。"
    assert made.replies[0].text_redacted == "已到李**家修好"


def test_a_reply_that_is_imported_later_without_the_name(database: Database) -> None:
    id_ = imported(database, subject=SUBJECT, text=SUBJECT, name=NAME)
    imported(database, replies=(ANSWER,))
    assert masked(database, id_) == ["李**家漏水", "李**家漏水", "已到李**家修好"]


def test_a_text_that_is_imported_later_without_the_name(database: Database) -> None:
    id_ = imported(database, subject=SUBJECT, text=SUBJECT, name=NAME)
    imported(database, subject=SUBJECT, text="李秀英家又漏水")
    assert masked(database, id_) == ["李**家漏水", "李**家又漏水"]


def test_a_name_that_is_imported_later_without_the_texts(database: Database) -> None:
    id_ = imported(database, subject=SUBJECT, text=SUBJECT, replies=(ANSWER,))
    imported(database, name=NAME)
    assert masked(database, id_) == ["李**家漏水", "李**家漏水", "已到李**家修好"]


def test_a_name_that_a_file_tells_later(database: Database) -> None:
    id_ = put(database, NewPetition(subject=SUBJECT, text=SUBJECT, replies=(ANSWER,)))
    with database.write() as session:
        set_description(session, id_, Description(people=(NewPerson(NAME),)))
    assert masked(database, id_) == ["李**家漏水", "李**家漏水", "已到李**家修好"]


def test_a_name_that_a_reply_announces_later(database: Database) -> None:
    id_ = put(database, NewPetition(subject=SUBJECT, text="三楼漏水。"))
    with database.write() as session:
        add_reply(session, id_, NewReply("您好,李秀英女士:已修好。"))
    assert masked(database, id_)[0] == "李**家漏水"


def test_what_is_masked_stays_masked_and_what_is_given_keeps_its_length() -> None:
    full = "寄至李秀英家3栋2单元,李秀英收"
    parts = [(full, "寄至" + "*" * 9 + full[11:]), ("", "")]
    assert masked_together(parts, [f" {NAME} "]) == ["寄至" + "*" * 9 + ",李**收", ""]


def correct(database: Database, id_: str, text: str, *, masked: bool) -> None:
    with database.write() as session:
        correct_redaction(session, id_, "somebody", [Correction(text, masked)])


def test_corrections_hold_when_the_texts_change(database: Database) -> None:
    id_ = imported(database, subject=SUBJECT, text="槐树下第二家，李秀英", name=NAME)
    correct(database, id_, "槐树下第二家", masked=True)
    correct(database, id_, NAME, masked=False)
    assert masked(database, id_) == [SUBJECT, "******，李秀英"]
    with database.write() as session:
        add_reply(session, id_, NewReply("已到槐树下第二家，找到李秀英"))
    imported(database, subject=SUBJECT, text="又到槐树下第二家，李秀英")
    assert masked(database, id_) == [
        SUBJECT,
        "又到******，李秀英",
        "已到******，找到李秀英",
    ]
    correct(database, id_, NAME, masked=True)
    assert masked(database, id_)[0] == "***家漏水"


def test_a_correction_raises_the_revision_and_is_encrypted(database: Database) -> None:
    id_ = imported(database, subject=SUBJECT, text=SUBJECT)
    with database.read() as session:
        before = read_one(session, id_)
    correct(database, id_, NAME, masked=True)
    with database.read() as session:
        after = read_one(session, id_)
        assert corrections_of(session, id_) == (Correction(NAME, masked=True),)
        rows = session.connection.exec_driver_sql("SELECT text FROM redaction_corrections").all()
    assert before is not None
    assert after is not None
    assert after.revision > before.revision
    assert NAME.encode() not in bytes(rows[0][0])


def test_words_that_stand_nowhere_are_refused(database: Database) -> None:
    id_ = imported(database, subject=SUBJECT, text=SUBJECT)
    for words in ("王五", "", "，"):
        with pytest.raises(BadValue, match="stand in no text"):
            correct(database, id_, words, masked=True)
    with database.read() as session:
        assert corrections_of(session, id_) == ()


def test_corrections_keep_the_length_and_find_other_writings() -> None:
    corrections = [Correction("歐陽１２", masked=True), Correction("欧阳", masked=False)]
    assert corrected("欧阳12和欧阳-12", "欧阳12和欧阳-12", corrections) == "欧阳**和欧阳-12"
