"""The deployment without its containers: the same processes, proxy configuration and secrets.

PostgreSQL, Elasticsearch, two web processes and a worker behind the real proxy, reached over TLS.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import MEBIBYTE
from tests.deploy.offices import PASSWORD, ROOT
from tests.servers import Cluster, free_ports, wait_for

HOST = "petitions.test"
LIMIT = 300_000

pytestmark = pytest.mark.xdist_group("elasticsearch")


@dataclass
class Deployment:
    folder: Path
    url: str
    settings: dict[str, str]
    ports: list[int]
    proxy_port: int
    trusted: ssl.SSLContext
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str | Path, **settings: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [str(word) for word in command],
                cwd=ROOT,
                env={**_bare(), **self.settings, **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start_web(self, number: int) -> None:
        port = self.ports[number]
        words = ("serve", "--port", str(port), "--processes", "0")
        self.start(f"web-{number}", sys.executable, "-m", "cli.main", *words)

    def stop(self, name: str, how: int = signal.SIGTERM) -> None:
        process = self.running.pop(name)
        process.send_signal(how)
        process.wait(60)

    def await_web(self, number: int) -> None:
        url = f"http://127.0.0.1:{self.ports[number]}/api/ready"
        log = self.folder / f"web-{number}.log"
        wait_for(lambda: httpx.get(url, trust_env=False).status_code == 200, 90, log)

    def client(self) -> httpx.Client:
        """A program somewhere in the office's network, which knows the proxy by its name."""
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.proxy_port}",
            headers={"Host": f"{HOST}:{self.proxy_port}"},
            timeout=60,
            transport=_Named(self.trusted),
        )

    def signed_in(self) -> httpx.Client:
        client = self.client()
        signed = {"username": "lin", "password": PASSWORD}
        answer = client.post("/api/session", json=signed)
        assert answer.status_code == 200, answer.text
        return client


class _Named(httpx.HTTPTransport):
    """Asks for a name in TLS although it calls an address."""

    def __init__(self, trusted: ssl.SSLContext) -> None:
        super().__init__(verify=trusted, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = HOST
        return super().handle_request(request)


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PETITIONS_")}


def _settings(folder: Path, secrets: Path, engine: str) -> dict[str, str]:
    """As in compose.yaml, with this machine's paths and an engine of one node."""
    return {
        "PETITIONS_HOME": str(folder / "home"),
        "PETITIONS_DATABASE_URL_FILE": str(secrets / "database_url"),
        "PETITIONS_ELASTICSEARCH_URL": engine,
        "PETITIONS_ELASTICSEARCH_PREFIX": "deployed",
        "PETITIONS_ELASTICSEARCH_SHARDS": "1",
        "PETITIONS_ELASTICSEARCH_REPLICAS": "0",
        "PETITIONS_SECURE_COOKIES": "1",
        "PETITIONS_MAX_FILE_BYTES": str(LIMIT),
        "PYTHONUTF8": "1",
    }


def _command(settings: dict[str, str], *words: str, stdin: str = "") -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "cli.main", *words], cwd=ROOT, env={**_bare(), **settings},
        input=stdin, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="module")
