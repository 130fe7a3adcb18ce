"""A link is a matter of two contents alone, whatever else is there and in whichever order."""

from __future__ import annotations

import random

import numpy as np

from cli.sample.letters import letters as invented
from cli.sample.petition import import_record
from search.duplicates.contents import Content, Keys, Rest, content_of
from search.duplicates.links import LEAST_HELD, Pairs, candidates, linked

CAFE = "A5区魅力之城小区底层餐馆油烟扰民"
TEXTS = (
    (CAFE, "小区一楼的餐馆没有专用烟道，油烟直接排到楼上，业主多次投诉没有结果，请环保局查处。"),
    (
        "魅力之城小区一楼饭店油烟直排",
        "魅力之城底层饭店油烟直排，住户不敢开窗，请求环保局查处这些餐馆。",
    ),
    (
        "请问公积金贷款额度如何计算",
        "夫妻双方缴存公积金满三年，购买首套住房可以贷款多少，请问需要哪些材料？",
    ),
)


def contents(count: int = 250) -> list[Content]:
    rows = [dict(import_record(one)) for one in invented(count)]
    told = [(str(row["subject"]), str(row["text"])) for row in rows]
    return [content_of(*one) for one in (*TEXTS, *told)]


def found(made: list[Content], asked: np.ndarray) -> dict[tuple[int, int], float]:
    keys, rest = Keys.of([one.keys for one in made]), Rest.of([one.rest for one in made])
    links: dict[tuple[int, int], float] = {}
    for _, pairs in candidates(keys, asked):
        kept, odds = linked(rest, pairs)
        for one, other, value in zip(
            kept.one.tolist(), kept.other.tolist(), odds.tolist(), strict=True
        ):
            pair = min(one, other), max(one, other)
            assert pair not in links, "a pair is compared once"
            links[pair] = value
    return links


def test_the_same_matter_in_other_words_is_linked_and_another_is_not() -> None:
    links = found([content_of(*one) for one in TEXTS], np.arange(3))
    assert list(links) == [(0, 1)]
    assert links[0, 1] > 0


def test_a_run_at_once_and_runs_one_after_another_find_the_same() -> None:
    made = contents()
    whole = found(made, np.arange(len(made)))
    assert len(whole) > 20
    assert found(made, np.arange(len(made))[::-1].copy()) == whole
    first = found(made[:100], np.arange(100))
    later = found(made, np.arange(100, len(made)))
    assert first | later == whole
    assert not first.keys() & later.keys()


def test_letters_beside_it_change_no_link() -> None:
    made = contents()
    whole = found(made, np.arange(len(made)))
    some = sorted(random.Random(3).sample(range(len(made)), 120))
    alone = found([made[place] for place in some], np.arange(len(some)))
    named = {(some[one], some[other]): odds for (one, other), odds in alone.items()}
    chosen = set(some)
    assert named == {pair: odds for pair, odds in whole.items() if chosen.issuperset(pair)}


def test_all_pairs_that_hold_enough_are_found() -> None:
    made = contents(60)
    keys = Keys.of([one.keys for one in made])
    column = keys.column
    words = [
        dict(
            zip(
                column.names[column.ends[row] : column.ends[row + 1]].tolist(),
                column.shares[column.ends[row] : column.ends[row + 1]].tolist(),
                strict=True,
            )
        )
        for row in range(len(made))
    ]
    wanted = {
        (one, other)
        for other in range(len(made))
        for one in range(other)
        if sum(share * words[other].get(name, 0.0) for name, share in words[one].items())
        >= LEAST_HELD + 1e-6
    }
    told = {
        (int(other), row)
        for row, pairs in candidates(keys, np.arange(len(made)))
        for other in pairs.other
    }
    assert wanted <= told
    assert len(wanted) > 20


def test_letters_without_words_are_compared_with_nothing() -> None:
    made = [content_of("", ""), content_of("？？", "……"), content_of(*TEXTS[0])]
    assert found(made, np.arange(3)) == {}
    rest = Rest.of([one.rest for one in made])
    nobody = np.zeros(0, dtype=np.int64)
    kept, odds = linked(rest, Pairs(nobody, nobody, np.zeros(0, dtype=np.float32)))
    assert len(kept.one) == len(odds) == 0
