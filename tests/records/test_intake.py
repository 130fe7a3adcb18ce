from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from records import intake, petitions, queue
from records.database import Database
from records.errors import BadValue, LeaseLost, NotFound
from records.home import Home
from records.intake import Arrival, Failure, Stage, State
from records.originals import Original

if TYPE_CHECKING:
    from conftest import Stored

CHECKOUT = Path(intake.__file__).parents[1]
FAILURE = Failure("damaged_file", "the file ends too early", "scan it again")


def arrival(number: int = 1, **fields: object) -> Arrival:
    values = {"path": f"scans/{number}.pdf", "name": f"{number}.pdf", **fields}
    return Arrival(Original(f"{number:064x}", 100 + number), **values)  # type: ignore[arg-type]


@pytest.fixture
def batch(database: Database) -> str:
    with database.write() as session:
        return intake.batch(session, "ingest")


def receive(database: Database, batch: str, *arrivals: Arrival) -> list[intake.Item]:
    with database.write() as session:
        return [intake.receive(session, batch, one).item for one in arrivals]


def test_a_batch_goes_on_under_its_name(database: Database, batch: str) -> None:
    with database.write() as session:
        assert intake.batch(session, "ingest") == batch
        assert intake.batch(session, "upload 1") != batch


def test_a_letter_is_registered_as_it_is_received(database: Database, batch: str, petition) -> None:
    given = {"name": "张三", "phone": "13800000000"}
    with database.write() as session:
        received = intake.receive(
            session,
            batch,
            arrival(petition=petition("", subject="1.pdf"), given=given, media_type="text/plain"),
        )
        record = petitions.read_one(session, received.item.petition_id)
        assert intake.items_of(session, record.id) == (received.item,)
    assert not received.known
    assert (received.item.stage, received.item.state) == (Stage.EXTRACT, State.PENDING)
    assert received.item.given == given
    assert [(one.sha256, one.name, one.media_type, one.role) for one in record.files] == [
        (f"{1:064x}", "1.pdf", "text/plain", "letter")
    ]


def test_the_files_of_a_petition_are_worked_on_one_after_the_other(
    database: Database, batch: str, petition
) -> None:
    (first,) = receive(database, batch, arrival(1, petition=petition()))
    second, apart = receive(database, batch, arrival(2, petition_id=first.petition_id), arrival(3))
    with database.write() as session:
        taken = intake.claim(session, "a", 60)
        beside = intake.claim(session, "b", 60)
        assert taken is not None
        assert beside is not None
        assert (taken.id, beside.id) == (first.id, apart.id)
        assert intake.claim(session, "c", 60) is None
        intake.finish(session, taken, "v1", None)
        last = intake.claim(session, "c", 60)
    assert last is not None
    assert last.id == second.id


def test_the_same_file_again_is_known_and_not_doubled(
    database: Database, batch: str, petition
) -> None:
    first, other_role = receive(
        database, batch, arrival(petition=petition()), arrival(role="reply")
    )
    with database.write() as session:
        again = intake.receive(
            session, batch, arrival(petition=petition(), path="copies/1 (2).pdf")
        )
        assert (again.known, again.item) == (True, first)
        elsewhere = intake.receive(session, intake.batch(session, "b"), arrival())
        assert not elsewhere.known
        assert petitions.count(session) == 1
        assert len(intake.items(session, batch)) == 2
    assert other_role.id != first.id


def test_one_attachment_may_hang_on_two_letters(database: Database, batch: str, petition) -> None:
    letters = receive(
        database, batch, *(arrival(number, petition=petition(f"{number}")) for number in (1, 2))
    )
    enclosed = [
        arrival(3, role="attachment", within=one.id, petition_id=one.petition_id) for one in letters
    ]
    first, second, again = receive(database, batch, *enclosed, enclosed[0])
    assert first.id == again.id != second.id
    with database.read() as session:
        for letter in letters:
            (_, attachment) = petitions.read_one(session, letter.petition_id).files
            assert attachment.sha256 == first.sha256


def test_a_refused_file_is_listed_and_taken_once_it_is_sound(
    database: Database, batch: str, petition
) -> None:
    with database.write() as session:
        refused = intake.refuse(session, batch, "scans/1.pdf", "1.pdf", FAILURE)
        assert intake.refuse(session, batch, "scans/1.pdf", "1.pdf", FAILURE).id == refused.id
        (listed,) = intake.failures(session, batch)
        assert (listed.stage, listed.error_code, listed.error_message, listed.remedy) == (
            Stage.RECEIVE, FAILURE.code, FAILURE.message, FAILURE.remedy,
        )  # fmt: skip
        assert intake.claim(session, "w", 60) is None
        assert intake.retry(session, [refused.id]) == 0  # there is no original to work on
        sound = intake.receive(session, batch, arrival(petition=petition())).item
        assert sound.id == refused.id
        assert intake.failures(session, batch) == ()
        assert intake.claim(session, "w", 60).id == refused.id


