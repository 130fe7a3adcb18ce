"""Elasticsearch as offices run it: three nodes, one copy of each shard, and what may go wrong."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from search.engine import Document, Engine
from search.engines.elasticsearch import Connection, ElasticsearchEngine
from search.errors import EngineDown, EngineError, IndexNotReady
from search.parse import parse
from search.query import Everything, Phrase
from tests.servers import Cluster, Node, elasticsearch, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]

QUESTIONS = ("路灯", "噪音 施工", '"小区路灯"', "a3区 -水管", "请问")


@pytest.fixture(scope="module")
def cluster(server_folder: Path) -> Iterator[Cluster]:
    with elasticsearch(server_folder / "cluster", 3, heap="512m") as started:
        yield started


@pytest.fixture
def whole(cluster: Cluster) -> Cluster:
    """All three nodes up."""
    for node in cluster.nodes:
        if node.process is None or node.process.poll() is not None:
            node.start()
    cluster.await_nodes(3)
    return cluster


def connection(cluster: Cluster, **others: Any) -> Connection:
    made: dict[str, Any] = {"replicas": 1, "shards": 3, "seconds": 20, **others}
    return Connection(
        tuple(node.url for node in cluster.nodes), prefix=f"test-{uuid.uuid4().hex}", **made
    )


def opened(cluster: Cluster, **others: Any) -> ElasticsearchEngine:
    engine = ElasticsearchEngine(connection(cluster, **others))
    with closing(engine.beside()) as beside:
        beside.become_current()
    return engine


def letters(bench: Any, count: int, start: int = 0) -> list[Document]:
    lines = ("小区路灯坏了", "夜间施工噪音", "a3区水管", "请问何时修好", "拆迁补偿")
    return [
        bench.letter(n, lines[n % 5], lines[n % 3] + lines[n % 4] * (n % 6), lines[n % 2])
        for n in range(start, start + count)
    ]


def answers(bench: Any, engine: Engine) -> list[Any]:
    return [
        bench.ask(engine, parse(question), limit=20, facets=("region", "status"))
        for question in QUESTIONS
    ]


def test_a_node_killed_while_writing_loses_nothing(whole: Cluster, bench: Any) -> None:
    made = letters(bench, 4_000)
    with closing(opened(whole)) as engine:
        for start in range(0, len(made), 200):
            if start == 1_200:
                whole.nodes[1].kill()
            bench.put_together(engine, made[start : start + 200])
            if start == 3_000:
                whole.nodes[1].start()
        assert engine.commit() == {}
        found = bench.ask(engine, Everything(), limit=0)
        assert found.total == len(made)
        assert answers(bench, engine) == answers(bench, bench.reference(made))


def test_a_node_killed_while_searching_gives_no_wrong_answer(whole: Cluster, bench: Any) -> None:
    made = letters(bench, 600)
    expected = answers(bench, bench.reference(made))
    with closing(opened(whole)) as engine:
        bench.put_together(engine, made)
        engine.commit()
        await_copies(whole)
        killed = threading.Timer(1, whole.nodes[2].kill)
        killed.start()
        right = refused = 0
        while killed.is_alive() or right + refused < 60:
            for question, wanted in zip(QUESTIONS, expected, strict=True):
                try:
                    found = bench.ask(
                        engine, parse(question), limit=20, facets=("region", "status")
                    )
                except EngineDown:
                    refused += 1
                    continue
                assert found == wanted
                right += 1
        assert right > refused
        assert answers(bench, engine) == expected


def await_copies(cluster: Cluster) -> None:
    """Every shard has its copy."""
    answer = httpx.get(
        f"{cluster.nodes[0].url}/_cluster/health",
        params={"wait_for_status": "green", "timeout": "60s"},
        timeout=70,
        trust_env=False,
    )
    assert answer.json()["status"] == "green"


def test_a_missing_part_is_never_presented_as_the_whole(whole: Cluster, bench: Any) -> None:
    """Without copies, a node that is gone takes letters along."""
    made = letters(bench, 300)
    with closing(opened(whole, replicas=0)) as engine:
        bench.put_together(engine, made)
        engine.commit()
        assert engine.ready()
        whole.nodes[1].kill()
        whole.await_nodes(2)
        assert not engine.ready()

        def told() -> bool:
            with pytest.raises(EngineDown) as refused:  # "can't be reached", of the node that died
                bench.ask(engine, Phrase("路灯"))
            return "parts of the indexes are missing" in str(refused.value)

        wait_for(told, 60)
        whole.nodes[1].start()
        whole.await_nodes(3)
        wait_for(engine.ready, 60)
        assert answers(bench, engine) == answers(bench, bench.reference(made))


def test_a_rebuild_swaps_while_searches_go_on(whole: Cluster, bench: Any) -> None:
    made = letters(bench, 500)
    expected = answers(bench, bench.reference(made))
    with closing(opened(whole)) as engine:
        bench.put_together(engine, made)
        engine.commit()
        failures: list[object] = []
        ended, asked = threading.Event(), 0

        def ask() -> None:
            nonlocal asked
            while not ended.is_set():
                try:
                    if answers(bench, engine) != expected:
                        failures.append("another answer")
                except EngineError as error:
                    failures.append(error)
                asked += 1

        asking = threading.Thread(target=ask)
        asking.start()
        before = engine.identity()
        for _ in range(3):
            with closing(engine.beside()) as beside:
                bench.put_together(beside, made)
                beside.commit()
                beside.become_current()
        ended.set()
        asking.join()
        assert failures == []
        assert asked > 2
        assert engine.identity() != before
        assert len(indices(whole, engine)) == 6


def indices(cluster: Cluster, engine: ElasticsearchEngine) -> list[str]:
    prefix = engine.identity().split()[1]
    answer = httpx.get(f"{cluster.nodes[0].url}/{prefix}-*", timeout=10, trust_env=False)
    return sorted(answer.json())


def test_a_rebuild_that_is_given_up_leaves_nothing(whole: Cluster, bench: Any) -> None:
    with closing(opened(whole)) as engine:
        beside = engine.beside()
        bench.put_together(beside, letters(bench, 5))
        assert len(indices(whole, engine)) == 12
        beside.close()
        assert len(indices(whole, engine)) == 6
        assert bench.ask(engine, Everything(), limit=0).total == 0


def test_no_indexes_is_said_and_never_no_letters(whole: Cluster, bench: Any) -> None:
    with closing(ElasticsearchEngine(connection(whole))) as engine:
        assert not engine.ready()
        with pytest.raises(IndexNotReady, match="reindex"):
            bench.ask(engine, Everything())
        with pytest.raises(IndexNotReady):
            engine.identity()
        bench.put_together(engine, letters(bench, 1))
        with pytest.raises(IndexNotReady):
            engine.commit()
        assert not engine.ready()


def test_a_server_that_is_down_is_a_clear_message(bench: Any, tmp_path: Path) -> None:
    with closing(ElasticsearchEngine(Connection(("http://127.0.0.1:9",), seconds=2))) as engine:
        assert not engine.ready()
        with pytest.raises(EngineDown, match=r"127\.0\.0\.1:9 can't be reached.*start it"):
            bench.ask(engine, Everything())


def test_all_nodes_started_again_know_every_letter(whole: Cluster, bench: Any) -> None:
    made = letters(bench, 400)
    with closing(opened(whole)) as engine:
        bench.put_together(engine, made)
        engine.commit()
        for node in whole.nodes:
            node.kill()
        with pytest.raises(EngineDown, match=r"can't be reached|did not answer"):
            bench.ask(engine, Phrase("路灯"))
        restarted: list[Node] = []
        for node in whole.nodes:
            node.start()
            restarted.append(node)
        whole.await_nodes(3)
        await_copies(whole)
        wait_for(engine.ready, 60)
        assert answers(bench, engine) == answers(bench, bench.reference(made))
