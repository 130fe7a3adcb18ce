"""`petitions duplicates` and `petitions similar`, as people and programs call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Petitions

AGAIN = "B2區柳岸路1號的路燈壞了，電話１３８１２３４５６７８。"


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "letter.txt"
    file.write_text(AGAIN, encoding="big5hkscs")
    return file


def test_a_letter_that_came_before(petitions: Petitions, export: Path, letter: Path) -> None:
    petitions("init")
    petitions("import", str(export))
    told = petitions("duplicates", "--text-file", str(letter), "--json")
    assert told.exit_code == 0
    first, *others = json.loads(told.stdout)
    assert (first["external_id"], first["verdict"], first["score"]) == ("X1", "exact", 1.0)
    assert first["reasons"][0] == "正文完全相同"
    assert {one["verdict"] for one in others} == {"related"}  # of other houses of the road


def test_from_standard_input_for_people(petitions: Petitions, export: Path) -> None:
    petitions("init")
    petitions("import", str(export))
    told = petitions("duplicates", "--text-file", "-", stdin=AGAIN)
    assert "1. exact 1.00" in told.stdout
    assert "答复: 已修好。" in told.stdout
    none = petitions("duplicates", "--text-file", "-", stdin="完全不同的一件事情")
    assert "nobody wrote this, or about it, before" in none.stdout


def test_of_a_letter_of_the_records(petitions: Petitions, export: Path) -> None:
    petitions("init")
    petitions("import", str(export))
    told = json.loads(petitions("duplicates", "X2", "--json").stdout)
    assert {one["external_id"] for one in told} == {"X1", "X3"}
    assert {one["evidence"] for one in told} == {"code"}
    like = json.loads(petitions("similar", "X2", "--json", "--size", "1").stdout)
    assert [one["external_id"] for one in like] == ["X1"]  # the one that was answered
    assert like[0]["replies"][0]["text"] == "已修好。"
    assert like[0]["why"]


@pytest.mark.parametrize(
    ("words", "code", "remedy"),
    [
        ((), 2, "--text-file"),
        (("X1", "--text-file", "letter.txt"), 2, "--text-file"),
        (("--text-file", "nowhere.txt"), 2, "give a text file"),
        (("--text-file", "-", "--region", "C9区"), 2, "choose one from the list"),
        (("X9",), 1, "no petition 'X9'"),
    ],
)
def test_mistakes_are_told(
    petitions: Petitions, export: Path, words: tuple[str, ...], code: int, remedy: str
) -> None:
    petitions("init")
    petitions("import", str(export))
    told = petitions("duplicates", *words, stdin=AGAIN)
    assert told.exit_code == code
    assert remedy in told.stderr


def test_a_file_without_text_is_refused(petitions: Petitions, tmp_path: Path) -> None:
    petitions("init")
    (tmp_path / "picture").write_bytes(bytes(range(256)) * 20)
    told = petitions("duplicates", "--text-file", str(tmp_path / "picture"))
    assert told.exit_code == 2
    assert "holds no text" in told.stderr
