"""Checkpoints that make themselves: when one is due, where it goes, and what stops it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from records import audit, audit_checkpoints, audit_keeping
from records.audit_checkpoints import origin, read_checkpoints
from records.audit_keeping import Keeper, checkpoint_state, keeping_checkpoints, own_checkpoints
from records.database import Database
from records.errors import BadValue, Damaged, KeysMissing
from records.home import Home

Act = Callable[[int], None]


@pytest.fixture
def anchored(home: Home, tmp_path: Path) -> Home:
    """A home whose checkpoints go into a folder elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    settings = replace(
        home.settings,
        audit_checkpoints=str(tmp_path / "elsewhere"),
        audit_checkpoint_entries=10,
    )
    return replace(home, settings=settings)


@pytest.fixture
def act(database: Database) -> Act:
    def write(count: int) -> None:
        with database.write() as session:
            for number in range(count):
                audit.write(session, "u", "view", details={"n": number})

    return write


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the time pass."""
    moments = [datetime.now(UTC)]
    for module in (audit_keeping, audit_checkpoints):
        monkeypatch.setattr(module, "now", lambda: moments[-1])
    return lambda seconds: moments.append(moments[-1] + timedelta(seconds=seconds))


def kept(home: Home, database: Database) -> list[int]:
    """The entries that the checkpoints in the folder cover; those in the home are the same."""
    name = f"checkpoints-{origin(database.keys)}.jsonl"
    path = Path(home.settings.audit_checkpoints) / name
    found, faults = read_checkpoints(path)
    assert faults == []
    assert path.read_bytes() == home.checkpoints.read_bytes()
    return [one.entries for one in found]


def test_one_is_due_after_an_hour_or_so_many_entries(
    anchored: Home, database: Database, act: Act, later: Callable[[float], None]
) -> None:
    keeper = Keeper(database, anchored)
    act(3)
    assert keeper.take_if_due() is not None
    act(9)
    assert keeper.take_if_due() is None
    act(1)
    assert keeper.take_if_due() is not None
    later(3600)
    assert keeper.take_if_due() is None  # nothing came since
    act(1)
    assert keeper.take_if_due() is not None
    act(1)
    later(3599)
    assert keeper.take_if_due() is None
    assert kept(anchored, database) == [3, 13, 14]


def test_another_process_goes_on_from_what_is_kept(
    anchored: Home, database: Database, act: Act
) -> None:
    act(3)
    Keeper(database, anchored).take_if_due()
    act(10)
    Keeper(database, anchored).take_if_due()
    assert kept(anchored, database) == [3, 13]
    with database.read() as session:
        report = audit.verify(session)
        after = audit.verify(session, {13}, (3, audit.verify(session, {3}).hashes[3]))
    assert (after.entries, after.head, after.faults) == (report.entries, report.head, ())


@pytest.mark.parametrize("again", [False, True])
def test_a_log_that_does_not_fit_is_never_signed(
    anchored: Home, database: Database, act: Act, again: bool
) -> None:
    """`again`: noticed by the process that took the last one, and reads only what came since."""
    keeper = Keeper(database, anchored)
    act(5)
    keeper.take_if_due()
    act(20)
    with database.write() as session:
        if database.in_memory or session.connection.dialect.name == "sqlite":
            session.connection.execute(text("DROP TRIGGER audit_entries_kept"))
        else:
            session.connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        session.connection.execute(text("DELETE FROM audit_entries WHERE seq = 9"))
    with pytest.raises(Damaged, match="entry 10: entries from number 9 on are missing"):
        (keeper if again else Keeper(database, anchored)).take_if_due()
    assert kept(anchored, database) == [5]


def test_a_log_that_became_shorter_is_noticed_at_once(
    anchored: Home, database: Database, act: Act, tmp_path: Path
) -> None:
    act(5)
    keeper = Keeper(database, anchored)
    made = keeper.take_if_due()
    assert made is not None
    forged = replace(made, entries=9)
    for path in Path(anchored.settings.audit_checkpoints).glob("*.jsonl"):
        path.write_bytes(made.line() + b"\n" + forged.line() + b"\n")
    with pytest.raises(Damaged, match="does not fit"):
        keeper.take_if_due()


def test_a_lost_key_or_folder_is_told_and_no_other_key_is_made(
    anchored: Home, database: Database, act: Act
) -> None:
    act(5)
    Keeper(database, anchored).take_if_due()
    act(10)
    anchored.audit_signer.unlink()
    with pytest.raises(KeysMissing, match="audit key --make"):
        Keeper(database, anchored).take_if_due()
    assert not anchored.audit_signer.exists()
    nowhere = replace(anchored, settings=replace(anchored.settings, audit_checkpoints="/none"))
    with pytest.raises(BadValue, match="PETITIONS_AUDIT_CHECKPOINTS"):
        Keeper(database, nowhere).take_if_due()
    assert "/none is no folder" in str(checkpoint_state(database, nowhere).remark)


def test_they_are_taken_beside_the_work(anchored: Home, database: Database, act: Act) -> None:
    def wait(count: int) -> None:
        """The home's file is written last."""
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            path = anchored.checkpoints
            if path.exists() and len(path.read_bytes().splitlines()) >= count:
                return
            time.sleep(0.01)

    act(1)
    with keeping_checkpoints(database, anchored, look_every=0.01):
        wait(1)
        act(10)
        wait(2)
    assert kept(anchored, database) == [1, 11]


def test_a_fault_stands_in_the_log_of_faults_once(
    anchored: Home, database: Database, act: Act, caplog: pytest.LogCaptureFixture
) -> None:
    act(1)
    Path(anchored.settings.audit_checkpoints).rmdir()
    with keeping_checkpoints(database, anchored, look_every=0.01):
        ends = time.monotonic() + 20
        while not caplog.records and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(0.2)
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "no checkpoint of the log of acts"
    ]


def test_people_are_told_where_none_or_an_old_one_is(
    home: Home, anchored: Home, database: Database, act: Act, later: Callable[[float], None]
) -> None:
    def remark(of: Home = anchored) -> str:
        return str(checkpoint_state(database, of).remark)

    act(3)
    assert "set PETITIONS_AUDIT_CHECKPOINTS" in remark(home)
    assert "no checkpoint in" in remark()
    Keeper(database, anchored).take_if_due()
    assert remark() == "None"
    later(5000)
    assert remark() == "None"  # nothing came since
    act(2)
    assert "2 entries came since" in remark()
    inside = replace(
        anchored, settings=replace(anchored.settings, audit_checkpoints=str(home.path))
    )
    assert "lie in the home" in remark(inside)


def test_without_a_folder_nothing_happens(home: Home, database: Database, act: Act) -> None:
    act(1)
    with keeping_checkpoints(database, home, look_every=0.01):
        time.sleep(0.05)
    assert own_checkpoints(home) == []
