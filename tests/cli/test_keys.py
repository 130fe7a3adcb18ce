"""`petitions keys renew` as people call it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from records.database import open_home
from records.home import Home
from records.keys import Keys, read_keys
from records.renewal import is_unfinished
from records.tables import petition_persons
from tests.cli.test_interrupt import ended, start, until
from tests.servers import free_ports, wait_for

if TYPE_CHECKING:
    from conftest import Petitions

ROOT = Path(__file__).parents[2]
PHONE = "13812345678"


@pytest.fixture
def office(petitions: Petitions, export: Path, tmp_path: Path) -> Petitions:
    lines = [json.loads(line) for line in export.read_text("utf-8").splitlines()]
    given = tmp_path / "given.jsonl"
    content = [json.dumps({**one, "phone": PHONE}, ensure_ascii=False) for one in lines]
    given.write_text("\n".join(content), "utf-8")
    assert petitions("import", str(given)).exit_code == 0
    assert petitions("search", "路灯").exit_code == 0
    return petitions


def said(petitions: Petitions, *words: str, code: int = 0) -> Any:
    result = petitions("--json", *words)
    assert result.exit_code == code, (result.output, result.exception)
    return json.loads(result.stdout)


def keys_checked(petitions: Petitions) -> Any:
    checks = json.loads(petitions("--json", "check").stdout)
    return next(one for one in checks if one["what"] == "keys")


def phones(home: Path, keys: Keys) -> list[str | None]:
    """What these keys open, None for what they don't."""
    database = open_home(Home.from_environment(home))
    with database.read() as session:
        blobs = session.connection.execute(select(petition_persons.c.phone)).scalars().all()
    database.close()
    fits = [keys.opening("person.phone", blob) is not None for blob in blobs]
    return [
        keys.decrypt("person.phone", b) if fit else None for b, fit in zip(blobs, fits, strict=True)
    ]


def test_renewing(office: Petitions, home: Path) -> None:
    old = read_keys(home / "keys")
    assert phones(home, old) == [PHONE] * 3
    done = office("keys", "renew")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "3 of 3 values encrypted anew" in done.stdout
    for told in ("to all machines", "columns-1.key stays", "Who got hold of it"):
        assert told in done.stderr
    new = read_keys(home / "keys")
    assert phones(home, old) == [None] * 3
    assert phones(home, Keys(new.columns, new.lookup)) == [PHONE] * 3
    assert said(office, "search", "路灯")["total"] == 3
    assert said(office, "show", "X1")["external_id"] == "X1"
    assert said(office, "audit", "verify")["intact"]
    assert keys_checked(office)["found"] == "columns.key, columns-1.key"
    again = said(office, "keys", "renew")
    assert (again["finished"], again["went_on"], again["values"]) == (True, False, 3)
    assert again["older"] == ["columns-2.key", "columns-1.key"]


def test_an_older_key_that_nothing_needs_is_told(petitions: Petitions) -> None:
    assert petitions("init").exit_code == 0
    assert keys_checked(petitions)["found"] == "columns.key"
    assert said(petitions, "keys", "renew")["values"] == 0
    found = keys_checked(petitions)
    assert (found["sound"], found["found"]) == (
        True, "columns.key, columns-1.key; nothing here needs columns-1.key",
    )  # fmt: skip


def test_an_unfinished_renewal_is_told(office: Petitions, home: Path) -> None:
    """As after one that was killed, or where keys are handed in."""
    keys = home / "keys"
    (keys / "columns.key").rename(keys / "columns-1.key")
    (keys / "columns.key").write_bytes(os.urandom(32))
    found = keys_checked(office)
    assert not found["sound"]
    assert "keep columns-1.key" in found["found"]
    assert "'petitions keys renew'" in found["found"]
    done = office("keys", "renew")
    assert done.exit_code == 0
    assert "no other key was made" in done.stderr
    assert keys_checked(office)["sound"]


def test_keys_of_another_office_are_told(office: Petitions, home: Path) -> None:
    (home / "keys" / "columns.key").unlink()
    (home / "keys" / "columns.key").write_bytes(os.urandom(32))
    found = keys_checked(office)
    assert not found["sound"]
    assert "no key in" in found["found"]


def test_without_an_office_there_is_nothing_to_renew(
    petitions: Petitions, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PETITIONS_DATABASE_URL", raising=False)
    result = petitions("keys", "renew")
    assert result.exit_code == 2
    assert "there is no office" in result.stderr
    assert not home.exists()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("database_url")
def test_a_running_server_is_in_the_way(office: Petitions, home: Path) -> None:
    key = read_keys(home / "keys")
    (port,) = free_ports(1)
    log = home / "log.txt"
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "serve", "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_for(lambda: client.get("/api/ready").status_code == 200, 60, log)
        code, told = ended(start(home, "keys", "renew"))
        assert code == 2
        assert "others are at work" in told
        assert "on all machines" in told
        assert "Traceback" not in told
        assert read_keys(home / "keys") == key
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    assert office("keys", "renew").exit_code == 0


def test_a_running_worker_is_in_the_way(office: Petitions, home: Path) -> None:
    worker = start(home, "work")
    until(lambda: any((home / "work").iterdir()))
    code, told = ended(start(home, "keys", "renew"))
    worker.send_signal(signal.SIGINT)
    ended(worker)
    assert (code, "others are at work" in told) == (2, True)
    assert office("keys", "renew").exit_code == 0


def test_interrupted_and_killed_it_goes_on(
    petitions: Petitions, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "many.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(6000):
            one = {"id": str(number), "subject": "灯", "text": "灯", "phone": f"139{number:08}",
                   "name": f"甲{number}", "address": f"某路{number}号"}  # fmt: skip
            file.write(json.dumps(one, ensure_ascii=False) + "\n")
    assert petitions("import", str(path)).exit_code == 0
    old = read_keys(home / "keys")
    before = sorted(map(str, phones(home, old)))
    for how, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9), (signal.SIGKILL, -9)):
        process = start(home, "keys", "renew")
        until((home / "keys" / "columns-1.key").exists)
        time.sleep(0.15)
        process.send_signal(how)
        ended_with, told = ended(process)
        assert ended_with == code, told
        assert ("run the same command again" in told) == (how == signal.SIGINT)
        assert "Traceback" not in told
        assert sorted(map(str, phones(home, read_keys(home / "keys")))) == before
    done = said(petitions, "keys", "renew")
    assert (done["finished"], done["went_on"], done["looked_at"]) == (True, True, 18_000)
    assert phones(home, old) == [None] * 6000
    database = open_home(Home.from_environment(home))
    with database.read() as session:
        assert not is_unfinished(session)
    database.close()
    assert len(read_keys(home / "keys").older) == 1


def test_a_second_machine_needs_the_new_key(office: Petitions, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(home, other)
    assert office("keys", "renew").exit_code == 0
    shutil.copy(home / "petitions.db", other / "petitions.db")
    code, told = ended(start(other, "status"))
    assert code == 2
    assert "columns.key is not the key" in told
    shutil.rmtree(other / "keys")
    shutil.copytree(home / "keys", other / "keys")
    assert ended(start(other, "status"))[0] == 0
