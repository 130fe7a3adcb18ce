"""A petition as one user sees it, as a sealed document: the projection and nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from records.database import Session
from records.record import PetitionRecord
from records.seals import seal
from records.signatures import Signature
from search.answers import VisiblePetition
from search.engine import Edition


def exported(
    session: Session,
    visible: VisiblePetition,
    record: PetitionRecord,
    signatures: tuple[Signature, ...],
    made_for: str,
) -> bytes:
    """Seal what is visible. Originals stay outside: their SHA-256 stands in the manifest, for
    those who may see them; signatures themselves are for those who see what was signed."""
    full = visible.edition is Edition.FULL
    hashes = [file.sha256 for file in record.files] if visible.files else []
    return seal(
        session,
        _plain(visible),
        {f"files/{number}": sha256 for number, sha256 in enumerate(hashes, 1)},
        signatures if full else (),
        made_for,
    )


def _plain(value: Any) -> Any:
    """Frozen values as JSON; where a question stands in a text is no part of it."""
    if is_dataclass(value):
        return {
            one.name: _plain(getattr(value, one.name))
            for one in fields(value)
            if not one.name.endswith("_spans")
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # an older system's "NaN": JSON has no such number
    return str(value) if isinstance(value, str) else value
