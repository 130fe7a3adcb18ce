"""The way of a petition through the office: statuses and their days, each step a legal one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

_START = "REGISTERED DUP_CHECK TRIAGE"
_HANDLED = "ACCEPTED HANDLING"
_ANSWERED = "REPLY_REVIEW REPLIED"
_OPEN = (
    (2, "REGISTERED"),
    (2, "REGISTERED DUP_CHECK"),
    (3, _START),
    (2, f"{_START} FORWARDED"),
    (3, f"{_START} ASSIGNED"),
    (1, f"{_START} ASSIGNED RETURNED"),
    (7, f"{_START} ASSIGNED {_HANDLED}"),
    (2, f"{_START} {_HANDLED} REPLY_REVIEW"),
    (2, f"{_START} ASSIGNED {_HANDLED} EXTENDED"),
    (12, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED}"),
)
_DONE = (
    (20, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED}"),
    (26, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED} CLOSED"),
    (12, f"{_START} FORWARDED {_HANDLED} {_ANSWERED} CLOSED"),
    (6, f"{_START} ASSIGNED {_HANDLED} EXTENDED {_ANSWERED} CLOSED"),
    (16, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED} CLOSED ARCHIVED"),
    (3, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED} REVIEWING"),
    (2, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED} REVIEWING REVIEWED CLOSED"),
    (2, f"{_START} ASSIGNED {_HANDLED} {_ANSWERED} REVIEWING REVIEWED RECHECKING FINAL"),
    (2, f"{_START} NOT_ACCEPTED"),
    (2, f"{_START} REDIRECTED"),
    (2, f"{_START} NOTED"),
    (2, f"{_START} ASSIGNED {_HANDLED} WITHDRAWN"),
)
_REPEATED = ((5, "REGISTERED DUP_CHECK MERGED"), (5, f"{_START} {_HANDLED} {_ANSWERED}"))
_DAYS = {
    "DUP_CHECK": (0, 2), "TRIAGE": (0, 3), "ASSIGNED": (1, 5), "FORWARDED": (1, 5),
    "ACCEPTED": (1, 8), "HANDLING": (0, 2), "EXTENDED": (30, 55), "REPLY_REVIEW": (3, 38),
    "REPLIED": (0, 4), "REVIEWING": (5, 29), "REVIEWED": (10, 30), "RECHECKING": (5, 29),
    "FINAL": (10, 30), "CLOSED": (2, 40), "ARCHIVED": (60, 200),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A status and since when."""

    status: str
    at: datetime


def course(draw: Random, received: datetime, now: datetime, *, repeated: bool) -> tuple[Step, ...]:
    """The steps so far; none is later than `now`. Letters of the last weeks are still open."""
    recent = now - received < timedelta(days=45)
    ways = _REPEATED if repeated else _OPEN if recent else _DONE
    way = draw.choices([way for _, way in ways], [weight for weight, _ in ways])[0]
    at = received + timedelta(minutes=draw.randint(3, 400))
    steps: list[Step] = []
    for status in way.split():
        low, high = _DAYS.get(status, (1, 6))
        if steps:
            at += timedelta(days=draw.randint(low, high), minutes=draw.randint(1, 300))
        if steps and at > now:
            break
        steps.append(Step(status, min(at, now)))
    return tuple(steps)
