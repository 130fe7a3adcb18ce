"""Questions in the order in which they come, as many at once as the processors are good for.

More at once take longer in all, and some then overtake others again and again, so that the slowest
wait for long (`bench/README.md`). Who asks alone is helped by a second thread instead.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

Key = TypeVar("Key")
Part = TypeVar("Part")

WORTH: Final = 20_000
"""Letters of the largest index from which on a thread (a quarter of a millisecond) is worth it."""


class Turns:
    """Of one engine."""

    def __init__(self) -> None:
        processors = len(os.sched_getaffinity(0))
        self._helps = processors > 1
        self._at_once = self._free = processors + 1  # one waits for the interpreter
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def each(self, ask: Callable[[Key], Part], letters: Mapping[Key, int]) -> list[Part]:
        """What each index answers, in their order. `letters`: how many each holds: the largest is
        for the helper."""
        with self._turn() as alone:
            largest = max(letters, key=letters.__getitem__, default=None)
            if largest is None or not (alone and len(letters) > 1 and letters[largest] >= WORTH):
                return [ask(key) for key in letters]
            with ThreadPoolExecutor(1) as helper:
                beside = helper.submit(ask, largest)
                parts = {key: ask(key) for key in letters if key != largest}
                parts[largest] = beside.result()
            return [parts[key] for key in letters]

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Whether a processor is idle, for a helper."""
        with self._lock:
            turn = threading.Lock()
            if self._free:
                self._free -= 1
            else:
                turn.acquire()
                self._waiting.append(turn)
            alone = self._helps and self._free == self._at_once - 1
        try:
            turn.acquire()  # given by who is through
            yield alone
        finally:
            with self._lock:
                if turn in self._waiting:  # Ctrl-C
                    self._waiting.remove(turn)
                elif self._waiting:
                    self._waiting.popleft().release()
                else:
                    self._free += 1
