from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from records import audit, petitions
from records.audit_chain import START, AuditReport, entry_hash
from records.database import Database, open_home
from records.errors import BadValue, Damaged
from records.home import Home

if TYPE_CHECKING:
    from conftest import Stored

SECRET = "张三的举报"


@pytest.fixture
def written(database: Database) -> Database:
    with database.write() as session:
        for number in range(5):
            audit.write(session, f"user{number}", "view", f"{number}" * 32, {"page": number})
        audit.write(session, "user1", "search", details={"total": 3}, query=SECRET)
    return database


def tamper(database: Database, *statements: str) -> AuditReport:
    """What somebody does who has the file: triggers off, then the deed."""
    with database.write() as session:
        if session.connection.dialect.name == "postgresql":
            session.connection.execute(text("DROP TRIGGER audit_entries_kept ON audit_entries"))
        else:
            for trigger in ("audit_entries_kept", "audit_entries_fixed"):
                session.connection.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            session.connection.exec_driver_sql(statement)
    with database.read() as session:
        return audit.verify(session)


def test_what_was_written_is_read_and_intact(written: Database) -> None:
    with written.read() as session:
        entries = audit.entries(session)
        report = audit.verify(session)
        assert [one.seq for one in audit.entries(session, after=2, limit=2)] == [3, 4]
        assert [one.seq for one in audit.entries(session, actor="user1")] == [2, 6]
        assert audit.question(session, entries[5]) == SECRET
        assert audit.question(session, entries[0]) is None
    assert [one.seq for one in entries] == [1, 2, 3, 4, 5, 6]
    assert (entries[3].actor, entries[3].action, entries[3].object_id, entries[3].details) == (
        "user3", "view", "3" * 32, {"page": 3},
    )  # fmt: skip
    assert (report.intact, report.entries, report.head) == (True, 6, entries[5].hash)


def test_an_empty_log_is_intact(database: Database) -> None:
    with database.read() as session:
        assert audit.verify(session) == AuditReport(0, START, (), {0: START})


def test_questions_are_never_plain(written: Database, stored: Stored) -> None:
    with written.write() as session:
        audit.write(session, "user2", "search", query=SECRET)
        hashes = [one.details.get("query_hash") for one in audit.entries(session)]
    assert hashes[5] == hashes[6] is not None  # the same question is recognised
    kept = stored()
    assert SECRET.encode() not in kept
    assert json.dumps(SECRET).strip('"').encode() not in kept


def test_the_entry_is_there_with_the_act_or_not_at_all(database: Database, petition) -> None:
    def fail_afterwards() -> None:
        with database.write() as session:
            petitions.add(session, petition())
            audit.write(session, "u", "register")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_afterwards()
    with database.read() as session:
        assert (petitions.count(session), audit.verify(session).entries) == (0, 0)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET actor = 'x' WHERE seq = 2", "DELETE FROM audit_entries"],
)
def test_the_database_itself_refuses_changes(written: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="audit entries are never"), written.write() as session:
        session.connection.execute(text(statement))
    with written.read() as session:
        assert audit.verify(session).intact


@pytest.mark.parametrize("column", ["at", "actor", "action", "object_id", "entry", "hash"])
def test_every_changed_column_is_found(written: Database, column: str) -> None:
    value = "'2020-01-01 00:00:00.000000'" if column == "at" else "'x' || substr(actor, 2)"
    report = tamper(written, f"UPDATE audit_entries SET {column} = {value} WHERE seq = 3")
    assert not report.intact
    assert report.faults[0][0] == 3


@pytest.mark.parametrize("column", ["entry", "hash"])
def test_every_flipped_bit_is_found(written: Database, column: str) -> None:
    assert tamper(written).intact
    with written.write() as session:
        value = session.connection.execute(
            text(f"SELECT {column} FROM audit_entries WHERE seq = 4")
        ).scalar_one()
        change = text(f"UPDATE audit_entries SET {column} = :value WHERE seq = 4")
        for position, character in enumerate(value):
            flipped = chr(ord(character) ^ (1 << position % 7))
            changed = value[:position] + flipped + value[position + 1 :]
            session.connection.execute(change, {"value": changed})
            assert not audit.verify(session).intact, (position, flipped)
        session.connection.execute(change, {"value": value})
        assert audit.verify(session).intact


