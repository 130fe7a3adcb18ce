from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.fold import Folded, fold, fold_text

# Any character, and often those that fold to nothing, to several, or look at their neighbours.
AWKWARD = "ab1 　 \t\n\r\u200b\ufeff\u00ad\ufe0f中國网Ａ１㈱①㎏ﬃ…İßς¨ﷺ⻔\ud800␣"
TEXTS = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=())))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＷＩＦＩ", "wifi"),
        ("１２元", "12元"),
        ("拆遷補償", "拆迁补偿"),
        ("頭髮、後来、乾燥", "头发、后来、干燥"),
        ("小 区\n物　业", "小区物业"),
        ("wi fi", "wi fi"),
        ("wi \t fi", "wi fi"),
        ("A3 区", "a3区"),
        ("  Office  2019 年 ", "office 2019年"),
        ("物\u200b业\ufeff费\u00ad葛\ufe0f", "物业费葛"),
        ("a\u200b \u200bb", "a b"),
        ("㈱和①", "(株)和1"),
        ("⻔⼀⻓", "门一长"),
        ("豈", "岂"),
        ("half\ud800pair", "half�pair"),
        ("", ""),
        (" 　\n", ""),
    ],
)
def test_one_spelling(text: str, folded: str) -> None:
    assert fold_text(text) == folded
    assert fold(text).text == folded


@given(TEXTS)
def test_map_and_text_agree_and_folding_again_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert folded.text == fold_text(text)
    assert fold_text(folded.text) == folded.text
    assert folded.original_length == len(text)
    assert folded.origins is None or list(folded.origins) == sorted(folded.origins)


@given(TEXTS, st.data())
def test_a_part_folds_to_a_part(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    part = text[start : data.draw(st.integers(start, len(text)))]
    if part.strip():
        assert fold_text(part) in fold_text(text)


@given(TEXTS, st.data())
def test_a_span_leads_back_to_characters_that_fold_to_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.span(start, end)
    assert 0 <= first <= last <= len(text)
    assert (first == last) == (start == end)
    within = folded.text[start:end].strip()
    assert within in fold_text(text[first:last])


@given(TEXTS)
def test_the_whole_span_holds_all_that_folds(text: str) -> None:
    folded = fold(text)
    first, last = folded.span(0, len(folded.text))
    assert fold_text(text[first:last]) == folded.text


def test_a_span_widens_to_whole_characters() -> None:
    folded = fold("甲㈱ 乙")
    assert folded.text == "甲(株)乙"
    assert folded.span(2, 3) == (1, 2)
    assert folded.span(0, 2) == (0, 2)
    assert folded.span(3, 5) == (1, 4)


def test_an_empty_span_stays_empty_and_one_outside_is_refused() -> None:
    folded = fold("小 区")
    assert folded.span(1, 1) == (2, 2)
    assert folded.span(2, 2) == (3, 3)
    with pytest.raises(ValueError, match="leaves a folded text of 2"):
        folded.span(1, 3)
    with pytest.raises(ValueError, match="leaves"):
        Folded("ab", 2).span(-1, 1)


@given(TEXTS)
def test_no_folding_holds_the_sign_that_stands_for_a_space_in_the_index(text: str) -> None:
    assert "␣" not in fold_text(text)


def test_published_letters_fold_alike_by_both_ways(letters: list[str]) -> None:
    for letter in letters[:500]:
        folded = fold(letter)
        assert folded.text == fold_text(letter)
        middle = letter[len(letter) // 3 : len(letter) // 3 + 20]
        assert fold_text(middle) in folded.text
