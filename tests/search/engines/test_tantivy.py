"""What only the embedded engine has: files, a writer's lock, rebuilds, other processes."""

from __future__ import annotations

import json
import multiprocessing
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from search.engine import Edition, IndexName, Level
from search.engines.tantivy import TantivyEngine
from search.errors import EngineBusy, EngineDown, IndexNotReady
from search.query import Everything, Phrase

OPEN = IndexName(Level.OPEN, Edition.FULL)


def test_letters_outlive_the_engine(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine:
        bench.put(engine, [bench.letter(1, "路灯")])
        engine.commit()
    with closing(TantivyEngine(tmp_path)) as engine:
        assert engine.ready()
        assert bench.numbers(engine, Phrase("路灯")) == [1]


def test_what_was_not_committed_is_lost(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine:
        bench.put(engine, [bench.letter(1, "路灯")])
    with closing(TantivyEngine(tmp_path)) as engine:
        assert bench.numbers(engine, Everything()) == []


def test_one_writes_and_others_read(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as writer, closing(TantivyEngine(tmp_path)) as reader:
        bench.put(writer, [bench.letter(1, "路灯")])
        with pytest.raises(EngineBusy):
            bench.put(reader, [bench.letter(2, "路灯")])
        assert bench.numbers(reader, Everything()) == []
        writer.commit()
        assert bench.numbers(reader, Everything()) == [1]
        writer.rest()
        bench.put(reader, [bench.letter(2, "路灯")])
        reader.commit()
        assert bench.numbers(writer, Everything()) == [1, 2]


def _write(path: Path, letter: Any) -> None:
    with closing(TantivyEngine(path)) as engine:
        engine.put(OPEN, [letter])
        engine.commit()


def test_commits_of_another_process_are_seen(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine:
        with pytest.raises(IndexNotReady, match="no indexes yet"):
            bench.ask(engine, Everything())
        other = multiprocessing.get_context("spawn").Process(
            target=_write, args=(tmp_path, bench.letter(7, "路灯"))
        )
        other.start()
        other.join(60)
        assert other.exitcode == 0
        assert bench.numbers(engine, Everything()) == [7]


def test_a_rebuild_answers_only_when_it_is_whole(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine, closing(TantivyEngine(tmp_path)) as reader:
        bench.put(engine, [bench.letter(1, "路灯")])
        engine.commit()
        with closing(engine.beside()) as beside:
            bench.put(beside, [bench.letter(2, "路灯")])
            beside.commit()
            assert bench.numbers(engine, Everything()) == [1]
            beside.become_current()
            assert bench.numbers(beside, Everything()) == [2]
        assert bench.numbers(engine, Everything()) == [2]
        assert bench.numbers(reader, Everything()) == [2]
        bench.put(engine, [bench.letter(3, "路灯")])
        engine.commit()
        assert bench.numbers(reader, Everything()) == [2, 3]
    assert len(list(tmp_path.glob("g-*"))) == 1


def test_a_rebuild_that_is_given_up_leaves_nothing(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine:
        bench.put(engine, [bench.letter(1, "路灯")])
        engine.commit()
        beside = engine.beside()
        bench.put(beside, [bench.letter(2, "路灯")])
        beside.close()
        assert bench.numbers(engine, Everything()) == [1]
    assert len(list(tmp_path.glob("g-*"))) == 1


def test_an_index_of_other_rules_is_refused_and_can_be_rebuilt(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine:
        bench.put(engine, [bench.letter(1, "路灯")])
        engine.commit()
    (made_by,) = tmp_path.glob("g-*/made_by.json")
    made_by.write_text(json.dumps({**json.loads(made_by.read_text()), "analyzers": "older"}))
    with closing(TantivyEngine(tmp_path)) as engine:
        assert not engine.ready()
        with pytest.raises(IndexNotReady, match="analyzers"):
            bench.ask(engine, Everything())
        with pytest.raises(IndexNotReady):
            engine.put(OPEN, [bench.letter(2)])
        with closing(engine.beside()) as beside:
            bench.put(beside, [bench.letter(3, "路灯")])
            beside.become_current()
        assert engine.ready()
        assert bench.numbers(engine, Everything()) == [3]


def test_a_broken_index_is_an_error_of_ours(tmp_path: Path, bench: Any) -> None:
    with closing(TantivyEngine(tmp_path)) as engine:
        bench.put(engine, [bench.letter(1, "路灯")])
        engine.commit()
    for broken in tmp_path.glob(f"g-*/{OPEN}/meta.json"):
        broken.write_text("{")
    with closing(TantivyEngine(tmp_path)) as engine:
        assert not engine.ready()
        with pytest.raises(EngineDown):
            bench.ask(engine, Everything())


def test_only_a_rebuild_becomes_current(tmp_path: Path) -> None:
    with closing(TantivyEngine(tmp_path)) as engine, pytest.raises(ValueError, match="beside"):
        engine.become_current()
