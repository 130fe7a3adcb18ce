"""A second thread for a question to several indexes, where a processor would be idle."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

Key = TypeVar("Key")
Part = TypeVar("Part")

WORTH: Final = 20_000
"""Letters of the largest index from which on a thread (a quarter of a millisecond) is worth it."""


class Helper:
    """Helps who asks alone: where several ask at once, the processors are busy without it."""

    def __init__(self) -> None:
        self._processors = len(os.sched_getaffinity(0))
        self._asking = 0
        self._lock = threading.Lock()

    def each(self, ask: Callable[[Key], Part], letters: Mapping[Key, int]) -> list[Part]:
        """What each index answers, in their order. `letters`: how many each holds: the largest is
        for the helper."""
        with self._counted() as alone:
            largest = max(letters, key=letters.__getitem__, default=None)
            if largest is None or not (alone and len(letters) > 1 and letters[largest] >= WORTH):
                return [ask(key) for key in letters]
            with ThreadPoolExecutor(1) as helper:
                beside = helper.submit(ask, largest)
                parts = {key: ask(key) for key in letters if key != largest}
                parts[largest] = beside.result()
            return [parts[key] for key in letters]

    @contextmanager
    def _counted(self) -> Iterator[bool]:
        with self._lock:
            self._asking += 1
            alone = self._asking == 1 and self._processors > 1
        try:
            yield alone
        finally:
            with self._lock:
                self._asking -= 1
