"""Children may crash, hang, or eat memory: the parent sees it and the others go on."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.describe import Description
from ingest.errors import Damaged
from ingest.extraction import Extraction
from ingest.workers import Broken, Finished, Outcome, Pool, Reading, Task
from records.home import Settings


def faulty(_: Settings) -> Reading:
    """Does what the file's name says."""

    def read(task: Task, settings: Settings, page_done: Callable[[int], None]) -> Finished:
        match task.name:
            case "crash":
                ctypes.string_at(0)
            case "exit":
                os._exit(7)
            case "hang":
                while True:
                    time.sleep(0.1)
            case "slow pages":
                for number in range(1, 7):
                    time.sleep(0.4)
                    page_done(number)
            case "memory":
                page_done(len(bytearray(8 * 10**9)))
            case "damaged":
                raise Damaged("it is broken", "mend it")
            case "bug":
                raise ZeroDivisionError("oops")
        return Finished(task.key, Extraction("文", "text/plain", "test"), Description("题"))

    return read


@pytest.fixture
def pool() -> Iterator[Pool]:
    limits = Settings(max_seconds_per_page=1, max_seconds_per_file=4, max_memory_per_file=2 * 10**9)
    with Pool(2, limits, faulty) as made:
        yield made


def run(pool: Pool, *names: str) -> dict[str, Outcome]:
    waiting, found = list(names), dict[str, Outcome]()
    until = time.monotonic() + 60
    while len(found) < len(names) and time.monotonic() < until:
        while waiting and pool.has_room:
            name = waiting.pop(0)
            pool.give(Task(name, Path(), name.rstrip("0123456789"), Path(), 0, date(2020, 1, 1)))
        found |= {outcome.key: outcome for outcome in pool.outcomes(0.1)}
    return found


def code(outcome: Outcome) -> str | None:
    return outcome.code if isinstance(outcome, Broken) else None


def test_one_bad_file_never_stops_the_others(pool: Pool) -> None:
    names = ("fine1", "crash", "fine2", "exit", "damaged", "fine3", "bug", "memory", "fine4")
    found = run(pool, *names)
    assert {name: code(outcome) for name, outcome in found.items()} == {
        "fine1": None, "fine2": None, "fine3": None, "fine4": None,
        "crash": "reader_failed", "exit": "reader_failed", "damaged": "damaged",
        "bug": "reader_failed", "memory": "out_of_memory",
    }  # fmt: skip
    assert all(one.remedy for one in found.values() if isinstance(one, Broken))


def test_a_hung_child_is_killed_and_the_limit_named(pool: Pool) -> None:
    found = run(pool, "fine1", "hang", "fine2")
    hung = found["hang"]
    assert isinstance(hung, Broken)
    assert hung.code == "out_of_time"
    assert "PETITIONS_MAX_SECONDS_PER_PAGE" in hung.remedy
    assert code(found["fine2"]) is None


def test_many_pages_may_take_longer_than_one(pool: Pool) -> None:
    assert code(run(pool, "slow pages")["slow pages"]) is None


def test_children_end_with_the_pool() -> None:
    with Pool(1, Settings(), faulty) as made:
        run(made, "fine")
        pids = [child.process.pid for child in made._children]
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
