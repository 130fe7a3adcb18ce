"""Several processes answer for one office: one that dies is replaced, none outlives the server."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.conftest import Petitions
from tests.servers import free_ports, wait_for

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "seven quiet rivers"


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def answering(self) -> set[psutil.Process]:
        """Those of its processes that answer."""
        children = psutil.Process(self.process.pid).children()
        return {one for one in children if "spawn_main" in " ".join(_words(one))}

    def working(self) -> set[psutil.Process]:
        """The process that reads."""
        children = psutil.Process(self.process.pid).children()
        return {one for one in children if one.is_running() and "work" in _words(one)}

    def ready(self) -> bool:
        """A new connection each time: any of them may take it."""
        return httpx.get(f"{self.url}/api/ready", trust_env=False).status_code == 200


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # gone meanwhile
        return []


@pytest.fixture(params=[("0", "2")])
def server(petitions: Petitions, home: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Param: how many processes read, and how many answer."""
    petitions("init")
    (port,) = free_ports(1)
    reading, answering = request.param
    command = ["serve", "--port", str(port), "--processes", reading, "--answering", answering]
    log = home / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "--home", str(home), *command],
            cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip
    made = Server(process, f"http://127.0.0.1:{port}", log)
    try:
        wait_for(made.ready, 90, log)
        yield made
    finally:
        process.kill()
        process.wait(30)


def sign_in(server: Server, petitions: Petitions) -> dict[str, str]:
    """A clerk's headers."""
    petitions(
        "user", "add", "zhang", "--role", "clerk", "--no-second-factor", "--password-stdin",
        stdin=PASSWORD + "\n",
    )  # fmt: skip
    signed_in = {"username": "zhang", "password": PASSWORD}
    made = httpx.post(f"{server.url}/api/session", json=signed_in, trust_env=False).json()
    return {"Authorization": f"Bearer {made['token']}"}


def test_one_that_dies_is_replaced_and_all_end_with_the_server(
    server: Server, petitions: Petitions
) -> None:
    headers = sign_in(server, petitions)
    first = server.answering()
    assert len(first) == 2
    dead = first.pop()
    dead.kill()
    # One killed while it is asked whether it lives is known for dead after 120 seconds.
    wait_for(lambda: len(server.answering() - {dead}) == 2, 150, server.log)
    for _ in range(20):  # signed in with one, known to all
        me = httpx.get(f"{server.url}/api/me", headers=headers, trust_env=False, timeout=60)
        assert me.json()["name"] == "zhang", me.text

    left = server.answering()
    server.process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(left, timeout=30)
    assert not alive, server.log.read_text("utf-8")


def test_told_to_stop_it_stops_them_all(server: Server) -> None:
    answering = server.answering()
    assert len(answering) == 2
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    assert not [one for one in answering if one.is_running()]
    assert "Traceback" not in server.log.read_text("utf-8")


@pytest.mark.parametrize("server", [("1", "1")], indirect=True)
def test_a_worker_that_dies_is_replaced_and_reads_what_came_meanwhile(
    server: Server, petitions: Petitions
) -> None:
    headers = sign_in(server, petitions)
    (dead,) = server.working()
    dead.kill()
    letter = ("路灯.txt", "柳岸路的路灯坏了两个月，请派人修好。\n".encode())
    address = f"{server.url}/api/petitions"
    made = httpx.post(address, files={"files": letter}, headers=headers, trust_env=False).json()
    address = f"{address}/{made['id']}/progress"

    def findable() -> bool:
        return bool(httpx.get(address, headers=headers, trust_env=False).json()["findable"])

    wait_for(findable, 90, server.log)
    (other,) = server.working()
    assert other != dead
    assert "the worker died (-9): the next starts in 2 seconds" in server.log.read_text("utf-8")
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    _, alive = psutil.wait_procs([other], timeout=30)  # it sees by itself that the server is gone
    assert not alive
    assert server.log.read_text("utf-8").count("the worker") == 1
