"""Searching over HTTP with three facets and highlights, against plain Tantivy in one process.

    python -m bench.searching [COUNT …]

The server runs as an office runs it (`petitions serve`), the asker is a reviewer of the whole
office. Questions: words of a letter, its subject, one word, a quoted part, words with a filter. The
baseline answers the same questions without server, rights, exact substrings, highlights and audit.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx
import psutil

from bench.importing import COUNT, petitions, source_file
from records.home import PREFIX

COUNTS = (COUNT, 100_000)
QUESTIONS = 300
WARM_UP = 30
FACETS = ("category", "region", "status")


def questions(file: Path, count: int = QUESTIONS, seed: int = 7) -> list[str]:
    """Questions as people type them, made from the letters of the file; the same for a seed."""
    from analyzers.fold import fold_text
    from analyzers.segment import words

    chance = Random(seed)
    with file.open(encoding="utf-8") as lines:
        letters = [json.loads(line) for at, line in enumerate(lines) if at < 20_000]
    asked: list[str] = []
    while len(asked) < count:
        letter = chance.choice(letters)
        text = "".join(str(letter["text"]).split())
        found = [word for word in words(fold_text(text)) if len(word) > 1]
        if len(found) < 4 or len(text) < 40:
            continue
        start = chance.randrange(len(text) - 20)
        asked.append(
            (
                " ".join(chance.sample(found, chance.randint(2, 4))),
                str(letter["subject"]).replace('"', ""),
                chance.choice(found),
                '"' + text[start : start + chance.randint(2, 12)].replace('"', "") + '"',
                " ".join(chance.sample(found, 2)) + f" after:{chance.randint(2015, 2019)}",
            )[len(asked) % 5]
        )
    return asked


@contextmanager
def serving(home: Path) -> Iterator[tuple[httpx.Client, int]]:
    """A server on this home and a client that has signed in; with the server's process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = secrets.token_urlsafe(16)
    name = "bench" + secrets.token_hex(4)
    subprocess.run(
        [
            *petitions(home, "user", "add", name, "--role", "reviewer"),
            "--no-second-factor",
            "--password-stdin",
        ],
        input=password.encode(),
        check=True,
        capture_output=True,
    )
    command = petitions(home, "serve", "--port", str(port), "--processes", "0")
    # one user asks here for many, as fast as it goes
    without_rate = {**os.environ, f"{PREFIX}SEARCHES_PER_MINUTE": "0"}
    server = subprocess.Popen(command, env=without_rate)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(200):
                try:
                    if client.get("/api/ready").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
            signed_in = client.post("/api/session", json={"username": name, "password": password})
            signed_in.raise_for_status()
            client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
            client.cookies.clear()
            yield client, server.pid
    finally:
        server.terminate()
        server.wait()


def times(ask: Iterator[float]) -> dict[str, float]:
    """Milliseconds at the median, the 95th and the 99th of a hundred."""
    found = sorted(ask)
    cuts = statistics.quantiles(found, n=100)
    return {"p50": statistics.median(found), "p95": cuts[94], "p99": cuts[98]}


def _over_http(client: httpx.Client, asked: Sequence[str]) -> Iterator[float]:
    for at, question in enumerate([*asked[:WARM_UP], *asked]):
        start = time.perf_counter()
        answer = client.post("/api/search", json={"q": question, "facets": FACETS, "size": 10})
        took = (time.perf_counter() - start) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{question!r}: {answer.status_code} {answer.text[:300]}")
        if at >= WARM_UP:
            yield took


def _in_process(folder: Path, file: Path, asked: Sequence[str]) -> Iterator[float]:
    from bench import plain

    index = plain.opened(folder)
    plain.fill(index, file)
    for at, question in enumerate([*asked[:WARM_UP], *asked]):
        start = time.perf_counter()
        plain.ask(index, question)
        if at >= WARM_UP:
            yield (time.perf_counter() - start) * 1000


def run(count: int) -> dict[str, float]:
    """Milliseconds over HTTP and of the baseline, and the server's memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = source_file(folder, count)
        home = folder / "home"
        subprocess.run(petitions(home, "import", str(file)), check=True, capture_output=True)
        asked = questions(file)
        with serving(home) as (client, process):
            ours = times(_over_http(client, asked))
            memory = psutil.Process(process).memory_info().rss / 2**20
        plain = times(_in_process(folder / "plain", file, asked))
    return {
        "letters": count,
        **{f"http_{name}_ms": value for name, value in ours.items()},
        "server_mb": memory,
        **{f"plain_{name}_ms": value for name, value in plain.items()},
        **{f"{name}_to_plain": ours[name] / plain[name] for name in ours},
    }


def main() -> None:
    counts = [int(word) for word in sys.argv[1:] if word.isdigit()] or COUNTS
    for count in counts:
        for name, value in run(count).items():
            print(f"{name:24} {value:10.1f}")
        print(f"{'load':24} {os.getloadavg()[0]:10.1f}", flush=True)


if __name__ == "__main__":
    main()
