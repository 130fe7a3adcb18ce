"""Dated cases of the statutory times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from records.clocks import Clock, Course, Deadline, deadline, earliest

ZONE = ZoneInfo("Asia/Shanghai")
CAME = datetime(2026, 1, 31, 20, tzinfo=UTC)  # the first of February in the office


def course(*codes: str, replied: bool = False, came: datetime = CAME) -> Course:
    """Each status on a day of its own, from the first of March on."""
    steps = [(code, datetime(2026, 3, 1 + day, 4, tzinfo=UTC)) for day, code in enumerate(codes)]
    return Course(came, steps, replied)


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        (("REGISTERED",), Deadline(Clock.REGISTER, date(2026, 2, 16))),
        (("REGISTERED", "DUP_CHECK", "TRIAGE"), Deadline(Clock.REGISTER, date(2026, 2, 16))),
        (("TRIAGE", "ACCEPTED", "HANDLING"), Deadline(Clock.DECIDE, date(2026, 5, 1))),
        (("ACCEPTED", "HANDLING", "EXTENDED"), Deadline(Clock.DECIDE, date(2026, 5, 30))),
        (("ACCEPTED", "HANDLING", "MERGED"), Deadline(Clock.DECIDE, date(2026, 4, 30))),
        (("ACCEPTED", "CLOSED", "TRIAGE", "ACCEPTED"), Deadline(Clock.DECIDE, date(2026, 5, 3))),
        (("ACCEPTED", "HANDLING", "REPLY_REVIEW", "REPLIED"), None),
        (("HANDLING",), None),  # of an older system: accepted nobody knows when
        (("TRIAGE", "NOT_ACCEPTED"), None),
        (("FORWARDED",), None),
        ((), Deadline(Clock.REGISTER, date(2026, 2, 16))),
    ],
)
def test_dated_cases(codes: tuple[str, ...], found: Deadline | None) -> None:
    assert deadline(course(*codes), ZONE) == found


def test_a_reply_stops_the_clock() -> None:
    assert deadline(course("ACCEPTED", "HANDLING", replied=True), ZONE) is None


def test_days_left_and_overdue() -> None:
    found = Deadline(Clock.REGISTER, date(2026, 2, 16))
    assert [found.left(date(2026, 2, day)) for day in (1, 16, 17)] == [15, 0, -1]


def test_a_matter_keeps_the_earliest_deadline_of_its_letters() -> None:
    early = course("DUP_CHECK", "MERGED", came=datetime(2026, 1, 1, tzinfo=UTC))
    late = course("ACCEPTED", "HANDLING")
    assert earliest([late, early], ZONE) == Deadline(Clock.REGISTER, date(2026, 1, 16))
    assert earliest([late], ZONE) == Deadline(Clock.DECIDE, date(2026, 4, 30))
    again = course("ACCEPTED", "HANDLING", replied=True)  # answered once, and handled again
    assert earliest([again, early], ZONE) == Deadline(Clock.REGISTER, date(2026, 1, 16))
    answered = course("ACCEPTED", "HANDLING", "REPLY_REVIEW", "REPLIED", replied=True)
    assert earliest([answered, early], ZONE) is None  # merged into what is answered
    assert earliest([], ZONE) is None
