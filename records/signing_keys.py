"""Ed25519 keys: one for each person who signs replies, and the office's own, which seals exports
and certifies whose the others are.

A person's private key is encrypted under a key made of their password (argon2id), and that again
under the office's: neither the operator nor a thief of the whole home signs in their name without
the password (ADR 12). So a key lasts as long as its password: after another one was set, the next
signing makes a new key. What an ended key signed before stays verifiable.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import Row, insert, select, update

from records import audit
from records.audit_chain import encoded
from records.audit_checkpoints import origin
from records.database import Session
from records.errors import Damaged, UnknownKey
from records.tables import audit_head, signing_keys
from records.times import now
from records.users import User

PRIVATE: Final = "signing_keys.private"
PURPOSE: Final = b"petitions key certificate\n"
"""Stands before what a certificate signs, so that no other signature can be taken for one."""

OFFICE: Final = "office"
"""Who the office's own key belongs to."""

REPLACED, REVOKED = "replaced", "revoked"
SALT, NONCE = 16, 12


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The public side of a key. `public`: 32 bytes, hexadecimal. `user_id` None: the office's.

    `ended_by`: replaced (another password, a new key of the office) or revoked; what it signed
    until `ended_at` counts. `certificate`: the signature of `certified_by`, a key of the office.
    """

    public: str
    user_id: str | None
    owner: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    certified_by: str | None
    certificate: str | None

    def said(self, office: str) -> dict[str, Any]:
        """What the certificate is over. `office`: its `origin`."""
        return {
            "key": self.public,
            "made_at": self.made_at.isoformat(),
            "name": self.owner,
            "office": office,
            "user": self.user_id,
        }

    def held_at(self, moment: datetime) -> bool:
        """Whether it was good for signing then."""
        return self.made_at <= moment and (self.ended_at is None or moment <= self.ended_at)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that is open for signing now."""

    key: SigningKey
    private: Ed25519PrivateKey

    def sign(self, content: bytes) -> str:
        """64 bytes, hexadecimal."""
        return self.private.sign(content).hex()

    def __repr__(self) -> str:
        return f"Signer({self.key.public})"


def signs(public: str, signature: str, content: bytes) -> bool:
    """Whether this is the signature of that key over the content, written as this program does."""
    try:
        given = bytes.fromhex(signature)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(given, content)
    except (InvalidSignature, ValueError):
        return False
    return given.hex() == signature


def certified(said: Mapping[str, Any], certified_by: str, certificate: str) -> bool:
    """Whether that key of an office says so of a person's key (`SigningKey.said`)."""
    return signs(certified_by, certificate, PURPOSE + encoded(said).encode())


def office_signer(session: Session) -> Signer:
    """The office's key for sealing; made when it is first needed. Within a writing transaction."""
    row = _current(session, None)
    if row is None:
        # Of several that need it at once, one makes it: they wait for each other here.
        session.connection.execute(select(audit_head.c.id).with_for_update())
        row = _current(session, None) or _made(session, None, OFFICE, None)
    return _opened(row, bytes.fromhex(session.keys.decrypt(PRIVATE, row.private)))


def person_signer(session: Session, user: User, password: str) -> Signer:
    """A person's key, by the password that was just proven to be theirs; made when it is first
    needed, and when the one there is stands under an older password."""
    row = _current(session, user.id)
    if row is not None:
        sealed = bytes.fromhex(session.keys.decrypt(PRIVATE, row.private))
        try:
            return _opened(row, _unwrapped(sealed, password, row.public))
        except InvalidTag:
            end(session, row.public, REPLACED, user.id)
    row = _made(session, user.id, user.display_name, password)
    return _opened(row, _unwrapped(_sealed_of(session, row), password, row.public))


def renew_office(session: Session, actor: str) -> SigningKey:
    """End the office's key and make another. What the old one certified and sealed stays good."""
    row = _current(session, None)
    if row is not None:
        end(session, row.public, REPLACED, actor)
    return office_signer(session).key


