"""Lines made ready in a process of their own are those that are made ready here, whatever happens
to it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from ingest.preparing import BATCH, Batch, Rules, made_ready
from ingest.preparing_apart import Apart, reading_apart
from records.home import Settings

RULES = Rules(Settings(), {}, "import", ())


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("apart") / "old.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(3 * BATCH + 7):
            text = f"第{number}号灯坏了，请联系张小明13812345678。" * 30
            one = {"id": str(number), "subject": f"路灯{number}", "text": text}
            file.write(json.dumps(one, ensure_ascii=False) + "\n")
        file.write("{no JSON\n")
    return path


@pytest.fixture(scope="module")
def here(export: Path) -> list[Batch]:
    return list(made_ready(export, RULES))


def test_the_same_as_here(export: Path, here: list[Batch]) -> None:
    assert sum(len(batch.lines) for batch in here) == 3 * BATCH + 8
    with reading_apart(export) as apart:
        assert apart is not None
        assert list(apart.batches(export, RULES)) == here


def test_killed_on_the_way(export: Path, here: list[Batch]) -> None:
    with closing(Apart()) as apart:
        found = apart.batches(export, RULES)
        got = [next(found)]
        apart._process.kill()
        assert got + list(found) == here


def test_dead_before_it_is_told(export: Path, here: list[Batch]) -> None:
    with closing(Apart()) as apart:
        apart._process.kill()
        apart._process.wait()
        assert list(apart.batches(export, RULES)) == here


def test_never_told_it_ends_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    apart = Apart()
    assert apart._process.stdin is not None
    apart._process.stdin.close()
    assert apart._process.wait(60) == 0
    apart.close()
    assert capfd.readouterr() == ("", "")


def test_a_short_file_is_read_here(tmp_path: Path) -> None:
    path = tmp_path / "short.jsonl"
    path.write_text('{"id": "1", "text": "灯"}\n', encoding="utf-8")
    with reading_apart(path) as apart:
        assert apart is None
