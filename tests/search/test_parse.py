"""What people type, and what is asked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.fold import fold_text
from search.errors import QueryError
from search.parse import MAX_CHARACTERS, MAX_NESTING, cut, parse, relax
from search.query import (
    And,
    Attribute,
    Everything,
    Field,
    Is,
    Not,
    Or,
    Phrase,
    Query,
    Received,
    Some,
)

SIGNS = '路灯坏了噪音a3 12元\u3000"“”「」-－()（）|｜&:：,，　ORANDNOT标题subject自至2019年3月民國'


def words(query: Query) -> tuple[str, ...]:
    assert isinstance(query, Some)
    return tuple(word.text for word in query.words)


@settings(deadline=None)
@given(st.text() | st.text(alphabet=SIGNS, max_size=40))
def test_any_text_is_a_question_or_a_mistake_with_its_place(text: str) -> None:
    mistake: QueryError | None = None
    try:
        query = parse(text)
    except QueryError as error:
        mistake = error
    else:
        assert relax(query) != query
    if mistake is not None:
        assert 0 <= mistake.start < mistake.end <= len(text)
        assert mistake.code
        assert str(mistake)


@pytest.mark.parametrize("text", ["", "  ", "\u3000", '""', "“ ”", "\u200b", "」"])
def test_nothing_asks_for_everything(text: str) -> None:
    assert parse(text) == Everything()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("路", ("路",)),
        ("A3区", ("a3区",)),
        ("拆遷", ("拆迁",)),
        ("１２元", ("12元",)),
        ("噪音　施工", ("噪音", "施工")),
        ("噪音扰民", ("噪音", "扰民")),
        ("路 灯", ("路", "灯")),
        ("房产证，办不下来", ("房产证", "下来")),
        ("咨询（公积金）", ("咨询", "公积金")),
        ("covid-19", ("covid", "19")),
        ("？", ("?",)),
    ],
)
def test_bare_words_are_cut(text: str, expected: tuple[str, ...]) -> None:
    assert words(parse(text)) == expected


def test_left_over_characters_rank_but_lead_nowhere() -> None:
    query = parse("房产证办不下来")
    assert isinstance(query, Some)
    assert query.typed == ("房产证办不下来",)
    assert "办" not in words(query)


def test_single_characters_stay_together() -> None:
    assert cut("甪龘") == ("甪龘",)
    assert cut("甪龘靐齉") == ("甪龘", "龘靐", "靐齉")


def test_telling_words_lead_in_long_questions() -> None:
    long = parse("小区 附近 环境 严重 水泥搅拌厂 公积金")
    assert isinstance(long, Some)
    assert Phrase("公积金") in long.leading
    assert Phrase("小区") not in long.leading
    assert set(long.leading) < set(long.words)
    short = parse("小区 附近 公积金")
    assert isinstance(short, Some)
    assert short.leading == ()


@pytest.mark.parametrize(
    "text",
    [
        '"夜间施工"',
        "“夜间施工”",
        "”夜间施工“",
        "「夜間施工」",
        "『夜间施工』",
        "＂夜间施工＂",
        " “夜间施工” ",
    ],
)
def test_quoted_text_is_taken_exactly(text: str) -> None:
    assert parse(text) == Phrase("夜间施工")


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20).filter(lambda part: '"' not in part))
def test_any_quoted_text_asks_for_just_that(part: str) -> None:
    folded = fold_text(part)
    assert parse(f'"{part}"') == (Phrase(folded) if folded else Everything())


def test_quotes_within_quotes() -> None:
    assert parse('"他说“好”"') == Phrase("他说“好”")
    assert parse('"他说"好"') == Phrase('他说"好')
    assert parse("“他说“好”") == Phrase("他说“好")


def test_quoted_text_is_required_beside_words() -> None:
    query = parse('小区"夜间施工"噪音')
    assert isinstance(query, And)
    assert Phrase("夜间施工") in query.parts
    assert any(isinstance(part, Some) for part in query.parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("噪音 -施工", And((Not(Phrase("施工")), Phrase("噪音")))),
        ("噪音 －施工", And((Not(Phrase("施工")), Phrase("噪音")))),
        ("噪音 NOT 施工", And((Not(Phrase("施工")), Phrase("噪音")))),
        ("-施工", Not(Phrase("施工"))),
        ('-"夜间 施工"', Not(Phrase("夜间施工"))),
        ("噪音扰民 OR 施工", Or((Phrase("噪音扰民"), Phrase("施工")))),
        ("噪音｜施工", Or((Phrase("噪音"), Phrase("施工")))),
        ("a AND b", And((Phrase("a"), Phrase("b")))),
        ("a & b", And((Phrase("a"), Phrase("b")))),
        ("a b -c", And((Not(Phrase("c")), Some((Phrase("a"), Phrase("b")))))),
        ("a b OR c", Or((Some((Phrase("a"), Phrase("b"))), Phrase("c")))),
        ("（a OR b） AND c", And((Or((Phrase("a"), Phrase("b"))), Phrase("c")))),
        ("-(a OR b)", Not(Or((Phrase("a"), Phrase("b"))))),
    ],
)
def test_precise_questions(text: str, expected: Query) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("标题：路灯", Phrase("路灯", frozenset({Field.SUBJECT}))),
        ("SUBJECT:路灯", Phrase("路灯", frozenset({Field.SUBJECT}))),
        ("回覆:“已 办结”", Phrase("已办结", frozenset({Field.REPLY}))),
        ("编号：ＸＦ-12", Is(Attribute.NUMBER, frozenset({"xf-12"}))),
        ("status:CLOSED,FILED", Is(Attribute.STATUS, frozenset({"CLOSED", "FILED"}))),
        ("年份:民國108年", Is(Attribute.YEAR, frozenset({"2019"}))),
        ("自:2019", Received(since=date(2019, 1, 1))),
        ("after:2019年3月", Received(since=date(2019, 3, 1))),
        ("至：2020-02", Received(until=date(2020, 2, 29))),
        ("before:2019/3/5", Received(until=date(2019, 3, 5))),
        ("-状态:CLOSED", Not(Is(Attribute.STATUS, frozenset({"CLOSED"})))),
    ],
)
def test_fields(text: str, expected: Query) -> None:
    assert parse(text) == expected


def test_a_colon_behind_anything_else_is_text() -> None:
    assert "http" in words(parse("http://a.cn"))
    assert isinstance(parse("反映：路灯"), Some)


def test_the_office_says_what_values_there_are() -> None:
    def vocabulary(attribute: Attribute, typed: str) -> frozenset[str] | None:
        return (
            {"西地": frozenset({"W", "W2"})}.get(typed) if attribute is Attribute.REGION else None
        )

    assert parse("地区:西地", vocabulary) == Is(Attribute.REGION, frozenset({"W", "W2"}))
    with pytest.raises(QueryError) as caught:
        parse("路灯 地区:东地", vocabulary)
    assert (caught.value.code, caught.value.start, caught.value.end) == ("unknown_region", 3, 8)


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("噪音 - 施工", "lone_minus", (3, 4)),
        ("噪音 “施工", "unclosed_quote", (3, 6)),
        ("OR 噪音", "missing_operand", (0, 2)),
        ("噪音 OR", "missing_operand", (3, 5)),
        ("噪音 AND AND 施工", "missing_operand", (7, 10)),
        ("NOT", "missing_operand", (0, 3)),
        ("(a OR b", "unclosed_parenthesis", (0, 1)),
        ("a OR b)", "unopened_parenthesis", (6, 7)),
        ("标题： 路灯", "empty_field", (0, 3)),
        ("after:昨天", "bad_date", (0, 8)),
        ("after:2019-02-30", "bad_date", (0, 16)),
        ("(" * (MAX_NESTING + 1) + "a OR b", "too_nested", (MAX_NESTING, MAX_NESTING + 1)),
        ("a" * (MAX_CHARACTERS + 1), "too_long", (MAX_CHARACTERS, MAX_CHARACTERS + 1)),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, code: str, span: tuple[int, int]) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.code, (caught.value.start, caught.value.end)) == (code, span)


def test_relaxed_questions_take_any_character() -> None:
    relaxed = relax(parse("物叶费 “小区”"))
    assert isinstance(relaxed, And)
    assert Phrase("小区") in relaxed.parts
    (some,) = (part for part in relaxed.parts if isinstance(part, Some))
    assert {"物", "叶", "费"} < set(words(some))


@pytest.mark.parametrize("text", ["", '"夜间施工"', "噪音 -施工", "status:CLOSED", "路"])
def test_precise_questions_are_not_relaxed(text: str) -> None:
    assert relax(parse(text)) is None
