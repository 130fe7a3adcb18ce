"""`petitions audit` as an auditor uses it: an anchor kept elsewhere, and an office rolled back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from records.audit_checkpoints import keep, make_checkpoint
from records.audit_signer import make_signer
from records.errors import KeysMissing

if TYPE_CHECKING:
    from conftest import Petitions

ROOT = Path(__file__).parents[2]
PASSWORD = "路灯不亮-2019-柳岸路-井盖"


@pytest.fixture
def office(petitions: Petitions, tmp_path: Path) -> Petitions:
    """With a log of three entries and a key that signs; its public half in `public.pem`."""
    assert petitions("init").exit_code == 0
    act(petitions, "first")
    for password in ("二", "三"):
        changed = petitions("user", "password", "first", "--password-stdin",
                            stdin=PASSWORD + password + "\n")  # fmt: skip
        assert changed.exit_code == 0, changed.output
    (tmp_path / "public.pem").write_text(petitions("audit", "key", "--make").stdout, "ascii")
    return petitions


def act(petitions: Petitions, name: str) -> None:
    added = petitions(
        "user", "add", name, "--role", "clerk", "--no-second-factor", "--password-stdin",
        stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.output


def verified(petitions: Petitions, *words: str | Path, intact: bool) -> Any:
    ran = petitions("audit", "verify", "--json", *map(str, words))
    assert ran.exit_code == (0 if intact else 1), ran.output
    found = json.loads(ran.stdout)
    assert found["intact"] == intact
    return found


def test_a_checkpoint_is_printed_kept_and_checked(
    office: Petitions, home: Path, tmp_path: Path
) -> None:
    printed = office("audit", "checkpoint", "--to", str(tmp_path / "anchor"))
    assert printed.exit_code == 0, printed.output
    assert (
        printed.stdout
        == (tmp_path / "anchor").read_text()
        == (home / "checkpoints.jsonl").read_text()
    )
    assert json.loads(printed.stdout)["entries"] == 3
    act(office, "second")
    found = verified(office, "--checkpoint", tmp_path / "anchor", intact=True)
    assert (found["entries"], found["checkpoints"], found["faults"]) == (4, 2, [])


def test_only_where_enough_entries_came(office: Petitions, home: Path) -> None:
    assert office("audit", "checkpoint", "--every", "2").stdout != ""
    act(office, "second")
    none = office("audit", "checkpoint", "--every", "2")
    assert (none.exit_code, none.stdout) == (0, "")
    assert "covers 3 of 4 entries" in none.stderr
    act(office, "third")
    assert json.loads(office("audit", "checkpoint", "--every", "2").stdout)["entries"] == 5
    assert len((home / "checkpoints.jsonl").read_text().splitlines()) == 2


def test_an_office_rolled_back_is_found_by_an_anchor_alone(
    office: Petitions, home: Path, tmp_path: Path
) -> None:
    """Database, checkpoints and key of that time together: all of it genuine."""
    office("audit", "checkpoint")
    shutil.copytree(home, tmp_path / "then")
    act(office, "second")
    office("audit", "checkpoint", "--to", str(tmp_path / "anchor"))
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "then", home)

    verified(office, intact=True)
    words = ("--checkpoint", tmp_path / "anchor", "--key", tmp_path / "public.pem")
    (fault,) = verified(office, *words, intact=False)["faults"]
    assert "it covers 4 entries, the log has 3" in fault["fault"]

    act(office, "other")  # grown to the same length, and beyond it
    for _ in range(2):
        (fault,) = verified(office, *words, intact=False)["faults"]
        assert "entry 4 is not the one that was signed" in fault["fault"]
        assert "after entry 3" in fault["fault"]
        act(office, f"other{_}")
    told = office("audit", "verify", *map(str, words))
    assert told.exit_code == 1
    assert "NOT INTACT" in told.stdout
    assert f"{tmp_path / 'anchor'}, line 1" in told.stdout


def test_nothing_is_signed_that_does_not_fit(office: Petitions, home: Path) -> None:
    office("audit", "checkpoint")
    with closing(sqlite3.connect(home / "petitions.db")) as connection:
        connection.execute("DROP TRIGGER audit_entries_kept")
        connection.execute("DELETE FROM audit_entries WHERE seq = 2")
        connection.commit()
    act(office, "second")
    refused = office("audit", "checkpoint")
    assert refused.exit_code == 1
    assert "nothing was signed" in refused.stderr
    assert "entry 3: entries from number 2 on are missing before it" in refused.stdout
    assert len((home / "checkpoints.jsonl").read_text().splitlines()) == 1


def test_a_kept_checkpoint_that_was_changed_is_named(office: Petitions, home: Path) -> None:
    office("audit", "checkpoint")
    kept = home / "checkpoints.jsonl"
    kept.write_text(kept.read_text().replace('"entries":3', '"entries":2'))
    (fault,) = verified(office, intact=False)["faults"]
    assert f"{kept}, line 1" in fault["fault"]
    assert "its signature does not fit" in fault["fault"]
    kept.write_text("{}\n")
    (fault,) = verified(office, intact=False)["faults"]
    assert f"{kept}, line 1 is no checkpoint" in fault["fault"]


def test_a_checkpoint_by_whoever_has_no_key_is_none(office: Petitions, tmp_path: Path) -> None:
    stranger = make_signer(tmp_path / "stranger.pem")
    keep(tmp_path / "anchor", make_checkpoint(stranger, "0" * 32, 3, "0" * 64))
    (fault,) = verified(office, "--checkpoint", tmp_path / "anchor", intact=False)["faults"]
    assert "a key that is not known here" in fault["fault"]


def test_the_key_may_lie_elsewhere(
    petitions: Petitions, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    petitions("init")
    missing = petitions("audit", "checkpoint")
    assert isinstance(missing.exception, KeysMissing)
    assert "petitions audit key --make" in str(missing.exception)
    monkeypatch.setenv("PETITIONS_AUDIT_SIGNER", str(tmp_path / "apart.pem"))
    public = petitions("audit", "key", "--make")
    assert (tmp_path / "apart.pem").exists()
    assert not (home / "keys" / "audit.pem").exists()
    assert petitions("audit", "key").stdout == public.stdout
    assert petitions("audit", "checkpoint").exit_code == 0
    monkeypatch.delenv("PETITIONS_AUDIT_SIGNER")
    assert isinstance(petitions("audit", "verify").exception, KeysMissing)
    (tmp_path / "public.pem").write_text(public.stdout)
    verified(petitions, "--key", tmp_path / "public.pem", intact=True)


def test_an_exported_log_is_verified_where_no_office_is(
    office: Petitions, home: Path, tmp_path: Path
) -> None:
    office("audit", "checkpoint", "--to", str(tmp_path / "anchor"))
    made = office("audit", "export", str(tmp_path / "log"))
    assert made.exit_code == 0, made.output
    shutil.rmtree(home)
    words = [tmp_path / "log", tmp_path / "public.pem", tmp_path / "anchor"]
    found = verified(office, "--export", words[0], "--key", words[1], "--checkpoint", words[2],
                     intact=True)  # fmt: skip
    assert found["entries"] == 4
    assert not home.exists()
    second = [
        sys.executable,
        "-I",
        "-S",
        str(ROOT / "deploy" / "verify_audit.py"),
        *map(str, words),
    ]
    ran = subprocess.run(second, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (0, "intact: 4 entries\n"), ran.stderr
    lines = words[0].read_bytes().splitlines(keepends=True)
    words[0].write_bytes(b"".join([lines[0], *lines[2:]]))
    verified(office, "--export", words[0], "--key", words[1], intact=False)
    ran = subprocess.run(second, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert "line 2 is not the entry that had to come" in ran.stderr


def test_a_running_worker_makes_checkpoints_elsewhere(
    office: Petitions, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real process; `status` and `verify` know of them."""

    def told() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(office("status", "--json").stdout)["checkpoints"]
        return found

    assert "PETITIONS_AUDIT_CHECKPOINTS" in told()["remark"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("PETITIONS_AUDIT_CHECKPOINTS", str(elsewhere))
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "work", "--processes", "1"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        ends = time.monotonic() + 120
        while not list(elsewhere.iterdir()) and time.monotonic() < ends:
            assert worker.poll() is None
            time.sleep(0.1)
        worker.terminate()
    (file,) = elsewhere.iterdir()
    assert json.loads(file.read_bytes())["entries"] == 3
    assert told()["remark"] is None
    assert verified(office, intact=True)["checkpoints"] == 2  # the home keeps it too
    file.write_text(file.read_text().replace('"entries":3', '"entries":2'))
    (fault,) = verified(office, intact=False)["faults"]
    assert str(file) in fault["fault"]
