"""Hot matters keep themselves fresh: `petitions work`, which `serve` starts too, looks now and then
whether letters are new or changed, and has them compared in a process of its own, which gives its
memory back.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from records import contents
from records.errors import RecordsError

if TYPE_CHECKING:
    from pathlib import Path

    from search.bootstrap import Archive

log = logging.getLogger("petitions.matters")

FIRST_LOOK: Final = 20.0
"""Seconds after the start: an office that was just filled or brought up to date is compared soon.
"""

REST: Final = 20
"""So many times as long as a comparison took, the next waits at least: in a large archive it takes
no more than a twentieth of one processor."""

_TICK = 0.5
_ENDING = 10.0


@contextmanager
def keeping_matters_fresh(
    archive: Archive, first_look: float = FIRST_LOOK, rest: float = REST
) -> Iterator[None]:
    """Compares letters while the block runs, unless the setting is 0."""
    every = archive.home.settings.matters_seconds
    if not every:
        yield
        return
    ended = threading.Event()

    def look() -> None:
        pause, due = min(first_look, every), True  # a program that was replaced compares anew
        while not ended.wait(pause):
            took = 0.0
            try:
                with archive.database.read() as session:
                    due = due or contents.any_stale(session)
                if due:
                    took = _compared(archive.home.path.resolve(), ended)
                due = False
            except (RecordsError, OSError) as error:
                log.error("hot matters are not up to date: %s", error)
            pause = max(every, took * rest)

    thread = threading.Thread(target=look, name="matters", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=_ENDING + 2 * _TICK)


def _compared(home: Path, ended: threading.Event) -> float:
    """Have letters compared; how long it took, in seconds. What is done stays where it is ended.

    The process gets no Ctrl-C of ours: it is ended from here, in order.
    """
    began = time.monotonic()
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "clusters", "--by-worker"]
    child = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, start_new_session=True
    )
    while child.poll() is None and not ended.wait(_TICK):
        pass
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_ENDING)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    elif child.returncode:
        log.error("hot matters are not up to date: the comparison ended with %d", child.returncode)
    return time.monotonic() - began
