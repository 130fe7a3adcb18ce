"""Real servers for tests and benchmarks, each in a folder of its own, stopped at the end.

They refuse to run as root, so under root they run as `nobody`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
ELASTICSEARCH = ROOT / ".cache" / "elasticsearch-9.5.0"
_OLDEST_JAVA = 21
_USER = "nobody" if os.geteuid() == 0 else None


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def wait_for(
    ready: Callable[[], bool],
    seconds: float,
    log: Path | None = None,
    servers: Sequence[subprocess.Popen[bytes]] = (),
) -> None:
    """Ask until it holds, or one of the servers ended; what it wrote is part of the failure."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and all(server.poll() is None for server in servers):
        try:
            if ready():
                return
        except (httpx.TransportError, OSError):
            pass
        time.sleep(0.2)
    told = log.read_text("utf-8", errors="replace")[-3000:] if log and log.exists() else ""
    raise AssertionError(f"the server ended, or took over {seconds:.0f} seconds\n{told}")


def _own_folder(path: Path) -> Path:
    """A folder that the server's user can reach and write to."""
    path.mkdir(parents=True, exist_ok=True)
    if _USER:
        shutil.chown(path, _USER)
        for above in path.parents:
            if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
                above.chmod(above.stat().st_mode | 0o011)
    return path


def _start(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**os.environ, **(environment or {})},
            user=_USER,
            start_new_session=True,
        )


def _stop(server: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    if server.poll() is None:
        os.killpg(server.pid, how)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(10)


def _postgresql_program(name: str) -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    assert found or on_path, "install PostgreSQL, e.g. Debian's package postgresql"
    return found[-1] if found else Path(str(on_path))


@dataclass
class PostgreSQL:
    """A PostgreSQL server; its address stays the same when it is started again."""

    folder: Path
    port: int
    settings: Sequence[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address without a database: `postgresql+psycopg://…:port`."""
        return f"postgresql+psycopg://office@127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    def start(self) -> None:
        settings = [word for setting in self.settings for word in ("-c", setting)]
        self.process = _start(
            [_postgresql_program("postgres"), "-D", self.folder / "data", "-p", str(self.port),
             "-k", "", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", *settings],
            self.log,
        )  # fmt: skip
        ready = [_postgresql_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(
            lambda: subprocess.run(ready, check=False).returncode == 0, 30, self.log, [self.process]
        )

    def kill(self) -> None:
        """As when the power fails. What serves a client has a process group of its own, and would
        serve on until it sees that the server is gone."""
        if self.process and self.process.poll() is None:
            serving = psutil.Process(self.process.pid).children(recursive=True)
            _stop(self.process, signal.SIGKILL)
            for one in serving:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(serving, 10)

    def stop(self) -> None:
        """At once, in order: its clients are cut off."""
        if self.process:
            _stop(self.process, signal.SIGINT)


@contextmanager
def postgresql(folder: Path, *settings: str) -> Iterator[PostgreSQL]:
    """A PostgreSQL server that trusts everybody on this machine; data in `folder`."""
    data = _own_folder(folder) / "data"
    subprocess.run(
        [_postgresql_program("initdb"), "-D", data, "-U", "office", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, user=_USER,
    )  # fmt: skip
    (port,) = free_ports(1)
    server = PostgreSQL(folder, port, settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def java_home() -> Path:
    """A Java that Elasticsearch runs on."""
    given = os.environ.get("ES_JAVA_HOME")
    homes = [Path(given)] if given else sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in homes:
        release = home / "release"
        if not release.is_file():
            continue
        for line in release.read_text("utf-8").splitlines():
            name, _, version = line.partition("=")
            if name == "JAVA_VERSION" and int(version.strip('"').split(".")[0]) >= _OLDEST_JAVA:
                return home
    raise AssertionError(f"install a JDK {_OLDEST_JAVA} or newer, or set ES_JAVA_HOME to one")


@dataclass
class Node:
    """One Elasticsearch process; its port stays the same when it is started again."""

    folder: Path
    program: Path
    port: int
    settings: Mapping[str, str]
    heap: str
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    def start(self) -> None:
        """Begin to start; `Cluster.await_nodes` tells when it takes part."""
        settings = [f"-E{name}={value}" for name, value in self.settings.items()]
        environment = {
            "ES_JAVA_HOME": str(java_home()),
            # Short lives: what the second compiler costs is never earned back.
            "ES_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap} -XX:TieredStopAtLevel=1",
            "ES_PATH_CONF": str(self.folder / "config"),
            **self.environment,
        }
        self.process = _start(["bash", self.program, *settings], self.log, environment)

    def kill(self) -> None:
        """As when the power fails."""
        if self.process:
            _stop(self.process, signal.SIGKILL)

    def stop(self) -> None:
        """As an operator does."""
        if self.process:
            _stop(self.process)


@dataclass
class Cluster:
    """Nodes that know each other."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        """All addresses, separated by commas."""
        return ",".join(node.url for node in self.nodes)

    def await_nodes(self, count: int, seconds: float = 120) -> None:
        """Wait until so many nodes take part and no shard moves."""
        alive = [n for n in self.nodes if n.process is not None and n.process.poll() is None]
        assert alive, "no node runs"

        def joined() -> bool:
            query = {"wait_for_nodes": str(count), "timeout": "5s"}
            answer = httpx.get(
                f"{alive[0].url}/_cluster/health", params=query, timeout=10, trust_env=False
            )
            return answer.status_code == 200 and not answer.json()["timed_out"]

        running = [node.process for node in alive if node.process is not None]
        wait_for(joined, seconds, alive[0].log, running)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


@contextmanager
def elasticsearch(
    folder: Path, nodes: int = 1, *, heap: str = "1g", settings: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """An Elasticsearch server or cluster without security; data in `folder`."""
    assert ELASTICSEARCH.exists(), "run 'make servers' to fetch Elasticsearch"
    # Linked to where the server's user can read it: the checkout may be closed to others.
    program = _own_folder(folder) / "program"
    shutil.copytree(ELASTICSEARCH, program, copy_function=_link)
    ports = free_ports(2 * nodes)
    names = [f"node-{number}" for number in range(nodes)]
    cluster = Cluster([])
    for number, name in enumerate(names):
        own = _own_folder(folder / name)
        shutil.copytree(ELASTICSEARCH / "config", own / "config")
        for inside in (own / "config", *(own / "config").rglob("*")):
            if _USER:
                shutil.chown(inside, _USER)
        chosen = {
            "cluster.name": folder.name,
            "node.name": name,
            "path.data": str(own / "data"),
            "path.logs": str(own / "logs"),
            "network.host": "127.0.0.1",
            "http.port": str(ports[number]),
            "transport.port": str(ports[nodes + number]),
            "xpack.security.enabled": "false",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        if nodes == 1:
            chosen["discovery.type"] = "single-node"
        else:
            chosen["discovery.seed_hosts"] = ",".join(f"127.0.0.1:{port}" for port in ports[nodes:])
            chosen["cluster.initial_master_nodes"] = ",".join(names)
        settings_of = {**chosen, **(settings or {})}
        binary = program / "bin" / "elasticsearch"
        cluster.nodes.append(Node(own, binary, ports[number], settings_of, heap))
    try:
        for node in cluster.nodes:
            node.start()
        cluster.await_nodes(nodes)
        yield cluster
    finally:
        for node in cluster.nodes:
            node.stop()
