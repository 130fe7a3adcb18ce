"""The key of encrypted columns is renewed: nothing is lost, whatever breaks it off."""

from __future__ import annotations

import ast
import errno
import importlib
import json
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from records import audit, petitions, signin
from records import keys as key_files
from records.changes import versions
from records.database import Database, open_home
from records.errors import BadValue, Damaged, DatabaseBusy, KeysMissing, StoreFull
from records.home import Home, Settings
from records.keys import COLUMNS, Keys, change_key, new_keys, put_key, read_keys
from records.notes import notes_of
from records.recovery import PENDING
from records.renewal import (
    AT_ONCE,
    DONE,
    ENCRYPTED,
    Renewal,
    count_values,
    idle_keys,
    is_unfinished,
    renew,
)
from records.signing_keys import office_signer, person_signer
from records.tables import metadata, users
from records.users import user_by_name
from tests.records.test_moving import PASSWORD, code_of, fill, silent

ROOT = Path(__file__).parents[2]
PLAIN = {"contents.leading", "contents.rest"}
"""Columns of bytes that are not encrypted: signatures of redacted texts."""


@pytest.fixture
def filled(home: Home) -> Home:
    database = open_home(home)
    fill(database)
    with database.write() as session:
        office_signer(session)
        pending = session.keys.encrypt(PENDING, "SECRET 2026-01-01T00:00:00+00:00")
        session.connection.execute(users.update().values(totp_pending=pending))
        for text in ("旧文", "新文"):
            entry = petitions.NewPetition(
                subject=text, text=text, source="old", external_id="with all", address="某路1号",
                name="林小满", phone="13812345678", extra={"备注": text},
            )  # fmt: skip
            petitions.add(session, entry)
        audit.write(session, "somebody", "search", query="谁写的")
    database.close()
    return home


@pytest.fixture
def opened(filled: Home) -> Iterator[Any]:
    """Opens the office, and closes it at the end of the test."""
    kept: list[Database] = []

    def open_() -> Database:
        kept.append(open_home(filled))
        return kept[-1]

    yield open_
    for database in kept:
        database.close()


