"""Sealed exports: not one byte of them can be changed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from records.audit_chain import encoded
from records.database import Database
from records.petitions import read_one
from records.registration import add
from records.seals import SEALED, seal, verify_sealed, written
from records.signatures import sign, signatures_of
from records.signing_keys import keys_of, office_signer, person_signer, renew_office
from records.tables import signing_keys
from records.times import now
from records.users import NewUser, add_user

if TYPE_CHECKING:
    from conftest import Petition, Reply

PASSWORD = "seven quiet lanterns"


@pytest.fixture
def sealed(database: Database, petition: Petition, reply: Reply) -> bytes:
    """A petition with one signed reply, sealed."""
    with database.write() as session:
        user = add_user(session, NewUser("zhang", "reviewer", PASSWORD)).user
        id_ = add(session, petition("灯坏了。", replies=(reply("已修好。"),))).id
        record = read_one(session, id_)
        assert record is not None
        sign(session, record, 1, person_signer(session, user, PASSWORD))
        shown = {
            "number": record.number,
            "subject": record.subject,
            "text": record.text,
            "edition": "full",
            "replies": [{"text": one.text} for one in record.replies],
        }
        return seal(session, shown, {"files/1": "0" * 64}, signatures_of(session, record), "x")


def trusted(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return {key.public: key for key in keys_of(session).values() if key.user_id is None}


def codes(content: bytes, database: Database) -> set[str]:
    return {fault.code for fault in verify_sealed(content, trusted(database)).faults}


def test_what_was_sealed_is_sound(database: Database, sealed: bytes) -> None:
    report = verify_sealed(sealed, trusted(database))
    assert report.sound
    assert report.content is not None
    assert report.content["petition"]["text"] == "灯坏了。"
    assert report.content["manifest"]["files/1"] == "0" * 64
    (one,) = report.signatures
    assert (one.reply, one.name, one.state) == (1, "zhang", "valid")
    assert one.sound
    assert one.fits
    assert report.agrees


def test_every_changed_byte_is_found(database: Database, sealed: bytes) -> None:
    """All of them, each flipped in one bit and in all, taken out, and doubled."""
    keys = trusted(database)
    assert len(sealed) > 1900
    for place in range(len(sealed)):
        byte = sealed[place : place + 1]
        for other in (bytes([byte[0] ^ 1]), bytes([byte[0] ^ 0x20]), bytes([byte[0] ^ 0xFF]),
                      b"", byte * 2):  # fmt: skip
            changed = sealed[:place] + other + sealed[place + 1 :]
            assert changed == sealed or not verify_sealed(changed, keys).sound, place


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a": ' * 50_000, b"9" * 10_000],
)
def test_what_is_no_export_is_told(database: Database, content: bytes) -> None:
    assert codes(content, database) == {"not_export"}


def test_a_changed_document_says_why(database: Database, sealed: bytes) -> None:
    document = json.loads(sealed)
    assert codes(sealed[:-2], database) == {"not_export"}
    assert codes(sealed.replace(b"\n", b"\r\n"), database) == {"not_canonical"}
    assert codes(sealed + b" ", database) == {"not_canonical"}
    document["petition"]["text"] += "假"
    assert codes(written(document), database) == {"signature"}
    document = json.loads(sealed) | {"format": "petitions export 9"}
    assert codes(written(document), database) == {"other_format"}
    double = sealed.replace(b'{\n "format"', b'{\n "format": "x",\n "format"')
    assert codes(double, database) == {"not_canonical"}


def test_another_office_is_not_trusted(database: Database, sealed: bytes) -> None:
    assert {one.code for one in verify_sealed(sealed, {}).faults} == {"unknown_key"}
    (public,) = trusted(database)
    assert verify_sealed(sealed, {public: None}).sound


def test_an_export_stays_good_when_the_offices_key_is_renewed(
    database: Database, sealed: bytes
) -> None:
    with database.write() as session:
        renew_office(session, "shell")
    assert codes(sealed, database) == set()


def test_what_says_that_it_was_sealed_after_its_key_ended_is_refused(
    database: Database, sealed: bytes
) -> None:
    with database.write() as session:
        session.connection.execute(
            update(signing_keys).values(ended_at=now() - timedelta(days=1), ended_by="revoked")
        )
    assert codes(sealed, database) == {"revoked_key"}


def test_a_manifest_that_says_something_else_is_found_under_a_good_signature(
    database: Database, sealed: bytes
) -> None:
    """The signature comes from this office's key, so that only the manifest can tell."""
    document = json.loads(sealed)
    document["petition"]["replies"][0]["text"] = "未修好。"
    del document["signature"]
    with database.write() as session:
        signature = office_signer(session).sign(SEALED + encoded(document).encode())
    report = verify_sealed(written({**document, "signature": signature}), trusted(database))
    assert {(one.code, one.part) for one in report.faults} == {
        ("manifest", "petition"),
        ("manifest", "replies/1"),
    }
    assert [(one.sound, one.fits) for one in report.signatures] == [(True, False)]
    assert not report.agrees


def test_half_characters_and_numbers_survive(database: Database) -> None:
    shown = {"text": "\ud800", "replies": [], "extra": {"n": [1.5, 10**30, None]}}
    with database.write() as session:
        content = seal(session, shown, {}, (), "x")
    assert codes(content, database) == set()
