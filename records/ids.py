"""Ids, numbers and the order of petitions; parts of a statement's values."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from records.times import utc

CHUNK = 500
"""Most values in one IN list."""

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread aloud or on paper
NUMBER_LENGTH = 10

_HEX = frozenset("0123456789abcdef")
_LATEST = 1 << 33  # seconds; in the year 2242
_ID_BITS = 29


def order(received_at: datetime, id_: str) -> int:
    """The tie-break of searches: smaller comes first. Newer petitions first, then by id.

    `(2^33 − seconds since 1970) · 2^29 + the id's first 29 bits`: 34 + 29 bits, so positive and
    below 2^63 for the years 1698 to 2242 (others count as the nearest). It depends on the
    petition alone, never on what else is stored.
    """
    age = min(max(_LATEST - int(received_at.timestamp()), 0), (1 << 34) - 1)
    return (age << _ID_BITS) | (int(id_, 16) >> (128 - _ID_BITS))


def new_id() -> str:
    """A random id that nobody can guess: 32 hexadecimal characters."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Has it the form of an id of ours?"""
    return len(text) == 32 and set(text) <= _HEX


def new_number(received_at: datetime) -> str:
    """Our own number, e.g. `XF20267KQ2M9WXTR`: the year, then ten drawn signs.

    Drawn, not counted, so that two numbers tell nothing about how many letters lie between them.
    """
    left, drawn = secrets.randbelow(len(NUMBER_ALPHABET) ** NUMBER_LENGTH), ""
    for _ in range(NUMBER_LENGTH):
        left, sign = divmod(left, len(NUMBER_ALPHABET))
        drawn += NUMBER_ALPHABET[sign]
    return f"XF{utc(received_at).year:04}{drawn}"


def chunks(values: Sequence[str]) -> list[Sequence[str]]:
    """The values in parts that fit into one statement."""
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