def test_a_reply_is_attached_to_its_letter_later(database: Database, batch: str, petition) -> None:
    letter, reply = receive(
        database, batch, arrival(1, petition=petition()), arrival(2, role="reply")
    )
    assert reply.petition_id is None
    with database.write() as session:
        intake.attach(session, reply.id, letter.petition_id)
        assert intake.require_item(session, reply.id).petition_id == letter.petition_id
        record = petitions.read_one(session, letter.petition_id)
        assert [one.role for one in record.files] == ["letter", "reply"]
        with pytest.raises(NotFound):
            intake.attach(session, "0" * 32, letter.petition_id)
        with pytest.raises(BadValue, match="poem"):
            intake.receive(session, batch, arrival(3, role="poem"))


def test_an_item_goes_through_its_stages(database: Database, batch: str) -> None:
    receive(database, batch, arrival())
    stages = []
    for stage, following in (
        (Stage.EXTRACT, Stage.DESCRIBE), (Stage.DESCRIBE, Stage.INDEX), (Stage.INDEX, None),
    ):  # fmt: skip
        with database.write() as session:
            item = intake.claim(session, "w", 60)
            assert intake.claim(session, "v", 60) is None
            assert (item.stage, item.state, item.worker, item.attempts) == (
                stage, State.RUNNING, "w", 1,
            )  # fmt: skip
            assert intake.running(session) == (item,)
        with database.write() as session:
            intake.finish(session, item, f"{stage} 1.0", following)
            stages.append(stage)
    with database.read() as session:
        (item,) = intake.items(session, batch)
    assert item.state is State.DONE
    assert item.produced == {stage: f"{stage} 1.0" for stage in stages}
    assert (item.worker, item.lease_until) == (None, None)


def test_what_is_furthest_on_comes_first_and_stages_can_be_chosen(
    database: Database, batch: str
) -> None:
    receive(database, batch, arrival(1), arrival(2, stage=Stage.DESCRIBE), arrival(3), arrival(4))
    with database.write() as session:
        assert intake.claim(session, "w", 60, [Stage.INDEX]) is None
        names = [intake.claim(session, "w", 60).name for _ in range(4)]
    assert names == ["2.pdf", "1.pdf", "3.pdf", "4.pdf"]


def test_failures_are_listed_and_retried(database: Database, batch: str) -> None:
    receive(database, batch, arrival(1), arrival(2))
    with database.write() as session:
        intake.fail(session, intake.claim(session, "w", 60), FAILURE)
        intake.park(session, intake.claim(session, "w", 60), Failure("no_letter", "…", "…"))
        failed, parked = intake.failures(session, batch)
        assert (failed.state, parked.state) == (State.FAILED, State.PARKED)
        assert failed.remedy == FAILURE.remedy
        assert intake.claim(session, "w", 60) is None
        assert intake.retry(session, [failed.id, parked.id], Stage.DESCRIBE) == 2
        assert intake.failures(session) == ()
        again = intake.claim(session, "w", 60)
        assert (again.id, again.stage, again.error_code, again.attempts) == (
            failed.id, Stage.DESCRIBE, None, 1,
        )  # fmt: skip
        assert intake.retry(session, [again.id]) == 0  # it is being worked on


def test_progress_counts_every_item_once(database: Database, batch: str) -> None:
    receive(database, batch, *(arrival(number) for number in range(1, 6)))
    with database.write() as session:
        intake.refuse(session, batch, "empty.pdf", "empty.pdf", FAILURE)
        intake.finish(session, intake.claim(session, "w", 60), "1", None)
        intake.finish(session, intake.claim(session, "w", 60), "1", Stage.DESCRIBE)
        intake.fail(session, intake.claim(session, "w", 60, [Stage.EXTRACT]), FAILURE)
        intake.claim(session, "w", 60, [Stage.EXTRACT])
        progress = intake.progress(session, batch)
        assert intake.progress(session) == progress
        assert intake.progress(session, "0" * 32).total == 0
    assert (progress.total, progress.pending, progress.running) == (6, 2, 1)
    assert (progress.done, progress.failed, progress.parked) == (1, 2, 0)
    assert progress.stages == {"receive": 0, "extract": 2, "describe": 1, "index": 0}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    def jump(seconds: float) -> None:
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        monkeypatch.setattr(queue, "now", lambda: moment)

    return jump


