"""The figures that rank, and that their sums are exact."""

from __future__ import annotations

import itertools
import json
import random
import struct
from collections import Counter
from pathlib import Path

import pytest

from analyzers.segment import words
from search import ranking
from search.query import And, Beside, Field, Not, Phrase, Some, Why
from search.ranking_table import HIGHEST_CHARACTER, HIGHEST_WORD
from search.ranking_table.build import RAREST, figures, packed, petitions
from search.ranking_table.table import TABLE, read_table


def float32(value: float) -> float:
    (rounded,) = struct.unpack("f", struct.pack("f", value))
    return float(rounded)


def test_a_letter_that_holds_all_words_is_out_of_reach_of_the_others() -> None:
    characters = ranking.CHARACTERS[1] * HIGHEST_CHARACTER * max(ranking.IMPACTS)
    in_words = ranking.WORDS[1] * HIGHEST_WORD * max(ranking.WORD_IMPACTS)
    assert characters + in_words < ranking.TIER


def test_no_sum_is_ever_rounded() -> None:
    """The smallest step and the largest sum lie within float32's 24 bits."""
    step = 1 / 256
    weights = {*TABLE.characters.values(), *TABLE.words.values(), TABLE.unknown_word}
    factors = {*ranking.IMPACTS, *ranking.WORD_IMPACTS}
    assert all((w * f / step).is_integer() for w, f in itertools.product(weights, factors))
    assert 2 * ranking.TIER / step <= 2**24


def test_the_longest_question_adds_up_alike_in_any_order() -> None:
    chosen = random.Random(5)
    typed = "".join(chosen.sample(sorted(TABLE.characters), 1_000))
    terms = ranking.terms(Phrase(typed))
    assert len(terms.characters) == ranking.CHARACTERS[1]
    parts = [weight * chosen.choice(ranking.IMPACTS) for _, weight in terms.characters]
    parts += [weight * chosen.choice(ranking.WORD_IMPACTS) for _, weight in terms.words]
    parts.append(ranking.TIER)
    for _ in range(20):
        chosen.shuffle(parts)
        total = 0.0
        for part in parts:
            total = float32(total + float32(part))
        assert total == sum(parts)


def test_weights_are_within_their_bounds() -> None:
    assert all(0 <= weight <= HIGHEST_CHARACTER for weight in TABLE.characters.values())
    assert all(0 < weight <= HIGHEST_WORD for weight in TABLE.words.values())
    assert TABLE.characters["的"] == 0
    assert TABLE.characters["，"] == TABLE.characters[" "] == 0
    assert TABLE.characters["龘"] >= max(w for c, w in TABLE.characters.items() if c != "龘") - 1
    assert TABLE.words["小区"] < TABLE.words["公积金"] < TABLE.unknown_word


def test_positive_texts_rank_and_negated_ones_do_not() -> None:
    query = And((Some((Phrase("噪音"),), ("噪音扰民",)), Phrase("公积金"), Not(Phrase("学校"))))
    terms = ranking.terms(query)
    assert {"噪", "音", "扰", "民", "公", "积", "金"} >= {term.text for term in terms.characters}
    assert {term.text for term in terms.words} == {"噪音", "扰民", "公积金"}
    weights = [term.weight for term in terms.characters]
    assert weights == sorted(weights, reverse=True)


def test_the_heavier_half_of_a_long_question_ranks() -> None:
    known = sorted((c for c, w in TABLE.characters.items() if w), key=TABLE.characters.__getitem__)
    light, heavy = known[:40], known[-40:]
    terms = ranking.terms(Phrase("".join(light + heavy)))
    assert {term.text for term in terms.characters} == set(heavy)


def test_all_words_are_two_at_least() -> None:
    a, b, c = Phrase("噪音"), Phrase("施工"), Phrase("学校")
    assert ranking.all_words(Some((a,))) == ()
    for leads, wanted in ((True, (a,)), (False, ())):
        other = Beside("噪声", "噪音", 0.5, Why.SYNONYM, leads)
        assert ranking.all_words(Some((a,), beside=(other,))) == wanted
    assert ranking.all_words(And((Some((a, b)), Not(Some((b, c)))))) == (a, b)


def characters(subject: str = "", text: str = "", reply: str = "") -> dict[str, int]:
    texts = {Field.SUBJECT: subject, Field.TEXT: text, Field.REPLY: reply}
    return ranking.character_impacts({field: Counter(one) for field, one in texts.items() if one})


def test_impacts_by_hand() -> None:
    """One character once in a text of average length: 1 / (1 + 1.2), the nearest level."""
    length = round(TABLE.average_characters[Field.TEXT])
    text = "噪" + "的" * (length - 1)
    impact = ranking.IMPACTS[characters(text=text)["噪"]]
    assert impact == min(ranking.IMPACTS, key=lambda level: abs(level - 1 / 2.2))
    assert "的" not in characters(text=text)


def test_impacts_of_words_by_hand() -> None:
    """One word once in a text of average length, and once in a subject of average length too."""
    text = Counter({"噪音": 1, "小区": round(TABLE.average_words[Field.TEXT]) - 1})
    subject = Counter({"噪音": 1, "小区": round(TABLE.average_words[Field.SUBJECT]) - 1})
    once = ranking.word_impacts({Field.TEXT: text})["噪音"]
    twice = ranking.word_impacts({Field.TEXT: text, Field.SUBJECT: subject})["噪音"]
    for place, impact in ((once, 1 / 2.2), (twice, 2 / 2.2)):
        nearest = min(ranking.WORD_IMPACTS, key=lambda level: abs(level - impact))
        assert ranking.WORD_IMPACTS[place] == nearest
    assert ranking.word_impacts({Field.TEXT: Counter("路")}) == {}


def test_more_of_a_character_never_weighs_less() -> None:
    places = [characters(text="噪" * n + "好" * (300 - n))["噪"] for n in range(1, 200)]
    assert places == sorted(places)
    in_both = characters("噪音", "噪音" * 9, "噪音")["噪"]
    assert in_both > characters(text="噪音" * 9)["噪"]
    assert characters(reply="噪音")["噪"] < characters("噪音")["噪"]
    assert characters() == {}


def test_the_table_is_made_of_counts(tmp_path: Path) -> None:
    file = tmp_path / "published.jsonl"
    letters = [
        {"subject": "路燈壞了", "text": f"公积金{n}，" + ("噪音" if n < RAREST else "绿化")}
        for n in range(9)
    ]
    letters.append({"subject": "张某某", "text": ""})
    file.write_text("\n".join(map(json.dumps, letters)), encoding="utf-8")
    made = figures(petitions([file]))
    table = read_table(packed(made))
    assert packed(made) == packed(figures(petitions([file])))
    assert table.words["噪音"] > table.words["绿化"] > table.words["公积金"]
    assert "路" in table.characters
    assert "某" not in table.characters
    assert table.word_weight("张某某") == table.unknown_word >= max(table.words.values())
    assert table.average_characters["subject"] == 3.9
    assert set(table.words) <= {word for letter in letters for word in words(letter["text"])} | {
        "路灯",
        "坏",
        "了",
        "坏了",
    }


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text('{"subject": "a"}\n{', encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        list(petitions([file]))
