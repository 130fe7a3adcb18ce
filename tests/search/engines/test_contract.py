"""What every engine must do alike. The memory engine is what the others are measured by."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.fold import fold_text
from search.access import FieldRight, Scope
from search.engine import MAX_DEPTH, Engine, Level, Sort
from search.errors import TooDeep, UnknownFacet
from search.parse import parse
from search.query import (
    And,
    Attribute,
    Beside,
    Everything,
    Field,
    Is,
    Like,
    Not,
    Or,
    Phrase,
    Query,
    Received,
    Some,
    Why,
)

FACETS = ("region", "category", "status", "channel", "level", "year")
REGIONS = (("west",), ("west", "a"), ("west", "a", "a3"), ("east",))
CATEGORIES = (("01",), ("01", "0103"), ("02",))
WORDS = ("路灯", "小区", "噪音", "施工", "坏了", "拆迁", "a3")
NO_TEXT = Phrase("这句话谁也没写过")

texts = st.text(alphabet="路灯坏了小区噪音施工a3 ,。的拆遷①", max_size=24)
parts = st.one_of(
    st.text(alphabet="路灯坏了小区噪音施工a3", min_size=1, max_size=2),
    texts.map(fold_text).filter(bool).map(lambda text: text[:5]),
)
phrases = st.builds(Phrase, parts, st.just(frozenset()) | st.frozensets(st.sampled_from(Field)))
days = st.dates(date(2018, 12, 28), date(2019, 1, 12))
leaves: st.SearchStrategy[Query] = st.one_of(
    phrases,
    st.just(Everything()),
    st.builds(Some, st.lists(phrases, min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(
        lambda words, typed: Some(words, typed, words[:1]),
        st.lists(phrases, min_size=2, max_size=3, unique=True).map(tuple),
        st.lists(texts.map(fold_text), max_size=2).map(tuple),
    ),
    st.builds(
        lambda words, beside: Some(
            words,
            (words[0].text,),
            (*words[:1], *(Phrase(one.text) for one in beside if one.leads)),
            beside,
        ),
        st.lists(phrases, min_size=1, max_size=2, unique=True).map(tuple),
        st.lists(
            st.builds(
                Beside,
                st.sampled_from(WORDS),
                st.just(""),
                st.sampled_from([1.0, 0.5, 0.3]),
                st.sampled_from(Why),
                st.booleans(),
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(Like, st.lists(st.sampled_from(WORDS), max_size=4, unique=True).map(tuple)),
    st.builds(
        Is,
        st.just(Attribute.REGION),
        st.frozensets(st.sampled_from(["west", "a", "a3", "east", "nowhere"]), max_size=2),
    ),
    st.builds(Is, st.just(Attribute.STATUS), st.just(frozenset({"CLOSED"}))),
    st.builds(Is, st.just(Attribute.NUMBER), st.just(frozenset({"no1"}))),
    st.builds(Received, st.none() | days, st.none() | days),
)
queries: st.SearchStrategy[Query] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)
specs = st.fixed_dictionaries(
    {
        "subject": texts,
        "text": texts,
        "reply": texts,
        "order": st.integers(0, 2),
        "received": st.integers(0, 3).map(lambda day: 1_546_272_000 + 43_200 * day),
        "regions": st.sampled_from(REGIONS),
        "categories": st.sampled_from(CATEGORIES),
        "status": st.sampled_from(["REGISTERED", "CLOSED"]),
        "level": st.sampled_from(Level),
        "readers": st.just(("region:west",))
        | st.lists(
            st.sampled_from(["region:west", "region:a", "region:east", "user:li"]), unique=True
        ).map(tuple),
    }
)
shelves = st.lists(specs, max_size=7)
scopes = st.builds(
    Scope,
    st.just("li"),
    regions=st.frozensets(st.sampled_from(["west", "a", "east"])),
    level=st.sampled_from(Level),
    fields=st.sampled_from([frozenset(), frozenset({FieldRight.FULL_TEXT})]),
    own_fields=st.sampled_from([frozenset(), frozenset({FieldRight.FULL_TEXT})]),
    reads=st.booleans() | st.just(True),
)


@settings(max_examples=100, deadline=None)
@given(shelf=shelves, query=queries, scope=scopes, sort=st.sampled_from(Sort), page=st.data())
def test_answers_like_the_reference(
    fill: Any,
    bench: Any,
    shelf: list[dict[str, Any]],
    query: Query,
    scope: Scope,
    sort: Sort,
    page: Any,
) -> None:
    letters = [bench.letter(n, **spec) for n, spec in enumerate(shelf)]
    limit, offset = page.draw(st.integers(0, 5)), page.draw(st.integers(0, 5))
    asked = {"limit": limit, "offset": offset, "sort": sort, "facets": FACETS}
    given_ = bench.ask(fill(letters), query, scope, **asked)
    assert given_ == bench.ask(bench.reference(letters), query, scope, **asked)


@settings(max_examples=40, deadline=None)
@given(shelf=st.lists(specs, min_size=1, max_size=5), data=st.data())
def test_any_part_of_a_letter_finds_it(
    fill: Any, bench: Any, shelf: list[dict[str, Any]], data: Any
) -> None:
    letters = [bench.letter(n, **spec) for n, spec in enumerate(shelf)]
    wanted = data.draw(st.integers(0, len(shelf) - 1))
    whole = getattr(letters[wanted], data.draw(st.sampled_from(Field)).value).characters
    start = data.draw(st.integers(0, max(len(whole) - 1, 0)))
    part = whole[start : start + data.draw(st.integers(1, 20))]
    if part:
        level = {**shelf[wanted], "readers": ("region:west",)}
        letters[wanted] = bench.letter(wanted, **level)
        assert wanted in bench.numbers(fill(letters), Phrase(part))


@settings(max_examples=40, deadline=None)
@given(shelf=shelves, query=queries, other=queries)
def test_boolean_laws(
    fill: Any, bench: Any, shelf: list[dict[str, Any]], query: Query, other: Query
) -> None:
    engine = fill([bench.letter(n, **spec) for n, spec in enumerate(shelf)])

    def found(asked: Query) -> set[int]:
        return set(bench.numbers(engine, asked))

    everything, these, those = found(Everything()), found(query), found(other)
    assert found(Not(Everything())) == set()
    assert found(Not(query)) == everything - these
    assert found(Not(Not(query))) == these
    assert found(And((query, other))) == these & those
    assert found(Or((query, other))) == these | those
    assert found(Not(Or((query, other)))) == found(And((Not(query), Not(other))))
    assert found(Or((query, NO_TEXT))) == these
    assert found(Or(())) == set()
    assert found(And(())) == everything


@settings(max_examples=30, deadline=None)
@given(shelf=shelves, query=queries, size=st.integers(1, 3), sort=st.sampled_from(Sort))
def test_pages_are_disjoint_and_whole(
    fill: Any, bench: Any, shelf: list[dict[str, Any]], query: Query, size: int, sort: Sort
) -> None:
    engine = fill([bench.letter(n, **spec) for n, spec in enumerate(shelf)])
    whole = bench.numbers(engine, query, sort=sort)
    pages = [
        number
        for offset in range(0, len(whole) + size, size)
        for number in bench.numbers(engine, query, sort=sort, limit=size, offset=offset)
    ]
    assert pages == whole
    assert len(set(whole)) == bench.ask(engine, query, limit=0).total


@pytest.mark.parametrize(
    "typed", ["噪音", "施工 噪音", "a3小区路灯坏了", "噪音 -路灯", '"小区" 路']
)
def test_scores_are_those_of_the_reference(fresh: Engine, bench: Any, typed: str) -> None:
    """Sixty letters of a few words each: everything that ranks takes part."""
    chosen = random.Random(11)
    lines = ["小区噪音", "路灯坏了", "夜间施工", "a3区", "修好了。", "请问", "拆迁补偿"]

    def line() -> str:
        return "".join(chosen.choices(lines, k=chosen.randrange(6)))

    letters = [bench.letter(n, line(), line() + line(), line()) for n in range(60)]
    bench.put(fresh, letters)
    fresh.commit()
    found = bench.ask(fresh, parse(typed))
    assert found == bench.ask(bench.reference(letters), parse(typed))
    assert found.total > 5
    assert len({match.score for match in found.page}) > 3


ODD = (
    "涨到12.5元/吨, v2.0.1",
    "a" * 300,
    "b" * 40_000,
    "x.y" * 200,
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "\x01\x02\x7f\x80\x85\x9f",
    "\u200b\u200d\u2028\u2029\u00ad\ufeff\u180e",
    "𠀀𠮷㐀😀🏠",
    "␣ ．。",
)
"""Texts that an engine may cut, drop or take for a sign of its own."""


def test_odd_texts_are_found_like_others(fresh: Engine, bench: Any) -> None:
    letters = [bench.letter(n, text[:50], text + "路灯") for n, text in enumerate(ODD)]
    bench.put(fresh, letters)
    assert fresh.commit() == {}
    reference = bench.reference(letters)
    for text in map(fold_text, ODD):
        parts = {text[:1_000], text[:1], text[-1:], text[:2], text[1:4], text[:70]}
        for part in sorted(parts - {""}):
            asked = (Phrase(part), Some((Phrase(part), Phrase("路灯")), (part, "路灯")))
            for query in asked:
                assert bench.ask(fresh, query) == bench.ask(reference, query), part


def test_letters_that_hold_all_words_come_first(fresh: Engine, bench: Any) -> None:
    often = bench.letter(1, "噪音噪音噪音", "噪音" * 50)
    both = bench.letter(2, "关于小区的事", "这里很好" * 100 + "噪音和施工" + "今天天气好" * 100)
    bench.put(fresh, [often, both, bench.letter(3, "路灯")])
    fresh.commit()
    answer = bench.ask(fresh, Some((Phrase("噪音"), Phrase("施工"))))
    assert [int(match.id, 16) for match in answer.page] == [2, 1]
    assert (answer.total, answer.holding_all) == (2, 1)


def test_more_ties_than_a_page_holds(fresh: Engine, bench: Any) -> None:
    """Equal letters in several commits: `order` decides, then the id, also far down."""
    letters = [
        bench.letter(n, "路灯坏了", order=(n * 7_919) % 1_201 // 2, received=n % 3)
        for n in range(1_200)
    ]
    for start in range(0, len(letters), 400):
        fresh.put(next(iter(bench.editions(letters[0]))), letters[start : start + 400])
        fresh.commit()
    by_order = [n for _, n in sorted((letter.order, int(letter.id, 16)) for letter in letters)]
    by_day = sorted(by_order, key=lambda n: letters[n].received)
    for offset, limit in ((0, 10), (595, 10), (1_195, 10), (0, 700)):
        page = {"offset": offset, "limit": limit}
        expected = by_order[offset : offset + limit]
        assert bench.numbers(fresh, Phrase("路灯"), **page) == expected
        assert bench.numbers(fresh, Phrase("路灯"), sort=Sort.NEWEST, **page) == expected
        assert bench.numbers(fresh, Everything(), **page) == expected
        oldest = bench.numbers(fresh, Phrase("路灯"), sort=Sort.OLDEST, **page)
        assert oldest == by_day[offset : offset + limit]
    both = Some((Phrase("路灯"), Phrase("坏")))
    assert bench.ask(fresh, both, limit=5).holding_all == 1_200
    assert bench.ask(fresh, Some((Phrase("路灯"), Phrase("水"))), limit=5).holding_all == 0


def test_a_letter_like_others_is_ranked_by_all_words_within_its_scope(
    fresh: Engine, bench: Any
) -> None:
    """Of words that rank and of those that don't, at every level; what is outside stays out."""
    dice = random.Random(3)
    letters = [
        bench.letter(
            n,
            "".join(dice.choices(WORDS, k=dice.randint(0, 2))),
            "，".join(dice.choices((*WORDS, "的是"), k=dice.randint(0, 30))),
            readers=dice.choice((("region:west",), ("region:east",), ("user:li",), ())),
            level=dice.choice(list(Level)),
        )
        for n in range(300)
    ]
    bench.put(fresh, letters)
    fresh.commit()
    reference = bench.reference(letters)
    scope = Scope("li", frozenset({"west"}), level=Level.RESTRICTED, reads=True)
    for words in (WORDS, WORDS[:1], ("的是", "没有人写"), ("的是", "路灯")):
        for limit in (0, 5, 300):
            asked = {"limit": limit, "facets": ["level"]}
            answer = bench.ask(fresh, Like(words), scope, **asked)
            assert answer == bench.ask(reference, Like(words), scope, **asked)


