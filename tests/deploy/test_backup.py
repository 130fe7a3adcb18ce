"""The drill: back up, wipe, restore, compare; and backups that must not be trusted."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from records import audit, dumps
from records.backup import STORE, back_up
from records.database import open_database
from records.errors import BadValue
from records.home import Home, Settings
from records.keys import read_keys
from records.originals import Originals
from tests.deploy.offices import ROOT, Place, answers, attach, files, fill, held

MANY = 300

pytestmark = pytest.mark.xdist_group("backup")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An office in SQLite; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("office")
    place = Place(folder / "home")
    fill(place, folder / "given")
    return place


@pytest.fixture(scope="module")
def large(office: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The same with so many originals that copying them can be interrupted."""
    place = Place(tmp_path_factory.mktemp("large") / "home")
    shutil.copytree(office.home, place.home)
    attach(place, MANY)
    return place


@pytest.fixture(scope="module")
def backup(office: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound backup of it, its keys in the folder `keys` beside the target's parent."""
    target = tmp_path_factory.mktemp("kept") / "backups"
    office.run("backup", target, "--keys-to", target.parent / "keys")
    return target


@pytest.fixture
def copy(backup: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    shutil.copytree(backup.parent, tmp_path / "kept")
    return tmp_path / "kept" / "backups"


def nothing_told(*_: object) -> None:
    """Progress that nobody watches."""


def only(target: Path) -> Path:
    (found,) = target.glob("[0-9]*")
    return found


def held_without_restore(place: Place, backup: Path) -> dict[str, Any]:
    """What an office holds but for the entry by which its restoring stands in the log."""
    told = held(place)
    entries = told["rows"]["audit_entries"]
    (row,) = [one for one in entries if "'restore'" in one]
    assert backup.name in row
    entries.remove(row)
    number, previous = told["log"][0], re.search(r'"previous":"(\w{64})"', row)
    assert previous is not None
    told["log"] = (number - 1, previous[1])  # it follows the last entry of the backup
    told["rows"]["audit_head"] = [f"(1, {number - 1}, '{previous[1]}')"]
    return told


def logged(place: Place) -> list[tuple[str, str, dict[str, Any]]]:
    """Actor, action and details of every entry."""
    database = open_database(place.office.database_url, read_keys(place.home / "keys"))
    with database.read() as session:
        found = audit.entries(session, limit=1_000_000)
    database.close()
    return [(one.actor, one.action, dict(one.details)) for one in found]


def test_backup_and_restore_stand_in_the_log(office: Place, tmp_path: Path) -> None:
    """The backup in its own, the restore right behind it."""
    place, after = Place(tmp_path / "home"), Place(tmp_path / "again")
    shutil.copytree(office.home, place.home)
    made = place.json("backup", tmp_path / "b", "--keys-to", tmp_path / "keys")
    name = Path(made["backup"]).name
    backed_up = ("shell", "backup", {"name": name})
    assert logged(place)[-1] == backed_up
    after.run("restore", tmp_path / "b", "--keys-from", tmp_path / "keys")
    made_at = json.loads((only(tmp_path / "b") / "manifest.json").read_text())["made_at"]
    restored = ("shell", "restore", {"name": name, "made_at": made_at})
    assert logged(after)[-2:] == [backed_up, restored]
    assert made["audit_entries"] == len(logged(after)) - 1


def test_without_an_entry_in_the_log_nothing_is_backed_up(office: Place, tmp_path: Path) -> None:
    place = Place(tmp_path / "home")
    shutil.copytree(office.home, place.home)
    refuse_entries(place)
    with pytest.raises(IntegrityError, match="the log takes nothing"):
        place.run("backup", tmp_path / "b")
    assert list((tmp_path / "b").rglob("database.sqlite")) == []
    assert count_files(tmp_path / "b" / STORE) == 0


def test_without_an_entry_in_the_log_nothing_is_restored(office: Place, tmp_path: Path) -> None:
    """Sign-ins are ended and the entry written together; and until then it is unfinished."""
    place, after = Place(tmp_path / "home"), Place(tmp_path / "again")
    shutil.copytree(office.home, place.home)
    place.run("backup", tmp_path / "b", "--keys-to", tmp_path / "keys")
    words = ("restore", tmp_path / "b", "--keys-from", tmp_path / "keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "write", broken)
        _, said = after.run(*words, code=2)
    assert "the log is broken" in said
    _, said = after.run("search", "路灯", code=2)
    assert "not restored to the end" in said
    after.run(*words)
    assert [action for _, action, _ in logged(after)][-1] == "restore"


def test_a_restore_that_died_at_its_very_end_goes_on(office: Place, tmp_path: Path) -> None:
    place, after = Place(tmp_path / "home"), Place(tmp_path / "again")
    shutil.copytree(office.home, place.home)
    place.run("backup", tmp_path / "b", "--keys-to", tmp_path / "keys")
    words = ("restore", tmp_path / "b", "--keys-from", tmp_path / "keys")
    after.run(*words)
    (after.home / ".restoring").write_text(str(only(tmp_path / "b").resolve()), "utf-8")
    after.run(*words)
    assert [action for _, action, _ in logged(after)].count("restore") == 1


def broken(*_: object, **__: object) -> int:
    raise BadValue("the log is broken")


def refuse_entries(place: Place) -> None:
    with closing(sqlite3.connect(place.home / "petitions.db")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit_entries "
            "BEGIN SELECT RAISE(ABORT, 'the log takes nothing'); END"
        )


def test_stop_wipe_restore_compare(office: Place, backup: Path, tmp_path: Path) -> None:
    """On SQLite."""
    place = Place(tmp_path / "home")
    before = held(office)
    done = place.json("restore", backup, "--keys-from", backup.parent / "keys")
    assert done["faults"] == []
    assert done["indexed"] == done["petitions"] == len(before["petitions"])
    assert place.json("audit", "verify")["intact"]
    assert held_without_restore(place, only(backup)) == before
    copied = Place(tmp_path / "copied")
    shutil.copytree(office.home, copied.home)  # whose log may grow by the questions
    assert answers(place) == answers(copied)


def test_stop_wipe_restore_compare_on_postgresql(
    tmp_path: Path, new_database: Callable[..., str]
) -> None:
    place = Place(tmp_path / "home", new_database())
    fill(place, tmp_path / "given")
    found = answers(place)
    target, keys = tmp_path / "backups", tmp_path / "safe"
    made = place.json("backup", target, "--keys-to", keys)
    before, logged = held(place), place.json("audit", "verify")
    assert (made["audit_entries"], made["audit_head"]) == (logged["entries"], logged["head"])
    assert made["copied"] == made["originals"] > 0

    shutil.rmtree(place.home)
    after = Place(place.home, new_database())
    done = after.json("restore", target, "--keys-from", keys)
    assert done["indexed"] == done["petitions"] == len(before["petitions"])
    assert after.json("audit", "verify")["intact"]
    assert held_without_restore(after, only(target)) == before
    assert answers(after) == found
    after.run("search", "路灯", "--as", "lin")


def test_sign_ins_and_the_old_index_are_of_no_use_after_a_restore(
    office: Place, tmp_path: Path
) -> None:
    before = Place(tmp_path / "home")
    shutil.copytree(office.home, before.home)
    with closing(sqlite3.connect(before.home / "petitions.db")) as connection:
        (user,) = connection.execute("SELECT id FROM users").fetchone()
        values = ("f" * 64, user, *["2026-01-01 00:00:00"] * 3)
        connection.execute("INSERT INTO sign_ins VALUES (?, ?, ?, ?, ?)", values)
        connection.commit()
        (old,) = connection.execute("SELECT identity FROM followed_index").fetchone()
    before.run("backup", tmp_path / "b", "--keys-to", tmp_path / "keys")
    after = Place(tmp_path / "again")
    after.run("restore", tmp_path / "b", "--keys-from", tmp_path / "keys")
    with closing(sqlite3.connect(after.home / "petitions.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sign_ins").fetchone() == (0,)
        assert connection.execute("SELECT identity FROM followed_index").fetchone() != (old,)


def test_the_second_backup_copies_only_what_is_new(office: Place, copy: Path) -> None:
    again = office.json("backup", copy)
    assert (again["copied"], again["originals"] > 10) == (0, True)
    assert len(list(copy.glob("[0-9]*"))) == 2
    assert len([one for one in (copy / STORE).rglob("*") if one.is_file()]) == again["originals"]


def test_nobody_else_reads_a_backup(backup: Path) -> None:
    for path in (backup, backup / STORE, only(backup), backup.parent / "keys"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    assert stat.S_IMODE((only(backup) / "database.sqlite").stat().st_mode) == 0o600
    assert sorted(one.name for one in only(backup).iterdir()) == [
        "database.sqlite", "manifest.json", "originals.txt",
    ]  # fmt: skip


def test_keys_stay_apart_unless_told(office: Place, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    _, said = office.run("backup", target, "--keys-to", target / "keys", code=2)
    assert "--keys-beside" in said
    assert not target.exists()
    office.run("backup", target, "--keys-to", target / "keys", "--keys-beside")
    assert read_keys(target / "keys") == read_keys(office.home / "keys")
    assert list(target.rglob("*.key")) != []
    _, said = office.run("backup", tmp_path / "others")
    assert "--keys-to" in said
    assert list((tmp_path / "others").rglob("*.key")) == []


def test_keys_of_another_office_are_not_overwritten(office: Place, tmp_path: Path) -> None:
    (tmp_path / "safe").mkdir()
    (tmp_path / "safe" / "columns.key").write_bytes(b"x" * 32)
    _, said = office.run("backup", tmp_path / "b", "--keys-to", tmp_path / "safe", code=2)
    assert "columns.key is the key of another office" in said


@pytest.mark.parametrize("where", ["home/backups", "."])
def test_a_backup_in_the_office_is_refused(where: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "home")
    place.run("init")
    _, said = place.run("backup", tmp_path / where, code=2)
    assert "another disk" in said


def test_where_no_office_is_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    _, said = Place(tmp_path / "none").run("backup", tmp_path / "b", code=2)
    assert "there is no office" in said
    assert not (tmp_path / "b").exists()


def test_an_empty_database_is_no_office(
    office: Place, tmp_path: Path, new_database: Callable[..., str]
) -> None:
    place = Place(tmp_path / "home", new_database())
    shutil.copytree(office.home / "keys", place.home / "keys")
    _, said = place.run("backup", tmp_path / "b", code=2)
    assert "holds no office" in said
    assert not (tmp_path / "b").exists()


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def _an_original(target: Path) -> Path:
    return sorted(one for one in (target / STORE).rglob("*") if one.is_file())[7]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def _forge(path: Path) -> None:
    told = json.loads(path.read_text())
    told["tables"]["petitions"] -= 1
    path.write_text(json.dumps(told))


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "dump changed": (lambda t: _flip(only(t) / "database.sqlite"), "database.sqlite was damaged"),
    "no dump": (lambda t: (only(t) / "database.sqlite").unlink(), "database.sqlite is missing"),
    "list changed": (lambda t: _flip(only(t) / "originals.txt"), "originals.txt was damaged"),
    "no list": (lambda t: (only(t) / "originals.txt").unlink(), "originals.txt is missing"),
    "no manifest": (lambda t: (only(t) / "manifest.json").unlink(), "holds no whole backup"),
    "cut manifest": (lambda t: _cut(only(t) / "manifest.json"), "manifest.json is damaged"),
    "forged manifest": (lambda t: _forge(only(t) / "manifest.json"), "manifest.json was changed"),
    "original changed": (lambda t: _flip(_an_original(t)), "{original} was damaged or changed"),
    "no original": (lambda t: _an_original(t).unlink(), "{original} is missing"),
    "other keys": (lambda t: _flip(t.parent / "keys" / "lookup.key"), "are of another office"),
    "no keys": (lambda t: (t.parent / "keys" / "columns.key").unlink(), "--keys-from"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_by_name(damage: str, copy: Path) -> None:
    spoil, told = DAMAGES[damage]
    original = _an_original(copy)
    spoil(copy)
    place = Place(copy.parent / "home")
    _, said = place.run("restore", copy, "--keys-from", copy.parent / "keys", code=2)
    assert told.format(original=original) in said
    assert not (place.home / "petitions.db").exists()


def test_the_check_reads_every_file(copy: Path) -> None:
    place = Place(copy.parent / "home")
    sound, _ = place.run("restore", copy, "--check", "--keys-from", copy.parent / "keys")
    assert "sound" in sound
    damaged = _an_original(copy)
    _flip(damaged)
    told = place.json("restore", copy, "--check", "--keys-from", copy.parent / "keys", code=1)
    assert told["faults"] == [f"{damaged} was damaged or changed"]
    assert not place.home.exists()


def test_with_a_sound_copy_put_back_it_goes_on(office: Place, copy: Path) -> None:
    place, keys, damaged = Place(copy.parent / "home"), copy.parent / "keys", _an_original(copy)
    sound = damaged.read_bytes()
    _flip(damaged)
    place.run("restore", copy, "--keys-from", keys, code=2)
    damaged.write_bytes(sound)
    place.run("restore", copy, "--keys-from", keys)
    assert files(place.home) == files(office.home)


def test_without_a_sound_copy_the_rest_can_be_had(copy: Path) -> None:
    place, damaged = Place(copy.parent / "home"), _an_original(copy)
    _flip(damaged)
    words = ("restore", copy, "--keys-from", copy.parent / "keys", "--leave-damaged")
    told = place.json(*words, code=1)
    assert told["faults"] == [f"{damaged} was damaged or changed"]
    assert told["indexed"] == told["petitions"]
    assert not Originals(place.home / "originals").has(damaged.name)


def test_nothing_is_overwritten(
    backup: Path, tmp_path: Path, new_database: Callable[..., str]
) -> None:
    keys = backup.parent / "keys"
    place = Place(tmp_path / "home")
    place.home.mkdir()
    (place.home / "note.txt").write_text("ours")
    _, said = place.run("restore", backup, "--keys-from", keys, code=2)
    assert "not empty (note.txt)" in said

    other = Place(tmp_path / "other")
    other.run("init")
    before = sorted(one for one in other.home.rglob("*") if one.is_file())
    _, said = other.run("restore", backup, "--keys-from", keys, code=2)
    assert "is not empty" in said
    assert sorted(one for one in other.home.rglob("*") if one.is_file()) == before

    elsewhere = Place(tmp_path / "third", new_database())
    _, said = elsewhere.run("restore", backup, "--keys-from", keys, code=2)
    assert "is a sqlite database" in said


def test_a_full_database_server_is_not_overwritten(
    tmp_path: Path, new_database: Callable[..., str]
) -> None:
    place = Place(tmp_path / "home", new_database())
    place.run("init")
    place.run("backup", tmp_path / "b", "--keys-to", tmp_path / "keys")
    other = Place(tmp_path / "other", place.url)
    _, said = other.run("restore", tmp_path / "b", "--keys-from", tmp_path / "keys", code=2)
    assert "is not empty" in said
    assert not other.home.exists()


def killed(place: Place, words: tuple[str | Path, ...], when: Callable[[], bool]) -> None:
    """Run a command and kill it at once when that holds."""
    process = subprocess.Popen(
        place.command(*words), cwd=ROOT, env=place.environment, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while not when():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL


def count_files(folder: Path) -> int:
    return sum(1 for one in folder.rglob("*") if one.is_file())


def test_a_killed_backup_is_none_and_the_next_is_whole(large: Place, tmp_path: Path) -> None:
    target, keys = tmp_path / "b", tmp_path / "keys"
    killed(large, ("backup", target), lambda: count_files(target / STORE) > MANY // 6)
    assert list(target.glob(".coming-*"))
    _, said = large.run("restore", target, code=2)
    assert "no whole backup" in said
    made = large.json("backup", target, "--keys-to", keys)
    assert 0 < made["copied"] < made["originals"]  # the first one's are kept
    assert not list(target.glob(".coming-*"))
    place = Place(tmp_path / "home")
    place.run("restore", target, "--keys-from", keys)
    assert held(place)["petitions"] == held(large)["petitions"]
    assert files(place.home) == files(large.home)


def test_a_killed_restore_goes_on(large: Place, tmp_path: Path) -> None:
    place, backup, keys = Place(tmp_path / "home"), tmp_path / "b", tmp_path / "keys"
    large.run("backup", backup, "--keys-to", keys)
    words = ("restore", backup, "--keys-from", keys)
    killed(place, words, lambda: count_files(place.home / "originals") > MANY // 6)
    place.run("search", "路灯", code=2)  # there is no office yet
    place.run(*words)
    assert held_without_restore(place, only(backup)) == held(large)
    _, said = place.run(*words, code=2)
    assert "not empty" in said


def test_one_backup_at_a_time(large: Place, tmp_path: Path) -> None:
    target = tmp_path / "b"
    process = subprocess.Popen(
        large.command("backup", target), cwd=ROOT, env=large.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not list(target.glob(".coming-*")):
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGSTOP)
    try:
        _, said = large.run("backup", target, code=2)
        assert "another backup is being made" in said
    finally:
        process.send_signal(signal.SIGCONT)
        assert process.wait(60) == 0


def test_an_original_lost_in_the_office_is_told(office: Place, tmp_path: Path) -> None:
    place = Place(tmp_path / "home")
    shutil.copytree(office.home, place.home)
    lost = _an_original(place.home)
    lost.unlink()
    hurt = _an_original(place.home)
    _flip(hurt)
    told = place.json("backup", tmp_path / "b", "--keys-to", tmp_path / "keys", code=1)
    assert told["lacking"] == sorted([lost.name, hurt.name])
    restored = Place(tmp_path / "again")
    assert (
        restored.json("restore", tmp_path / "b", "--keys-from", tmp_path / "keys")["faults"] == []
    )


def test_what_is_written_meanwhile_is_of_the_next_backup(office: Place, tmp_path: Path) -> None:
    """SQLite's copier begins anew at each write of others, unless its reader stands still."""
    home = Home(tmp_path / "home", Settings())
    shutil.copytree(office.home, home.path)
    with closing(sqlite3.connect(home.path / "petitions.db")) as connection:
        connection.execute("CREATE TABLE beside (number INTEGER)")
        connection.commit()
    ended = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(home.path / "petitions.db", timeout=30)) as connection:
            number = 0
            while not ended.is_set():
                number += 1
                connection.execute("INSERT INTO beside VALUES (?)", (number,))
                connection.commit()

    writer = threading.Thread(target=write)
    database = open_database(home.database_url, read_keys(home.keys))
    asked: list[int] = []
    begun = dumps._PAGES_AT_ONCE
    dumps._PAGES_AT_ONCE = 1
    writer.start()
    try:
        made = back_up(home, database, tmp_path / "b", "shell", lambda *told: asked.append(told[1]))
    finally:
        dumps._PAGES_AT_ONCE = begun
        ended.set()
        writer.join()
        database.close()
    copied = asked[: asked.index(max(asked)) + 1]
    assert copied == sorted(copied)  # never from the beginning
    with closing(sqlite3.connect(made.folder / "database.sqlite")) as connection:
        numbers = [row[0] for row in connection.execute("SELECT number FROM beside")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert made.manifest.tables["beside"] == len(numbers)


def test_a_damaged_database_gives_no_backup(office: Place, tmp_path: Path) -> None:
    place = Place(tmp_path / "home")
    shutil.copytree(office.home, place.home)
    with (place.home / "petitions.db").open("r+b") as file:
        file.seek(40 * 4096)
        file.write(b"\xff" * 4096 * 8)
    _, said = place.run("backup", tmp_path / "b", code=2)
    assert "petitions.db is damaged" in said
    assert not list((tmp_path / "b").glob("[0-9]*"))


def test_what_the_databases_tool_complains_of_is_told(
    tmp_path: Path, new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "home", new_database())
    place.run("init")
    database = open_database(place.url, read_keys(place.home / "keys"))
    monkeypatch.setattr(dumps, "program", lambda _: str(tool))
    tool = tmp_path / "pg_dump"
    tool.write_text("#!/bin/sh\necho 'server version mismatch' >&2\nexit 1\n")
    tool.chmod(0o755)
    try:
        with pytest.raises(dumps.DumpFailed, match="server version mismatch"):
            back_up(place.office, database, tmp_path / "b", "shell", nothing_told)
    finally:
        database.close()
    assert not list((tmp_path / "b").glob("[0-9]*"))


def test_a_password_is_in_no_list_of_processes(
    tmp_path: Path, new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database().replace("office@", "office:hush@")
    place = Place(tmp_path / "home", url)
    place.run("init")
    tool, said = tmp_path / "pg_dump", tmp_path / "said"
    tool.write_text(f'#!{sys.executable}\nimport os, sys\nopen("{said}", "w").write('
                    'repr((sys.argv, os.environ["PGPASSWORD"])))\nsys.exit(1)\n')  # fmt: skip
    tool.chmod(0o755)
    monkeypatch.setattr(dumps, "program", lambda _: str(tool))
    database = open_database(url, read_keys(place.home / "keys"))
    try:
        with pytest.raises(dumps.DumpFailed):
            back_up(place.office, database, tmp_path / "b", "shell", nothing_told)
    finally:
        database.close()
    words, password = eval(said.read_text())
    assert password == "hush"
    assert not any("hush" in word for word in words)
    assert any("office@127.0.0.1" in word for word in words)