def test_every_flipped_bit_of_the_stored_bytes_is_found(sqlite_home: Home) -> None:
    """In all columns, also where the bytes are no text any more, or another spelling of the same
    time: what somebody does who has the file."""
    database = open_home(sqlite_home)
    with database.write() as session:
        for number in range(3):
            audit.write(session, "u", "view", "ab", {"n": number})
        session.connection.execute(text("DROP TRIGGER audit_entries_fixed"))
        for column in ("at", "actor", "action", "object_id", "entry", "hash"):
            held = session.connection.execute(
                text(f"SELECT CAST({column} AS BLOB) FROM audit_entries WHERE seq = 2")
            ).scalar_one()
            change = text(f"UPDATE audit_entries SET {column} = CAST(:value AS TEXT) WHERE seq = 2")
            for position in range(8 * len(held)):
                flipped = bytearray(held)
                flipped[position // 8] ^= 1 << position % 8
                session.connection.execute(change, {"value": bytes(flipped)})
                report = audit.verify(session)
                assert report.faults, (column, position)
                assert report.faults[0][0] == 2
            session.connection.execute(change, {"value": held})
            assert audit.verify(session).intact
            as_bytes = text(f"UPDATE audit_entries SET {column} = :value WHERE seq = 2")
            session.connection.execute(as_bytes, {"value": held})  # the same bytes, but no text
            assert not audit.verify(session).intact
            session.connection.execute(change, {"value": held})
    database.close()


def test_the_lines_are_what_was_hashed(written: Database) -> None:
    with written.read() as session:
        lines = list(audit.lines(session))
        hashes = [entry.hash for entry in audit.entries(session)]
    assert [entry_hash(line) for line in lines] == hashes


def test_the_hashes_asked_for_are_told(written: Database) -> None:
    with written.read() as session:
        report = audit.verify(session, {2, 6, 99})
        hashes = [entry.hash for entry in audit.entries(session)]
    assert report.hashes == {0: START, 2: hashes[1], 6: hashes[5]}


@pytest.mark.parametrize(
    "statement",
    ["INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE seq = 2",
     "REPLACE INTO audit_entries SELECT 6, at, 'x', 'y', '', entry, hash FROM audit_entries",
     "UPDATE OR REPLACE audit_entries SET seq = 1 WHERE seq = 2"],
)  # fmt: skip
def test_an_entry_is_not_replaced_either(sqlite_home: Home, statement: str) -> None:
    """SQLite's REPLACE takes rows out without asking the trigger that forbids it."""
    database = open_home(sqlite_home)
    with database.write() as session:
        for number in range(6):
            audit.write(session, "u", "view", details={"n": number})
    with pytest.raises(DatabaseError, match="audit entries are never"), database.write() as session:
        session.connection.execute(text(statement))
    with database.read() as session:
        assert audit.verify(session).intact
    database.close()


@pytest.mark.parametrize(
    "forged",
    ["{}", "[]", "null", "", "[" * 100_000, '{"seq":NaN}', '"action"',
     '["action","actor","at","details","object","previous","seq"]',
     '{"action":1,"actor":2,"at":3,"details":4,"object":5,"previous":6,"seq":7}',
     '{"action":"","actor":"\\ud800","at":"","details":{},"object":null,"previous":"","seq":3}'],
)  # fmt: skip
def test_what_is_no_entry_at_all_is_named(written: Database, forged: str) -> None:
    report = tamper(written, f"UPDATE audit_entries SET entry = '{forged}' WHERE seq = 3")
    assert report.faults[0][0] == 3


@pytest.mark.parametrize("seq", [1, 3, 6])
def test_a_dropped_entry_is_found(written: Database, seq: int) -> None:
    report = tamper(written, f"DELETE FROM audit_entries WHERE seq = {seq}")
    assert any("missing" in fault or "ends here" in fault for _, fault in report.faults)


def test_dropping_and_renumbering_is_found(written: Database) -> None:
    report = tamper(
        written,
        "DELETE FROM audit_entries WHERE seq = 3",
        "UPDATE audit_entries SET seq = seq - 1 WHERE seq > 3",
    )
    assert not report.intact


def test_swapped_entries_are_found(written: Database) -> None:
    report = tamper(
        written,
        "UPDATE audit_entries SET seq = 100 WHERE seq = 2",
        "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
        "UPDATE audit_entries SET seq = 3 WHERE seq = 100",
    )
    assert report.faults[0][0] == 2


def test_a_cut_tail_is_found(written: Database) -> None:
    report = tamper(written, "DELETE FROM audit_entries WHERE seq > 4")
    assert report.faults == ((4, "the log ends here, but entry 6 was written"),)


def test_a_forged_entry_is_found_though_its_own_hash_fits(written: Database) -> None:
    with written.read() as session:
        row = session.connection.execute(
            text("SELECT entry FROM audit_entries WHERE seq = 3")
        ).one()
    forged = row.entry.replace('"actor":"user2"', '"actor":"userX"')
    assert forged != row.entry
    report = tamper(
        written,
        f"UPDATE audit_entries SET entry = '{forged}', actor = 'userX', "
        f"hash = '{entry_hash(forged)}' WHERE seq = 3",
    )
    assert (4, "it does not follow the entry before it") in report.faults


def test_details_that_are_no_json_are_refused(database: Database) -> None:
    with database.write() as session:
        for details in ({"x": object()}, {"x": float("nan")}):
            with pytest.raises(BadValue, match="JSON"):
                audit.write(session, "u", "view", details=details)


def test_a_second_writer_cannot_take_the_same_number(written: Database) -> None:
    with pytest.raises(DatabaseError), written.write() as session:
        session.connection.execute(
            text(
                "INSERT INTO audit_entries (seq, at, actor, action, entry, hash) "
                "VALUES (6, '2020-01-01', 'u', 'x', '{}', '')"
            )
        )


def test_a_log_without_its_head_is_found_and_takes_no_more(written: Database) -> None:
    report = tamper(written, "DELETE FROM audit_head")
    assert report.faults == ((6, "the log has lost its head"),)
    with pytest.raises(Damaged, match="head"), written.write() as session:
        audit.write(session, "u", "view")


def test_a_head_that_points_elsewhere_is_found(written: Database) -> None:
    report = tamper(written, f"UPDATE audit_head SET hash = '{'1' * 64}'")
    assert report.faults == ((6, "it is not the entry that was written last"),)
