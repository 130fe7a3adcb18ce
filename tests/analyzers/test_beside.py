"""What is marked when two letters are laid side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzers.likeness.beside import beside

LETTER = "建设路工地每天夜间施工到两点，噪音很大，老人孩子都睡不着，请尽快处理。"


def marked(text: str, spans: tuple[tuple[int, int], ...]) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_what_differs_is_marked_where_the_letters_are_alike() -> None:
    edited = LETTER.replace("两点", "三点半").replace("建设路", "解放路")
    found = beside(LETTER, edited)
    assert not found.shared
    assert marked(LETTER, found.one) == ["建设", "两点"]
    assert marked(edited, found.other) == ["解放", "三点半"]


def test_script_width_and_line_breaks_do_not_differ() -> None:
    other = "建設路工地每天夜間施工到兩點，\n噪音很大，老人孩子都睡不着，\n請盡快處理。"
    found = beside(LETTER, other)
    assert found.one == found.other == ()


def test_sentences_in_another_order_do_not_differ() -> None:
    first, second = "小区门口的路灯坏了半个月了。", "物业说要等上面拨款才能修好。"
    assert beside(first + second, second + first).one == ()


def test_what_is_shared_is_marked_where_the_letters_are_not_alike() -> None:
    other = "您好，我是建设路的住户，楼下有人跳舞，老人孩子都睡不着，已经一年了，打电话没有人管。"
    found = beside(LETTER, other)
    assert found.shared
    assert marked(LETTER, found.one) == ["，老人孩子都睡不着，"]
    assert marked(other, found.other) == ["，老人孩子都睡不着，"]


def test_texts_of_nothing() -> None:
    assert beside("", "").one == ()
    assert marked("路灯", beside("路灯", "").one) in ([], ["路灯"])


@given(st.text(max_size=60), st.text(max_size=60))
def test_spans_are_in_order_disjoint_and_within_the_text(one: str, other: str) -> None:
    found = beside(one, other)
    for text, spans in ((one, found.one), (other, found.other)):
        ends = [at for span in spans for at in span]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert ends == sorted(ends)


@given(st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    found = beside(text, text)
    assert found.shared or found.one == found.other == ()
