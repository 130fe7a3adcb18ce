from __future__ import annotations

import math

import pytest

from analyzers.categories import suggest, suggest_by
from analyzers.category_figures import Figures, figures, parsed, written
from analyzers.category_figures.build import computed, right
from analyzers.fold import fold_text
from analyzers.segment import words

# By hand: "路" is twice as telling for 甲 as against 乙.
KNOWN = Figures(("甲", "乙"), 10, {"路": (10, -10), "车": (0, 0), "校": (-30, 30)})


def test_words_speak_for_their_class() -> None:
    assert [one.name for one in suggest_by(KNOWN, ["路", "路", "谁"])] == ["甲", "乙"]
    assert suggest_by(KNOWN, ["路", "校"])[0].name == "乙"


def test_confidences_are_shares_and_order_does_not_matter() -> None:
    found = suggest_by(KNOWN, ["路", "校", "车"])
    assert math.isclose(sum(one.confidence for one in found), 1)
    assert found == suggest_by(KNOWN, ["车", "校", "路"])
    assert [one.confidence for one in found] == sorted((x.confidence for x in found), reverse=True)


def test_more_evidence_is_more_confidence() -> None:
    known = Figures(("甲", "乙"), 10, dict.fromkeys("一二三四五六七八", (5, -5)))
    few, many = suggest_by(known, ["一"])[0], suggest_by(known, list("一二三四五六七八"))[0]
    assert 0.5 < few.confidence < many.confidence < 1


def test_unknown_words_suggest_nothing() -> None:
    assert suggest([]) == ()
    assert suggest_by(KNOWN, ["谁"]) == ()


@pytest.mark.parametrize(
    ("letter", "name"),
    [
        ("小学老师违规补课收费，学生作业负担很重，学区划分不公平", "教育文体"),
        ("公司拖欠农民工工资，没有签劳动合同，也不缴社保", "劳动和社会保障"),
        ("出租车司机绕路拒载，的士票乱收费", "交通运输"),
        ("医院误诊，医生收红包，独生子女补助没有发", "卫生计生"),
        ("化工厂排放废气污水，污染严重，气味刺鼻", "环境保护"),
    ],
)
def test_shipped_figures_know_plain_cases(letter: str, name: str) -> None:
    assert suggest(words(fold_text(letter)))[0].name == name


def test_the_file_of_figures_is_what_is_written() -> None:
    assert parsed(written(KNOWN)) == KNOWN
    shipped = figures()
    assert parsed(written(shipped)) == shipped
    assert all(len(row) == len(shipped.classes) for row in shipped.weights.values())


def test_figures_are_learnt_from_letters() -> None:
    roads = [(frozenset({"路", f"甲{at % 3}"}), "交通") for at in range(12)]
    schools = [(frozenset({"校", f"乙{at % 3}"}), "教育") for at in range(12)]
    known = computed([*roads, *schools])
    assert known.classes == ("交通", "教育")
    assert known.weights["路"][0] > 0 > known.weights["路"][1]
    assert "甲1" not in known.weights  # too few letters hold it
    assert right(known, [*roads, *schools]) == 1
    assert right(known, [(words_, "教育") for words_, _ in roads]) == 0
