"""Copies are known again however they come; templates about another object are told from copies."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from analyzers.directions import Vectors
from analyzers.fold import fold_text
from analyzers.likeness.build import figures, packed_topics, vectors
from analyzers.likeness.comparing import copied, likeness
from analyzers.likeness.exchanged import exchanged
from analyzers.likeness.many import likenesses
from analyzers.likeness.rarity import codes_of, pair_codes, rarities
from analyzers.likeness.topics import read_topics
from analyzers.likeness.traits import Path, Traits, digest, forms_of, normal, traits_of

SUBJECT = "A3区金桂园小区餐馆油烟扰民"
TEXT = (
    "尊敬的领导：我是A3区金桂园小区5栋的业主。一楼的餐馆每天从早上六点开到深夜，油烟直接排进楼道，"
    "衣服晾在阳台上全是油味，老人咳嗽不止。我们向物业和社区反映了三次，工作人员来看过，装了一台净化器，"
    "可是从来不开。请执法部门到现场测一测，责令餐馆把烟道接到楼顶，晚上十点以后不要再营业。谢谢！"
)
OTHER_SUBJECT = "B2区湘源路路灯不亮"
OTHER_TEXT = (
    "湘源路从第三中学到农贸市场这一段，路灯坏了快两个月，晚上一片漆黑，学生下晚自习只能打着手电走。"
    "上个星期有位老人踩进坑里摔断了手。打过热线，回复说已经安排检修，至今没有人来。请尽快派人修好。"
)
LETTER = traits_of(SUBJECT, TEXT)
OTHER = traits_of(OTHER_SUBJECT, OTHER_TEXT)

HAN = st.text(alphabet="路灯坏了小区噪音施工的一是在A3区１２ ，。\n", max_size=60)


def misread(text: str, rate: float, seed: int = 1) -> str:
    dice = Random(seed)
    return "".join(dice.choice("己未曰土干末申田甲由") if dice.random() < rate else c for c in text)


def is_copy(other: Traits) -> bool:
    alike = likeness(LETTER, other)
    return copied(alike) and not exchanged(LETTER, other)


AGAIN = {
    "traditional": OpenCC("s2t").convert(TEXT),
    "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in TEXT),
    "residue": TEXT.replace("。", "。_x000D_\n"),
    "no punctuation": normal(TEXT),
    "misread 3 %": misread(TEXT, 0.03),
    "misread 8 %": misread(TEXT, 0.08),
    "first half": TEXT[: len(TEXT) // 2],
    "last half": TEXT[len(TEXT) // 2 :],
    "turned round": "。".join(reversed(TEXT.split("。"))),
    "greeted": "各位领导好，打扰了，感谢百忙之中阅读。" + TEXT + "此致敬礼，盼复！",
    "all at once": OpenCC("s2t").convert(
        "各位领导好，打扰了。" + misread(TEXT.replace("5栋", "31栋")[10:110], 0.03) + "盼复，谢谢！"
    ),
    "other numbers": TEXT.replace("六点", "七点").replace("三次", "五次").replace("十点", "九点"),
}


@pytest.mark.parametrize("change", AGAIN)
def test_a_copy_is_known_again(change: str) -> None:
    assert is_copy(traits_of(SUBJECT, AGAIN[change]))


def test_another_letter_is_no_copy() -> None:
    alike = likeness(LETTER, OTHER)
    assert not copied(alike)
    assert alike.jaccard < 0.05
    assert alike.told_most < 0.3


SWAPPED = {
    "estate": (("金桂园", "滨河苑"),),
    "estate and district": (("金桂园", "滨河苑"), ("A3区", "A7县")),
    "district": (("A3区", "A7县"),),
}


@pytest.mark.parametrize("objects", SWAPPED)
def test_the_same_wording_about_another_object_is_no_copy(objects: str) -> None:
    subject, text = SUBJECT, TEXT
    for here, there in SWAPPED[objects]:
        subject, text = subject.replace(here, there), text.replace(here, there)
    other = traits_of(subject, text)
    assert copied(likeness(LETTER, other))
    found = {(one.here, one.there) for one in exchanged(LETTER, other)}
    assert found & {(normal(a), normal(b)) for a, b in SWAPPED[objects]}


@pytest.mark.parametrize("subject", [SUBJECT, ""])
def test_another_building_of_one_estate_is_another_object(subject: str) -> None:
    other = traits_of(subject, TEXT.replace("5栋", "12栋"))
    assert exchanged(LETTER, other)
    assert not exchanged(LETTER, traits_of(subject, TEXT))


@pytest.mark.parametrize("slip", [("金桂园", "金贵园"), ("金桂园", "桂金园")])
def test_a_slip_in_a_name_is_no_other_object(slip: tuple[str, str]) -> None:
    assert is_copy(traits_of(SUBJECT.replace(*slip), TEXT.replace(*slip)))


UNCHANGED = {
    "a longer name": (("金桂园", "湘江边金桂园"),),
    "a slip in a longer name": (("金桂园", "湘江边金贵园"),),
    "a name among other words": (("金桂园", "金桂园旁边湘江边"),),
    "words that any letter says": (("老人", "大家"), ("执法部门", "有关部门")),
    "words in the place of a name": (("我是A3区金桂园小区", "我们小区"),),
}


@pytest.mark.parametrize("changes", UNCHANGED)
def test_what_is_no_name_is_no_other_object(changes: str) -> None:
    text = TEXT
    for here, there in UNCHANGED[changes]:
        assert here in text
        text = text.replace(here, there)
    assert is_copy(traits_of(SUBJECT, text))


def test_numbers_that_were_changed_at_random_are_no_other_object() -> None:
    text = "住在A3区3栋，A3区的餐馆在3栋楼下，A3区城管来过3栋。" + TEXT[10:]
    same = traits_of(SUBJECT, text)
    changed = text
    for number in ("6", "8", "4", "7", "2", "5"):
        at = changed.index("3")
        changed = f"{changed[:at]}{number}{changed[at + 1 :]}"
    assert not exchanged(same, traits_of(SUBJECT, changed))
    assert exchanged(same, traits_of(SUBJECT, text.replace("3栋", "6栋")))


def test_letters_of_one_thing_lead_the_same_way() -> None:
    smoke = traits_of("餐馆油烟扰民", "一楼开餐馆没有专用烟道，住户不敢开窗。")
    grill = traits_of("楼下烧烤摊", "夜宵店的浓烟熏得人睡不着，食物气味呛人。")
    lights = traits_of("路灯不亮", "这条道路晚上一片漆黑，照明坏了两个月。")
    told = likeness(smoke, grill)
    assert told.pairs < 0.1
    assert told.topic > likeness(smoke, lights).topic + 0.2
    assert likeness(grill, lights).topic < told.topic


def test_topics_come_back_from_their_shipped_form() -> None:
    lights, smoke = ("路灯不亮", "道路照明坏了"), ("餐馆油烟", "烟道排烟扰民")
    rest = ("公交改道", "线路站点太远"), ("小区停车", "车位乱收费用"), ("学校招生", "学位名额不足")
    pairs, made = vectors(
        [(subject, f"{text}{n}天") for subject, text in (lights, smoke, *rest) for n in range(17)]
    )
    assert {"路灯", "照明", "油烟", "烟道"} <= set(pairs)
    assert "了7" not in pairs  # fewer letters hold it
    known = read_topics(packed_topics(pairs, made))

    def way(text: str) -> Vectors:
        codes = pair_codes(codes_of(text))
        return known.lead(rarities().places(codes), rarities().weigh(codes))

    assert way("路灯") @ way("照明") > 0.9
    assert abs(way("路灯") @ way("油烟")) < 0.1
    assert not way("了7").any()


def test_districts_tell_apart_but_cities_do_not() -> None:
    path = ("西地省", "A市", "A3区")
    here = traits_of(SUBJECT, TEXT, path)
    assert likeness(here, traits_of(SUBJECT, TEXT, path)).same_place
    assert likeness(here, traits_of(SUBJECT, TEXT, (*path[:2], "A7县"))).other_place
    for known in (path[:2], ()):
        alike = likeness(here, traits_of(SUBJECT, TEXT, known))
        assert not alike.same_place
        assert not alike.other_place


@settings(deadline=None)
@given(HAN, HAN, HAN, HAN)
def test_comparing_is_the_same_both_ways_and_stays_within_bounds(
    subject: str, text: str, other_subject: str, other_text: str
) -> None:
    one, other = traits_of(subject, text), traits_of(other_subject, other_text)
    alike = likeness(one, other)
    assert alike == likeness(other, one)
    shares = alike.jaccard, alike.contained, alike.pairs, alike.subjects, alike.told_most
    for share in (*shares, alike.topic):
        assert 0.0 <= share <= 1.0
    assert alike.told_least <= alike.told_most
    turned = {(pair.there, pair.here, pair.times) for pair in exchanged(other, one)}
    assert {(pair.here, pair.there, pair.times) for pair in exchanged(one, other)} == turned


@settings(deadline=None)
@given(HAN)
def test_a_letter_is_wholly_like_itself(text: str) -> None:
    one = traits_of("", text)
    alike = likeness(one, one)
    assert alike.jaccard == alike.contained == 1.0
    assert not exchanged(one, one)
    assert digest(text) == digest(OpenCC("s2t").convert(text) + " ，。")


PLACES = ((), ("西地省", "A市"), ("西地省", "A市", "A3区"), ("西地省", "A市", "A7县"))
ODD = st.text(alphabet="路灯坏了A3区1２① _x0D\u3000…㎡裏\ud800\0", max_size=30)
LETTERS = st.tuples(HAN | ODD, HAN | ODD, st.sampled_from(PLACES))


@settings(deadline=None)
@given(LETTERS, st.lists(LETTERS, max_size=6))
def test_many_at_once_are_as_alike_as_each_alone(
    one: tuple[str, str, Path], others: list[tuple[str, str, Path]]
) -> None:
    forms = forms_of([(subject, text) for subject, text, _ in others])
    assert forms == [(normal(subject), normal(text)) for subject, text, _ in others]
    together = likenesses(
        traits_of(*one), [(form, place) for form, (_, _, place) in zip(forms, others, strict=True)]
    )
    assert together == [likeness(traits_of(*one), traits_of(*other)) for other in others]


def test_whole_letters_at_once_are_as_alike_as_each_alone() -> None:
    texts = [*AGAIN.values(), OTHER_TEXT, "", TEXT * 20]
    together = likenesses(LETTER, [(form, ()) for form in forms_of([(SUBJECT, t) for t in texts])])
    assert together == [likeness(LETTER, traits_of(SUBJECT, text)) for text in texts]


@given(ODD)
def test_the_normal_form_is_what_folding_leaves_of_letters_and_digits(text: str) -> None:
    folded = fold_text(re.sub("(?i)_x[0-9a-f]{4}_", "", text))
    assert normal(text) == re.sub("[^0-9a-z\u3400-\u9fff]", "", folded)


def test_known_pairs_are_found_at_their_places() -> None:
    known = rarities().known
    assert (rarities().places(known) == np.arange(len(known))).all()
    others = np.setdiff1d(known + np.uint64(1), known)
    assert (rarities().places(others) == len(known)).all()


def test_jaccard_and_containment_are_those_of_the_runs() -> None:
    def runs(text: str) -> set[str]:
        plain = normal(SUBJECT) + normal(text)
        return {plain[at : at + 5] for at in range(len(plain) - 4)}

    part = TEXT[:70]
    both = len(runs(TEXT) & runs(part))
    alike = likeness(LETTER, traits_of(SUBJECT, part))
    assert alike.jaccard == pytest.approx(both / len(runs(TEXT) | runs(part)))
    assert alike.contained == pytest.approx(both / len(runs(part)))


def test_rare_pairs_weigh_more_than_common_ones() -> None:
    codes = pair_codes(codes_of("我们的领导"))
    common = rarities().weigh(codes).max()
    assert rarities().weigh(pair_codes(codes_of("鑫囧"))).min() > common


def test_the_figures_hold_no_pair_of_fewer_than_three_letters() -> None:
    made = figures([("路灯", "路灯坏了"), ("路灯", "修路灯"), ("路灯", "灯"), ("水", "水管")])
    assert "".join(made["pairs"].values()) == "路灯"
