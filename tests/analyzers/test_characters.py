"""Whole texts translated by table, against `str.translate`."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from analyzers import fold, personal
from analyzers.characters import Characters

BECOMES = {"a": "b", "c": "", "d": "ef", "\U0010ffff": "\U0010fffe", "\ud800": "\ud801"}


def fresh() -> Characters:
    return Characters(lambda character: BECOMES.get(character, character))


@given(st.text(st.sampled_from([*BECOMES, "x", "街", "\U0010fffd", "\U0010fffe"]), max_size=90))
def test_long_texts_are_translated_like_short_ones(text: str) -> None:
    assert fresh().translated(text) == "".join(BECOMES.get(one, one) for one in text)


@given(st.lists(st.text(st.sampled_from([*BECOMES, "x", "街", "\U0010fffd"]), max_size=9)))
def test_texts_are_translated_together_like_each_alone(texts: list[str]) -> None:
    table = fresh()
    for _ in range(2):  # met for the first time, and known
        assert table.translated_together(texts) == [table.translated(text) for text in texts]


def test_what_is_met_later_is_translated_too() -> None:
    table = fresh()
    assert table.translated("x" * 50) == "x" * 50
    assert table.translated("xa" * 50) == "xb" * 50
    assert table.translated("xc" * 50) == "x" * 50
    assert table.translated("xd" * 50) == "xef" * 50


def test_every_character_is_folded_alike_in_long_and_short_texts() -> None:
    for table in (fold._TABLE, personal._TABLE):
        for start in range(0, sys.maxunicode + 1, 5000):
            characters = [chr(code) for code in range(start, min(start + 5000, sys.maxunicode + 1))]
            one_by_one = "".join(one.translate(table) for one in characters)
            assert table.translated("".join(characters)) == one_by_one
            even = [one for one in characters if len(one.translate(table)) < 2]
            assert table.translated("".join(even)) == "".join(one.translate(table) for one in even)
