"""The documentation tells the truth: its commands run, its settings, links and limits exist."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.sample.letters import letters
from cli.sample.petition import import_record
from records.home import Settings, environment_name
from search.parse import MAX_CHARACTERS

ROOT = Path(__file__).parents[2]
RUNBOOK = "deploy/README.md"
DOCS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / RUNBOOK,
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
PASSWORD = "correct horse battery staple"


def _blocks(document: Path) -> list[str]:
    return BLOCK.findall(document.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a reader of the docs would stand: an export, and a folder of files."""
    folder = tmp_path_factory.mktemp("docs")
    with (folder / "letters.jsonl").open("w", encoding="utf-8") as lines:
        for letter in letters(12, 5):
            lines.write(json.dumps(import_record(letter), ensure_ascii=False) + "\n")
    (folder / "scans").mkdir()
    text = (
        "关于路灯不亮的反映\n\n尊敬的领导：我们巷口的路灯坏了两个月，夜里看不见路，请派人修好。\n"
    )
    (folder / "scans" / "路灯.txt").write_text(text, encoding="gb18030")
    (folder / "letter.txt").write_text(text, encoding="utf-8")
    (folder / "scans.csv").write_text("file,subject\n路灯.txt,路灯不亮\n", encoding="utf-8")
    return folder


def _environment(office: Path, url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PETITIONS_HOME": str(office / "var"),
        "PASSWORD": PASSWORD,
        "URL": url,
        "NEW_DATABASE_URL": f"sqlite:///{office / 'moved.db'}",
        "PYTHONUTF8": "1",
    }


@pytest.fixture(scope="module")
def server(office: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "cli.main", "serve", "--port", str(port), "--processes", "0"]
    process = subprocess.Popen(command, env=_environment(office, url), cwd=ROOT)
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{url}/api/health", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize("document", ["README.md", "docs/operator.md", RUNBOOK])
def test_commands_run(document: str, office: Path, server: str) -> None:
    blocks = _blocks(ROOT / document)
    assert len(blocks) >= 2
    if document == RUNBOOK:  # it is about an office that is there
        blocks = ["petitions init", *blocks]
    for block in blocks:
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=office,
            env=_environment(office, server),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{block}\n{ran.stdout}\n{ran.stderr}"
        if "/api/search" in block:
            assert json.loads(ran.stdout.splitlines()[-1])["total"] > 0


def test_settings_exist() -> None:
    known = {environment_name(name) for name in Settings.__dataclass_fields__} | {"PETITIONS_HOME"}
    for document in DOCS:
        named = set(re.findall(r"`(PETITIONS_[A-Z_]+)", document.read_text(encoding="utf-8")))
        assert named <= known, document.name


def test_limits_are_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| {Settings().max_pages} |" in readme
    assert f"| {Settings().max_pixels:,} |" in readme
    assert f"| {Settings().max_text_characters:,} |" in readme
    assert f"| {MAX_CHARACTERS:,} |" in readme
    assert f"| {Settings().max_file_bytes >> 20} MiB |" in readme


def test_links_lead_somewhere() -> None:
    for document in DOCS:
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_decisions_are_short() -> None:
    for decision in (ROOT / "docs" / "adr").glob("*.md"):
        assert len(decision.read_text(encoding="utf-8").splitlines()) <= 40, decision.name


def test_every_dependency_is_explained() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                assert line.split("==")[0].lower() in explained, line
