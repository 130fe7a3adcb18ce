"""Every command on an office whose records are kept by PostgreSQL; no answer tells its password."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.servers import free_ports, wait_for

if TYPE_CHECKING:
    from conftest import Petitions

ROOT = Path(__file__).parents[2]
PASSWORD = "路灯不亮-2019-柳岸路-井盖"
SECRET = "hush-hush"


def with_password(url: str) -> str:
    """As people write it."""
    return url.replace("postgresql+psycopg://office@", f"postgresql://office:{SECRET}@")


@pytest.fixture
def quiet(petitions: Petitions) -> Petitions:
    """Runs a command and looks for the password in all that it says."""

    def run(*words: str, stdin: str | None = None) -> Any:
        result = petitions(*words, stdin=stdin)
        assert SECRET not in result.stdout + result.stderr
        return result

    return run


@pytest.fixture
def on_postgresql(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    url = with_password(postgresql_url)
    monkeypatch.setenv("PETITIONS_DATABASE_URL", url)
    return url


def said(petitions: Petitions, *words: str) -> Any:
    result = petitions("--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.usefixtures("on_postgresql")
def test_an_office_on_postgresql(
    quiet: Petitions, home: Path, export: Path, tmp_path: Path
) -> None:
    assert quiet("init").exit_code == 0
    assert not (home / "petitions.db").exists()
    assert said(quiet, "import", str(export))["created"] == 3
    assert said(quiet, "import", str(export))["unchanged"] == 3
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "a.txt").write_text("柳岸路的井盖丢了，请补上。", "utf-8")
    (folder / "b.txt").write_bytes(b"")
    result = quiet("--json", "ingest", str(folder), "--processes", "1")
    assert result.exit_code == 1
    assert [Path(one["item"]).name for one in json.loads(result.stdout)["failures"]] == ["b.txt"]
    assert quiet("work", "--once", "--processes", "1").exit_code == 0
    assert said(quiet, "search", "井盖")["total"] == 1
    assert said(quiet, "search", '"柳岸路"')["total"] == 4
    assert said(quiet, "show", "X1")["external_id"] == "X1"
    added = quiet(
        "user", "add", "zhang", "--role", "caseworker", "--region", "B2区",
        "--no-second-factor", "--password-stdin", stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    assert [one["name"] for one in said(quiet, "user", "list")] == ["zhang"]
    assert said(quiet, "search", "路灯", "--as", "zhang")["total"] == 2
    assert said(quiet, "reindex")["indexed"] == 4
    state = said(quiet, "status")
    assert (state["petitions"], state["to_index"], state["files"]["failed"]) == (4, 0, 1)
    checks = {one["what"]: one for one in json.loads(quiet("--json", "check").stdout)}
    assert checks["this office"]["found"].startswith("4 petitions")
    assert "PETITIONS_DATABASE_URL" in checks["limits"]["found"]
    report = said(quiet, "audit", "verify")
    assert (report["intact"], report["entries"] > 4) == (True, True)


def test_serving_from_postgresql(on_postgresql: str, quiet: Petitions, home: Path) -> None:
    quiet("init")
    quiet(
        "user", "add", "zhang", "--role", "clerk", "--no-second-factor", "--password-stdin",
        stdin=PASSWORD + "\n",
    )  # fmt: skip
    (port,) = free_ports(1)
    address, log = f"http://127.0.0.1:{port}", home / "log.txt"
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "serve", "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            wait_for(lambda: client.get("/api/ready").status_code == 200, 60, log)
            signed_in = {"username": "zhang", "password": PASSWORD}
            token = client.post("/api/session", json=signed_in).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            letter = ("信.txt", "柳岸路的路灯坏了，请派人来修。".encode(), "text/plain")
            made = client.post("/api/petitions", files={"files": letter})
            assert made.status_code == 201, made.text
            found = {"total": 0}
            for _ in range(300):  # the worker beside it reads and indexes
                found = client.post("/api/search", json={"q": "路灯"}).json()
                if found["total"]:
                    break
                time.sleep(0.2)
            assert found["total"] == 1, log.read_text("utf-8")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    assert SECRET not in log.read_text("utf-8")
    assert said(quiet, "audit", "verify")["intact"]


def test_a_database_that_is_down_is_named(
    quiet: Petitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    url = f"postgresql://office:{SECRET}@127.0.0.1:{port}/petitions"
    for wrong, told in (
        (url, f"127.0.0.1:{port}/petitions can't be used"),
        (f"{url}:x@y", "is no"),
    ):
        environment = {**os.environ, "PETITIONS_DATABASE_URL": wrong}
        ran = subprocess.run(
            [sys.executable, "-m", "cli.main", "status"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 2, ran.stderr
        assert told in ran.stderr
        assert "PETITIONS_DATABASE_URL" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert SECRET not in ran.stderr + ran.stdout


def test_moving_there_and_back(
    quiet: Petitions,
    export: Path,
    home: Path,
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = with_password(new_database())
    place = url.rpartition("@")[2]
    quiet("import", str(export))
    moved = quiet("move", "--to", "-", stdin=url + "\n")
    assert moved.exit_code == 0, moved.output
    assert "petitions " in moved.stdout
    assert "DIFFERENT" not in moved.stdout
    assert "intact" in moved.stdout
    assert "set PETITIONS_DATABASE_URL" in moved.stderr
    assert place in moved.stderr
    again = quiet("--json", "move", "--to", url)
    assert isinstance(again.exception, Exception)
    assert "holds an office already" in str(again.exception)

    monkeypatch.setenv("PETITIONS_DATABASE_URL", url)
    assert said(quiet, "search", "路灯")["total"] == 3  # with the index that was there
    assert said(quiet, "status")["to_index"] == 0
    (home / "petitions.db").rename(home / "old.db")
    back = said(quiet, "move", "--to", f"sqlite:///{home.resolve() / 'petitions.db'}")
    assert back["proven"]
    assert back["audit"]["intact"]
    rows = {one["table"]: one["old"]["rows"] for one in back["tables"]}
    assert (rows["petitions"], rows["replies"]) == (3, 1)
    assert all(one["equal"] and one["old"] == one["new"] for one in back["tables"])
    monkeypatch.delenv("PETITIONS_DATABASE_URL")
    assert said(quiet, "search", "路灯")["total"] == 3
    assert said(quiet, "show", "X1")["external_id"] == "X1"
    assert said(quiet, "audit", "verify")["intact"]


def test_a_copy_that_differs_is_no_success(
    quiet: Petitions,
    export: Path,
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from records import moving

    quiet("import", str(export))
    real = moving._lots
    asked: list[str] = []

    def lots(session: Any, table: Any) -> Any:
        asked.append(table.name)
        for lot in real(session, table):
            if table.name == "petitions" and asked.count("petitions") == 2:
                lot[0]["subject"] += "!"
            yield lot

    monkeypatch.setattr(moving, "_lots", lots)
    moved = quiet("move", "--to", new_database())
    assert moved.exit_code == 1
    assert [line.split()[0] for line in moved.stdout.splitlines() if "DIFFERENT" in line] == [
        "petitions"
    ]
    assert "can't be used" in moved.stderr
