"""Invented people: every number is well formed and passes its check."""

from __future__ import annotations

from datetime import date

import pytest

from cli.sample.chance import chance
from cli.sample.people import Person, id_check, luhn_check, person
from cli.sample.places import CITY, address


@pytest.fixture(scope="module")
def crowd() -> list[Person]:
    draw = chance("tests", "people")
    return [person(draw, address(draw)) for _ in range(500)]


def test_the_check_character_of_published_examples() -> None:
    # GB 11643's own example, and the Luhn example of ISO/IEC 7812.
    assert id_check("11010519491231002") == "X"
    assert id_check("44052418800101001") == "4"
    assert luhn_check("7992739871") == "3"


def test_identity_numbers_tell_birth_and_sex(crowd: list[Person]) -> None:
    for one in crowd:
        assert len(one.id_no) == 18
        assert id_check(one.id_no[:17]) == one.id_no[17]
        born = date(int(one.id_no[6:10]), int(one.id_no[10:12]), int(one.id_no[12:14]))
        assert born == one.born
        assert (int(one.id_no[16]) % 2 == 0) == one.woman


def test_identity_numbers_name_no_county(crowd: list[Person]) -> None:
    assert {one.id_no[:4] for one in crowd} == {"5299"}


def test_cards_and_phones(crowd: list[Person]) -> None:
    for one in crowd:
        assert len(one.bank_card) == 19
        assert luhn_check(one.bank_card[:-1]) == one.bank_card[-1]
        assert one.phone.isdigit()
        assert len(one.phone) == 11
        assert one.phone[:3] in {"154", "160", "179", "194"}


def test_names_and_addresses(crowd: list[Person]) -> None:
    for one in crowd:
        assert 2 <= len(one.name) <= 4
        assert one.name.startswith(one.surname)
        assert one.address.startswith(CITY)
    assert len({one.id_no for one in crowd}) == len(crowd)
    assert len({one.name for one in crowd}) > 400
