"""Our tokens are jieba's: the oracle is jieba itself with the same dictionary."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import warnings
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import segment
from analyzers.fold import fold, fold_text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a package written for older Pythons
    import jieba
    from jieba.finalseg.prob_emit import P as EMISSIONS


class Oracle(Protocol):
    FREQ: dict[str, int]

    def add_word(self, word: str, freq: int) -> None: ...
    def initialize(self) -> None: ...
    def lcut(self, text: str) -> list[str]: ...


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.initialize()
    for word, frequency in segment.dictionary():
        tokenizer.add_word(word, frequency)
    whole: Oracle = tokenizer
    return whole


HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
WRITTEN = (
    "物业费|A7县|公积金|不動產權證|研究生命|的|了|城|3栋|乒乓|哈哈|咚咚咚|吧吧吧吧|甲兵兵兵乙"
    "|WIFI|at&t|C++|t恤|3.5%|2019.5.6|a-b_c|http://x.cn/?q=1%|1,000元|……|\r\n| |😀|é|𠮷|㐂|鿾|﨎|🈶"
)
PIECES = st.one_of(
    st.sampled_from(WRITTEN.split("|")),
    st.text(HAN, min_size=1, max_size=4),
    st.text(st.sampled_from(segment._UNMODELLED), min_size=1, max_size=3),
    st.text(st.sampled_from("+#&._%-"), min_size=1, max_size=2),
    st.text(st.sampled_from("abkz0123459"), min_size=1, max_size=5),
    st.text(st.characters(exclude_categories=()), max_size=3),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def test_letters_are_cut_as_jieba_cuts_them(letters: list[str], oracle: Oracle) -> None:
    every = letters[:: max(1, len(letters) // 2000)]  # jieba takes a second for 500 letters
    folded = [fold_text(letter) for letter in every]
    different = [text[:80] for text in folded if segment.cut(text) != oracle.lcut(text)]
    assert different == []


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
def test_any_text_is_cut_as_jieba_cuts_it(oracle: Oracle, text: str) -> None:
    folded = fold_text(text)
    assert segment.cut(folded) == oracle.lcut(folded)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join).filter(lambda t: t.isprintable()))
def test_unfolded_text_too(oracle: Oracle, text: str) -> None:
    assert segment.cut(text) == oracle.lcut(text)


def test_where_two_paths_weigh_the_same(oracle: Oracle) -> None:
    doubled = [w[0] for w, f in oracle.FREQ.items() if f and len(w) == 2 and w == w[0] * 2]
    for character in doubled:
        for times in (3, 4, 5):
            text = character * times + "作响"
            assert segment.cut(text) == oracle.lcut(text)


def test_our_words_are_new_to_jieba_and_stand_once(oracle: Oracle) -> None:
    ours = [word for word, _ in segment.dictionary()]
    assert len(ours) == len(set(ours))
    assert all(fold_text(word) == word for word in ours)
    plain = jieba.Tokenizer()
    plain.tmp_dir = jieba.dt.tmp_dir
    plain.FREQ = {}
    with plain.get_dict_file() as lines:
        theirs = {line.decode().split(" ")[0] for line in lines}
    assert theirs.isdisjoint(ours)


def test_the_unmodelled_ideographs_are_those_of_jiebas_table() -> None:
    known = EMISSIONS["S"]
    block = map(chr, range(0x4E00, 0x9FD6))
    assert "".join(one for one in block if one not in known) == segment._UNMODELLED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("西地省A7县星沙街道", ["a7县"]),
        ("A市A3区与K8县", ["a市", "a3区", "k8县"]),
        ("A7縣城區", ["a7县"]),
        ("住房公积金和不動產權證", ["住房公积金", "不动产权证"]),
        ("业委会收物业费", ["业委会", "物业费"]),
    ],
)
def test_places_and_terms_stay_whole(text: str, words: list[str]) -> None:
    assert set(words) <= set(segment.words(fold_text(text)))


@given(TEXTS)
def test_tokens_joined_are_the_text(text: str) -> None:
    folded = fold_text(text)
    assert "".join(segment.cut(folded)) == folded


@given(TEXTS)
def test_words_hold_a_letter_or_digit(text: str) -> None:
    folded = fold_text(text)
    words = segment.words(folded)
    assert words == [t for t in segment.cut(folded) if any(c.isalnum() for c in t)]


@given(TEXTS)
def test_token_spans_lead_back_to_the_text(text: str) -> None:
    folded = fold(text)
    tokens = segment.tokens(folded)
    assert [token.text for token in tokens] == segment.words(folded.text)
    for token in tokens:
        assert token.text in fold_text(text[token.start : token.end])
    starts = [token.start for token in tokens]
    assert starts == sorted(starts)


def test_the_fingerprint_is_a_hash_and_stays() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", segment.FINGERPRINT)
    code = "from analyzers.segment import FINGERPRINT; print(FINGERPRINT)"
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert again.stdout.strip() == segment.FINGERPRINT


def test_nothing_is_loaded_before_the_first_cut() -> None:
    code = (
        "import sys, analyzers.segment as s\n"
        "assert 'rjieba' not in sys.modules and 'jieba' not in sys.modules\n"
        "s.cut('物业费')\n"
        "assert 'rjieba' in sys.modules and 'jieba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
