"""An office moves from one database to another, and the copy is proven or refused."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from records import administration, audit, daily, intake, moving, petitions, queue, signin
from records import contents as kept
from records.changes import Description, correct_redaction, set_description
from records.corrections import Correction
from records.database import Database, open_database, open_home
from records.decisions import Kind, NewDecision, decide
from records.errors import BadValue, DatabaseBusy, DatabaseNotReady, NotEmpty, SignInRefused
from records.files import add_file
from records.followed_index import follow
from records.home import Home, Settings
from records.intake import Arrival, Failure
from records.matters import open_matter
from records.moving import Move, move
from records.notes import add_note
from records.originals import Original
from records.pages import Line, NewPage, put_pages
from records.petitions import NewPerson, NewPetition, NewReply
from records.regions import add_region
from records.signatures import sign
from records.signing_keys import person_signer
from records.tables import metadata
from records.users import NewUser, add_user

ROOT = Path(__file__).parents[2]
PASSWORD = "seven quiet lanterns"
AT = datetime(2019, 3, 5, 1, 2, 3, 456789, tzinfo=UTC)


def silent(done: int, total: int) -> None:
    """Nobody wants to know."""


def fill(database: Database, letters: int = 30) -> None:
    """Rows in every table, with all that a value can be."""
    with database.write() as session:
        add_region(session, "A市", "A市", aliases=("甲市",))
        add_region(session, "A7县", "A7县", "A市")
        user = add_user(session, NewUser("zhang", "clerk", PASSWORD, ("A市",))).user
        signin.begin(session, user)
        proposer = add_user(session, NewUser("wang", "administrator", PASSWORD)).user
        administration.propose(session, proposer, user.id, administration.Rights("leader"))
        daily.use(session, user.id, daily.reveals(Settings()))
        follow(session, "tantivy g-1")
        batch = intake.batch(session, "ingest")
        id_ = ""
        for number in range(letters):
            entry = NewPetition(
                subject=f"路灯不亮{number}",
                text=f"𠮷路{number}号的灯坏了\n'quoted' \\x and emoji 💡",
                source="old",
                external_id=f"{number}",
                petitioner="P1",
                name="林小满",
                phone="13812345678",
                bank_card="6228480402564890018",
                others=(NewPerson("王某", id_no="110101199003071233"),),
                received_at=AT if number % 2 else None,
                region="A7县",
                category="01",
                category_confidence=0.1 + number / 7,
                handler=user.id,
                replies=(NewReply("已修好。", replied_at=AT),),
                extra={"备注": "x"},
                sealed=not number % 3,
            )
            before, id_ = id_, petitions.add(session, entry).id
        file_id = add_file(session, id_, Original("a" * 64, 1 << 40), "扫描.png")
        line = Line("路灯", (0.1, 2.0, 3.5, 4), 0.875)
        put_pages(session, id_, file_id, [NewPage(8, 9, "路灯\x7f", (line,), "ocr", 1 / 3)])
        set_description(session, id_, Description(text="改过了。"))
        correct_redaction(session, id_, user.id, [Correction("改过", masked=True)])
        record = petitions.read_one(session, id_)
        assert record is not None
        add_note(session, id_, user.id, "请本周内核实。", addressed=True)
        sign(session, record, 1, person_signer(session, user, PASSWORD))
        open_matter(session, id_, "路灯")
        held = [(one, f"{at:032}") for at, one in enumerate(kept.redacted(session, [before, id_]))]
        made = [kept.NewContent(digest, b"1", b"2") for _, digest in held]
        kept.put(session, made, "1", held)
        kept.link(session, [1, 2], [kept.ContentLink(1, 2, 0.5)])
        decide(session, user.id, NewDecision(id_, None, Kind.NEW, "REGISTERED", "未见旧件"))
        first = intake.receive(session, batch, Arrival(Original("b" * 64, 3), "a.zip", "a.zip"))
        inner = Arrival(
            Original("c" * 64, 3), "a.zip!/b", "b", parent_id=first.item.id, given={"phone": "1"}
        )
        intake.receive(session, batch, inner)
        taken = queue.claim(session, "elsewhere:1:1", 60)
        assert taken is not None
        queue.fail(session, taken, Failure("damaged_file", "cut", "again"))
        audit.write(session, user.id, "view", id_, {"page": 1}, query="谁的信")
    with pytest.raises(SignInRefused):
        signin.authenticate(database, "nobody", "wrong password here")


@dataclass
class Offices:
    """One office that is filled, and the database that it moves to."""

    home: Home
    old: Database
    new_url: str

    def target(self) -> Database:
        return open_database(self.new_url, self.old.keys, wait_seconds=5)

    def moved(self) -> Database:
        settings = replace(self.home.settings, database_url=self.new_url)
        return open_home(replace(self.home, settings=settings))


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def offices(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[], str]
) -> Iterator[Offices]:
    server, file = new_database(), f"sqlite:///{tmp_path / 'other.db'}"
    to_server = request.param == "sqlite to postgresql"
    home = Home(tmp_path / "office", Settings(database_url="" if to_server else server))
    old = open_home(home)
    fill(old)
    yield Offices(home, old, server if to_server else file)
    old.close()


def run(offices: Offices) -> Move:
    target = offices.target()
    try:
        return move(offices.old, target, "shell", silent, silent)
    finally:
        target.close()


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, in an order of our own."""
    with database.read() as session:
        return {
            table.name: sorted(
                repr(tuple(row)) for row in session.connection.execute(select(table))
            )
            for table in metadata.sorted_tables
        }


