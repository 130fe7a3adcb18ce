"""How fast one user may search, counted in the memory of this process: a search waits for no
database. Each process that answers counts for itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

MINUTE: Final = 60 * 10**9
"""In nanoseconds, as all times here: whole numbers, so that a minute holds exactly so many."""


@dataclass(frozen=True, slots=True)
class TooEarly:
    """`wait`: seconds until the next is let through. `first`: none was told so for a minute."""

    wait: int
    first: bool


class Rate:
    """So many a minute of each user: all at once, or one by one as they come back evenly. None of
    one user counts for another. 0: any number. Safe to share between threads."""

    def __init__(self, per_minute: int, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.per_minute = per_minute
        self._each = MINUTE // per_minute if per_minute else 0
        self._clock = clock
        self._lock = Lock()
        # by user, of whom there are not many: until when their searches are spread, and when they
        # were last told to wait
        self._until: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def count(self, user_id: str) -> TooEarly | None:
        """Count one of this user's; None where it is let through. One too early isn't counted."""
        if not self._each:
            return None
        moment = self._clock()
        with self._lock:
            until = max(self._until.get(user_id, 0), moment) + self._each
            over = until - moment - MINUTE
            if over <= 0:
                self._until[user_id] = until
                return None
            first = moment - self._told.get(user_id, moment - MINUTE) >= MINUTE
            if first:
                self._told[user_id] = moment
        return TooEarly(-(-over // 10**9), first)
