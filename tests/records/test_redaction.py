"""A name of a petition is masked in all its texts, whenever and wherever it was told."""

from __future__ import annotations

from records.changes import Description, add_reply, set_description
from records.database import Database
from records.entries import NewPerson, NewPetition, NewReply
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
