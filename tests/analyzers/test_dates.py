from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.dates import find_dates

DAYS = st.dates(date(1912, 1, 1), date(2099, 12, 31))
HAN = "〇一二三四五六七八九"


def han(number: int) -> str:
    """A number below 100 as it is read."""
    tens, ones = divmod(number, 10)
    before = "" if not tens else ("十" if tens == 1 else f"{HAN[tens]}十")
    return before + (HAN[ones] if ones or not tens else "")


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2019年5月6日", date(2019, 5, 6), "day"),
        ("2019年05月06号", date(2019, 5, 6), "day"),
        ("２０１９年５月６日", date(2019, 5, 6), "day"),
        ("二〇一九年五月六日", date(2019, 5, 6), "day"),
        ("二○一九年十二月三十一日", date(2019, 12, 31), "day"),
        ("二零一九年十月廿八日", date(2019, 10, 28), "day"),
        ("民國108年5月6日", date(2019, 5, 6), "day"),
        ("民国一百零八年五月六日", date(2019, 5, 6), "day"),
        ("民國元年一月一日", date(1912, 1, 1), "day"),
        ("2019-05-06", date(2019, 5, 6), "day"),
        ("2019/5/6", date(2019, 5, 6), "day"),
        ("2019.5.6", date(2019, 5, 6), "day"),
        ("2019年5月", date(2019, 5, 1), "month"),
        ("2019年5月份", date(2019, 5, 1), "month"),
        ("2019年", date(2019, 1, 1), "year"),
    ],
)
def test_spellings(text: str, day: date, precision: str) -> None:
    (found,) = find_dates(f"我于{text}反映，", None)
    assert (found.date, found.precision) == (day, precision)
    assert (found.start, found.end) == (2, 2 + len(text))


@pytest.mark.parametrize(
    "text",
    [
        "2019年2月30日",
        "2019年13月1日",
        "12345年",
        "9999年1月1日",
        "版本2019.5.6.1",
        "3.5元",
        "5月6日",
        "",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert [one for one in find_dates(text, None) if one.precision == "day"] == []


def test_a_day_without_a_year_is_the_last_one_not_after_the_letter() -> None:
    def read(text: str, near: date) -> date:
        (found,) = find_dates(text, near)
        return found.date

    assert read("12月30日", date(2020, 1, 3)) == date(2019, 12, 30)
    assert read("1月3号", date(2020, 1, 3)) == date(2020, 1, 3)
    assert find_dates("2月30日", date(2020, 3, 1)) == ()


@given(DAYS)
def test_every_day_is_read_in_every_spelling(day: date) -> None:
    year = "".join(HAN[int(digit)] for digit in str(day.year))
    for text in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d}",
        f"民國{day.year - 1911}年{day.month}月{day.day}日",
        f"{year}年{han(day.month)}月{han(day.day)}日",
    ):
        (found,) = find_dates(text, None)
        assert (found.date, found.precision, found.end) == (day, "day", len(text))


@given(DAYS.filter(lambda day: (day.month, day.day) != (2, 29)), st.integers(0, 364))
def test_the_year_is_found_for_days_of_the_past_year(day: date, later: int) -> None:
    (found,) = find_dates(f"{day.month}月{day.day}日", day + timedelta(later))
    assert found.date == day


@given(st.text(st.sampled_from("民國国年月日號0123456789一十百零廿-/. 元")), st.none() | DAYS)
def test_any_text_is_read_without_fault(text: str, near: date | None) -> None:
    found = find_dates(text, near)
    ends = [0, *(one.end for one in found)]
    assert all(
        end <= one.start < one.end <= len(text) for end, one in zip(ends, found, strict=False)
    )