def test_put_replaces_and_remove_takes_out(fresh: Engine, bench: Any) -> None:
    bench.put(fresh, [bench.letter(1, "路灯"), bench.letter(2, "路灯")])
    bench.put(fresh, [bench.letter(1, "水管")])
    assert bench.numbers(fresh, Everything()) == []
    fresh.commit()
    assert bench.numbers(fresh, Phrase("路灯")) == [2]
    bench.put(fresh, [bench.letter(2, "水管")])
    fresh.commit()
    assert bench.numbers(fresh, Phrase("路灯")) == []
    assert bench.numbers(fresh, Phrase("水管")) == [1, 2]
    for index in bench.editions(bench.letter(1)):
        fresh.remove(index, [f"{1:032x}", "unknown"])
    fresh.commit()
    assert bench.numbers(fresh, Everything()) == [2]
    bench.put(fresh, [bench.letter(1, "路灯")])
    fresh.commit()
    assert bench.numbers(fresh, Everything()) == [1, 2]


def test_an_empty_scope_finds_nothing(fresh: Engine, bench: Any) -> None:
    bench.put(fresh, [bench.letter(1, "路灯")])
    fresh.commit()
    answer = bench.ask(fresh, Everything(), Scope("nobody"), facets=["region"])
    assert (answer.total, answer.holding_all, answer.page) == (0, 0, ())
    assert answer.facets == {"region": {}}