def test_everything_is_there_and_the_same(offices: Offices) -> None:
    done = run(offices)
    before = contents(offices.old)
    assert {name: len(rows) > 0 for name, rows in before.items()} == dict.fromkeys(before, True)
    assert done.proven
    assert not done.begun_anew
    assert {proof.table: proof.old.rows for proof in done.proofs} == {
        name: len(rows) for name, rows in before.items()
    }
    moved = offices.moved()
    after = contents(moved)
    for name in before.keys() - {"audit_entries", "audit_head"}:
        assert after[name] == before[name], name
    assert set(before["audit_entries"]) < set(after["audit_entries"])
    with moved.read() as session:
        entries = audit.entries(session)
        assert audit.verify(session).intact
    assert [(one.actor, one.action) for one in entries[-2:]] == [
        ("shell", "move_begun"), ("shell", "moved"),
    ]  # fmt: skip
    assert entries[-1].details["rows"] == sum(len(rows) for rows in before.values())
    code, wide = code_of(moved), Settings(code_steps=1)
    assert signin.authenticate(moved, "zhang", PASSWORD, code, wide).name == "zhang"
    moved.close()


def code_of(database: Database) -> str:
    import pyotp

    from records.tables import users

    with database.read() as session:
        zhang = select(users.c.totp_secret).where(users.c.name == "zhang")
        secret = session.connection.execute(zhang).scalar_one()
        return pyotp.TOTP(session.keys.decrypt("users.totp_secret", secret)).now()


