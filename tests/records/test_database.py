"""Transactions, the same on both databases."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from records import audit, petitions
from records import database as database_module
from records.categories import all_categories
from records.database import Database, Session, open_database
from records.errors import BadValue
from records.home import Home, Settings
from records.regions import ROOT, add_region, all_regions
from records.tables import categories, regions

CHECKOUT = Path(database_module.__file__).parents[1]


def test_a_new_office_has_root_and_categories(database: Database) -> None:
    with database.read() as session:
        assert [region.code for region in all_regions(session)] == [ROOT]
        stored = session.connection.execute(categories.select().order_by(categories.c.code)).all()
    assert [(row.code, row.name) for row in stored] == [
        (one.code, one.name) for one in all_categories()
    ]


def test_readers_see_one_moment_while_others_write(database: Database, petition) -> None:
    with database.read() as reading:
        assert petitions.count(reading) == 0
        with database.write() as writing:
            petitions.add(writing, petition())
        assert petitions.count(reading) == 0
    with database.read() as reading:
        assert petitions.count(reading) == 1


def test_an_error_rolls_everything_back(database: Database, petition) -> None:
    def fail_halfway() -> None:
        with database.write() as session:
            petitions.add(session, petition())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with database.write() as session:
        assert petitions.count(session) == 0


def test_a_reading_transaction_keeps_nothing(database: Database, petition) -> None:
    with database.read() as session:
        petitions.add(session, petition())
    with database.read() as session:
        assert petitions.count(session) == 0


def test_threads_write_one_after_the_other(database: Database, petition) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with database.write() as session:
                petitions.add(session, petition(external_id=f"{number}-{turn}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert petitions.count(session) == 30


# adds entries to the log, as fast as it goes
LOG = """
import sys
from records import audit
from records.database import open_home
from records.home import Home
home, name = sys.argv[1:]
database = open_home(Home.from_environment(home))
for turn in range(40):
    with database.write(lasting=False) as session:
        audit.write(session, name, "view", details={"turn": turn})
database.close()
"""


def test_the_log_stays_one_chain_whoever_writes_to_it(home: Home, database: Database) -> None:
    def write(number: int) -> None:
        for turn in range(40):
            with database.write() as session:
                audit.write(session, f"thread {number}", "view", details={"turn": turn})

    processes = [
        subprocess.Popen([sys.executable, "-c", LOG, str(home.path), f"process {n}"], cwd=CHECKOUT)
        for n in range(3)
    ]
    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with database.read() as session:
        report = audit.verify(session)
        entries = audit.entries(session, limit=1000)
    assert (report.faults, report.entries) == ((), 7 * 40)
    for actor in {entry.actor for entry in entries}:
        turns = [entry.details["turn"] for entry in entries if entry.actor == actor]
        assert turns == list(range(40)), actor


def test_many_threads_share_the_connections(home: Home, database: Database) -> None:
    """FastAPI answers in 40 threads: none of them waits for a connection until it gives up."""
    together = threading.Barrier(40, timeout=20)
    counts: list[int] = []

    def read() -> None:
        with database.read() as session:
            counts.append(petitions.count(session))
            together.wait()  # all hold theirs at the same time

    threads = [threading.Thread(target=read) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [0] * 40


def test_both_may_add_the_same_region_at_once(database: Database) -> None:
    together = threading.Barrier(4, timeout=20)

    def add(codes: tuple[str, ...]) -> None:
        together.wait()
        for code in codes:
            database.written(lambda session, code=code: add_region(session, code, code))

    orders = (("A市", "B市", "C市"), ("C市", "B市", "A市")) * 2
    threads = [threading.Thread(target=add, args=(codes,)) for codes in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert {region.code for region in all_regions(session)} == {ROOT, "A市", "B市", "C市"}


def test_an_error_of_the_act_is_not_repeated(database: Database) -> None:
    tried: list[int] = []

    def act(session: Session) -> None:
        tried.append(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.written(act)
    assert tried == [1]


@pytest.mark.parametrize("what", ["name", "path"])
def test_a_nul_is_refused_by_name(database: Database, what: str) -> None:
    rows = [
        {"code": "A", "name": "A", "parent": ROOT, "path": ["A"]},
        {"code": "B", "name": "B\x00", "parent": ROOT, "path": ["B"]},
    ]
    if what == "name":
        told = r"NUL character \(INSERT INTO regions\)"
        with pytest.raises(BadValue, match=told), database.write() as session:
            session.connection.execute(insert(regions), rows)
    else:  # JSON spells it, and gives it back
        rows[1] |= {"name": "B", "path": ["B\x00"]}
        with database.write() as session:
            session.connection.execute(insert(regions), rows)
            assert [one.path for one in all_regions(session) if one.code == "B"] == [("B\x00",)]


@pytest.mark.parametrize("values", [{"name": None}, {"parent": "举报人李秀英"}])
def test_an_error_of_the_database_tells_no_value(
    database: Database, values: dict[str, str | None]
) -> None:
    row = {"code": "X", "name": "举报人李秀英", "parent": ROOT, "path": ["举报人李秀英"], **values}
    with pytest.raises(IntegrityError) as failed, database.write() as session:
        session.connection.execute(insert(regions).values(**row))
    told: BaseException | None = failed.value
    while told is not None:
        assert "李秀英" not in f"{told} {told.args!r}"
        told = told.__cause__ or told.__context__


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:s3cret@host:port/x", "mysql://u:s3cret@host/x", "u:s3cret", "postgres",
     "postgresql://u:x@s3cret@host/y", "postgresql://u:@x/s3cret@host/y"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadValue, match="PETITIONS_DATABASE_URL") as refused:
        open_database(url)
    assert "s3cret" not in f"{refused.value} {refused.value.__context__}"


def test_settings_never_show_the_address() -> None:
    settings = Settings(database_url="postgresql://office:s3cret@host/petitions")
    assert "s3cret" not in repr(Home(Path("office"), settings))