@pytest.mark.parametrize("fields", [frozenset(), frozenset({FieldRight.FULL_TEXT})])
@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ((), [1, 2, 3, 4, 5]),
        (("01",), [1, 2, 5]),
        (("0103",), [2, 5]),
        (("01", "02"), [1, 2, 3, 5]),
    ],
)
def test_a_scope_holds_its_categories_and_own_letters(
    fresh: Engine,
    bench: Any,
    categories: tuple[str, ...],
    expected: list[int],
    fields: frozenset[FieldRight],
) -> None:
    west = ("region:west",)
    bench.put(
        fresh,
        [
            bench.letter(1, "路灯", categories=("01",), readers=west),
            bench.letter(2, "路灯", categories=("01", "0103"), readers=west),
            bench.letter(3, "路灯", categories=("02",), readers=west),
            bench.letter(4, "路灯", categories=(), readers=west),
            bench.letter(5, "路灯", categories=("02",), readers=("user:li",)),
            bench.letter(6, "路灯", categories=("01",), readers=("region:east",)),
        ],
    )
    fresh.commit()
    scope = Scope(
        "li", frozenset({"west"}), fields=fields, reads=True, categories=frozenset(categories)
    )
    found = bench.ask(fresh, Phrase("路灯"), scope, facets=["category"])
    assert sorted(int(match.id, 16) for match in found.page) == expected
    assert found.total == len(expected)
    held = {1: ("01",), 2: ("01", "0103"), 3: ("02",), 4: (), 5: ("02",)}
    counts = Counter(code for number in expected for code in held[number])
    assert found.facets["category"] == dict(counts)