def values(database: Database) -> dict[str, list[tuple[str, bytes]]]:
    """Purpose and bytes of every encrypted value, by column; those in older contents too."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    with database.read() as session:
        for table, names in ENCRYPTED.items():
            for name, purpose in names.items():
                column = table.c[name]
                wanted = select(column).where(column.is_not(None)).order_by(*table.primary_key)
                blobs = session.connection.execute(wanted).scalars()
                found[str(column)] = [(purpose, blob) for blob in blobs]
        key = metadata.tables["petitions"].c.id
        ids = session.connection.execute(select(key).order_by(key)).scalars()
        inner = found["within versions"] = []
        for id_ in ids:
            for version in versions(session, id_):
                inner += hexadecimal(version.content)
    return found


def hexadecimal(held: Any, name: str = "extra") -> Iterator[tuple[str, bytes]]:
    """Whatever in a JSON document looks like an encrypted value, with the purpose of its name."""
    if isinstance(held, dict):
        for key, value in held.items():
            yield from hexadecimal(value, key)
    elif isinstance(held, list):
        for one in held:
            yield from hexadecimal(one)
    elif name.endswith("_hash"):  # which may begin like a value
        return
    elif isinstance(held, str) and re.fullmatch("01([0-9a-f]{2}){28,}", held):
        purpose = "petitions.extra" if name == "extra" else f"person.{name}"
        yield purpose, bytes.fromhex(held)


def plain(database: Database) -> dict[str, list[str]]:
    """What the values hold."""
    keys = database.keys
    return {
        column: [without_nested(keys.decrypt(purpose, blob)) for purpose, blob in blobs]
        for column, blobs in values(database).items()
    }


def without_nested(text: str) -> str:
    return re.sub(r'"01[0-9a-f]{56,}"', '"encrypted"', text)


def alone(keys: Keys) -> Keys:
    """The present key without its elders."""
    return Keys(keys.columns, keys.lookup)


def only_older(keys: Keys) -> list[Keys]:
    return [Keys(one.key, keys.lookup) for one in keys.older]


def require_renewed(database: Database) -> None:
    """Every value is of the present key, none of an older one."""
    present = alone(database.keys)
    counted = 0
    for column, blobs in values(database).items():
        assert blobs, column
        for purpose, blob in blobs:
            present.decrypt(purpose, blob)
            counted += column != "within versions"
            for older in only_older(database.keys):
                assert older.opening(purpose, blob) is None
    with database.read() as session:
        assert counted == sum(count_values(session).values())
        assert not is_unfinished(session)


def run(home: Home) -> Renewal:
    return renew(home, "shell", silent)


def test_every_column_of_bytes_is_known() -> None:
    binary = {
        str(column)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    listed = {str(table.c[name]) for table, names in ENCRYPTED.items() for name in names}
    assert listed | PLAIN == binary
    assert not listed & PLAIN


def test_every_purpose_in_the_code_is_known() -> None:
    """Whoever encrypts for another column must say here where its values lie."""
    found = set()
    for path in ROOT.glob("*/**/*.py"):
        if path.relative_to(ROOT).parts[0] not in ("records", "search", "ingest", "api", "cli"):
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if ".encrypt(" in source else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            whose = ast.unparse(node.func.value)
            if node.func.attr == "encrypt" and (whose == "keys" or whose.endswith(".keys")):
                found.add(meant(module, node.args[0]))
    listed = {purpose for names in ENCRYPTED.values() for purpose in names.values()}
    assert found == {re.sub(r"^person\..*", "person.*", one) for one in listed} | {audit.QUERY}


def meant(module: str, purpose: ast.expr) -> str:
    if isinstance(purpose, ast.Name):
        return str(getattr(importlib.import_module(module), purpose.id))
    assert ast.unparse(purpose) == "f'person.{fact}'", f"{module}: {ast.unparse(purpose)}"
    return "person.*"


def test_every_value_goes_to_the_new_key_and_says_the_same(filled: Home, opened: Any) -> None:
    database = opened()
    before, old, kept = plain(database), database.keys, values(database)
    database.close()
    done = run(filled)
    database = opened()
    keys = database.keys
    assert (keys.columns != old.columns, keys.lookup == old.lookup) == (True, True)
    assert [(one.file, one.key) for one in keys.older] == [("columns-1.key", old.columns)]
    assert (done.finished, done.went_on, done.failed) == (True, False, ())
    assert (
        done.values == done.looked_at == sum(map(len, kept.values())) - len(kept["within versions"])
    )
    require_renewed(database)
    assert plain(database) == before
    for purpose, blob in (one for blobs in kept.values() for one in blobs):
        with pytest.raises(Damaged):
            alone(keys).decrypt(purpose, blob)


def test_everything_reads_as_before(filled: Home, opened: Any) -> None:
    def seen(database: Database) -> Any:
        with database.read() as session:
            letters = petitions.all_after(session, "", 1000)
            read = [(one, notes_of(session, one.id, {True, False})) for one in letters]
            asked = [audit.question(session, one) for one in audit.entries(session, limit=1000)]
            return read, [one for one in asked if one]

    database = opened()
    before = seen(database)
    database.close()
    run(filled)
    database = opened()
    after = seen(database)
    assert before[1] == after[1] == ["谁的信", "谁写的"]
    assert str(after[0]) == str(before[0])
    assert "林小满" in str(after[0])
    assert "请本周内核实。" in str(after[0])
    code, wide = code_of(database), Settings(code_steps=1)
    assert signin.authenticate(database, "zhang", PASSWORD, code, wide).name == "zhang"
    with database.write() as session:
        zhang = user_by_name(session, "zhang")
        assert zhang is not None
        signer = person_signer(session, zhang, PASSWORD)
        made = session.connection.execute(select(metadata.tables["signing_keys"].c.public)).all()
        assert len(made) == 2  # the same keys as before: none had to be made anew
        assert signer.key.public in {row.public for row in made}
        assert audit.verify(session).intact


def test_the_log_tells_of_it_and_never_the_key(filled: Home, opened: Any) -> None:
    run(filled)
    database = opened()
    with database.read() as session:
        begun, ended = audit.entries(session, limit=1000)[-2:]
        assert audit.verify(session).intact
    assert [(one.actor, one.action, one.object_id) for one in (begun, ended)] == [
        ("shell", "keys_renew_begun", COLUMNS), ("shell", "keys_renewed", COLUMNS),
    ]  # fmt: skip
    assert begun.details["key"] == ended.details["key"] == database.keys.names[0]
    assert begun.details["older"] == list(database.keys.names[1:])
    for key in database.keys.all:
        assert key.hex() not in json.dumps([dict(begun.details), dict(ended.details)])


def test_again_and_again(filled: Home, opened: Any) -> None:
    first = read_keys(filled.keys).columns
    run(filled)
    second = read_keys(filled.keys).columns
    run(filled)
    database = opened()
    assert [(one.number, one.key) for one in database.keys.older] == [(2, second), (1, first)]
    require_renewed(database)
    with database.read() as session:
        assert idle_keys(session) == ("columns-2.key",)  # nobody asked anything in its time
    files = sorted(one.name for one in filled.keys.iterdir())
    assert files == ["columns-1.key", "columns-2.key", "columns.key", "lookup.key"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in filled.keys.iterdir()} == {0o400}


KILLED = """
import os, pathlib, signal, sys
from records import keys, renewal
from records.home import Home
at, how = sys.argv[2], getattr(signal, sys.argv[3])
def die(*_, **__):
    os.kill(os.getpid(), how)
    import time
    time.sleep(30)
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
if at in ("put", "link"):
    real = keys.put_key
    keys.put_key = (lambda *a: (real(*a), die())) if at == "put" else die
