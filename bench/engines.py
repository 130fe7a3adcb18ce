"""Tantivy and Elasticsearch side by side, and plain Elasticsearch as a user would run it otherwise.

    python -m bench.engines [COUNT …]

One run makes the letters, fills each engine with them, the analysis included, and asks each the
same questions with three facets and a region filter, for 1, 4 and 16 clients. Ours are asked with
the words beside the typed ones, within the rights of a user of one region who reads redacted texts.
Plain Elasticsearch takes the texts as they are: its standard analyzer, BM25, its own `bulk` helper,
the same filter and facets.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from queue import Queue
from typing import Any

import psutil
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from analyzers.fold import fold_text
from analyzers.segment import words
from bench.importing import source_file
from bench.searching import FACETS, questions, times
from records.categories import category_path
from search.access import WHOLE, FieldRight, Scope, restrict
from search.engine import Document, Edition, FieldText, IndexName, KeptEngine, Level, Sort
from search.engines.elasticsearch import Connection, ElasticsearchEngine
from search.engines.tantivy import TantivyEngine
from search.expansion import expanded
from search.expansion.synonyms import shipped
from search.indexer import CHUNK
from search.parse import parse
from search.query import And, Attribute, Is
from tests.servers import Cluster, elasticsearch

COUNTS = (100_000, 1_000_000)
CLIENTS = (1, 4, 16)
QUESTIONS = 200
WARM_UP = 40
_PLAIN = "plain"


def read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def document(number: int, letter: dict[str, Any]) -> Document:
    """A letter analysed as the indexer does it."""
    region = letter["region"]
    path = ("ALL", *(region[:end] for end in range(3, len(region) + 1, 3)))
    return Document(
        id=f"{number:032x}",
        order=number,
        subject=_field(letter["subject"]),
        text=_field(letter["text"]),
        reply=_field(letter.get("reply", "")),
        received=1_500_000_000 + number,
        year=letter["submitted_at"][:4],
        regions=path,
        categories=category_path(letter["category"]),
        status=letter["status"],
        channel=letter["channel"],
        level=Level(letter["level"]),
        numbers=(letter["id"].lower(),),
        readers=(*(f"region:{code}" for code in path), WHOLE),
    )


def _field(text: str) -> FieldText:
    folded = fold_text(text)
    return FieldText(folded, tuple(words(folded)))


def fill(engine: KeptEngine, file: Path) -> dict[str, float]:
    """As a rebuild does it: one commit at the end. Seconds of its parts: `analysing`, `putting`
    (packing, and waiting for what is being sent), `committing`, and `choosing`, which merges.

    `per_second_unmerged` leaves out the last: the baseline isn't merged either.
    """
    start, cpu = time.perf_counter(), time.process_time()
    letters = enumerate(read(file))
    count, analysing = 0, 0.0
    while True:
        began = time.perf_counter()
        chunk = [document(number, letter) for number, letter in islice(letters, CHUNK)]
        analysing += time.perf_counter() - began
        if not chunk:
            break
        by_index: dict[IndexName, list[Document]] = {}
        for one in chunk:
            by_index.setdefault(IndexName(one.level, Edition.REDACTED), []).append(one)
        for index, documents in by_index.items():
            engine.put(index, documents)
        count += len(chunk)
    put = time.perf_counter()
    engine.commit()
    committed = time.perf_counter()
    engine.become_current()
    wall = time.perf_counter() - start
    return {
        "per_second": count / wall,
        "per_second_unmerged": count / (committed - start),
        "analysing_seconds": analysing,
        "putting_seconds": put - start - analysing,
        "committing_seconds": committed - put,
        "choosing_seconds": wall - (committed - start),
        "own_cpu_seconds": time.process_time() - cpu,
    }


def fill_plain(client: Elasticsearch, file: Path) -> dict[str, float]:
    """What a developer would write in an afternoon."""
    text, value = {"type": "text"}, {"type": "keyword"}
    client.indices.create(
        index=_PLAIN,
        mappings={
            "properties": {
                **dict.fromkeys(("subject", "text", "reply"), text),
                **dict.fromkeys(("id", "category", "region", "status", "channel", "level"), value),
                "petitioner": value,
                "submitted_at": {"type": "date"},
                "replied_at": {"type": "date"},
            }
        },
        settings={"number_of_replicas": 0},
    )
    start, cpu = time.perf_counter(), time.process_time()
    actions = ({"_index": _PLAIN, "_id": one["id"], "_source": one} for one in read(file))
    count, _ = bulk(client, actions)
    client.indices.refresh(index=_PLAIN)
    wall = time.perf_counter() - start
    return {
        "per_second": count / wall,
        "per_second_unmerged": count / wall,
        "own_cpu_seconds": time.process_time() - cpu,
    }


def ask_ours(engine: KeptEngine, region: str) -> Callable[[str], int]:
    scope = Scope(
        "bench", regions=frozenset({region[:3]}), level=Level.SECRET,
        fields=frozenset[FieldRight](), reads=True,
    )  # fmt: skip
    narrow = Is(Attribute.REGION, frozenset({region[:6]}))

    def ask(question: str) -> int:
        allowed = restrict(And((expanded(parse(question), shipped()), narrow)), scope)
        found = engine.search(allowed, limit=10, offset=0, sort=Sort.RELEVANCE, facets=FACETS)
        return found.total

    return ask


def ask_plain(client: Elasticsearch, region: str) -> Callable[[str], int]:
    counts = {name: {"terms": {"field": name, "size": 1000}} for name in FACETS}

    def ask(question: str) -> int:
        found = client.search(
            index=_PLAIN,
            query={
                "bool": {
                    "must": {
                        "multi_match": {
                            "query": question,
                            "fields": ["subject", "text", "reply"],
                            "type": "most_fields",
                        }
                    },
                    "filter": {"prefix": {"region": region[:6]}},
                }
            },
            aggs=counts,
            size=10,
            track_total_hits=True,
        )
        return int(found["hits"]["total"]["value"])

    return ask


def asked_by(ask: Callable[[str], int], asked: Sequence[str], clients: int) -> dict[str, float]:
    """Milliseconds of an answer while so many ask at once, and answers a second."""
    took: Queue[float] = Queue()

    def one(question: str) -> None:
        start = time.perf_counter()
        ask(question)
        took.put((time.perf_counter() - start) * 1000)

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, asked))
    wall = time.perf_counter() - start
    return {**times(iter(took.queue)), "per_second": len(asked) / wall}


def megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def processes(cluster: Cluster) -> list[psutil.Process]:
    """Those of the servers."""
    found: list[psutil.Process] = []
    for node in cluster.nodes:
        assert node.process is not None
        parent = psutil.Process(node.process.pid)
        found += [parent, *parent.children(recursive=True)]
    return found


def resident(cluster: Cluster) -> float:
    """Megabytes of the servers' processes."""
    return sum(p.memory_info().rss for p in processes(cluster)) / 2**20