def deployment(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[..., str],
    elasticsearch_server: Cluster,
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    secrets = folder / "secrets"
    made = [ROOT / "deploy" / "make-secrets.sh", HOST, secrets]
    subprocess.run([str(word) for word in made], check=True, capture_output=True)
    (secrets / "database_url").chmod(0o600)
    (secrets / "database_url").write_text(new_database() + "\n")
    settings = _settings(folder, secrets, elasticsearch_server.url)
    keys = folder / "home" / "keys"
    keys.mkdir(parents=True)
    for key in ("columns.key", "lookup.key"):
        shutil.copy(secrets / key, keys / key)  # what the engine's mounts do
    _command(settings, "init")
    user = ("user", "add", "lin", "--role", "clerk", "--no-second-factor", "--password-stdin")
    _command(settings, *user, stdin=PASSWORD + "\n")
    proxy_port, health_port, *ports = free_ports(4)
    trusted = ssl.create_default_context(cafile=secrets / "proxy.crt")
    new = Deployment(
        folder, f"https://{HOST}:{proxy_port}", settings, ports, proxy_port, trusted
    )  # fmt: skip
    with ExitStack() as stopping:
        for name in ("proxy", "worker", "web-1", "web-0"):
            stopping.callback(lambda name=name: new.running.get(name) and new.stop(name))
        for number in (0, 1):
            new.start_web(number)
        new.start("worker", sys.executable, "-m", "cli.main", "work", "--processes", "1")
        new.start(
            "proxy", "caddy", "run", "--adapter", "caddyfile",
            "--config", ROOT / "deploy" / "caddy" / "Caddyfile",
            PROXY_HOST=HOST,
            PROXY_PORT=str(proxy_port),
            PROXY_HEALTH_PORT=str(health_port),
            PROXY_UPSTREAMS=" ".join(f"127.0.0.1:{port}" for port in ports),
            PROXY_CERTIFICATE=str(secrets / "proxy.crt"),
            PROXY_CERTIFICATE_KEY=str(secrets / "proxy.key"),
            XDG_CONFIG_HOME=str(folder),
            XDG_DATA_HOME=str(folder),
        )  # fmt: skip
        for number in (0, 1):
            new.await_web(number)
        alive = f"http://127.0.0.1:{health_port}/"
        wait_for(
            lambda: httpx.get(alive, trust_env=False).status_code == 200, 30, folder / "proxy.log"
        )
        with new.client() as client:  # the proxy looks after its upstreams every five seconds
            wait_for(lambda: client.get("/api/ready").status_code == 200, 30)
        yield new


@pytest.fixture
def clerk(deployment: Deployment) -> Iterator[httpx.Client]:
    client = deployment.signed_in()
    yield client
    client.close()


def test_a_letter_goes_in_and_is_found(deployment: Deployment, clerk: httpx.Client) -> None:
    text = "关于翡翠喷泉漏水的反映\n\n柳岸路口的翡翠喷泉漏水两个月，请派人修好。\n"
    answer = clerk.post(
        "/api/petitions",
        files={"files": ("来信.txt", text.encode("gb18030"))},
        data={"channel": "letter"},
    )
    assert answer.status_code == 201, answer.text
    id_ = answer.json()["id"]

    def findable() -> bool:
        told: dict[str, Any] = clerk.get(f"/api/petitions/{id_}/progress").json()
        return bool(told["findable"] and told["finished"])

    wait_for(findable, 90)
    # Both web processes: connections go to the one with fewer requests, then to the other.
    for _ in range(6):
        found = clerk.post("/api/search", json={"q": "翡翠噴泉"}).json()
        assert [hit["id"] for hit in found["hits"]] == [id_]
    engine = deployment.settings["PETITIONS_ELASTICSEARCH_URL"]
    indexes = httpx.get(f"{engine}/deployed-*", trust_env=False).json()
    assert len(indexes) == 6, "found, but not by Elasticsearch"
    original = clerk.get(f"/api/petitions/{id_}/original")
    assert original.status_code in (200, 403, 404)


def test_cookies_and_headers_are_those_of_https(deployment: Deployment) -> None:
    with deployment.client() as client:
        answer = client.post("/api/session", json={"username": "lin", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-petitions_session=")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert client.get("/api/me").json()["username"] == "lin"
        page = client.get("/")
    assert page.status_code == 200
    assert page.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "server" not in page.headers
    assert "via" not in page.headers


def test_what_a_client_says_about_itself_counts_for_nothing(deployment: Deployment) -> None:
    said = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example;proto=http",
    }
    with deployment.client() as client:
        plain, spoofed = client.get("/"), client.get("/", headers=said)
        assert (spoofed.status_code, spoofed.headers["location"]) == (303, "/sign-in")
        assert spoofed.headers["location"] == plain.headers["location"]
        assert "strict-transport-security" in spoofed.headers


def test_other_sites_are_told_from_the_own_one(deployment: Deployment) -> None:
    form = {"username": "lin", "password": PASSWORD}
    with deployment.client() as client:
        own = client.post("/sign-in", data=form, headers={"Origin": deployment.url})
        assert own.status_code == 303, own.text
        other = client.post("/sign-in", data=form, headers={"Origin": "https://evil.example"})
        assert other.status_code == 403
        forwarded = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
        assert client.post("/sign-in", data=form, headers=forwarded).status_code == 403


def test_by_another_name_nobody_is_served(deployment: Deployment) -> None:
    with deployment.client() as client:
        answer = client.get("/api/health", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.content) == (421, b"")


def statuses(deployment: Deployment, sent: bytes) -> list[int]:
    """What is answered to these bytes, until the proxy hangs up or says no more."""
    told = b""
    with (
        socket.create_connection(("127.0.0.1", deployment.proxy_port), 60) as plain,
        deployment.trusted.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        connection.sendall(sent)
        connection.settimeout(3)
        with suppress(TimeoutError):
            while part := connection.recv(65536):
                told += part
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", told)]


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: 2\r\nContent-Length: 40", "{}"),
        ("Content-Length: +2", "{}"),
        ("Content-Length: 2, 40", "{}"),
        ("Content-Length : 2", "{}"),
        ("Transfer-Encoding: xchunked", "2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "2\r\n{}xx0\r\n\r\n"),
    ],
)
def test_a_message_of_unsure_length_hides_no_second_one(
    deployment: Deployment, framing: str, body: str
) -> None:
    host = f"Host: {HOST}:{deployment.proxy_port}\r\n"
    first = (
        f"POST /api/search HTTP/1.1\r\n{host}Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
    second = f"GET /api/health HTTP/1.1\r\n{host}\r\n"
    told = statuses(deployment, (first + body + second).encode())
    assert len(told) == 1
    assert told[0] in (400, 501, 502)
    with deployment.client() as client:  # nobody else is worse off
        assert client.get("/api/health").status_code == 200


def test_two_lengths_are_one_for_the_proxy_and_behind_it(deployment: Deployment) -> None:
    """By the chunks; what stands after them is a request of its own, which the proxy looks at."""
    first = (
        f"POST /api/search HTTP/1.1\r\nHost: {HOST}:{deployment.proxy_port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 6\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    second = "GET /api/health HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    told = statuses(deployment, (first + second).encode())
    assert told[0] in (400, 401)
    assert told[1:] in ([421], [])


def test_nothing_is_served_without_tls(deployment: Deployment) -> None:
    plain = httpx.get(f"http://127.0.0.1:{deployment.proxy_port}/api/health", trust_env=False)
    assert plain.status_code == 400


def test_the_limit_of_a_file_is_the_programs_own(clerk: httpx.Client) -> None:
    fits = clerk.post("/api/petitions", files={"files": ("a.txt", b"a" * LIMIT)})
    assert fits.status_code == 201, fits.text
    larger = clerk.post("/api/petitions", files={"files": ("a.txt", b"a" * (LIMIT + 1))})
    assert larger.status_code in (400, 413, 422), larger.text
    assert "PETITIONS_MAX_FILE_BYTES" in larger.text

    def endless() -> Iterator[bytes]:
        for _ in range(2 * (LIMIT + MEBIBYTE) // 65536):
            yield b"a" * 65536

    for content in (b"a" * (LIMIT + 2 * MEBIBYTE), endless()):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        refused = clerk.post("/api/petitions", content=content, headers=headers)
        assert refused.status_code in (400, 413), refused.text
        assert refused.headers["content-type"] == "application/problem+json"
    declared = clerk.post("/api/petitions", content=b"a" * (LIMIT + 2 * MEBIBYTE), headers=headers)
    assert declared.status_code == 413
    assert "PETITIONS_MAX_FILE_BYTES" in declared.text


def test_one_of_two_web_processes_is_enough(deployment: Deployment, clerk: httpx.Client) -> None:
    deployment.stop("web-0", signal.SIGKILL)
    try:
        told = [clerk.get("/api/me").status_code for _ in range(20)]
        assert told == [200] * 20
        deployment.stop("web-1", signal.SIGKILL)
        none = clerk.get("/api/me")
        assert none.status_code in (502, 503)
        assert none.text == "Search is unavailable, try again."
        assert none.headers["retry-after"] == "10"
    finally:
        for number in (0, 1):
            if f"web-{number}" not in deployment.running:
                deployment.start_web(number)
        for number in (0, 1):
            deployment.await_web(number)
    until = time.monotonic() + 30
    while clerk.get("/api/me").status_code != 200:  # signed in still: sessions are records
        assert time.monotonic() < until
        time.sleep(0.5)
