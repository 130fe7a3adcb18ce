"""What is PostgreSQL's own: a server that comes and goes, waits, deadlocks, its own order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text, update

from records import petitions, users
from records.database import Database, Session, open_database, open_home
from records.errors import Crossed, DatabaseBusy, DatabaseDown, DatabaseNotReady
from records.home import Home, Settings
from records.petitions import NewPetition
from records.regions import RegionRecord, add_region, region
from records.tables import petitions as petitions_table
from records.users import NewUser
from tests.servers import PostgreSQL, postgresql

PASSWORD = "hush-hush"


@pytest.fixture
def opened(postgresql_url: str, tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """Opens the office with settings of its own."""
    kept: list[Database] = []

    def open_it(**settings: int) -> Database:
        home = Home(tmp_path, Settings(database_url=postgresql_url, **settings))  # type: ignore[arg-type]
        kept.append(open_home(home))
        return kept[-1]

    yield open_it
    for one in kept:
        one.close()


def two_petitions(database: Database) -> list[str]:
    with database.write() as session:
        return [petitions.add(session, NewPetition(subject=name)).id for name in "甲乙"]


def hold(session: Session, id_: str) -> None:
    wanted = select(petitions_table.c.id).where(petitions_table.c.id == id_).with_for_update()
    session.connection.execute(wanted)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_every_way_to_write_the_address(postgresql_url: str, scheme: str) -> None:
    database = open_database(postgresql_url.replace("postgresql+psycopg", scheme))
    assert database.version() is not None
    database.close()


def test_a_lock_that_others_keep_is_busy(opened: Callable[..., Database]) -> None:
    database = opened(database_wait_seconds=1)
    (id_, _) = two_petitions(database)
    with database.write() as first:
        hold(first, id_)
        began = time.monotonic()
        with pytest.raises(DatabaseBusy, match="try again"), database.write() as second:
            hold(second, id_)
        assert 0.5 < time.monotonic() - began < 10


def sleep(database: Database) -> None:
    with database.read() as session:
        session.connection.execute(text("SET LOCAL statement_timeout = 100"))
        session.connection.execute(text("SELECT pg_sleep(60)"))


def test_a_statement_without_an_end_is_ended(opened: Callable[..., Database]) -> None:
    database = opened(database_wait_seconds=0)
    with database.read() as session:
        shown = session.connection.execute(text("SHOW statement_timeout")).scalar()
    assert shown == "10s"
    with pytest.raises(DatabaseBusy, match="took too long"):
        sleep(database)


def test_a_machine_that_vanished_keeps_no_lock(opened: Callable[..., Database]) -> None:
    with opened().read() as session:
        kept = {
            name: session.connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("idle_in_transaction_session_timeout", "tcp_keepalives_idle")
        }
    assert kept == {"idle_in_transaction_session_timeout": "5min", "tcp_keepalives_idle": "30"}


def test_too_few_connections_are_named(opened: Callable[..., Database]) -> None:
    database = opened(database_wait_seconds=1, database_connections=1)
    with database.read(), pytest.raises(DatabaseBusy, match="PETITIONS_DATABASE_CONNECTIONS"):
        database.read().__enter__()


@pytest.mark.parametrize(("lasting", "level"), [(True, "on"), (False, "off")])
def test_what_must_last_waits_for_the_disk(
    opened: Callable[..., Database], lasting: bool, level: str
) -> None:
    database = opened()
    for kept in (lasting, True):  # and the next on the same connection is as it should be
        with database.write(lasting=kept) as session:
            shown = session.connection.execute(text("SHOW synchronous_commit")).scalar()
        assert shown == (level if kept is lasting else "on")


def in_a_ring(database: Database, ids: list[str], act: Callable[..., None]) -> list[Exception]:
    """Two writers that hold one petition each and want the other's."""
    together = threading.Barrier(2, timeout=20)
    errors: list[Exception] = []

    def run(first: str, second: str) -> None:
        met: list[bool] = []

        def both(session: Session) -> None:
            hold(session, first)
            if not met:
                met.append(True)
                together.wait()
            petitions.touch(session, [second])

        try:
            act(both)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=order) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_a_deadlock_is_told_and_can_be_tried_again(opened: Callable[..., Database]) -> None:
    database = opened()
    ids = two_petitions(database)

    def once(both: Callable[[Session], None]) -> None:
        with database.write() as session:
            both(session)

    errors = in_a_ring(database, ids, once)
    assert [type(error) for error in errors] == [Crossed]
    assert in_a_ring(database, ids, database.written) == []
    with database.read() as session:
        assert sum(one.revision for one in petitions.read(session, ids)) == 2 + 1 + 2