elif at == "renamed":
    real = pathlib.Path.rename
    def rename(path, to):
        real(path, to)
        to.name == "columns.key" and die()
    pathlib.Path.rename = rename
elif at == "begun":
    renewal._encrypt_anew = die
elif at == "ended":
    real = renewal._encrypt_anew
    renewal._encrypt_anew = lambda *a: (real(*a), die())
renewal.AT_ONCE = 7
seen = []
def told(done, total):
    seen.append(done)
    if at.isdigit() and done >= total * int(at) / 100:
        die()
renewal.renew(Home.from_environment(sys.argv[1]), "shell", told)
"""


def broken_off(home: Home, at: str, how: str = "SIGKILL") -> int:
    command = [sys.executable, "-c", KILLED, str(home.path), at, how]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_broken_off_at_every_step_the_office_opens_and_the_next_goes_on(
    filled: Home, opened: Any, how: str
) -> None:
    database = opened()
    before, first = plain(database), database.keys
    database.close()
    code = -signal.SIGKILL if how == "SIGKILL" else 130
    for at in ("link", "put", "renamed", "begun", "0", "20", "60", "99", "ended"):
        assert broken_off(filled, at, how) == code, at
        database = opened()
        assert plain(database) == before, at
        with database.read() as session:
            assert is_unfinished(session) == (at not in ("link", "put")), at
        database.close()
    assert len(read_keys(filled.keys).older) == 1  # one renewal, however often it was broken off
    done = run(filled)
    assert (done.went_on, done.values, done.finished) == (True, 0, True)
    database = opened()
    require_renewed(database)
    assert plain(database) == before
    assert database.keys.older[0].key == first.columns
    assert not [
        one for one in filled.keys.iterdir() if one.name.startswith(".") and how != "SIGKILL"
    ]
    database.close()
    run(filled)  # and this one clears what a killed one left
    assert not [one for one in filled.keys.iterdir() if one.name.startswith(".")]


def test_an_office_that_went_on_in_the_middle_is_renewed_to_the_end(
    filled: Home, opened: Any
) -> None:
    """What is written between two runs may take old values along into a new version."""
    assert broken_off(filled, "begun") == -signal.SIGKILL
    database = opened()
    with database.write() as session:
        for one in petitions.all_after(session, "", 5):
            entry = petitions.NewPetition(
                subject="改", text="改", source="old", external_id=one.external_id
            )
            assert petitions.add(session, entry).changed
    blobs = values(database)
    present = alone(database.keys)
    assert any(present.opening(*one) is not None for one in blobs["petition_versions.content"])
    assert any(present.opening(*one) is None for one in blobs["within versions"])
    before = plain(database)
    database.close()
    assert run(filled).went_on
    database = opened()
    require_renewed(database)
    assert plain(database) == before


def test_nobody_may_be_at_work(filled: Home, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.renewal.SECONDS", 0.3)
    database = opened()
    key = read_keys(filled.keys).columns
    with pytest.raises(DatabaseBusy, match="stop 'petitions serve', 'work'"):
        run(filled)
    assert read_keys(filled.keys).columns == key
    with database.read() as session:  # and it goes on
        assert petitions.count(session) == 31
    database.close()

    refused: list[str] = []

    def others(done: int, total: int) -> None:
        with pytest.raises(DatabaseBusy, match="being renewed"):
            open_home(filled)
        with pytest.raises(DatabaseBusy, match="others are at work"):
            run(filled)
        refused.append("both")

    assert renew(filled, "shell", others).finished
    assert refused
    opened()


def test_a_process_elsewhere_is_seen(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.renewal.SECONDS", 0.3)
    program = (
        "import sys; from records.database import open_home; from records.home import Home\n"
        "database = open_home(Home.from_environment(sys.argv[1])); print('in', flush=True)\n"
        "sys.stdin.read()"
    )
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", program, str(filled.path)]
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        with pytest.raises(DatabaseBusy, match="others are at work"):
            run(filled)
        process.kill()
        process.wait()
    monkeypatch.setattr("records.renewal.SECONDS", 20)
    assert run(filled).finished


def test_a_machine_with_the_old_key_alone_is_refused(filled: Home, tmp_path: Path) -> None:
    shutil.copytree(filled.keys, tmp_path / "old")
    run(filled)
    shutil.move(filled.keys, tmp_path / "new")
    shutil.copytree(tmp_path / "old", filled.keys)
    for act in (lambda: open_home(filled), lambda: run(filled)):
        with pytest.raises(KeysMissing, match=r"columns\.key is not the key .* bring columns\.key"):
            act()
    shutil.rmtree(filled.keys)
    shutil.copytree(tmp_path / "new", filled.keys)
    open_home(filled).close()


def test_an_older_key_that_is_missing_is_named(filled: Home, opened: Any) -> None:
    assert broken_off(filled, "20") == -signal.SIGKILL
    elder = filled.keys / "columns-1.key"
    kept = elder.read_bytes()
    elder.unlink()
    for act in (opened, lambda: run(filled)):
        with pytest.raises(KeysMissing, match=r"columns-1\.key.*put it back"):
            act()
    put_key(elder, kept)
    assert run(filled).finished
    elder.unlink()  # the log alone needs it now
    database = opened()
    with database.read() as session:
        assert len(petitions.all_after(session, "", 100)) == 31
        assert audit.verify(session).intact
        asked = [one for one in audit.entries(session, limit=1000) if "query" in one.details]
        with pytest.raises(Damaged, match=r"columns-1\.key"):
            audit.question(session, asked[0])


def test_keys_that_were_changed_by_hand_are_gone_on_with(filled: Home, opened: Any) -> None:
    """As it is done where keys are handed in from outside."""
    old = read_keys(filled.keys).columns
    put_key(filled.keys / COLUMNS, new_keys().columns)
    with pytest.raises(KeysMissing, match=r"belongs there as columns-1\.key"):
        run(filled)
    assert not (filled.keys / "columns-1.key").exists()
    put_key(filled.keys / "columns-1.key", old)
    mine = read_keys(filled.keys).columns
    done = run(filled)
    assert (done.went_on, done.values, done.finished) == (True, done.looked_at, True)
    assert read_keys(filled.keys).columns == mine
    require_renewed(opened())


def test_keys_that_are_handed_in_are_not_replaced(
    filled: Home, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def rename(path: Path, to: Path) -> Path:
        if to.name == COLUMNS:
            raise OSError(errno.EBUSY, "Device or resource busy")  # a file that is mounted
        return real(path, to)

    monkeypatch.setattr(Path, "rename", rename)
    before = sorted(one.name for one in filled.keys.iterdir())
    with pytest.raises(BadValue, match=r"can't be replaced from here .*columns-1\.key"):
        run(filled)
    assert sorted(one.name for one in filled.keys.iterdir()) == before
    with opened().read() as session:
        assert not is_unfinished(session)


def test_a_full_disk_loses_nothing(
    filled: Home, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opened()
    before = plain(database)
    database.close()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(key_files.os, "fsync", full)
        with pytest.raises(StoreFull, match="free space"):
            run(filled)
    assert sorted(one.name for one in filled.keys.iterdir()) == [COLUMNS, "lookup.key"]
    if not filled.settings.database_url:  # the file may not grow any more
        limited = (
            "import resource, signal, sys, os\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
            "from records.renewal import renew; from records.home import Home\n"
            "from records.errors import RecordsError\n"
            "try: renew(Home.from_environment(sys.argv[1]), 'shell', lambda *_: None)\n"
            "except RecordsError as error: sys.exit(3)\n"
        )
        command = [sys.executable, "-c", limited, str(filled.path)]
        assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == 3
    database = opened()
    assert plain(database) == before
    database.close()
    assert run(filled).finished
    require_renewed(opened())


def test_a_value_that_no_key_opens_is_told_and_the_rest_renewed(filled: Home, opened: Any) -> None:
    database = opened()
    with database.write() as session:
        spoilt = new_keys().encrypt("users.totp_secret", "x")
        named = users.c.name == "wang"
        session.connection.execute(users.update().where(named).values(totp_secret=spoilt))
        wang = user_by_name(session, "wang")
        assert wang is not None
    database.close()
    for _ in range(2):
        done = run(filled)
        assert done.failed == (f"users.totp_secret of {wang.id}",)
        assert not done.finished
    assert len(read_keys(filled.keys).older) == 1
    database = opened()
    with database.write() as session:
        assert is_unfinished(session)
        session.connection.execute(users.update().where(named).values(totp_secret=None))
    database.close()
    assert run(filled).finished
    database = opened()
    with database.read() as session:
        assert [one.action for one in audit.entries(session, limit=9999)].count(DONE) == 1


def test_older_keys_without_a_present_one_are_no_new_office(tmp_path: Path) -> None:
    key_files.make_keys(tmp_path)
    change_key(tmp_path)
    (tmp_path / COLUMNS).unlink()
    with pytest.raises(KeysMissing, match=r"columns\.key is missing, though older keys"):
        key_files.make_keys(tmp_path)
    assert not (tmp_path / COLUMNS).exists()


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    key_files.make_keys(tmp_path)
    (tmp_path / "columns-1.key").write_bytes(b"cut")
    with pytest.raises(BadValue, match=r"columns-1\.key has 3 bytes"):
        read_keys(tmp_path)


def test_many_lots(home: Home, opened: Any) -> None:
    """More rows than are done at once, with keys of several columns."""
    database = opened()
    entries = [
        petitions.NewPetition(subject=f"{n}", text="x", name=f"甲{n}", phone=f"138{n:08}")
        for n in range(AT_ONCE * 2 + 1)
    ]
    with database.write() as session:
        petitions.add_many(session, entries)
    database.close()
    run(home)
    require_renewed(opened())
