"""The table of OWASP ASVS 5.0: complete, and its evidence exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "security.md"
STATES = {"met", "part", "gap", "none"}

OF_CHAPTER = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13,
    14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each chapter of 5.0.0 has: 253 in all."""


def rows() -> list[tuple[list[str], str, str, list[str]]]:
    """Numbers, what, state, evidence."""
    found = []
    for line in DOCUMENT.read_text("utf-8").splitlines():
        if re.match(r"\| \d", line):
            numbers, what, state, evidence = (cell.strip() for cell in line.strip("|").split("|"))
            found.append((numbers.split(", "), what, state, re.findall(r"`([^`]+)`", evidence)))
    return found


def test_every_requirement_of_levels_one_and_two_stands_there_once() -> None:
    numbers = [number for row in rows() for number in row[0]]
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", number) for number in numbers)
    assert Counter(int(number.split(".")[0]) for number in numbers) == OF_CHAPTER
    assert sum(OF_CHAPTER.values()) == 253


def test_each_row_says_how_far_and_what_is_missing() -> None:
    for numbers, what, state, _ in rows():
        word, _, missing = state.partition(":")
        assert word in STATES, numbers
        assert bool(missing.strip()) is (word in {"part", "gap"}), numbers
        assert what, numbers


def test_every_piece_of_evidence_exists() -> None:
    for numbers, _, _, evidence in rows():
        assert evidence, numbers
        for one in evidence:
            path, _, test = one.partition("::")
            assert (ROOT / path).is_file(), one
            if path.startswith("tests/") and path.endswith(".py"):
                source = (ROOT / path).read_text("utf-8")
                assert f"def {test or 'test_'}" in source, one
