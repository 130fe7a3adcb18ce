"""Four workers on one PostgreSQL queue, killed at random: each of 2,000 files is done once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ingest import pipeline
from ingest.pipeline import Pipeline
from ingest.taking import find_files, take
from records import audit
from records.database import Database
from records.errors import DatabaseDown, LeaseLost
from records.home import Home, Settings
from records.intake_items import Progress, Stage, State, failures, items, progress, running
from records.petitions import all_after, count, count_pending
from records.queue import claim, finish
from records.tables import files, petitions, status_changes
from search.answers import SearchRequest
from search.bootstrap import Archive, open_archive
from search.scopes import shell_scope
from tests.servers import postgresql

ROOT = Path(__file__).parents[2]
FILES = 2000
WORKERS = 4
KILLS = 8


@pytest.fixture
def office(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    monkeypatch.setenv("PETITIONS_DATABASE_URL", postgresql_url)
    monkeypatch.setenv("PETITIONS_MATTERS_SECONDS", "0")  # comparing letters is logged too
    archive = open_archive(Home(tmp_path / "office", Settings(database_url=postgresql_url)))
    yield archive
    archive.close()


def take_in(archive: Archive, folder: Path, many: int) -> str:
    """Queue so many letters; their batch."""
    folder.mkdir()
    for number in range(many):
        text = f"柳岸路{number}号的路灯坏了，请派人来修。"
        (folder / f"信{number}.txt").write_text(text, "utf-8")
    found = list(find_files([folder]))
    taken = take(archive.database, archive.originals, found, archive.home.settings)
    assert taken.new == many
    return taken.batch_id


def start(home: Home, *, once: bool = False) -> subprocess.Popen[bytes]:
    words = ["--home", str(home.path), "work", "--processes", "1", *(["--once"] if once else [])]
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *words], cwd=ROOT, stderr=subprocess.DEVNULL
    )


@contextmanager
def at_work(home: Home) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [start(home) for _ in range(WORKERS)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.terminate()
        ends = [worker.wait(60) for worker in workers]
    assert ends == [0] * WORKERS


def queue_of(database: Database) -> Progress:
    with database.read() as session:
        return progress(session)


def await_(database: Database, ready: Callable[[Progress], bool], seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while not ready(queue_of(database)):
        assert time.monotonic() < until, queue_of(database)
        time.sleep(0.1)


def with_a_claim(database: Database, workers: list[subprocess.Popen[bytes]]) -> int:
    """The place of a worker that is in the middle of a file."""
    for _ in range(2000):
        with database.read() as session:
            busy = [item.worker.split(":")[1] for item in running(session) if item.worker]
        places = [place for place, one in enumerate(workers) if str(one.pid) in busy]
        if places:
            return random.choice(places)
        time.sleep(0.01)
    raise AssertionError("no worker works")


@pytest.mark.slow
@pytest.mark.xdist_group("many workers")
def test_every_file_is_done_once_whoever_dies(office: Archive, tmp_path: Path) -> None:
    database = office.database
    batch_id = take_in(office, tmp_path / "sent", FILES)
    with at_work(office.home) as workers:
        for number in range(1, KILLS + 1):
            enough = number * FILES * 0.8 / KILLS
            await_(database, lambda queue, enough=enough: read_of(queue) >= enough)
            place = with_a_claim(database, workers)
            workers[place].send_signal(signal.SIGKILL)
            workers[place].wait(20)
            workers[place] = start(office.home)
            office.library.search(shell_scope(), SearchRequest(text="路灯"))  # logged meanwhile
        await_(database, lambda queue: queue.done == FILES)
    with database.read() as session:
        queue = progress(session)
        assert failures(session) == ()
        assert count_pending(session) == 0
        letters = all_after(session, "", FILES + 1)
        kept = items(session, batch_id)
        counts = [
            session.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (petitions, files, status_changes)
        ]
        report = audit.verify(session)
    assert (queue.total, queue.done, queue.running) == (FILES, FILES, 0)
    assert counts == [FILES, FILES, FILES]
    assert {item.state for item in kept} == {State.DONE}
    assert Counter(one.subject for one in letters) == Counter(
        f"柳岸路{number}号的路灯坏了，请派人来修" for number in range(FILES)
    )
    hashes = {one.id: one.files[0].sha256 for one in letters}
    assert {item.petition_id: item.sha256 for item in kept} == hashes
    assert (report.intact, report.entries) == (True, KILLS)
    found = office.library.search(shell_scope(), SearchRequest(text='"柳岸路"'))
    assert found.total == FILES
    assert list(office.home.work.iterdir()) == []


def run_until_done(archive: Archive, many: int = 1) -> float:
    """A worker that doesn't end by itself works in this process; the seconds it took."""
    began = time.monotonic()

    def stopped() -> bool:
        assert time.monotonic() - began < 60
        try:
            return read_of(queue_of(archive.database)) == many
        except DatabaseDown:
            return False

    Pipeline(archive.home, archive.database, archive.originals, lambda: True).run(
        once=False, stopped=stopped
    )
    return time.monotonic() - began


def test_a_worker_elsewhere_keeps_a_file_for_its_lease_and_no_longer(
    postgresql_url: str, tmp_path: Path
) -> None:
    """Whether it lives can't be seen from here: only its lease counts, while others work on."""
    settings = Settings(database_url=postgresql_url, lease_seconds=4)
    archive = open_archive(Home(tmp_path / "office", settings))
    batch_id = take_in(archive, tmp_path / "sent", 1)
    with archive.database.write() as session:
        late = claim(session, "elsewhere:4711:1", 3)
    assert late is not None
    assert run_until_done(archive) >= 2.5
    with archive.database.read() as session:
        (item,) = items(session, batch_id)
        assert count(session) == 1
    assert item.stage is Stage.INDEX
    with pytest.raises(LeaseLost), archive.database.write() as session:
        finish(session, late, "late", Stage.INDEX)
    archive.close()


def test_a_worker_waits_for_a_database_that_comes_back(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_PAUSE", 0.3)
    with postgresql(tmp_path_factory.mktemp("server")) as server:
        url = f"{server.url}/postgres"
        archive = open_archive(Home(tmp_path / "office", Settings(database_url=url)))
        take_in(archive, tmp_path / "sent", 30)

        def away() -> None:
            await_(archive.database, lambda queue: read_of(queue) >= 5)
            server.stop()
            time.sleep(1)
            server.start()

        thread = threading.Thread(target=away)
        thread.start()
        run_until_done(archive, 30)
        thread.join()
        with archive.database.read() as session:
            assert (count(session), failures(session)) == (30, ())
        archive.close()


def read_of(queue: Progress) -> int:
    """Files that were read: they wait for the index, or are done."""
    return queue.done + queue.stages["index"]
