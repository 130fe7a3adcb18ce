"""Signatures of replies: what a person signed, and whether it is still what stands there.

Signed is canonical JSON that names the petition, the reply's place, kind, office, date and the
SHA-256 of its full text, the signer and the time. Statement and signature are for those who see
the full text: with the hash somebody could try out what the masks hide. The audit log says who
signed when, so that no time of signing can be set back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import insert, select

from records.audit_chain import decoded, encoded
from records.audit_checkpoints import origin
from records.database import Session
from records.errors import AlreadySigned
from records.record import PetitionRecord
from records.signing_keys import REVOKED, Signer, SigningKey, keys_of, signs, vouched
from records.tables import reply_signatures
from records.times import now, utc

PURPOSE: Final = b"petitions reply signature\n"
"""Stands before what is signed, so that no other signature can be taken for a reply's."""

FACTS: Final = ("body", "kind", "number", "office", "petition", "replied_at", "reply", "sha256")
FIELDS: Final = (
    "body", "key", "kind", "name", "number", "office", "petition", "replied_at", "reply",
    "sha256", "signed_at", "signer",
)  # fmt: skip


class SignatureState(StrEnum):
    """What holding a signature against the record gave; all but `VALID` mean that it fails."""

    VALID = "valid"
    TEXT_CHANGED = "text_changed"  # the signature is genuine, the text another since
    FACTS_CHANGED = "facts_changed"  # the text is the same; its date, kind or office is not
    FORGED = "forged"  # signature and statement don't belong together
    UNKNOWN_KEY = "unknown_key"  # nobody of this office says whose key it is
    AFTER_END = "after_end"  # the key did not hold at that time


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature under the reply number `reply`, from 1, and what became of it."""

    reply: int
    state: SignatureState
    signer: str
    signed_at: datetime
    key: SigningKey
    statement: str
    signature: str

    @property
    def revoked(self) -> bool:
        return self.key.ended_by == REVOKED


def sign(session: Session, record: PetitionRecord, reply: int, signer: Signer) -> None:
    """Sign the full text of a reply as it stands now; `reply` from 1, and there is one.

    Raises AlreadySigned where this person's signature stands under the same.
    """
    mine = [one for one in signatures_of(session, record) if one.reply == reply]
    if any(
        one.key.user_id == signer.key.user_id and one.state is SignatureState.VALID for one in mine
    ):
        raise AlreadySigned("your signature stands under this text already")
    statement = encoded(
        {
            **facts(record, reply, origin(session.keys)),
            "key": signer.key.public,
            "name": signer.key.owner,
            "signed_at": now().isoformat(),
            "signer": signer.key.user_id,
        }
    )
    signature = signer.sign(PURPOSE + statement.encode())
    session.connection.execute(
        insert(reply_signatures).values(
            petition_id=record.id,
            reply=reply,
            position=len(mine) + 1,
            key=signer.key.public,
            statement=statement,
            signature=signature,
        )
    )


def facts(record: PetitionRecord, reply: int, office: str) -> dict[str, Any]:
    """What is signed of a reply, as it stands now. `office`: its origin."""
    said = record.replies[reply - 1]
    return {
        "body": said.body,
        "kind": said.kind,
        "number": record.number,
        "office": office,
        "petition": record.id,
        "replied_at": said.replied_at and utc(said.replied_at).isoformat(),
        "reply": reply,
        "sha256": text_hash(said.text),
    }


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def signatures_of(session: Session, record: PetitionRecord) -> tuple[Signature, ...]:
    """The signatures of a petition's replies, each verified; a reply's oldest first."""
    kept = reply_signatures.c
    rows = session.connection.execute(
        select(reply_signatures)
        .where(kept.petition_id == record.id)
        .order_by(kept.reply, kept.position)
    ).all()
    if not rows:
        return ()
    keys = keys_of(session)
    office = origin(session.keys)
    found = []
    for row in rows:
        key = keys[row.key]
        said = decoded(row.statement.encode(), FIELDS)
        there = row.reply <= len(record.replies)
        held = facts(record, row.reply, office) if there else None
        state = judged(said, row.signature, key, held, vouched=vouched(session, key))
        signed_at = key.made_at
        if said is not None and state is not SignatureState.FORGED:
            signed_at = datetime.fromisoformat(said["signed_at"])
        found.append(
            Signature(row.reply, state, key.owner, signed_at, key, row.statement, row.signature)
        )
    return tuple(found)


def judged(
    said: Mapping[str, Any] | None,
    signature: str,
    key: SigningKey,
    held: Mapping[str, Any] | None,
    *,
    vouched: bool,
) -> SignatureState:
    """Hold a statement against what stands there (`held`, see `facts`; None: no such reply)."""
    if said is None or not signs(key.public, signature, PURPOSE + encoded(said).encode()):
        return SignatureState.FORGED
    if (said["key"], said["signer"], said["name"]) != (key.public, key.user_id, key.owner):
        return SignatureState.FORGED
    if not vouched:
        return SignatureState.UNKNOWN_KEY
    if not key.held_at(datetime.fromisoformat(said["signed_at"])):
        return SignatureState.AFTER_END
    if held is None or said["sha256"] != held["sha256"]:
        return SignatureState.TEXT_CHANGED
    if any(said[name] != held[name] for name in FACTS):
        return SignatureState.FACTS_CHANGED
    return SignatureState.VALID
