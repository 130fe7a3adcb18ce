"""Keeping the indexes up with what a command registers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.context import say
from cli.progress import Progress

if TYPE_CHECKING:
    from search.bootstrap import Archive

_BATCH = 4000  # letters; each batch is one commit of the engine, which costs as much as hundreds
_WORTH = 2  # times told before a batch is worth its commit


def index(archive: Archive) -> bool:
    """Bring the indexes up to date with progress; False while another process does that."""
    from search.errors import EngineBusy

    with Progress("index", "letters") as told:
        try:
            archive.catch_up(told, _BATCH)
        except EngineBusy:
            say("another process is indexing: it will take these letters along")
            return False
    return True


def unfindable(archive: Archive) -> list[tuple[str, str, str]]:
    """The letters that no index could take: item, cause, remedy."""
    from records.petitions import not_indexed

    with archive.database.read() as session:
        return [
            (
                f"letter {number}" + (f", id {external_id}" if external_id else ""),
                f"it can't be indexed, no search finds it ({error})",
                "report this message; 'petitions reindex' tries again",
            )
            for number, external_id, error in not_indexed(session)
        ]


@contextmanager
def following(archive: Archive) -> Iterator[Callable[[], None]]:
    """Index in a thread, beside the block that registers letters and calls what it is given.

    What is left at its end is for `index`, and so are errors: they come again there.
    """
    from records.errors import RecordsError
    from search.errors import EngineError

    told = threading.Semaphore(0)
    ended = threading.Event()

    def follow() -> None:
        while True:
            for _ in range(_WORTH):
                told.acquire()
            if ended.is_set():
                return
            try:
                archive.catch_up(None, _BATCH)
            except (EngineError, RecordsError):
                return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield told.release
    finally:
        ended.set()
        told.release(_WORTH)
        thread.join()