def test_who_comes_second_with_the_same_key_is_tried_again(
    opened: Callable[..., Database],
) -> None:
    database = opened()
    together = threading.Barrier(4, timeout=20)
    results: list[petitions.AddResult] = []

    def add() -> None:
        entry = NewPetition(subject="路灯", source="old", external_id="7")
        met: list[bool] = []

        def act(session: Session) -> petitions.AddResult:
            session.connection.execute(select(petitions_table.c.id)).all()
            if not met:
                met.append(True)
                together.wait()
            return petitions.add(session, entry)

        results.append(database.written(act))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.created for one in results) == [False, False, False, True]
    assert len({one.id for one in results}) == 1


def cut_off(database: Database, id_: str, end: Callable[[], None]) -> None:
    with database.write() as session:
        petitions.touch(session, [id_])
        end()
        petitions.touch(session, [id_])


def test_a_server_that_was_started_anew_is_no_error_and_one_that_is_gone_is_named(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with postgresql(tmp_path_factory.mktemp("server")) as server:
        url = server.url.replace("office@", f"office:{PASSWORD}@") + "/postgres"
        home = Home(tmp_path, Settings(database_url=url, database_wait_seconds=2))
        database = open_home(home)
        (first, _) = two_petitions(database)
        for end in (server.stop, server.kill):
            with pytest.raises(DatabaseDown):
                cut_off(database, first, end)
            with pytest.raises(DatabaseDown) as down, database.read() as session:
                petitions.count(session)
            for act in (database.version, database.require_ready, lambda: open_home(home)):
                with pytest.raises(DatabaseDown, match="start it"):
                    act()
            told = f"{down.value}"
            assert f"127.0.0.1:{server.port}/postgres" in told
            assert "PETITIONS_DATABASE_URL" in told
            cause: BaseException | None = down.value
            while cause is not None:
                assert PASSWORD not in f"{cause!r} {cause}"
                cause = cause.__cause__ or cause.__context__
            server.start()
            with database.read() as session:
                assert petitions.read_one(session, first).revision == 1
        database.close()


def test_a_database_that_is_not_there_or_not_ours_is_named(
    postgresql_server: PostgreSQL, new_database: Callable[[], str]
) -> None:
    nowhere = open_database(f"{postgresql_server.url}/none_such")
    with pytest.raises(DatabaseDown, match="none_such"):
        nowhere.version()
    url = new_database()
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    guest = open_database(url.replace("office@", "guest@"))
    with pytest.raises(DatabaseNotReady, match="owner"):
        guest.upgrade()
    guest.close()


def test_order_does_not_rest_on_the_databases_own(opened: Callable[..., Database]) -> None:
    """The database orders texts as a dictionary does: pinyin, and small letters first."""
    database = opened()
    names = ["zhao", "Z", "a", "_x", "刘", "王", "安"]
    with database.write() as session:
        ordered = session.connection.execute(
            text("SELECT name FROM unnest(CAST(:names AS text[])) AS name ORDER BY name"),
            {"names": names},
        ).scalars()
        assert list(ordered) != sorted(names)
        for name in names:
            users.add_user(session, NewUser(name, "clerk", "seven quiet lanterns"))
        add_region(session, "R", "区", aliases=names)
        for number in range(30):
            petitions.add(session, NewPetition(subject=f"{number}"))
        session.connection.execute(
            update(petitions_table).values(failed_revision=1, index_error="no")
        )
    with database.read() as session:
        assert [one.name for one in users.all_users(session)] == sorted(names, key=users.name_key)
        found = region(session, "R")
        assert found == RegionRecord("R", "区", "ALL", ("ALL", "R"), tuple(sorted(names)))
        listed = [number for number, _, _ in petitions.not_indexed(session)]
        assert len(listed) == 30
        assert listed == sorted(listed)
        ids = [one.id for one in petitions.all_after(session, "", 100)]
        assert ids == sorted(ids)
        again, after = [], ""
        while part := petitions.all_after(session, after, 7):
            again += [one.id for one in part]
            after = part[-1].id
        assert again == ids
