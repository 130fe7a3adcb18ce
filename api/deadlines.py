"""Deadlines as pages show them: the day, the days left, how urgent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from records.clocks import SOON_DAYS, Clock, Course, Deadline, deadline, earliest
from records.times import now
from search.answers import VisiblePetition
from search.case_files import course_of


@dataclass(frozen=True, slots=True)
class DeadlineShown:
    """`state`: overdue, soon or normal."""

    clock: Clock
    due: date
    left: int
    state: str


def of_letter(petition: VisiblePetition, zone: ZoneInfo) -> DeadlineShown | None:
    return _shown(deadline(course_of(petition), zone), zone)


def of_matter(petitions: Iterable[VisiblePetition], zone: ZoneInfo) -> DeadlineShown | None:
    """The earliest of its letters."""
    return _shown(earliest(map(course_of, petitions), zone), zone)


def of_waiting(received_at: datetime, zone: ZoneInfo) -> DeadlineShown | None:
    """Of a letter that waits to be checked."""
    return _shown(deadline(Course(received_at, ()), zone), zone)


def _shown(found: Deadline | None, zone: ZoneInfo) -> DeadlineShown | None:
    if found is None:
        return None
    left = found.left(now().astimezone(zone).date())
    state = "overdue" if left < 0 else "soon" if left <= SOON_DAYS else "normal"
    return DeadlineShown(found.clock, found.due, left, state)