def test_counts_name_only_what_was_found(fresh: Engine, bench: Any) -> None:
    bench.put(
        fresh,
        [
            bench.letter(1, "路灯", regions=("west", "a"), status="CLOSED"),
            bench.letter(2, "路灯", regions=("west", "b")),
            bench.letter(3, "路灯", regions=("east",), readers=("region:east",)),
        ],
    )
    fresh.commit()
    facets = bench.ask(fresh, Phrase("路灯"), facets=["region", "status"], limit=0).facets
    assert facets["region"] == {"west": 2, "a": 1, "b": 1}
    assert Counter(facets["status"]) == Counter({"CLOSED": 1, "REGISTERED": 1})


@pytest.mark.parametrize("name", ["reader", "number", "text", "order", ""])
def test_what_may_not_be_counted_is_refused(fresh: Engine, bench: Any, name: str) -> None:
    with pytest.raises(UnknownFacet):
        bench.ask(fresh, Everything(), facets=[name])


def test_deep_pages_are_refused(fresh: Engine, bench: Any) -> None:
    assert bench.ask(fresh, Everything(), offset=MAX_DEPTH - 10, limit=10).page == ()
    with pytest.raises(TooDeep):
        bench.ask(fresh, Everything(), offset=MAX_DEPTH - 9, limit=10)


def test_long_tokens_are_found_whole(fresh: Engine, bench: Any) -> None:
    token = "x" * 299 + "y"
    bench.put(fresh, [bench.letter(1, token), bench.letter(2, "x" * 300)])
    fresh.commit()
    assert bench.numbers(fresh, Phrase(token)) == [1]
    assert bench.numbers(fresh, Phrase("x" * 299)) == [1, 2]


def test_days_begin_at_midnight_of_the_office(fresh: Engine, bench: Any) -> None:
    midnight = 1_546_272_000  # 2019-01-01 00:00 in Shanghai
    bench.put(fresh, [bench.letter(n, received=midnight + n - 1) for n in range(3)])
    fresh.commit()
    first = date(2019, 1, 1)
    assert bench.numbers(fresh, Received(since=first)) == [1, 2]
    assert bench.numbers(fresh, Received(until=first - timedelta(days=1))) == [0]
    assert bench.numbers(fresh, Received(first, first)) == [1, 2]
    assert bench.numbers(fresh, Received(date.min, date.max)) == [0, 1, 2]


def test_longest_question_is_summed_exactly(fresh: Engine, bench: Any) -> None:
    """A thousand rare characters, all held: nothing is rounded."""
    rare = [chr(code) for code in range(0x4E00, 0x9FA5) if fold_text(chr(code)) == chr(code)]
    typed = "".join(rare[-1_000:])
    bench.put(fresh, [bench.letter(1, typed, typed), bench.letter(2, typed[:500], "短")])
    fresh.commit()
    query = Some((Phrase(typed[:2]), Phrase(typed[2:4])), (typed,))
    scores = [match.score for match in bench.ask(fresh, query).page]
    wanted = bench.reference([bench.letter(1, typed, typed), bench.letter(2, typed[:500], "短")])
    assert scores == [match.score for match in bench.ask(wanted, query).page]
    assert all(score * 256 == int(score * 256) for score in scores)
