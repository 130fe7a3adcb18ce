"""Where a text met a question: spans in original positions, passages, boxes on a page."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from analyzers.fold import fold_text
from search.answers import Source
from search.boxes import PageLine, word_boxes
from search.parse import parse
from search.passages import WIDTH, Needles, needles, passages, spans
from search.query import Field

HAN = st.text(alphabet="路灯拆遷迁噪音，。 ！Ａa3区\n", max_size=400)
LONG = (
    "今天天气很好。" * 40
    + "小区路灯坏了两个月。"
    + "没有人来管。" * 40
    + "拆迁款和路灯都没有下文。"
)


def test_needles_are_what_is_asked_for_in_a_field() -> None:
    query = parse('"夜间 施工" -噪音 subject:路灯 reply:(您好)'.replace("(您好)", "您好"))
    assert needles(query, Field.TEXT).texts == ("夜间施工",)
    assert needles(query, Field.SUBJECT).texts == ("夜间施工", "路灯")
    assert needles(query, Field.REPLY).texts == ("夜间施工", "您好")
    assert needles(parse("-噪音 region:A市"), Field.TEXT).texts == ()


def test_spans_are_in_original_positions() -> None:
    text = "關於Ａ３ 区 拆 遷的１２元"
    found = spans(text, Needles(("a3区", "拆迁", "12元")))
    assert [text[start:end] for start, end in found] == ["Ａ３ 区", "拆 遷", "１２元"]


def test_touching_and_overlapping_spans_are_one() -> None:
    assert spans("物业费乱涨", Needles(("物业费", "业费乱", "涨"))) == ((0, 5),)


@given(HAN, st.lists(st.sampled_from(["路灯", "拆迁", "a3区", "音", "，。"]), max_size=4))
def test_spans_cover_exactly_what_was_met(text: str, words: list[str]) -> None:
    wanted = Needles(tuple(dict.fromkeys(words)))
    found = spans(text, wanted)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    assert bool(found) == any(word in fold_text(text) for word in wanted.texts)
    for start, end in found:
        assert any(word in fold_text(text[start:end]) for word in wanted.texts)


@given(HAN, st.lists(st.sampled_from(["路灯", "拆迁", "a3区", "音"]), max_size=4))
def test_passages_are_parts_of_the_text(text: str, words: list[str]) -> None:
    found = passages(text, Needles(tuple(dict.fromkeys(words))), source=Source.LETTER)
    assert bool(found) == bool(text.strip())
    for one in found:
        assert text[one.start :].startswith(one.text)
        assert one.text == one.text.strip()
        assert all(0 <= start < end <= len(one.text) for start, end in one.spans)
    for one, other in pairwise(found):
        assert one.start + len(one.text) <= other.start


def test_the_best_passages_come_in_the_order_of_the_text() -> None:
    found = passages(LONG, Needles(("路灯", "拆迁")), source=Source.LETTER)
    marked = [[one.text[start:end] for start, end in one.spans] for one in found]
    assert marked == [["路灯"], ["拆迁", "路灯"]]
    (best,) = passages(LONG, Needles(("路灯", "拆迁")), source=Source.LETTER, most=1)
    assert {best.text[start:end] for start, end in best.spans} == {"拆迁", "路灯"}
    assert all(len(one.text) <= 2 * WIDTH for one in found)


def test_a_very_long_text_full_of_hits_takes_no_long_time() -> None:
    begun = process_time()
    first, second = passages("长路灯。" * 100_000, Needles(("路灯",)), source=Source.LETTER)
    assert process_time() - begun < 4  # every hit against every passage took 14 seconds
    assert (first.start, second.start) == (0, len(first.text))
    assert all(one.text[a:b] == "路灯" for one in (first, second) for a, b in one.spans)


def test_a_text_that_met_nothing_is_opened_at_its_beginning() -> None:
    (only,) = passages(LONG, Needles(("施工",)), source=Source.REPLY)
    assert (only.start, only.spans, only.source) == (0, (), Source.REPLY)
    assert LONG.startswith(only.text)
    assert passages(" \n", Needles(("施工",)), source=Source.REPLY) == ()


def test_boxes_follow_the_widths_of_characters() -> None:
    line = PageLine("abc路灯", (0, 0, 350, 100))
    (box,) = word_boxes([line], Needles(("路灯",)))
    assert (box.text, box.box) == ("路灯", (150.0, 0, 350.0, 100))


def test_a_word_over_two_lines_has_two_boxes() -> None:
    lines = [PageLine("请修路", (0, 0, 300, 100)), PageLine("灯谢谢", (0, 120, 300, 220))]
    found = word_boxes(lines, Needles(("路灯",)))
    assert [(one.text, one.box) for one in found] == [
        ("路", (200.0, 0, 300.0, 100)),
        ("灯", (0.0, 120, 100.0, 220)),
    ]


def test_a_line_printed_downwards_has_its_boxes_below_each_other() -> None:
    (box,) = word_boxes([PageLine("请修路灯", (0, 0, 100, 400))], Needles(("路灯",)))
    assert box.box == (0, 200.0, 100, 400.0)


def test_a_page_without_lines_or_words_has_no_boxes() -> None:
    assert word_boxes([], Needles(("路灯",))) == ()
    assert word_boxes([PageLine("路灯", (0, 0, 1, 1))], Needles(())) == ()
