"""What a process does when the one that started it is gone: a parent that was killed can't tell."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import wait


def when_parent_ends(act: Callable[[], object]) -> None:
    """Watch for it, in a process that `multiprocessing` made; `act` runs in a thread of its own."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        act()

    threading.Thread(target=watch, name="parent", daemon=True).start()