def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_is_stopped(
    database: Database, batch: str, later
) -> None:
    receive(database, batch, arrival())
    with database.write() as session:
        late = intake.claim(session, "late", 60)
        assert intake.release_expired(session) == 0
    later(61)
    with database.write() as session:
        assert intake.release_expired(session) == 1
        taken = intake.claim(session, "next", 60)
        assert (taken.id, taken.attempts) == (late.id, 2)
    for act in (
        lambda session: intake.finish(session, late, "1", None),
        lambda session: intake.fail(session, late, FAILURE),
        lambda session: intake.renew(session, late, 60),
    ):
        with pytest.raises(LeaseLost, match=r"1\.pdf"), database.write() as session:
            act(session)
    with database.write() as session:
        intake.finish(session, taken, "1", None)


def test_a_renewed_lease_holds(database: Database, batch: str, later) -> None:
    receive(database, batch, arrival())
    with database.write() as session:
        item = intake.claim(session, "w", 60)
        intake.renew(session, item, 600)
    later(300)
    with database.write() as session:
        assert intake.release_expired(session) == 0
        intake.finish(session, item, "1", None)


def test_a_dead_workers_items_come_back_at_once(database: Database, batch: str) -> None:
    receive(database, batch, arrival(1), arrival(2))
    with database.write() as session:
        dead, living = intake.claim(session, "dead", 600), intake.claim(session, "living", 600)
        assert intake.release_worker(session, "dead") == 1
        assert intake.claim(session, "new", 600).id == dead.id
        assert intake.running(session)[1].id == living.id


def test_a_file_that_kills_every_worker_is_given_up(database: Database, batch: str) -> None:
    receive(database, batch, arrival())
    with database.write() as session:
        for _ in range(3):
            assert intake.claim(session, "w", 60) is not None
            intake.release_worker(session, "w", most_attempts=3)
        (failed,) = intake.failures(session, batch)
    assert (failed.state, failed.error_code) == (State.FAILED, "worker_lost")


def test_fields_given_are_kept_encrypted(database: Database, batch: str, stored: Stored) -> None:
    receive(database, batch, arrival(given={"phone": "13812345678"}))
    kept = stored()
    assert b"13812345678" not in kept


WORK = """
import sys, pathlib
from records import intake
from records.database import open_home
from records.home import Home
home, name, notes = sys.argv[1:]
database = open_home(Home.from_environment(home))
with pathlib.Path(notes).open("a") as file:
    while True:
        with database.write() as session:
            item = intake.claim(session, name, 600)
        if item is None:
            break
        print(item.id, file=file, flush=True)
        with database.write() as session:
            intake.finish(session, item, "1", None)
database.close()
"""


def test_two_processes_never_get_the_same_item(
    home: Home, database: Database, batch: str, tmp_path: Path
) -> None:
    items = receive(database, batch, *(arrival(number) for number in range(1, 201)))
    notes = [tmp_path / "a", tmp_path / "b"]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(home.path), note.name, str(note)], cwd=CHECKOUT
        )
        for note in notes
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    claimed = [id_ for note in notes for id_ in note.read_text().split()]
    assert sorted(claimed) == sorted(item.id for item in items)
    with database.read() as session:
        assert intake.progress(session, batch).done == 200


# receives the same hundred letters, from wherever an earlier one stopped
FILL = """
import sys
from records import intake, petitions
from records.database import open_home
from records.home import Home
from records.originals import Original
home, batch = sys.argv[1:]
database = open_home(Home.from_environment(home))
for number in range(100):
    text = str(number)
    entry = petitions.NewPetition(
        subject=text, text="", subject_redacted=text, text_redacted=""
    )
    original = Original(f"{number:064x}", 100)
    arrival = intake.Arrival(original, f"scans/{text}.pdf", f"{text}.pdf", petition=entry)
    with database.write() as session:
        intake.receive(session, batch, arrival)
database.close()
"""


def test_killed_at_any_moment_every_letter_is_there_once(
    home: Home, database: Database, batch: str
) -> None:
    command = [sys.executable, "-c", FILL, str(home.path), batch]
    for turn in range(3):
        process = subprocess.Popen(command, cwd=CHECKOUT)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with database.read() as session:
                if intake.progress(session, batch).total >= 25 * (turn + 1):
                    break
            time.sleep(0.002)
        process.kill()
        assert process.wait() in (-signal.SIGKILL, 0)
    assert subprocess.run(command, cwd=CHECKOUT, check=False).returncode == 0
    with database.read() as session:
        items = intake.items(session, batch)
        records = petitions.all_after(session, "", 1000)
        assert intake.progress(session, batch).total == 100
    assert sorted(int(one.subject) for one in records) == list(range(100))
    assert {one.petition_id for one in items} == {one.id for one in records}
    assert [len(one.files) for one in records] == [1] * 100
