"""Certificates on a real Elasticsearch server, and the key that the program asks for."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import servers
from tests.deploy.offices import ROOT

PASSWORD = "a password of elastic"

pytestmark = pytest.mark.xdist_group("certificates")
FILES = ["ca.crt", "es-0.crt", "es-0.key", "es-1.crt", "es-1.key"]


def run(*words: str | Path, code: int = 0) -> tuple[Any, str]:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "setup.py"), *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == code, ran.stderr
    return (json.loads(ran.stdout) if code == 0 else None), ran.stderr


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    run("certificates", folder, "es-0", "es-1")
    return folder


def test_certificates_are_made_once(certificates: Path) -> None:
    assert sorted(path.name for path in certificates.iterdir()) == FILES
    for path in certificates.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = {path: path.read_bytes() for path in certificates.iterdir()}
    assert run("certificates", certificates, "es-0", "es-1")[0] == {"made": []}
    assert {path: path.read_bytes() for path in certificates.iterdir()} == before


def test_what_is_missing_is_made_with_all_others(certificates: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(certificates, folder)
    (folder / "es-1.crt").unlink()
    run("certificates", folder, "es-0", "es-1")
    assert (folder / "ca.crt").read_bytes() != (certificates / "ca.crt").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == FILES


@pytest.mark.slow
def test_a_real_server_speaks_tls_with_them(certificates: Path, server_folder: Path) -> None:
    """The server of the tests lacks what keys are stored with; rights are checked by name."""
    node = _node(server_folder / "secured", certificates)
    node.start()
    trusted = ssl.create_default_context(cafile=certificates / "ca.crt")
    url = f"https://localhost:{node.port}"
    try:
        with httpx.Client(base_url=url, verify=trusted, trust_env=False, timeout=30) as client:
            servers.wait_for(lambda: client.get("/").status_code == 401, 180, node.log)
            as_elastic = ("elastic", PASSWORD)
            assert client.get("/_cluster/health", auth=as_elastic).status_code == 200
            assert client.get("/_cluster/health", auth=("elastic", "guess")).status_code == 401
            known = client.get("/_security/privilege/_builtin", auth=as_elastic).json()
        with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as stranger:
            stranger.get(url)
        with pytest.raises(httpx.TransportError), httpx.Client(trust_env=False) as plain:
            plain.get(f"http://localhost:{node.port}")
    finally:
        node.stop()
    (asked,) = _rights("petitions").values()
    assert set(asked["cluster"]) <= set(known["cluster"])
    for entry in asked["indices"]:
        assert set(entry["privileges"]) <= set(known["index"])


def _rights(prefix: str) -> dict[str, Any]:
    words = (
        "import json, runpy, sys; "
        "print(json.dumps(runpy.run_path(sys.argv[1])['rights'](sys.argv[2])))"
    )
    script = str(ROOT / "deploy" / "setup.py")
    made = subprocess.check_output([sys.executable, "-c", words, script, prefix], text=True)
    told: dict[str, Any] = json.loads(made)
    return told


def _node(folder: Path, certificates: Path) -> servers.Node:
    """As in compose.yaml, alone."""
    program = servers._own_folder(folder) / "program"
    shutil.copytree(servers.ELASTICSEARCH, program, copy_function=servers._link)
    own = servers._own_folder(folder / "es-0")
    shutil.copytree(servers.ELASTICSEARCH / "config", own / "config")
    shutil.copytree(certificates, own / "config" / "certificates")
    for inside in (own / "config", *(own / "config").rglob("*")):
        if servers._USER:
            shutil.chown(inside, servers._USER)
    http, transport = servers.free_ports(2)
    settings = {
        "cluster.name": "petitions",
        "node.name": "es-0",
        "path.data": str(own / "data"),
        "path.logs": str(own / "logs"),
        "network.host": "127.0.0.1",
        "http.port": str(http),
        "transport.port": str(transport),
        "discovery.type": "single-node",
        "xpack.license.self_generated.type": "basic",
        "xpack.security.enabled": "true",
    }
    for layer in ("http", "transport"):
        settings |= {
            f"xpack.security.{layer}.ssl.enabled": "true",
            f"xpack.security.{layer}.ssl.key": "certificates/es-0.key",
            f"xpack.security.{layer}.ssl.certificate": "certificates/es-0.crt",
            f"xpack.security.{layer}.ssl.certificate_authorities": "certificates/ca.crt",
        }
    settings["xpack.security.transport.ssl.verification_mode"] = "full"
    keystore = [program / "bin" / "elasticsearch-keystore", "add", "-x", "-f", "bootstrap.password"]
    subprocess.run(
        ["bash", *map(str, keystore)], input=PASSWORD.encode(), check=True, user=servers._USER,
        env={"ES_JAVA_HOME": str(servers.java_home()), "ES_PATH_CONF": str(own / "config"),
             "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    binary = program / "bin" / "elasticsearch"
    return servers.Node(own, binary, http, settings, "512m")


class _Security(BaseHTTPRequestHandler):
    """The two questions of Elasticsearch's security interface that are put."""

    asked: list[dict[str, Any]]
    valid: set[str]

    def do_GET(self) -> None:
        self._answer(200 if self.headers["Authorization"] in self.valid else 401, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        expected = base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()
        if (
            self.path != "/_security/api_key"
            or self.headers["Authorization"] != f"Basic {expected}"
        ):
            self._answer(401, {"error": "security_exception"})
            return
        self.asked.append(body)
        key = base64.b64encode(f"id{len(self.asked)}:secret".encode()).decode()
        self.valid.add(f"ApiKey {key}")
        self._answer(200, {"id": f"id{len(self.asked)}", "api_key": "secret", "name": body["name"]})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def security(certificates: Path) -> Iterator[tuple[str, type[_Security]]]:
    """A server in the place of Elasticsearch, with its certificate."""
    handler = type("Handler", (_Security,), {"asked": [], "valid": set()})
    server = HTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "es-0.crt", certificates / "es-0.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_key_has_the_rights_that_are_needed_and_no_others(
    security: tuple[str, type[_Security]], certificates: Path, tmp_path: Path
) -> None:
    url, handler = security
    (tmp_path / "password").write_text(PASSWORD + "\n")
    words = ("api-key", tmp_path / "key", f"--url={url}", f"--ca={certificates / 'ca.crt'}",
             f"--password-file={tmp_path / 'password'}")  # fmt: skip
    assert run(*words)[0] == {"made": [str(tmp_path / "key")]}
    assert base64.b64decode((tmp_path / "key").read_text()) == b"id1:secret"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o640
    (asked,) = handler.asked
    assert asked["role_descriptors"] == {
        "petitions": {
            "cluster": ["monitor"],
            "indices": [{"names": ["petitions-*"], "privileges": ["manage", "read", "write"]}],
        }
    }
    assert run(*words)[0] == {"made": []}  # it is valid
    handler.valid.clear()  # revoked
    assert run(*words)[0] == {"made": [str(tmp_path / "key")]}
    assert base64.b64decode((tmp_path / "key").read_text()) == b"id2:secret"


def test_a_refusal_names_the_server_and_leaves_no_file(
    security: tuple[str, type[_Security]], certificates: Path, tmp_path: Path
) -> None:
    url, _ = security
    (tmp_path / "password").write_text("guess")
    words = ("api-key", tmp_path / "key", f"--url={url}", f"--ca={certificates / 'ca.crt'}",
             f"--password-file={tmp_path / 'password'}")  # fmt: skip
    _, said = run(*words, code=1)
    assert f"{url} gave no key (401)" in said
    assert not (tmp_path / "key").exists()
