"""Keys of people, what they sign, and what every change of it afterwards leads to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from records import audit, signatures, signing_keys
from records.changes import add_reply, replace_content
from records.database import Database, Session
from records.entries import NewReply
from records.errors import AlreadySigned, UnknownKey
from records.petitions import read_one
from records.record import PetitionRecord
from records.registration import add
from records.signatures import SignatureState, sign, signatures_of
from records.signing_keys import (
    REPLACED,
    REVOKED,
    end,
    keys_of,
    office_signer,
    person_signer,
    renew_office,
)
from records.tables import replies, reply_signatures, users
from records.tables import signing_keys as stored_keys
from records.times import now
from records.users import NewUser, User, add_user, set_password

if TYPE_CHECKING:
    from conftest import Petition, Reply, Stored

PASSWORD = "seven quiet lanterns"
OTHER = "eleven loud tambourines"
TEXT = "已责令停工，联系人李秀英。"


@pytest.fixture
def signed(database: Database, petition: Petition, reply: Reply) -> tuple[str, User]:
    """A petition whose first reply a reviewer signed."""
    with database.write() as session:
        user = add_user(session, NewUser("zhang", "reviewer", PASSWORD, display_name="张主任")).user
        id_ = add(session, petition(replies=(reply(TEXT, body="城管局"),))).id
        sign(session, held(session, id_), 1, person_signer(session, user, PASSWORD))
    return id_, user


def held(session: Session, id_: str) -> PetitionRecord:
    found = read_one(session, id_)
    assert found is not None
    return found


def states(database: Database, id_: str) -> list[SignatureState]:
    with database.read() as session:
        return [one.state for one in signatures_of(session, held(session, id_))]


def changed(database: Database, **values: Any) -> None:
    with database.write() as session:
        session.connection.execute(update(reply_signatures).values(**values))


def test_a_signature_tells_who_and_when_and_that_it_fits(
    database: Database, signed: tuple[str, User]
) -> None:
    with database.read() as session:
        (one,) = signatures_of(session, held(session, signed[0]))
    assert (one.reply, one.state, one.signer) == (1, SignatureState.VALID, "张主任")
    assert timedelta(0) <= now() - one.signed_at < timedelta(minutes=1)
    assert TEXT not in one.statement


def test_the_same_person_signs_the_same_text_once_and_another_again(
    database: Database, signed: tuple[str, User]
) -> None:
    id_, user = signed
    with pytest.raises(AlreadySigned), database.write() as session:
        sign(session, held(session, id_), 1, person_signer(session, user, PASSWORD))
    with database.write() as session:
        second = add_user(session, NewUser("li", "leader", PASSWORD)).user
        sign(session, held(session, id_), 1, person_signer(session, second, PASSWORD))
    assert states(database, id_) == [SignatureState.VALID] * 2


def test_every_change_of_the_reply_is_told(database: Database, signed: tuple[str, User]) -> None:
    id_ = signed[0]
    for values, state in (
        ({"text": TEXT + "。"}, SignatureState.TEXT_CHANGED),
        ({"text": TEXT, "body": "住建局"}, SignatureState.FACTS_CHANGED),
        ({"body": "城管局", "replied_at": now()}, SignatureState.FACTS_CHANGED),
        ({"replied_at": None, "kind": "final"}, SignatureState.FACTS_CHANGED),
        ({"kind": "reply", "text_redacted": "*" * len(TEXT)}, SignatureState.VALID),
    ):
        with database.write() as session:
            session.connection.execute(update(replies).values(**values))
        assert states(database, id_) == [state], values
    with database.write() as session:
        session.connection.execute(delete(replies))
    assert states(database, id_) == [SignatureState.TEXT_CHANGED]


def test_an_import_that_replaces_the_reply_leaves_a_signature_that_no_longer_fits(
    database: Database, signed: tuple[str, User], petition: Petition, reply: Reply
) -> None:
    id_, user = signed
    with database.write() as session:
        replace_content(session, id_, petition(replies=(reply("另有答复。"),)), "0" * 64)
    assert states(database, id_) == [SignatureState.TEXT_CHANGED]
    with database.write() as session:
        sign(session, held(session, id_), 1, person_signer(session, user, PASSWORD))
    assert states(database, id_) == [SignatureState.TEXT_CHANGED, SignatureState.VALID]


def test_another_reply_changes_nothing(database: Database, signed: tuple[str, User]) -> None:
    with database.write() as session:
        add_reply(session, signed[0], NewReply("后续：已验收。"))
    assert states(database, signed[0]) == [SignatureState.VALID]


def test_every_changed_sign_of_statement_or_signature_is_found(
    database: Database, signed: tuple[str, User]
) -> None:
    with database.read() as session:
        row = session.connection.execute(select(reply_signatures)).one()
        record = held(session, signed[0])
        key = keys_of(session)[row.key]
    facts = signatures.facts(record, 1, _office(database))
    for name in ("statement", "signature"):
        text = getattr(row, name)
        for place, sign_ in enumerate(text):
            other = text[:place] + ("A" if sign_ != "A" else "B") + text[place + 1 :]
            said = signatures.decoded(
                (other if name == "statement" else row.statement).encode(), signatures.FIELDS
            )
            given = other if name == "signature" else row.signature
            state = signatures.judged(said, given, key, facts, vouched=True)
            assert state is SignatureState.FORGED, (name, place)


def test_a_signature_moved_to_another_petition_or_reply_does_not_hold(
    database: Database, signed: tuple[str, User], petition: Petition, reply: Reply
) -> None:
    with database.write() as session:
        other = add(session, petition(replies=(reply(TEXT, body="城管局"),) * 2)).id
    changed(database, petition_id=other)
    assert states(database, other) == [SignatureState.FACTS_CHANGED]


def test_a_key_that_the_office_does_not_certify_counts_for_nothing(
    database: Database, signed: tuple[str, User]
) -> None:
    """Somebody who writes into the database, but has no key, brings one of their own."""
    with database.write() as session:
        session.connection.execute(
            update(stored_keys)
            .where(stored_keys.c.user_id.is_not(None))
            .values(certificate="00" * 64)
        )
    assert states(database, signed[0]) == [SignatureState.UNKNOWN_KEY]


def test_a_key_is_made_once_and_anew_under_another_password(
    database: Database, signed: tuple[str, User]
) -> None:
    id_, user = signed
    with database.write() as session:
        first = person_signer(session, user, PASSWORD).key
        assert person_signer(session, user, PASSWORD).key == first
        set_password(session, user.id, OTHER)
        second = person_signer(session, user, OTHER).key
        ended = keys_of(session)[first.public]
    assert (ended.ended_by, second.ended_at) == (REPLACED, None)
    assert second.public != first.public
    assert states(database, id_) == [SignatureState.VALID]


def test_a_revoked_key_signs_nothing_more_and_what_it_signed_stays(
    database: Database, signed: tuple[str, User]
) -> None:
    id_, user = signed
    with database.write() as session:
        key = person_signer(session, user, PASSWORD).key
        end(session, key.public, REVOKED, "shell")
        row = session.connection.execute(
            select(stored_keys).where(stored_keys.c.public == key.public)
        ).one()
        assert row.private is None
        (one,) = signatures_of(session, held(session, id_))
        assert (one.state, one.key.ended_by) == (SignatureState.VALID, REVOKED)
        with pytest.raises(UnknownKey, match="signing list"):
            end(session, key.public, REVOKED, "shell")
        acts = [entry.action for entry in audit.entries(session)]
    assert acts == ["signing_key_made", "signing_key_made", "signing_key_revoked"]


def test_what_says_that_it_was_signed_after_the_end_of_its_key_fails(
    database: Database, signed: tuple[str, User]
) -> None:
    id_, user = signed
    with database.write() as session:
        signer = person_signer(session, user, PASSWORD)
        session.connection.execute(
            update(stored_keys)
            .where(stored_keys.c.public == signer.key.public)
            .values(ended_at=now() - timedelta(hours=1), ended_by=REVOKED)
        )
    assert states(database, id_) == [SignatureState.AFTER_END]


def test_what_an_older_key_of_the_office_certified_stays_good(
    database: Database, signed: tuple[str, User]
) -> None:
    with database.write() as session:
        before = office_signer(session).key
        after = renew_office(session, "shell")
    assert before.public != after.public
    assert states(database, signed[0]) == [SignatureState.VALID]


def test_a_person_has_one_key_that_holds(database: Database, signed: tuple[str, User]) -> None:
    row = {"public": "f" * 64, "user_id": signed[1].id, "owner": "x", "made_at": now()}
    with pytest.raises(Exception, match=r"(?i)unique"), database.write() as session:
        session.connection.execute(insert(stored_keys).values(**row))


def test_neither_password_nor_office_alone_opens_a_key(
    database: Database, signed: tuple[str, User]
) -> None:
    with database.read() as session:
        row = session.connection.execute(
            select(stored_keys).where(stored_keys.c.user_id == signed[1].id)
        ).one()
        sealed = bytes.fromhex(session.keys.decrypt(signing_keys.PRIVATE, row.private))
        for wrong in (PASSWORD.upper(), "", OTHER):
            with pytest.raises(signing_keys.InvalidTag):
                signing_keys._unwrapped(sealed, wrong, row.public)
        with pytest.raises(signing_keys.InvalidTag):  # moved to another key's row
            signing_keys._unwrapped(sealed, PASSWORD, "0" * 64)
        raw = signing_keys._unwrapped(sealed, PASSWORD, row.public)
    assert raw not in sealed


def test_no_private_key_is_stored_plainly(
    database: Database, signed: tuple[str, User], stored: Stored
) -> None:
    with database.write() as session:
        raws = [
            one.private.private_bytes_raw()
            for one in (office_signer(session), person_signer(session, signed[1], PASSWORD))
        ]
        count = len(session.connection.execute(select(users.c.id)).all())
    assert count == 1
    kept = stored()
    assert not any(raw in kept or raw.hex().encode() in kept for raw in raws)


def _office(database: Database) -> str:
    return signatures.origin(database.keys)
