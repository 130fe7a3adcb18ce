"""Until when an office has to act on a letter: the statutory times, over the course of a letter.

《信访工作条例》(2022) Art. 22: registered and passed on within 15 days of receipt; Art. 34: decided
within 60 days of acceptance, 30 more where extended. Calendar days; a day begins in the office.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from records.statuses import MERGED

REGISTER_DAYS: Final = 15
DECIDE_DAYS: Final = 60
EXTENSION_DAYS: Final = 30
SOON_DAYS: Final = 7
"""From so many days on a deadline is near."""

_BEFORE_TRIAGE = frozenset({"DRAFT", "REGISTERED", "DUP_CHECK", "TRIAGE", "RETURNED"})
_DECIDING = frozenset({"ACCEPTED", "HANDLING", "EXTENDED", "REPLY_REVIEW"})

_PASSED_ON = frozenset({"FORWARDED", "ASSIGNED"})

AWAITED: Final = _PASSED_ON | _DECIDING | frozenset({"REVIEWING", "RECHECKING"})
"""Statuses in which an office other than the one at the counter owes something: it can be urged."""


class Clock(StrEnum):
    REGISTER = "register"  # register and pass on
    DECIDE = "decide"  # decide and reply


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due`: the last day."""

    clock: Clock
    due: date

    def left(self, today: date) -> int:
        """Days from today; below 0: overdue."""
        return (self.due - today).days


@dataclass(frozen=True, slots=True)
class Course:
    """What the clocks read of a letter: when it came, and its statuses in order with their times;
    `replied`: it has a reply that doesn't only pass it on."""

    received_at: datetime
    steps: Sequence[tuple[str, datetime]]
    replied: bool = False

    @property
    def status(self) -> str:
        """The status but for its being merged: that stops no clock."""
        return next((code for code, _ in reversed(self.steps) if code != MERGED), "REGISTERED")

    @property
    def merged(self) -> bool:
        return bool(self.steps) and self.steps[-1][0] == MERGED


def deadline(course: Course, zone: ZoneInfo) -> Deadline | None:
    """The one that runs; None where none does, or where nobody knows when it was accepted.

    That of a merged letter goes on: the matter keeps it.
    """
    if course.replied:
        return None
    if course.status in _BEFORE_TRIAGE:
        return _after(Clock.REGISTER, course.received_at, REGISTER_DAYS, zone)
    if course.status not in _DECIDING:
        return None
    accepted = [place for place, (code, _) in enumerate(course.steps) if code == "ACCEPTED"]
    if not accepted:
        return None
    since = course.steps[accepted[-1] :]
    extended = any(code == "EXTENDED" for code, _ in since)
    days = DECIDE_DAYS + (EXTENSION_DAYS if extended else 0)
    return _after(Clock.DECIDE, since[0][1], days, zone)


def earliest(courses: Iterable[Course], zone: ZoneInfo) -> Deadline | None:
    """That of a matter: the earliest of its letters, as long as one that isn't merged is open."""
    read = list(courses)
    if not any(_open(one) for one in read):
        return None
    running = [found for one in read if (found := deadline(one, zone)) is not None]
    return min(running, key=lambda one: one.due, default=None)


def _open(course: Course) -> bool:
    waits_for_us = _BEFORE_TRIAGE | _DECIDING | _PASSED_ON
    return not course.merged and course.status in waits_for_us


def _after(clock: Clock, start: datetime, days: int, zone: ZoneInfo) -> Deadline:
    return Deadline(clock, start.astimezone(zone).date() + timedelta(days))
