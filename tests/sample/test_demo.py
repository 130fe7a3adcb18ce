"""`petitions demo`: the whole way, small, by the real command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo import PASSPHRASE, USERS, _free_port
from cli.sample.post import sample_office
from records.home import Home
from records.roles import Role
from records.users import user_by_name
from search.answers import Answer, SearchRequest
from search.bootstrap import Archive, open_archive
from search.scopes import scope_of

ROOT = Path(__file__).resolve().parents[2]
SIZE = ("--letters", "20", "--scans", "2")

pytestmark = pytest.mark.xdist_group("demo")


def petitions(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if "PETITIONS_" not in name}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "--home", str(home), *arguments],
        cwd=ROOT,
        env=environment | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo, made by the command."""
    home = tmp_path_factory.mktemp("demo") / "home"
    ended = petitions(home, "demo", *SIZE, "--no-serve")
    assert ended.returncode == 0, ended.stderr
    assert PASSPHRASE in ended.stderr
    assert all(user.name in ended.stderr for user in USERS)
    return home


@pytest.fixture
def archive(home: Path) -> Iterator[Archive]:
    archive = open_archive(Home(home))
    yield archive
    archive.close()


def asked(archive: Archive, name: str, text: str) -> Answer:
    with archive.database.read() as session:
        user = user_by_name(session, name)
    assert user is not None
    return archive.library.search(scope_of(user), SearchRequest(text, size=50))


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < _free_port("127.0.0.1", port) < port + 20


@pytest.mark.slow
def test_every_letter_is_there_once(home: Path) -> None:
    ended = petitions(home, "--json", "status")
    told = json.loads(ended.stdout)
    assert told["petitions"] == 20
    assert told["to_index"] == 0
    assert told["failures"] == []
    assert told["files"]["pending"] == told["files"]["running"] == 0


@pytest.mark.slow
def test_again_goes_straight_to_the_end_and_adds_nothing(home: Path) -> None:
    ended = petitions(home, "demo", *SIZE, "--no-serve")
    assert ended.returncode == 0
    assert "import" not in ended.stderr
    assert json.loads(petitions(home, "--json", "status").stdout)["petitions"] == 20


@pytest.mark.slow
def test_a_broken_off_demo_goes_on_without_doubles(home: Path) -> None:
    plan = home / "demo.json"
    broken = plan.read_text().replace('"finished": true', '"finished": false')
    plan.write_text(broken)
    ended = petitions(home, "demo", *SIZE, "--no-serve")
    assert ended.returncode == 0
    assert json.loads(plan.read_text())["finished"] is True
    assert json.loads(petitions(home, "--json", "status").stdout)["petitions"] == 20


@pytest.mark.slow
def test_another_size_or_another_office_is_refused(home: Path, tmp_path: Path) -> None:
    ended = petitions(home, "demo", "--letters", "21", "--scans", "2", "--no-serve")
    assert ended.returncode == 2
    assert "holds a demo of 20 letters and 2 scans" in ended.stderr
    assert petitions(tmp_path, "init").returncode == 0
    ended = petitions(tmp_path, "demo", *SIZE, "--no-serve")
    assert ended.returncode == 2
    assert "no demo" in ended.stderr


@pytest.mark.slow
def test_there_is_a_user_of_each_role(archive: Archive) -> None:
    assert {user.name for user in USERS} == set(Role) - {Role.NONE}
    with archive.database.read() as session:
        for user in USERS:
            found = user_by_name(session, user.name)
            assert found is not None
            assert found.role == user.name
            assert found.level == user.level
            assert not found.second_factor


@pytest.mark.slow
def test_a_scanned_letter_is_found_by_its_words_and_has_its_reply(archive: Archive) -> None:
    scanned = [letter for _, letter in sample_office(20, 2).scanned]
    for letter in scanned:
        sentence = max(letter.text.split("\n"), key=len)[:60].split("，")[1][:10]
        hits = asked(archive, "reviewer", f'"{sentence}"').hits
        assert letter.number in {hit.external_id for hit in hits}
    page = archive.library.petition
    with archive.database.read() as session:
        reviewer = user_by_name(session, "reviewer")
    assert reviewer is not None
    for letter in scanned:
        hits = asked(archive, "reviewer", f"no:{letter.number}").hits
        shown = page(scope_of(reviewer), hits[0].id)
        assert len(shown.replies) == (letter.reply is not None)
        assert len(shown.pages) >= 1


@pytest.mark.slow
def test_each_role_sees_what_it_may(archive: Archive) -> None:
    total = {user.name: asked(archive, user.name, "").total for user in USERS}
    assert total["administrator"] == total["security"] == total["auditor"] == 0
    assert 0 < total["public"] < total["reviewer"]
    assert 0 < total["caseworker"] < total["reviewer"] <= total["leader"] <= 20