class ServerTime:
    """CPU seconds that the servers' processes use up between entering and leaving."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.seconds = 0.0

    def __enter__(self) -> ServerTime:
        self.seconds = -self._used()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += self._used()

    def _used(self) -> float:
        used = (p.cpu_times() for p in processes(self._cluster))
        return sum(one.user + one.system for one in used)


class Peak:
    """The most memory that this process held, in megabytes, looked at ten times a second."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(0.1):
            self.megabytes = max(self.megabytes, own.memory_info().rss / 2**20)


def run(count: int, heap: str = "4g") -> dict[str, dict[str, float]]:
    """Figures by engine: filling, size, memory, answers for each number of clients."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        file = source_file(folder, count)
        asked = questions(file, QUESTIONS + WARM_UP)
        region = next(read(file))["region"]
        words("热身")

        def answers(name: str, ask: Callable[[str], int]) -> None:
            for question in asked[:WARM_UP]:
                ask(question)
            for clients in CLIENTS:
                for figure, value in asked_by(ask, asked[WARM_UP:], clients).items():
                    found[name][f"{figure}_{clients}_clients"] = value

        tell = lambda name: print(name, json.dumps(found[name]), flush=True)  # noqa: E731
        with closing(TantivyEngine(folder / "tantivy")) as tantivy:
            with closing(tantivy.beside()) as beside, Peak() as peak:
                found["tantivy"] = fill(beside, file)
            found["tantivy"] |= {
                "disk_mb": megabytes(folder / "tantivy"),
                "peak_mb": peak.megabytes,
            }
            answers("tantivy", ask_ours(tantivy, region))
            tell("tantivy")
        with elasticsearch(folder / "server", heap=heap) as cluster:
            connection = Connection((cluster.url,), seconds=600)
            data = cluster.nodes[0].folder / "data"
            with Elasticsearch(cluster.url, request_timeout=600) as client:
                with ServerTime(cluster) as server:
                    found["plain"] = fill_plain(client, file)
                client.indices.flush(index=_PLAIN)
                found["plain"] |= {
                    "server_cpu_seconds": server.seconds,
                    "disk_mb": megabytes(data),
                    "server_mb": resident(cluster),
                }
                before = found["plain"]["disk_mb"]
                with closing(ElasticsearchEngine(connection)) as engine:
                    with (
                        closing(engine.beside()) as beside,
                        Peak() as peak,
                        ServerTime(cluster) as server,
                    ):
                        found["elasticsearch"] = fill(beside, file)
                    client.indices.flush(index="petitions-*")
                    found["elasticsearch"] |= {
                        "server_cpu_seconds": server.seconds,
                        "disk_mb": megabytes(data) - before,
                        "server_mb": resident(cluster),
                        "peak_mb": peak.megabytes,
                    }
                    for _ in range(2):  # the server compiles what it runs often: the second counts
                        answers("plain", ask_plain(client, region))
                        answers("elasticsearch", ask_ours(engine, region))
                    tell("plain")
                    tell("elasticsearch")
    for name in ("tantivy", "elasticsearch"):
        for figure in (
            "per_second",
            "per_second_unmerged",
            *(f"p95_{clients}_clients" for clients in CLIENTS),
        ):
            found[name][f"{figure}_to_plain"] = found[name][figure] / found["plain"][figure]
    return found


def main() -> None:
    for count in [int(word) for word in sys.argv[1:] if word.isdigit()] or COUNTS:
        print(f"{count} letters")
        figures = run(count)
        names = list(figures)
        print(f"{'':28}" + "".join(f"{name:>16}" for name in names))
        for figure in dict.fromkeys(key for name in names for key in figures[name]):
            values = (figures[name].get(figure) for name in names)
            shown = (f"{value:16.2f}" if value is not None else " " * 16 for value in values)
            print(f"{figure:28}" + "".join(shown))
        print(f"{'load':28}{os.getloadavg()[0]:16.2f}", flush=True)


if __name__ == "__main__":
    main()
