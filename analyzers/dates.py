"""Dates in a text: Arabic, full-width and Chinese numerals, years of the Republic (民國).

Year 1 of the Republic is 1912. A date that does not exist (30 February) is no date.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Precision = Literal["day", "month", "year"]

_EARLIEST, _LATEST = 1900, 2100
_REPUBLIC = 1911  # 民國 1 is 1912

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "０": 0, "两": 2, "廿": 20, "卅": 30, "十": 10, "元": 1,
}  # fmt: skip
_HAN = "零〇○一二三四五六七八九十廿卅元"
_NUMBER = rf"(?:\d{{1,2}}|[{_HAN}]{{1,4}})"
_YEAR = rf"(?:\d{{4}}|[{_HAN}]{{4}})"
_DATES = re.compile(
    rf"""
    (?P<republic>民[国國]\s?(?P<roc>\d{{1,3}}|[{_HAN}百]{{1,6}})|(?<!\d)(?P<year>{_YEAR}))
    \s?年(?:\s?(?P<month>{_NUMBER})\s?月(?:份|\s?(?P<day>{_NUMBER})\s?[日号號])?)?
    |(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<sign>[-/.])(?P<m>\d{{1,2}})(?:(?P=sign)(?P<d>\d{{1,2}}))?(?![\d.]*\d)
    |(?<!\d)(?P<short>(?P<sm>\d{{1,2}})月(?P<sd>\d{{1,2}})[日号號])
    """,
    re.X,
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """`date` is the first day of a month or year. Half-open span in the text as given."""

    date: date
    precision: Precision
    start: int
    end: int


def find_dates(text: str, near: date | None) -> tuple[FoundDate, ...]:
    """The dates of a text, in order.

    `near`: the day the text was written or received, which gives the year to a month and day
    alone (the last such day not after it); without it such dates are left out.
    """
    plain = _half_width(text)
    found: list[FoundDate] = []
    for match in _DATES.finditer(plain):
        read = _read(match, near)
        if read is not None:
            found.append(FoundDate(*read, *match.span()))
    return tuple(found)


def _half_width(text: str) -> str:
    """The text with half-width digits and signs, position by position."""
    if text.isascii():
        return text
    return "".join(_narrow(c) if "\uff00" < c < "\uff60" else c for c in text)


def _narrow(character: str) -> str:
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character


def _read(match: re.Match[str], near: date | None) -> tuple[date, Precision] | None:
    part = match.groupdict()
    if part["short"]:
        return _without_year(int(part["sm"]), int(part["sd"]), near)
    if part["y"]:
        return _day(int(part["y"]), int(part["m"]), int(part["d"]) if part["d"] else None)
    if part["roc"]:
        year = _number(part["roc"])
        if year is None or year < 1:
            return None
        year += _REPUBLIC
    else:
        spelled = _year(part["year"])
        if spelled is None:
            return None
        year = spelled
    month = _number(part["month"]) if part["month"] else None
    return _day(year, month, _number(part["day"]) if part["day"] else None)


def _day(year: int, month: int | None, day: int | None) -> tuple[date, Precision] | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    precision: Precision = "day" if day is not None else "month" if month is not None else "year"
    try:
        return date(year, 1 if month is None else month, 1 if day is None else day), precision
    except ValueError:
        return None


def _without_year(month: int, day: int, near: date | None) -> tuple[date, Precision] | None:
    if near is None:
        return None
    this_year = _day(near.year, month, day)
    if this_year is not None and this_year[0] <= near:
        return this_year
    return _day(near.year - 1, month, day)


def _year(spelled: str) -> int | None:
    """A year written digit by digit: 2019, 二〇一九."""
    if spelled.isdigit() and spelled.isascii():
        return int(spelled)
    digits = [_DIGITS.get(sign, 10) for sign in spelled]
    if any(digit > 9 for digit in digits):
        return None
    return int("".join(map(str, digits)))


def _number(spelled: str) -> int | None:
    """A number below 1,000: 31, 三十一, 廿八, 一百零八, or digit by digit (一〇八)."""
    if spelled.isdigit() and spelled.isascii():
        return int(spelled)
    if not any(sign in spelled for sign in "十百廿卅"):
        return _year(spelled)
    hundreds, _, rest = spelled.rpartition("百")
    total = 100 * _DIGITS.get(hundreds or "一", 0) if "百" in spelled else 0
    rest = rest.lstrip("零〇○")
    for tens, worth in (("廿", 20), ("卅", 30)):
        if rest.startswith(tens):
            return total + worth + (_DIGITS.get(rest[1:], 0) if len(rest) == 2 else 0)
    if "十" in rest:
        before, _, after = rest.partition("十")
        if len(before) > 1 or len(after) > 1:
            return None
        return total + 10 * _DIGITS.get(before or "一", 0) + _DIGITS.get(after or "零", 0)
    return total + _DIGITS.get(rest, 0) if len(rest) <= 1 else None
