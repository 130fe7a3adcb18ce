"""Check digits of personal numbers. Every function takes the normalised number (half width, upper
case, no separators) and is true where the number could have been issued.
"""

from __future__ import annotations

from datetime import date

_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_CITIZEN_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    province
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (81, 83))
    for province in range(first, last + 1)
) | {71}
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # stand for 10 to 35
_TAIWAN_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)


def citizen(number: str) -> bool:
    """An 18-digit resident identity number: province, date of birth and check digit (GB 11643)."""
    if not citizen_form(number):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(number, _CITIZEN_WEIGHTS, strict=False)
    )
    return _CITIZEN_CHECKS[total % 11] == number[17]


def citizen_form(number: str) -> bool:
    """The same but for its check digit."""
    return (
        len(number) == 18
        and number[:17].isdecimal()
        and (number[17].isdecimal() or number[17] == "X")
        and int(number[:2]) in _PROVINCES
        and _born(number[6:14])
    )


def old_citizen(number: str) -> bool:
    """A 15-digit resident identity number; it has no check digit: province and date of birth."""
    return (
        len(number) == 15
        and number.isdecimal()
        and int(number[:2]) in _PROVINCES
        and _born("19" + number[6:12])
    )


def _born(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return 1850 <= day.year <= 2100


def taiwan(number: str) -> bool:
    """A Taiwanese identity or residence number: a letter and nine digits."""
    if len(number) != 10 or number[0] not in _TAIWAN_LETTERS or not number[1:].isdecimal():
        return False
    first = _TAIWAN_LETTERS.index(number[0]) + 10
    digits = (first // 10, first % 10, *map(int, number[1:]))
    weighted = zip(digits, _TAIWAN_WEIGHTS, strict=True)
    return number[1] in "1289" and sum(digit * weight for digit, weight in weighted) % 10 == 0


def hong_kong(number: str) -> bool:
    """A Hong Kong identity number without its brackets: one or two letters, six digits, check."""
    letters, digits, check = number[:-7], number[-7:-1], number[-1:]
    if not (1 <= len(letters) <= 2 and letters.isascii() and letters.isalpha()):
        return False
    if not digits.isdecimal() or not (check.isdecimal() or check == "A"):
        return False
    values = [36, *(ord(letter) - 55 for letter in letters)][-2:]
    values += map(int, digits)
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def luhn(number: str) -> bool:
    """A number whose last digit makes the Luhn sum right (ISO/IEC 7812): bank cards."""
    if not number.isdecimal():
        return False
    total = 0
    for at, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
