"""Which words lead an engine to letters like one."""

from __future__ import annotations

from math import exp

from search.duplicates.words import FEWEST, HELD, WORDS, key_words
from search.ranking_table.table import TABLE

SHORT = "我们小区的问题希望领导解决，谢谢！业主反映物业公司收费，请相关部门处理。"
LONG = (
    "金桂园餐馆油烟排进楼道，净化器形同虚设，烟道没有接到楼顶，咳嗽不止，阳台晾晒衣物沾满油污，"
    "城管执法队勘验测量，责令整改，停业整顿，噪声分贝超标，隔油池污水横流，消防通道堵塞，煤气罐堆放，"
    "夜宵烧烤摊占道经营，炭火浓烟刺鼻，住户门窗紧闭，幼儿哮喘住院，投诉工单石沉大海，环保局推诿扯皮，"
    "街道办协调未果，租赁合同到期续签，卫生许可证过期，厨师健康证缺失，泔水桶蚊蝇滋生，老鼠蟑螂乱窜，"
)


def weights(words: tuple[str, ...]) -> list[float]:
    return [TABLE.word_weight(word) for word in words]


def test_the_rarest_lead_until_enough_letters_hold_one() -> None:
    led = weights(key_words("", LONG + SHORT).like.words)
    assert FEWEST < len(led) <= WORDS
    assert led == sorted(led, reverse=True)
    assert sum(exp(-2 * weight) for weight in led) <= HELD


def test_a_few_lead_however_common_they_are() -> None:
    led = weights(key_words("", SHORT).like.words)
    assert len(led) == FEWEST
    assert sum(exp(-2 * weight) for weight in led) > HELD


def test_a_letter_holds_all_of_its_own_words() -> None:
    made = key_words("小区油烟", SHORT)
    assert made.own > 0
    assert len(set(made.like.words)) == len(made.like.words)
    assert not key_words("", "，。的").like.words
