"""Numbers of published samples and of standards, and generated ones with right and wrong checks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers import check_digits

DAYS = st.dates(date(1900, 1, 1), date(2024, 12, 31))
DIGITS = "0123456789"


def other(sign: str, step: int) -> str:
    return DIGITS[(DIGITS.index(sign) + step) % 10]


def citizen_check(first: str) -> str:
    weights = [2**power % 11 for power in range(17, 0, -1)]  # GB 11643 states them so
    return "10X98765432"[sum(map(int.__mul__, map(int, first), weights)) % 11]


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_examples_of_the_standard(number: str) -> None:
    assert check_digits.citizen(number)


@given(st.sampled_from(["110105", "430102", "650100", "810000"]), DAYS, st.integers(0, 999))
def test_resident_numbers_with_their_check_digit(place: str, born: date, serial: int) -> None:
    first = f"{place}{born:%Y%m%d}{serial:03}"
    right = citizen_check(first)
    assert check_digits.citizen(first + right)
    for wrong in set("0123456789X") - {right}:
        assert not check_digits.citizen(first + wrong)
        assert check_digits.citizen_form(first + wrong)


@given(DAYS, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_digit_changed_is_no_resident_number(born: date, serial: int, at: int, by: int) -> None:
    first = f"430102{born:%Y%m%d}{serial:03}"
    number = first + citizen_check(first)
    assert not check_digits.citizen(number[:at] + other(number[at], by) + number[at + 1 :])


@pytest.mark.parametrize(
    "number",
    [
        "",
        "99010519491231002X",  # no such province
        "110105194913310029",  # month 13
        "110105194902300022",  # 30 February
        "1101051949123100",
        "11010519491231002x",
        "11010519491231002Ⅹ",
    ],
)
def test_no_resident_number(number: str) -> None:
    assert not check_digits.citizen(number)


def test_old_resident_numbers() -> None:
    assert check_digits.old_citizen("110105491231002")
    assert not check_digits.old_citizen("110105491331002")
    assert not check_digits.old_citizen("990105491231002")
    assert not check_digits.old_citizen("11010549123100")


def test_taiwan() -> None:
    assert check_digits.taiwan("A123456789")
    assert check_digits.taiwan("A800000014")  # a new residence number, as published with the rule
    assert not check_digits.taiwan("A123456788")
    assert not check_digits.taiwan("A323456789")
    assert not check_digits.taiwan("1123456789")
    assert not check_digits.taiwan("A12345678")


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_digit_changed_is_no_taiwan_number_but_where_the_rule_is_blind(
    at: int, by: int
) -> None:
    weights = (8, 7, 6, 5, 4, 3, 2, 1, 1)
    number = "A123456789"
    changed = number[: at + 1] + other(number[at + 1], by) + number[at + 2 :]
    blind = weights[at] * by % 10 == 0 and changed[1] in "1289"
    assert check_digits.taiwan(changed) == blind


def test_hong_kong() -> None:
    assert check_digits.hong_kong("A1234563")
    assert check_digits.hong_kong("G123456A")
    assert check_digits.hong_kong("AB9876543")
    assert not check_digits.hong_kong("A1234564")
    assert not check_digits.hong_kong("A12345")
    assert not check_digits.hong_kong("ABC1234563")
    assert not check_digits.hong_kong("")


def test_luhn_example() -> None:
    assert check_digits.luhn("4532015112830366")
    assert check_digits.luhn("79927398713")
    assert not check_digits.luhn("79927398710")
    assert not check_digits.luhn("7992739871X")


@given(st.text(DIGITS, min_size=15, max_size=18), st.data())
def test_luhn_finds_one_changed_digit(first: str, data: st.DataObject) -> None:
    right = [digit for digit in DIGITS if check_digits.luhn(first + digit)]
    assert len(right) == 1
    number = first + right[0]
    at = data.draw(st.integers(0, len(number) - 1))
    changed = number[:at] + other(number[at], data.draw(st.integers(1, 9))) + number[at + 1 :]
    assert not check_digits.luhn(changed)
