"""Decoding and tidying of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plain_text import decode, everyday_share, oddity, tidy

SIMPLIFIED = "我们小区的路灯不亮了，请领导派人来看一看，谢谢。"
TRADITIONAL = "我們社區的路燈不亮了，請長官派人來看一看，謝謝。"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_simplified(encoding: str) -> None:
    decoded = decode(SIMPLIFIED.encode(encoding))
    assert decoded is not None
    assert decoded[0] == SIMPLIFIED


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "big5hkscs", "gb18030", "utf-16"])
def test_traditional(encoding: str) -> None:
    decoded = decode(TRADITIONAL.encode(encoding))
    assert decoded is not None
    assert decoded[0] == TRADITIONAL


def test_what_is_no_text() -> None:
    assert decode(bytes(range(256)) * 4) is None
    assert decode(b"\x00\x01\x02\x03" * 50) is None


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"])))
def test_sound_utf_8_is_always_taken(text: str) -> None:
    decoded = decode(text.encode("utf-8"))
    assert decoded is not None
    assert decoded[0] == text.lstrip("\ufeff")


def test_blanks_between_han_characters_go_and_others_stay() -> None:
    assert (
        tidy("路 灯　不 亮 ， A 座 12 号\r\n\n\n\n  请 修\x0c") == "路灯不亮， A 座 12 号\n\n请修"
    )


@given(st.text(max_size=80))
def test_tidying_again_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_what_tells_text_from_rubbish() -> None:
    assert everyday_share(SIMPLIFIED) > 0.5
    assert everyday_share("囗囝囨囬図圇圊圝圞圱圴") == 0.0
    assert oddity("好\ue000\ufffd\x01") == 0.75
