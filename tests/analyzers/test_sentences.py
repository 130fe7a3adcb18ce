from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.sentences import sentences, windows

TEXTS = st.text(st.sampled_from("小区噪音A3 。！？…；，、.：\n”』)1"), max_size=120)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("噪音扰民。望处理！", ["噪音扰民。", "望处理！"]),
        ("他说：“不管。”后来走了", ["他说：“不管。”", "后来走了"]),
        ("每平米3.5元，贵吗？？贵", ["每平米3.5元，贵吗？？", "贵"]),
        ("第一行\n第二行", ["第一行\n", "第二行"]),
        ("See a.b. Then c", ["See a.b. ", "Then c"]),
        ("没有句号", ["没有句号"]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


@given(TEXTS)
def test_sentences_are_the_whole_text(text: str) -> None:
    parts = sentences(text)
    assert "".join(text[start:end] for start, end in parts) == text
    assert all(start < end for start, end in parts)


@given(TEXTS, st.integers(1, 60), st.data())
def test_windows_hold_every_span(text: str, width: int, data: st.DataObject) -> None:
    borders = sorted(
        data.draw(st.lists(st.integers(0, len(text)), unique=True, max_size=12).map(sorted))
    )
    spans = list(zip(borders[::2], borders[1::2], strict=False))
    found = windows(text, spans, width)
    ends = [0, *(end for _, end in found)]
    assert all(before <= start <= end for before, (start, end) in zip(ends, found, strict=False))
    assert ends[-1] <= len(text)
    for start, end in spans:
        assert any(left <= start and end <= right for left, right in found)
    widest = max((end - start for start, end in spans), default=0)
    assert all(end - start <= max(width, widest) for start, end in found)


def test_a_window_is_whole_sentences_where_they_fit() -> None:
    text = "小区很吵。夜里施工到三点，没人管。望处理。谢谢！"
    at = text.index("施工")
    (window,) = windows(text, [(at, at + 2)], 20)
    assert text[slice(*window)] == "夜里施工到三点，没人管。望处理。谢谢！"
    (window,) = windows(text, [(at, at + 2)], 12)
    assert text[slice(*window)] == "夜里施工到三点，没人管。"


def test_a_window_ends_with_a_clause_where_no_sentence_fits() -> None:
    text = "我们小区的物业公司，自去年以来，从未公布过公共收益，也不回应业主的质疑"
    at = text.index("公共收益")
    (window,) = windows(text, [(at, at + 4)], 14)
    assert text[slice(*window)] in ("从未公布过公共收益，", "从未公布过公共收益，也")
    assert window[1] - window[0] <= 14


def test_far_spans_get_windows_of_their_own_and_near_ones_share() -> None:
    text = "甲。" + "乙" * 50 + "。丙丁。"
    assert len(windows(text, [(0, 1), (53, 54)], 10)) == 2
    assert len(windows(text, [(53, 54), (54, 55)], 10)) == 1
    assert windows(text, [], 10) == ()


def test_a_long_run_of_blanks_takes_no_long_time() -> None:
    text = "路灯" + " " * 100_000 + "坏了"
    begun = process_time()
    assert sentences(text) == ((0, len(text)),)
    assert process_time() - begun < 1
