"""The recombined corpus that measurements run on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from bench.corpus import recombined, sentences, source_letters
from cli.sample.letters import letters
from cli.sample.petition import import_record
from records.categories import category
from records.statuses import require_status

SOURCE = [import_record(letter) for letter in letters(60)]


def test_the_same_again_and_a_larger_count_begins_with_the_same() -> None:
    few = list(recombined(40, source=SOURCE))
    assert few == list(islice(recombined(100_000, source=SOURCE), 40))
    assert few != list(recombined(40, seed=2, source=SOURCE))
    assert len({one["id"] for one in few}) == 40


def test_letters_begin_and_end_with_sentences_of_the_source() -> None:
    parts = sentences(SOURCE)
    made = [one["text"] for one in recombined(200, source=SOURCE)]
    assert all(text.startswith(parts.openings) for text in made)
    assert all(text.endswith(parts.openings + parts.others) for text in made)
    assert len(set(made)) == 200


def test_lengths_stay_those_of_the_source() -> None:
    parts = sentences(SOURCE)
    mean = sum(len(str(one["text"])) for one in SOURCE) / len(SOURCE)
    made = [len(one["text"]) for one in recombined(400, source=SOURCE)]
    assert 0.8 < sum(made) / len(made) / mean < 1.2
    assert set(parts.lengths) <= set(range(1, 100))


def test_records_are_legal() -> None:
    for one in recombined(50, source=SOURCE):
        assert category(one["category"]).level == 3
        require_status(one["status"])
        assert ("reply" in one) == (one["status"] == "CLOSED")


def test_generated_letters_where_there_are_no_others(tmp_path: Path) -> None:
    found = source_letters(tmp_path)
    assert len(found) == 1500
    assert all(letter["text"] for letter in found)


def test_no_text_to_recombine() -> None:
    with pytest.raises(ValueError, match="no text to recombine"):
        sentences([{"text": ""}])
