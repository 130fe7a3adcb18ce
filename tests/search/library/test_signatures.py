"""Signing and exporting through the gate: who may, and what each learns of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from records.entries import NewPetition, NewReply
from records.errors import AlreadySigned
from records.petitions import read_one
from records.seals import verify_sealed
from records.signatures import SignatureState
from records.signing_keys import Signer, keys_of, person_signer
from records.users import require_user
from search.access import FieldRight, Scope
from search.errors import NotFound

if TYPE_CHECKING:
    from conftest import Office

PASSWORD = "correct horse 电池 staple"
PHONE = "13812345678"
REPLY = f"李秀英您好，已修好，回访电话{PHONE}。"


def signer(office: Office, scope: Scope) -> Signer:
    with office.database.write() as session:
        return person_signer(session, require_user(session, scope.user_id), PASSWORD)


def letter(office: Office, **fields: object) -> str:
    new = NewPetition(
        subject="路灯不亮",
        text="路灯坏了。",
        name="李秀英",
        phone=PHONE,
        region="A3区",
        replies=(NewReply(REPLY, body="城管局"), NewReply("后续：已验收。")),
    )
    (id_,) = office.add(replace(new, **fields))  # type: ignore[arg-type]
    return id_


def test_a_reply_is_signed_by_who_sees_its_full_text(office: Office) -> None:
    id_ = letter(office)
    reviewer, clerk = office.user("reviewer"), office.user("clerk")
    office.library.sign_reply(reviewer, id_, 2, signer(office, reviewer))
    for scope in (reviewer, clerk):
        first, second = office.library.petition(scope, id_).replies
        assert first.signatures == ()
        (one,) = second.signatures
        assert one.state is SignatureState.VALID
        assert one.signer is not None
    with pytest.raises(AlreadySigned):
        office.library.sign_reply(reviewer, id_, 2, signer(office, reviewer))


def test_nobody_signs_what_they_cant_read_or_isnt_there(office: Office) -> None:
    id_, hidden = letter(office), letter(office, level="secret")
    reviewer, leader = office.user("reviewer"), office.user("leader")
    other, reading = (
        office.user("reviewer", regions=("B市",)),
        office.user("leader", fields=frozenset({"full_text"})),
    )
    for scope, petition, reply in (
        (leader, id_, 1),  # sees the redacted edition
        (other, id_, 1),
        (reviewer, hidden, 1),
        (reviewer, id_, 3),
        (reviewer, id_, 0),
        (reviewer, "0" * 32, 1),
    ):
        with pytest.raises(NotFound):
            office.library.sign_reply(scope, petition, reply, signer(office, scope))
    with pytest.raises(NotFound):  # with somebody else's key
        office.library.sign_reply(reviewer, id_, 1, signer(office, reading))
    office.library.sign_reply(reading, id_, 1, signer(office, reading))


def test_readers_of_what_was_published_learn_no_name(office: Office) -> None:
    id_ = letter(office, published=True)
    reviewer = office.user("reviewer")
    office.library.sign_reply(reviewer, id_, 1, signer(office, reviewer))
    (one,) = office.library.petition(office.user("public"), id_).replies[0].signatures
    assert (one.signer, one.state) == (None, SignatureState.VALID)


def test_an_export_holds_what_its_reader_sees_and_nothing_else(office: Office) -> None:
    id_ = letter(office)
    reviewer, clerk = office.user("reviewer"), office.user("clerk")
    office.library.sign_reply(reviewer, id_, 1, signer(office, reviewer))
    full, redacted = (office.library.export(scope, id_) for scope in (reviewer, clerk))
    with office.database.read() as session:
        trusted = {key.public: key for key in keys_of(session).values() if key.user_id is None}
        record = read_one(session, id_)
    assert record is not None
    assert full.name == f"{record.number}.json"
    reports = [verify_sealed(one.content, trusted) for one in (full, redacted)]
    assert [report.sound for report in reports] == [True, True]
    assert [len(report.signatures) for report in reports] == [1, 0]
    assert PHONE.encode() in full.content
    assert reports[0].signatures[0].sound
    for secret in (PHONE, "李秀英", reports[0].content["signatures"][0]["signature"]):  # type: ignore[index]
        assert secret.encode() not in redacted.content
    assert json.loads(redacted.content)["petition"]["replies"][0]["text"] == (
        record.replies[0].text_redacted
    )


def test_an_export_names_the_hashes_of_files_to_those_who_may_have_them(office: Office) -> None:
    from records.files import add_file

    id_ = letter(office)
    with office.database.write() as session:
        original = office.originals.put(b"a scan")
        add_file(session, id_, original, "scan.png", media_type="image/png")
    scopes = office.user("reviewer"), office.user("clerk")
    manifests = [
        json.loads(office.library.export(scope, id_).content)["manifest"] for scope in scopes
    ]
    assert manifests[0]["files/1"] == original.sha256
    assert "files/1" not in manifests[1]
    assert FieldRight.SCAN not in scopes[1].fields


def test_what_may_not_be_seen_is_not_exported(office: Office) -> None:
    id_ = letter(office, level="secret")
    for scope in (office.user("reviewer"), office.user("statistician"), office.user("auditor")):
        with pytest.raises(NotFound):
            office.library.export(scope, id_)
