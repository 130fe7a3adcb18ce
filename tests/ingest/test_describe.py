"""What letters and replies say about themselves."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.describe import describe, subject_of
from ingest.extraction import Extraction
from ingest.replies import is_reply, quoted_numbers, transfer_only

LETTER = """尊敬的领导：
我叫林小满，是柳岸路的居民。关于路灯的事反映过两次，没有结果。
请尽快修好。联系电话：13812345678
反映人：林小满
2019年3月5日"""
TODAY = date(2026, 1, 1)


def described(text: str, **fields: str) -> Extraction:
    return Extraction(text, "text/plain", "test", fields=fields)


def test_a_letter() -> None:
    found = describe(described(LETTER), "scan.pdf", TODAY)
    assert found.name == "林小满"
    assert found.phone == "13812345678"
    assert found.written_on == date(2019, 3, 5)
    assert not found.is_reply


def test_a_form_wins_over_guesses() -> None:
    found = describe(
        described(LETTER, name="周禾", phone="0731-5550123", received_at="二〇二〇年五月一日"),
        "x",
        TODAY,
    )
    assert (found.name, found.phone, found.written_on) == (
        "周禾",
        "0731-5550123",
        date(2020, 5, 1),
    )


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("关于柳岸路路灯不亮的来信\n尊敬的领导：\n路灯坏了。", "关于柳岸路路灯不亮的来信"),
        ("柳岸路路灯三年不亮\n尊敬的领导：\n路灯坏了。", "柳岸路路灯三年不亮"),
        ("请管一管柳岸小区物业的\n乱象\n尊敬的领导：\n没人管。", "请管一管柳岸小区物业的乱象"),
        ("这件事是我亲眼看到的\n尊敬的领导：\n没人管。", "这件事是我亲眼看到的"),
        ("尊敬的领导：\n柳岸路的路灯坏了。没人来修。", "柳岸路的路灯坏了"),
        ("信访事项登记表\n柳岸路的路灯坏了。", "柳岸路的路灯坏了"),
        ("", "扫描件0001"),
    ],
)
def test_subjects(text: str, subject: str) -> None:
    assert subject_of(text, {}, "2019/扫描件0001.pdf") == subject


def test_long_sentences_are_cut_at_a_comma() -> None:
    subject = subject_of("柳岸路的路灯坏了" + "，已经很久没有人来修" * 8 + "。", {})
    assert len(subject) <= 61
    assert subject.startswith("柳岸路的路灯坏了，")
    assert subject.endswith("修…")


def test_no_date_in_the_future() -> None:
    assert describe(described("路灯坏了。\n2031年1月1日"), "x", TODAY).written_on is None


@pytest.mark.parametrize(
    "text",
    [
        "网友：您好！您反映的路灯问题收悉，现回复如下：已修好。",
        "关于路灯问题的答复\n林小满：…",
        "現將處理情形答覆如下：已修復。",
    ],
)
def test_replies(text: str) -> None:
    assert is_reply(text)
    assert not is_reply(LETTER)


def test_numbers_that_a_reply_quotes() -> None:
    text = "您的来信（编号：XD-2019-0042）及 XF2019ABCDEFGH23 收悉。"
    assert quoted_numbers(text) == ("XF2019ABCDEFGH23", "XD-2019-0042")


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("网友：您好！您反映的问题已转市公安局调查、核处。2019年4月29日", True),
        ("您的留言已收悉。关于您反映的问题，已转B2区调查处理。", True),
        ("您好！您反映的问题已转交县住建局。经核实，路灯已于三月修好，费用由物业承担。", False),
        ("您好！现回复如下：车辆可在前方路口左转。", False),
        ("您好！留言已收悉。", False),
    ],
)
def test_replies_that_only_pass_on(text: str, only: bool) -> None:
    assert transfer_only(text) is only
