"""What measures the duplicates: changed letters, figures, and the judged lists themselves."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.fold import fold_text
from bench.duplicates import perturb
from bench.duplicates.baselines import PersonCode, Trigrams, WordVectors
from bench.duplicates.figures import average_precision, b_cubed, best_at, clusters, found
from bench.duplicates.letters import Judged, Letter, Verdict, judged, matters
from bench.duplicates.measure import change_figures, matter_figures, pair_figures


def letter(number: int, subject: str, text: str, petitioner: str = "") -> Letter:
    return Letter(str(number), petitioner or f"p{number}", f"2019-01-{number:02}", subject, text)


NOISE = letter(
    1,
    "A3区梧桐小区3栋夜间施工噪音扰民",
    "我是A3区梧桐小区3栋的业主。梧桐小区旁的工地自2019年8月起每晚施工到凌晨2点！老人孩子无法入睡。多次拨打热线没有结果，请求处理。",
)
ROAD = letter(
    2,
    "A7县清水村道路一直没有硬化",
    "A7县清水村通往镇上的路有3公里没有硬化，下雨天泥泞不堪，学生上学十分不便。请问什么时候可以修好？有的孩子要走一个多小时。清水村全体村民盼复。",
)
LIBRARY = letter(
    3,
    "建议A1区白杨小区附近增设图书馆",
    "A1区白杨小区周边有六个楼盘，没有一处可以看书的地方。建议利用白杨小区东面的空地建一座小型图书馆，方便老人和孩子。附近的学校放学以后也可以来这里自习，请相关部门考虑。",
)
LETTERS = (NOISE, ROAD, LIBRARY)
ARCHIVE = {one.external_id: one for one in LETTERS}


@pytest.mark.parametrize("kind", perturb.AGAIN)
def test_a_change_repeats_itself_and_changes_something(kind: str) -> None:
    change = perturb.AGAIN[kind]
    made = change(NOISE, Random(5))
    assert made == change(NOISE, Random(5))
    assert made != NOISE
    assert replace(made, subject=NOISE.subject, text=NOISE.text) == NOISE


def test_traditional_folds_back() -> None:
    made = perturb.traditional(NOISE, Random(1))
    assert "無法入睡" in made.text
    assert fold_text(made.text) == fold_text(NOISE.text)


def test_bad_reading_spoils_about_the_share_asked_for() -> None:
    text = "小区附近的工地每天夜里施工" * 400
    made = perturb.read_badly(0.08)(replace(NOISE, text=text), Random(2)).text
    assert 0.97 < len(made) / len(text) < 1.03
    whole = sum(made.count(text[start : start + 13]) for start in (0,))
    assert 0.2 < whole / 400 < 0.5  # 0.92 ** 13 = 0.34
    assert perturb.read_badly(0.0)(NOISE, Random(2)) == NOISE


def test_sentences_stay_whole_when_reordered() -> None:
    made = perturb.reordered(NOISE, Random(4))
    assert sorted(made.text) == sorted(NOISE.text)
    assert "老人孩子无法入睡。" in made.text


def test_cuts_are_pieces_of_the_text() -> None:
    half = len(NOISE.text) / 2
    assert NOISE.text.startswith(perturb.first_half(NOISE, Random(1)).text)
    assert NOISE.text.endswith(perturb.last_half(NOISE, Random(1)).text)
    assert len(perturb.first_half(NOISE, Random(1)).text) == pytest.approx(half, abs=1)
    piece = perturb.middle(NOISE, Random(1)).text
    assert piece in NOISE.text
    assert len(piece) == round(len(NOISE.text) * 0.6)


@given(st.integers(0, 1000))
def test_numbers_keep_their_length_and_all_else(seed: int) -> None:
    made = perturb.renumbered(NOISE, Random(seed)).text
    assert len(made) == len(NOISE.text)
    for old, new in zip(NOISE.text, made, strict=True):
        assert old == new or (old.isdigit() and new.isdigit())


def test_names_are_what_subject_and_text_say() -> None:
    assert perturb.names(LETTERS) == {
        "estate": ("梧桐小区", "白杨小区"),
        "village": ("清水村",),
        "firm": (),
        "road": (),
    }
    unsaid = replace(NOISE, text="工地每晚施工到凌晨。")
    assert not any(perturb.names([unsaid]).values())


@given(st.integers(0, 1000))
def test_a_swapped_letter_is_about_another_object(seed: int) -> None:
    known = perturb.names(LETTERS)
    made = perturb.swapped(NOISE, known, Random(seed))
    assert made.keys() == {"estate", "all"}
    assert made["estate"].text == NOISE.text.replace("梧桐小区", "白杨小区")
    assert made["estate"].subject == NOISE.subject.replace("梧桐小区", "白杨小区")
    assert "梧桐" not in made["all"].text
    assert "A3区" not in made["all"].text
    assert made["all"].subject[1] == made["all"].text[3]  # one district everywhere
    assert perturb.swapped(ROAD, known, Random(seed)) == {}  # no other village


def test_a_road_beside_a_place_is_not_the_object() -> None:
    road = replace(ROAD, subject="A7县枫叶路路灯不亮", text="A7县枫叶路的路灯不亮。")
    beside = replace(road, subject="A7县枫叶路百花市场油烟扰民")
    assert perturb.names([road])["road"] == ("枫叶路",)
    assert perturb.names([beside])["road"] == ()


def test_a_school_is_exchanged_for_a_school() -> None:
    school = replace(ROAD, subject="A7县明月小学违规补课", text="A7县明月小学违规补课，请查处。")
    company = replace(school, subject="投诉东海公司", text="投诉东海公司拖欠工资。")
    other = replace(school, subject="A7县长风小学违规补课", text="A7县长风小学违规补课。")
    assert perturb.swapped(school, perturb.names([school, company]), Random(1)) == {}
    made = perturb.swapped(school, perturb.names([school, company, other]), Random(1))
    assert made["firm"].text == "A7县长风小学违规补课，请查处。"


def test_what_was_found() -> None:
    figures = found([1, 2, 3, 4], [3, 4, 5])
    assert (figures.precision, figures.recall) == (0.5, 2 / 3)
    assert figures.f1 == pytest.approx(4 / 7)
    assert found([], [1]).recall == 0
    assert found([], []).f1 == 1


def test_the_best_cut_keeps_the_recall() -> None:
    ranked = [(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.6, False)]
    assert best_at(ranked, 0.3).precision == 1
    kept = best_at(ranked, 0.6)
    assert (kept.right, kept.told) == (2, 3)
    assert (best_at(ranked, 1).right, best_at(ranked, 1).told) == (3, 5)


def test_average_precision_gives_nothing_for_ties() -> None:
    assert average_precision([(0.9, True), (0.5, True), (0.1, False)]) == 1
    assert average_precision([(0.9, False), (0.5, True)]) == 0.5
    assert average_precision([(0, True), (0, False), (0, False)]) == pytest.approx(1 / 3)


def test_clusters_and_their_b_cubed() -> None:
    joined = clusters("abcdex", [("a", "b"), ("b", "c"), ("e", "x"), ("a", "missing")])
    assert joined["a"] == joined["c"]
    assert joined["d"] not in {joined["a"], joined["e"]}
    true = {"a": 1, "b": 1, "c": 2, "d": 2, "e": 3}
    figures = b_cubed(joined, true)
    # a, b: 2 of 3; c: 1 of 3; d: 1 of 1; e: 1 of 2, x being a stranger.
    assert figures.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 / 2) / 5)
    assert figures.recall == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)
    assert b_cubed(true, true).f1 == 1


def test_a_teller_that_knows_all_scores_full() -> None:
    again = letter(9, "再次反映噪音", NOISE.text + "盼复。", petitioner=NOISE.petitioner)
    archive = {**ARCHIVE, "9": again}

    def knows(asked: Letter) -> list[tuple[str, Verdict, float]]:
        return [("1", Verdict.NEAR, 1.0)] if asked.external_id == "9" else []

    pairs = [Judged("1", "9", Verdict.NEAR), Judged("1", "2", Verdict.RELATED)]
    figures = pair_figures(knows, archive, pairs)
    assert (figures.copies.precision, figures.copies.recall) == (1, 1)
    assert (figures.related_near.right, figures.related_near.wanted) == (0, 1)
    nothing = pair_figures(lambda _: [], archive, pairs)
    assert nothing.copies.recall == 0
    groups = {"noise": frozenset({"1", "9"}), "road": frozenset({"2", "3"})}
    told = matter_figures(knows, archive, groups)
    assert told.recall == pytest.approx(1 / 4)
    assert told.called.recall == pytest.approx(1 / 4)
    assert told.ranking == pytest.approx(1 / 4)
    assert told.clusters.precision == 1


def test_baselines_know_a_changed_letter_and_fall_for_a_swapped_one() -> None:
    again, swapped = change_figures(Trigrams(LETTERS), ARCHIVE, sample=3)
    assert all(figures.tried == len(ARCHIVE) for figures in again.values())
    assert again["traditional"].near == again["traditional"].first == 3
    assert swapped["estate"].near == swapped["estate"].tried == 2
    again, _ = change_figures(WordVectors(LETTERS), ARCHIVE, sample=3)
    assert again["traditional"].first == 3
    again, _ = change_figures(PersonCode(LETTERS), ARCHIVE, sample=3)
    assert again["traditional"].found == 0  # a stranger brings it


def test_a_person_code_answers_with_the_persons_letters() -> None:
    again = letter(9, "再次反映", "仍未解决。", petitioner=NOISE.petitioner)
    assert PersonCode([*LETTERS, again])(again) == [("1", Verdict.REPEAT, 1.0)]


def test_every_pair_is_judged_once_and_groups_do_not_overlap() -> None:
    pairs = judged()
    assert len({(pair.first, pair.second) for pair in pairs}) == len(pairs) >= 400
    assert all(pair.first < pair.second for pair in pairs)
    ids = [external_id for group in matters().values() for external_id in group]
    assert len(ids) == len(set(ids))
    assert all(len(group) > 1 for group in matters().values())


def test_pairs_and_groups_agree() -> None:
    matter = {external_id: name for name, ids in matters().items() for external_id in ids}
    same = {Verdict.EXACT, Verdict.NEAR, Verdict.REPEAT, Verdict.SAME_MATTER}
    both = [pair for pair in judged() if pair.first in matter and pair.second in matter]
    assert len(both) > 100
    for pair in both:
        assert (matter[pair.first] == matter[pair.second]) == (pair.verdict in same), pair
    for pair in judged():
        if pair.verdict in same:  # groups are complete
            assert (pair.first in matter) == (pair.second in matter), pair


def test_verdicts_do_not_contradict_each_other() -> None:
    same = {Verdict.EXACT, Verdict.NEAR, Verdict.REPEAT, Verdict.SAME_MATTER}
    pairs = judged()
    links = [(pair.first, pair.second) for pair in pairs if pair.verdict in same]
    links += [
        (first, other) for first, *others in map(sorted, matters().values()) for other in others
    ]
    ids = {external_id for pair in pairs for external_id in (pair.first, pair.second)}
    joined = clusters(ids.union(*matters().values()), links)
    for pair in pairs:
        if pair.verdict not in same:
            assert joined[pair.first] != joined[pair.second], pair
