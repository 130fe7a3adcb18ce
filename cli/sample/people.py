"""Invented people: names, identity numbers, bank cards and telephones that belong to nobody.

Every number passes the check of its kind (GB 11643 for identity numbers, Luhn for cards), but lies
in a range that was never given out: the division code 5299xx names no county, no operator holds
the mobile prefixes used, and no bank the card prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cli.sample.words import words

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_WORDS = words("people")
_MOBILE = ("154", "160", "179", "194")
_CARD = "62990"
_DIVISION = "5299"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone invented. `id_no` has 18 characters, `phone` 11 digits, `bank_card` 19 digits."""

    name: str
    woman: bool
    born: date
    id_no: str
    phone: str
    bank_card: str
    address: str

    @property
    def surname(self) -> str:
        return self.name[:2] if self.name[:2] in _WORDS["compound"] else self.name[0]


def id_check(first17: str) -> str:
    """The last character of an identity number (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def luhn_check(digits: str) -> str:
    """The last digit of a card number (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def full_name(draw: Random, *, woman: bool) -> str:
    """A name of two to four characters."""
    surname = draw.choice(_WORDS["compound" if draw.random() < 0.02 else "surnames"])
    if draw.random() < 0.15:
        return surname + draw.choice(_WORDS["single"])
    return surname + draw.choice(_WORDS["women" if woman else "men"])


def person(draw: Random, address: str, *, old: bool = False) -> Person:
    """Somebody grown up, who lives at this address; `old`: born before 1956."""
    woman = draw.random() < 0.5
    born = date(1941, 1, 1) + timedelta(days=draw.randrange(15 * 365 if old else 65 * 365))
    order = draw.randrange(0, 499) * 2 + (0 if woman else 1)
    first17 = f"{_DIVISION}{draw.randint(1, 28):02d}{born:%Y%m%d}{order:03d}"
    card = _CARD + "".join(draw.choices("0123456789", k=13))
    return Person(
        name=full_name(draw, woman=woman),
        woman=woman,
        born=born,
        id_no=first17 + id_check(first17),
        phone=draw.choice(_MOBILE) + "".join(draw.choices("0123456789", k=8)),
        bank_card=card + luhn_check(card),
        address=address,
    )
