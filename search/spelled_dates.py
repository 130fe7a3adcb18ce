"""The period that a typed date names: 2019, 2019-03, 2019年3月5日, 民国108年3月, full width too."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from analyzers.fold import fold_text

_SPELLED = re.compile(
    r"(?P<era>民国|roc)?(?P<year>[0-9]{1,4})(?:[-./年](?:(?P<month>[0-9]{1,2})"
    r"(?:[-./月](?:(?P<day>[0-9]{1,2})日?)?)?)?)?"
)
_ROC_EPOCH = 1911  # year 1 of the Republic's calendar is 1912


def period(typed: str) -> tuple[date, date] | None:
    """First and last day of the named year, month or day; None where it is no date."""
    found = _SPELLED.fullmatch(fold_text(typed).replace(" ", ""))
    if found is None or (found["era"] is None and len(found["year"]) != 4):
        return None
    year = int(found["year"]) + (_ROC_EPOCH if found["era"] else 0)
    month, day = found["month"], found["day"]
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, int(month), 1), date(
                year, int(month), monthrange(year, int(month))[1]
            )
        return date(year, int(month), int(day)), date(year, int(month), int(day))
    except ValueError:  # 2019-02-30; monthrange's IllegalMonthError is one too
        return None
