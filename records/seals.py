"""Sealed documents: JSON with the SHA-256 of each part and the office's signature over all of it.

Canonical JSON, with blanks for people: it is written anew and compared, so that not one byte can
differ. Who checks needs the office's public key and nothing else; whose signatures of replies are
in it, their certificates say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from records.audit_chain import decoded, encoded
from records.audit_checkpoints import origin
from records.database import Session
from records.signatures import FIELDS, PURPOSE, Signature, SignatureState
from records.signing_keys import SigningKey, certified, office_signer, signs
from records.times import now

FORMAT: Final = "petitions export 1"
SEALED: Final = b"petitions export\n"
TOP: Final = (
    "format", "key", "made_at", "made_for", "manifest", "office", "petition", "signature",
    "signatures",
)  # fmt: skip
SIGNED: Final = ("certificate", "certified_by", "ended_at", "ended_by", "made_at", "signature",
                 "statement", "state")  # fmt: skip
MOST: Final = 64 * 1024 * 1024
"""Bytes of the largest document that is looked at."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` is stable, for translations; `part`: which part of the document is meant."""

    code: str
    part: str = ""

    def __str__(self) -> str:
        told = FAULTS[self.code]
        return f"{self.part}: {told}" if self.part else told


FAULTS: Final = {
    "not_export": "it is no export of this program, or was cut off",
    "not_canonical": "it is not written as this program writes it: it was changed",
    "other_format": "it is an export of another version of this program",
    "signature": "the office's signature does not fit: it was changed",
    "unknown_key": "it is signed by a key that is not trusted here: name the office's with --key",
    "revoked_key": "it says that it was signed after its key was revoked or replaced",
    "manifest": "it is not what the manifest says",
}
"""What a fault's code means."""


@dataclass(frozen=True, slots=True)
class SignedReply:
    """What a verified export holds of a signature. `ended_by`: of the key, when it was exported.

    `state`: as the office found it then. `sound`: the statement is that person's, as the office
    certifies. `fits`: the reply in the export is the text that was signed.
    """

    reply: int
    name: str
    signed_at: str
    state: str
    sound: bool
    fits: bool
    ended_at: str | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """`faults` empty: every byte is as the office sealed it. `content`: what it holds, if sound."""

    faults: tuple[Fault, ...]
    key: str = ""
    made_at: str = ""
    content: Mapping[str, Any] | None = None
    signatures: tuple[SignedReply, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.faults

    @property
    def agrees(self) -> bool:
        """It is sound, and its signatures are what it says of them."""
        return self.sound and all(
            one.sound and (one.fits or one.state != SignatureState.VALID) for one in self.signatures
        )


def seal(
    session: Session,
    petition: Mapping[str, Any],
    files: Mapping[str, str],
    signatures: tuple[Signature, ...],
    made_for: str,
) -> bytes:
    """A petition as somebody sees it, as a sealed document. Within a writing transaction.

    `files`: names of parts that lie elsewhere, and their SHA-256.
    """
    office = office_signer(session)
    body: dict[str, Any] = {
        "format": FORMAT,
        "key": office.key.public,
        "made_at": now().isoformat(),
        "made_for": made_for,
        "office": origin(session.keys),
        "petition": petition,
        "signatures": [_signed(one) for one in signatures],
    }
    body["manifest"] = {**parts(body), **files}
    return written({**body, "signature": office.sign(SEALED + encoded(body).encode())})


def parts(body: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each part of a document, over its canonical JSON; of texts over themselves."""
    petition = body["petition"]
    found = {
        "petition": _hash(encoded(petition)),
        "letter": _hash(petition["text"]),
        "signatures": _hash(encoded({"signatures": body["signatures"]})),
    }
    for number, reply in enumerate(petition["replies"], 1):
        found[f"replies/{number}"] = _hash(reply["text"])
    return found


def written(document: Mapping[str, Any]) -> bytes:
    """The one way in which a document is written."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def verify_sealed(content: bytes, trusted: Mapping[str, SigningKey | None]) -> ExportReport:
    """Is every byte of an export as the office sealed it?

    `trusted`: keys of the office by their public half; None where no more is known of one.
    """
    try:
        document = json.loads(content.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return ExportReport((Fault("not_export"),))
    if not isinstance(document, dict) or tuple(sorted(document)) != TOP:
        return ExportReport((Fault("not_export"),))
    if document["format"] != FORMAT:
        return ExportReport((Fault("other_format"),))
    key, made_at = str(document["key"]), str(document["made_at"])
    try:
        canonical = written(document) == content
        body = {name: value for name, value in document.items() if name != "signature"}
        fits = signs(key, str(document["signature"]), SEALED + encoded(body).encode())
    except (ValueError, TypeError, RecursionError):
        return ExportReport((Fault("not_canonical"),), key, made_at)
    faults = [] if canonical else [Fault("not_canonical")]
    if key not in trusted:
        faults.append(Fault("unknown_key"))
    if not fits:
        faults.append(Fault("signature"))
    if faults:
        return ExportReport(tuple(faults), key, made_at)
    held = trusted[key]
    if held is not None and not held.held_at(datetime.fromisoformat(made_at)):
        faults.append(Fault("revoked_key"))
    faults += _manifest_faults(document)
    signed = tuple(_signed_reply(document, one, trusted) for one in document["signatures"])
    return ExportReport(tuple(faults), key, made_at, document, signed)


def _manifest_faults(document: Mapping[str, Any]) -> list[Fault]:
    manifest = document["manifest"]
    return [
        Fault("manifest", name)
        for name, found in parts(document).items()
        if manifest.get(name) != found
    ]


def _signed(one: Signature) -> dict[str, Any]:
    key = one.key
    return {
        "certificate": key.certificate,
        "certified_by": key.certified_by,
        "ended_at": key.ended_at and key.ended_at.isoformat(),
        "ended_by": key.ended_by,
        "made_at": key.made_at.isoformat(),
        "signature": one.signature,
        "state": one.state,
        "statement": one.statement,
    }


def _signed_reply(
    document: Mapping[str, Any], one: Mapping[str, Any], trusted: Mapping[str, SigningKey | None]
) -> SignedReply:
    """A person's signature, verified with the document alone: it, the certificate, the text."""
    said = decoded(one["statement"].encode(), FIELDS) or {}
    whose = {
        "key": said.get("key"),
        "made_at": one["made_at"],
        "name": said.get("name"),
        "office": document["office"],
        "user": said.get("signer"),
    }
    by = one["certified_by"]
    number = said.get("reply", 0)
    replies = document["petition"]["replies"]
    fits = 0 < number <= len(replies) and said["sha256"] == _hash(replies[number - 1]["text"])
    sound = (
        by in trusted
        and certified(whose, by, str(one["certificate"]))
        and signs(said["key"], one["signature"], PURPOSE + encoded(said).encode())
    )
    return SignedReply(
        number,
        str(said.get("name", "")),
        str(said.get("signed_at", "")),
        one["state"],
        sound,
        fits,
        one["ended_at"],
        one["ended_by"],
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