# one change each that a copy could suffer
TAMPERINGS = (
    "UPDATE petitions SET text = text || ' ' WHERE external_id = '3'",
    "UPDATE petitions SET category_confidence = category_confidence + 1e-12",
    "UPDATE replies SET replied_at = NULL WHERE position = 1",
    "UPDATE intake_items SET parent_id = NULL",
    "DELETE FROM grants",
    "UPDATE audit_head SET seq = seq + 1",
)  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_row_that_differs_is_found_and_the_copy_unusable(
    offices: Offices, tampering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = moving.copy

    def copy(session: Any, new: Database, told: Any) -> Any:
        read = real(session, new, told)
        with new.write() as there:
            assert there.connection.execute(text(tampering)).rowcount > 0
        return read

    monkeypatch.setattr(moving, "copy", copy)
    done = run(offices)
    assert not done.proven
    table = tampering.split()[2] if tampering.startswith("DELETE") else tampering.split()[1]
    assert [proof.table for proof in done.proofs if not proof.equal] == [table]
    assert done.audit.intact == (table != "audit_head")
    with pytest.raises(DatabaseNotReady, match="petitions move"):
        offices.moved()
    monkeypatch.undo()
    again = run(offices)
    assert (again.proven, again.begun_anew) == (True, True)
    offices.moved().close()


def test_a_target_that_holds_something_is_refused_and_left_alone(offices: Offices) -> None:
    assert run(offices).proven
    moved = offices.moved()
    before = contents(moved)
    with pytest.raises(NotEmpty, match="office already"):
        run(offices)
    assert contents(moved) == before
    moved.close()


def test_a_new_office_without_letters_is_empty(offices: Offices) -> None:
    offices.moved().close()
    assert run(offices).proven


def test_another_programs_tables_are_refused(offices: Offices) -> None:
    target = offices.target()
    with target.write() as session:
        session.connection.execute(text("CREATE TABLE invoices (id INTEGER PRIMARY KEY)"))
    target.close()
    with pytest.raises(NotEmpty, match="invoices"):
        run(offices)


def test_the_same_database_and_memory_are_refused(offices: Offices) -> None:
    same = offices.home.database_url
    for url in (same, same.replace("+psycopg", ""), "sqlite://"):
        with pytest.raises(BadValue, match="another database"):
            run(replace(offices, new_url=url))


def test_nobody_writes_to_the_old_one_meanwhile(offices: Offices) -> None:
    home = replace(offices.home, settings=replace(offices.home.settings, database_wait_seconds=1))
    other = open_home(home)
    refused: list[Exception] = []

    def write(done: int, total: int) -> None:
        if refused or done < total / 2:
            return
        try:
            with other.write() as session:
                petitions.add(session, NewPetition(subject="too late"))
        except DatabaseBusy as busy:
            refused.append(busy)
        with other.read() as session:  # reading goes on
            assert petitions.count(session) == 30

    target = offices.target()
    assert move(offices.old, target, "shell", write, silent).proven
    assert len(refused) == 1
    with pytest.raises(DatabaseBusy, match="another 'petitions move'"), other.alone("moving"):
        move(offices.old, target, "shell", silent, silent)
    other.close()
    target.close()


def test_rows_that_point_to_later_ones_are_copied(offices: Offices) -> None:
    """The order in which a database gives its rows says nothing about who points to whom."""
    from records.tables import regions

    with offices.old.write() as session:
        rows = [{"code": f"{n:03}", "name": "x", "parent": None, "path": ["x"]} for n in range(500)]
        session.connection.execute(insert(regions), rows)
        for number in range(499):
            session.connection.execute(
                update(regions)
                .where(regions.c.code == f"{number:03}")
                .values(parent=f"{number + 1:03}")
            )
    assert run(offices).proven


KILLED = """
import os, signal, sys
from records.database import open_database, open_home
from records.home import Home
from records.moving import move
old = open_home(Home.from_environment(sys.argv[1]))
new = open_database(sys.argv[2], old.keys)
def die(done, total):
    if done > total * float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[4] == "copy":
    move(old, new, "shell", die, lambda done, total: None)
else:
    move(old, new, "shell", lambda done, total: None, die)
"""


def test_new_rows_are_numbered_behind_the_moved_ones(offices: Offices) -> None:
    run(offices)
    moved = offices.moved()
    with moved.write() as session:
        (letter,) = kept.redacted(session, [petitions.all_after(session, "", 1)[0].id])
        kept.put(session, [kept.NewContent("f" * 32, b"", b"")], "1", [(letter, "f" * 32)])
        assert kept.unlinked(session) == [3]
    moved.close()


@pytest.mark.parametrize(("share", "phase"), [("0", "copy"), ("0.6", "copy"), ("0.99", "prove")])
def test_killed_at_any_moment_it_is_begun_anew(
    offices: Offices, share: str, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITIONS_DATABASE_URL", offices.home.settings.database_url)
    command = [sys.executable, "-c", KILLED, str(offices.home.path), offices.new_url, share, phase]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(DatabaseNotReady, match="broken off"):
        offices.moved()
    until = time.monotonic() + 20
    while True:  # the server lets the dead one's lock go when it notices
        try:
            done = run(offices)
            break
        except DatabaseBusy:
            assert time.monotonic() < until
            time.sleep(0.1)
    assert (done.proven, done.begun_anew) == (True, True)
    moved = offices.moved()
    with moved.read() as session:
        assert petitions.count(session) == 30
    moved.close()
