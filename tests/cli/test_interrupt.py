"""Ctrl-C ends a command in order, with a message, and the next run goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from records.home import Home
from records.petitions import count
from search.bootstrap import open_archive

ROOT = Path(__file__).parents[2]


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "--home", str(home), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and what it said."""
    _, said = process.communicate(timeout=180)
    return process.returncode, said


def petitions_in(home: Path) -> int:
    archive = open_archive(Home(home))
    try:
        with archive.database.read() as session:
            return count(session)
    finally:
        archive.close()


def until(done: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if callable(done) and done():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def test_import(tmp_path: Path) -> None:
    path, home = tmp_path / "old.jsonl", tmp_path / "office"
    with path.open("w", encoding="utf-8") as file:
        for number in range(4000):
            one = {
                "id": str(number),
                "subject": f"路灯{number}",
                "text": f"第{number}号灯坏了。" * 9,
            }
            file.write(json.dumps(one, ensure_ascii=False) + "\n")
    process = start(home, "import", str(path))
    until(lambda: (home / "petitions.db").exists() and petitions_in(home) > 0)
    process.send_signal(signal.SIGINT)
    code, said = ended(process)
    assert code == 130
    assert "run the same command again" in said
    assert petitions_in(home) % 500 == 0
    assert ended(start(home, "import", str(path)))[0] == 0
    assert petitions_in(home) == 4000


def test_a_driver_that_is_interrupted_shows_no_trace(tmp_path: Path) -> None:
    """SQLAlchemy logs whatever breaks the closing of a connection, Ctrl-C too."""
    program = (
        "import os, signal, sys\n"
        "from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as Dialect\n"
        "from cli import main\n"
        "Dialect.do_close = lambda self, connection: os.kill(os.getpid(), signal.SIGINT)\n"
        f"sys.argv = ['petitions', '--home', {str(tmp_path / 'office')!r}, 'init']\n"
        "main.main()\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    ).stderr
    assert "run the same command again" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_work_ends_in_order(tmp_path: Path, how: signal.Signals) -> None:
    home = tmp_path / "office"
    assert ended(start(home, "init"))[0] == 0
    process = start(home, "work")
    until(lambda: any((home / "work").iterdir()))
    process.send_signal(how)
    code, said = ended(process)
    assert code == 0
    assert "the next run goes on" in said
    assert list((home / "work").iterdir()) == []
