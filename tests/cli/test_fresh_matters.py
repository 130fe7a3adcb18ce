"""The worker keeps hot matters fresh by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.clusters import WORKER
from cli.fresh_matters import keeping_matters_fresh
from records import audit, contents
from records.database import open_home
from records.home import Home, Settings
from search.bootstrap import open_archive

if TYPE_CHECKING:
    from conftest import Petitions

ROOT = Path(__file__).parents[2]
TEXT = "小区北侧的工地每天夜间施工到凌晨两点，噪音很大，老人孩子都睡不着，请责令停止夜间施工。"


def letters(tmp_path: Path, *numbers: int) -> str:
    """A file of letters about one thing."""
    lines = [
        {"id": f"N{number}", "subject": "夜间施工噪音", "text": f"{TEXT}第{number}次来信。"}
        for number in numbers
    ]
    path = tmp_path / "letters.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in lines), "utf-8")
    return str(path)


@contextmanager
def working(home: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "work", "--processes", "1"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        try:
            yield
            assert worker.poll() is None
        finally:
            worker.terminate()
    assert worker.returncode == 0


def wait_for(met: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not met():
        assert time.monotonic() < ends
        time.sleep(0.2)


def compared(home: Path) -> list[dict[str, Any]]:
    """What the log has of the worker's comparisons."""
    database = open_home(Home(home))
    try:
        with database.read() as session:
            found = audit.entries(session, limit=1_000)
            return [
                dict(one.details)
                for one in found
                if (one.actor, one.action) == (WORKER, "clusters")
            ]
    finally:
        database.close()


def test_the_worker_compares_new_letters_without_a_command(
    petitions: Petitions, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITIONS_MATTERS_SECONDS", "1")
    assert petitions("import", letters(tmp_path, 1, 2)).exit_code == 0
    with working(home):
        wait_for(lambda: compared(home) == [{"letters": 2, "links": 1}])


def test_letters_are_compared_again_when_there_are_more(
    petitions: Petitions, home: Path, tmp_path: Path
) -> None:
    assert petitions("import", letters(tmp_path, 1, 2)).exit_code == 0
    archive = open_archive(Home(home, Settings(matters_seconds=1)))
    with keeping_matters_fresh(archive, first_look=0.1, rest=0):
        wait_for(lambda: compared(home) == [{"letters": 2, "links": 1}])
        assert petitions("import", letters(tmp_path, 3)).exit_code == 0
        wait_for(lambda: compared(home)[1:] == [{"letters": 1, "links": 2}])
    with archive.database.read() as session:
        assert not contents.any_stale(session)
    archive.close()
    found = json.loads(petitions("clusters", "--json").stdout)
    assert (found["letters"], found["total"]) == (0, 1)
    assert found["matters"][0]["letters"] == 3


@pytest.mark.parametrize(("seconds", "looking"), [(0, 0), (600, 1)])
def test_the_setting_turns_it_off(
    petitions: Petitions, home: Path, seconds: int, looking: int
) -> None:
    assert petitions("init").exit_code == 0
    archive = open_archive(Home(home, Settings(matters_seconds=seconds)))
    with keeping_matters_fresh(archive):
        assert [thread.name for thread in threading.enumerate()].count("matters") == looking
    assert "matters" not in [thread.name for thread in threading.enumerate()]
    archive.close()