def end(session: Session, public: str, by: str, actor: str) -> None:
    """From now on nothing is signed by this key: its private half is forgotten.

    `by`: replaced or revoked. Raises UnknownKey unless it is one that still holds.
    """
    done = session.connection.execute(
        update(signing_keys)
        .where(signing_keys.c.public == public, signing_keys.c.ended_at.is_(None))
        .values(ended_at=now(), ended_by=by, private=None)
    )
    if not done.rowcount:
        raise UnknownKey(f"{public!r} is no key that holds: 'petitions signing list' shows them")
    audit.write(session, actor, f"signing_key_{by}", details={"key": public})


def keys_of(session: Session) -> dict[str, SigningKey]:
    """All keys there ever were, by their public half, oldest first."""
    found = select(signing_keys).order_by(signing_keys.c.made_at, signing_keys.c.public)
    return {row.public: _key(row) for row in session.connection.execute(found)}


def known_key(session: Session, public: str) -> SigningKey | None:
    """A key by its public half."""
    found = select(signing_keys).where(signing_keys.c.public == public)
    row = session.connection.execute(found).first()
    return None if row is None else _key(row)


def vouched(session: Session, key: SigningKey) -> bool:
    """Whether a key of this office says whose it is; the office's own needs nobody to say so."""
    if key.user_id is None:
        return True
    if key.certified_by is None or key.certificate is None:
        return False
    by = known_key(session, key.certified_by)
    return (
        by is not None
        and by.user_id is None
        and certified(key.said(origin(session.keys)), by.public, key.certificate)
    )


def _current(session: Session, user_id: str | None) -> Row[Any] | None:
    kept = signing_keys.c
    whose = kept.user_id.is_(None) if user_id is None else kept.user_id == user_id
    return session.connection.execute(
        select(signing_keys).where(whose, kept.ended_at.is_(None))
    ).first()


def _made(session: Session, user_id: str | None, owner: str, password: str | None) -> Row[Any]:
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    sealed = raw if password is None else _wrapped(raw, password, public)
    key = SigningKey(public, user_id, owner, now(), None, None, None, None)
    certificate = {}
    if user_id is not None:
        office = office_signer(session)
        said = encoded(key.said(origin(session.keys))).encode()
        certificate = {
            "certified_by": office.key.public,
            "certificate": office.sign(PURPOSE + said),
        }
    session.connection.execute(
        insert(signing_keys).values(
            public=public,
            user_id=user_id,
            owner=owner,
            private=session.keys.encrypt(PRIVATE, sealed.hex()),
            made_at=key.made_at,
            **certificate,
        )
    )
    audit.write(session, user_id or OFFICE, "signing_key_made", details={"key": public})
    row = _current(session, user_id)
    assert row is not None
    return row


def _sealed_of(session: Session, row: Row[Any]) -> bytes:
    return bytes.fromhex(session.keys.decrypt(PRIVATE, row.private))


def _opened(row: Row[Any], raw: bytes) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(raw)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    if public != row.public:
        raise Damaged("a key for signing is not the one it says: restore the database")
    return Signer(_key(row), private)


def _key(row: Row[Any]) -> SigningKey:
    return SigningKey(
        row.public,
        row.user_id,
        row.owner,
        row.made_at,
        row.ended_at,
        row.ended_by,
        row.certified_by,
        row.certificate,
    )


def _wrapped(raw: bytes, password: str, public: str) -> bytes:
    """Salt, nonce, ciphertext."""
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    sealed = AESGCM(_under(password, salt)).encrypt(nonce, raw, public.encode())
    return salt + nonce + sealed


def _unwrapped(sealed: bytes, password: str, public: str) -> bytes:
    """Raises InvalidTag for another password."""
    salt, nonce, body = sealed[:SALT], sealed[SALT : SALT + NONCE], sealed[SALT + NONCE :]
    return AESGCM(_under(password, salt)).decrypt(nonce, body, public.encode())


def _under(password: str, salt: bytes) -> bytes:
    """A key made of a password: argon2id with the parameters that passwords are kept with."""
    return hash_secret_raw(
        password.encode(),
        salt,
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )
