"""The lock that one process of the whole office holds at most."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from records import database as database_module
from records.database import Database, open_database
from records.home import Home

CHECKOUT = Path(database_module.__file__).parents[1]

HOLD = """
import sys
from records.database import open_home
from records.home import Home
database = open_home(Home.from_environment(sys.argv[1]))
with database.alone("indexing") as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def hold(home: Home) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
    )


def said(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_one_at_a_time_and_others_are_told_at_once(database: Database) -> None:
    with database.alone("indexing") as first:
        with database.alone("indexing") as second, database.alone("moving") as other:
            assert (first, second, other) == (True, False, True)
        with database.alone("indexing") as third:
            assert third is False  # the one that was refused took nothing away
    with database.alone("indexing") as again:
        assert again


def test_it_is_let_go_after_an_error(database: Database) -> None:
    try:
        with database.alone("indexing"):
            raise RuntimeError
    except RuntimeError:
        pass
    with database.alone("indexing") as mine:
        assert mine


def test_it_holds_across_processes_and_dies_with_its_own(home: Home, database: Database) -> None:
    with hold(home) as process:
        assert said(process) == b"True"
        with database.alone("indexing") as mine:
            assert not mine
        with hold(home) as other:
            assert said(other) == b"False"
            other.communicate(b"")
        process.kill()
        process.wait()
    for _ in range(100):  # the server notices the end of a connection in its own time
        with database.alone("indexing") as mine:
            if mine:
                break
    assert mine


def test_a_database_in_memory_has_no_other_process() -> None:
    database = open_database("sqlite://")
    with database.alone("indexing") as mine:
        assert mine
