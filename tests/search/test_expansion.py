"""Words beside those that were typed: from frozen tables, for plain questions alone."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.fold import fold_text
from analyzers.segment import words
from records.errors import BadValue
from search import ranking
from search.expansion import build
from search.expansion import expanded as with_synonyms
from search.expansion.sounds import FIGURES, meant
from search.expansion.synonyms import GROUPS, shipped, with_own
from search.expansion.topics import LEAST, MOST, of_one_topic
from search.parse import parse
from search.query import And, Beside, Query, Some, Why, beside
from search.ranking_table import UNIT
from search.ranking_table.table import TABLE
from search.understanding import expansions


def expanded(query: Query) -> Query:
    return with_synonyms(query, shipped())


def added(typed: str, why: Why) -> dict[str, bool]:
    """What stands beside the typed words for this reason, and whether it leads."""
    return {one.text: one.leads for one in beside(expanded(parse(typed))) if one.why is why}


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("夜间失工", "施工"),
        ("电提 故障", "电梯"),
        ("广厂舞", "广场舞"),
        ("退五军人", "退伍军人"),
        ("廣廠舞", "广场舞"),
    ],
)
def test_a_word_that_nobody_writes_may_be_one_of_its_sound(typed: str, right: str) -> None:
    assert added(typed, Why.SOUND).get(right) is True
    leading = [node.leading for node in nodes(typed)]
    assert any(right == phrase.text for phrases in leading for phrase in phrases)


def nodes(typed: str) -> list[Some]:
    query = expanded(parse(typed))
    parts = query.parts if isinstance(query, And) else (query,)
    return [part for part in parts if isinstance(part, Some)]


@pytest.mark.parametrize(
    "typed", ["电梯 故障", "夜间施工噪音", "小区电梯经常坏没有人修", "A3区", "12元"]
)
def test_known_words_are_no_misspelling(typed: str) -> None:
    assert not added(typed, Why.SOUND)


def test_where_a_known_word_may_stand_for_itself_it_only_ranks() -> None:
    assert added("房产正 办理", Why.SOUND) == {"房产证": False}


def test_a_word_of_no_letter_that_the_dictionary_has_is_doubtful() -> None:
    assert "水鸭" not in TABLE.words
    assert added("水鸭不足", Why.SOUND) == {"水压": False}


def test_a_whole_letter_is_asked_as_it_is() -> None:
    assert any(beside(expanded(parse("夜间失工" * 5))))
    assert not any(beside(expanded(parse("夜间失工的噪音很大。" * 9))))


def test_two_light_characters_are_no_misspelling() -> None:
    assert meant("个月", ("个", "月")) is None
    assert "个月" not in TABLE.words


@pytest.mark.parametrize(
    "typed",
    [
        "反映居民的收入问题",
        "关于老人的保护问题",
        "我对物业的意见没人理",
        "小区被物业断水断电",
        "投诉人是政府工作人员",
        "向政府反映问题没有结果",
        "公司又没有交社保",
        "我姐被拖欠工资",
        "不熟，菜价",
        "夜间,噪音",
    ],
)
def test_right_sentences_lead_to_no_other_words_of_the_same_sound(typed: str) -> None:
    assert True not in added(typed, Why.SOUND).values()


def test_nothing_is_joined_across_a_sign() -> None:
    assert not added("房，本", Why.SYNONYM)
    assert "房产证" in added("房本", Why.SYNONYM)


def test_the_order_of_words_changes_nothing_that_is_found() -> None:
    def leading(typed: str) -> set[str]:
        return {one.text for one in beside(expanded(parse(typed))) if one.leads}

    assert leading("房本 产权证") == leading("产权证 房本") != set()


def test_in_a_long_question_a_light_synonym_leads_nowhere() -> None:
    (node,) = nodes("物业公司违规收取装修押金乱扣卫生费拒不退还")
    assert node.leading
    assert "物业" not in {phrase.text for phrase in node.leading}


def test_what_is_meant_shares_a_character_and_the_length() -> None:
    for word in ("失工", "电提", "补帖", "垃圾占"):
        found = meant(word, (word,))
        assert found is not None
        assert len(found) == len(word)
        assert any(a == b for a, b in zip(found, word, strict=True))
        assert found in TABLE.words


def test_the_commoner_word_leads_and_the_rarer_one_ranks() -> None:
    assert TABLE.words["噪音"] < TABLE.words["噪声"]
    assert added("噪声", Why.SYNONYM)["噪音"] is True
    common = added("噪音", Why.SYNONYM)
    assert "噪声" in common
    assert not any(common.values())
    assert not any(node.leading for node in nodes("噪音"))


def test_of_a_word_that_no_letter_holds_all_synonyms_lead() -> None:
    assert "房本" not in TABLE.words
    unknown = added("房本", Why.SYNONYM)
    assert "房产证" in unknown
    assert all(unknown.values())
    assert set(unknown) < set(shipped().of("房本"))


def test_a_synonym_may_be_several_tokens() -> None:
    assert added("公司不发工资", Why.SYNONYM).keys() & {"拖欠工资", "欠薪"}


@pytest.mark.parametrize(
    "typed",
    ['"失工"', "“房本”", "失工 -噪音", "失工 OR 噪音", "失工 AND 房本", "no:失工", "", "？！"],
)
def test_precise_questions_stay_as_they_are(typed: str) -> None:
    assert expanded(parse(typed)) == parse(typed)


def test_words_of_a_question_with_fields_get_theirs() -> None:
    assert "施工" in added("失工 after:2019", Why.SOUND)


def test_topics_only_rank_and_are_near() -> None:
    found = list(of_one_topic(["电梯", "故障"]))
    assert 0 < len(found) <= MOST
    assert all(LEAST <= nearness <= 1 for _, nearness in found)
    assert [nearness for _, nearness in found] == sorted((n for _, n in found), reverse=True)
    assert not {"电梯", "故障"} & {word for word, _ in found}
    assert not any(added("电梯 故障", Why.TOPIC).values())
    assert list(of_one_topic(["12元", "a3区", "谁也不知道的词"])) == []


@pytest.mark.parametrize("typed", ["噪音", "噪声"])
def test_what_is_beside_ranks_less_than_what_is_typed(typed: str) -> None:
    (other,) = {"噪音", "噪声"} - {typed}
    weights = dict(ranking.terms(expanded(parse(typed))).words)
    assert weights[typed] == TABLE.words[typed]
    assert 0 < weights[other] <= TABLE.words[other] / 2 + 1 / UNIT


def test_every_synonym_of_a_word_ranks_and_is_told() -> None:
    for word in shipped().groups:
        query = expanded(parse(word))
        terms = ranking.terms(query)
        ranks = {term.text for term in (*terms.words, *terms.characters)}
        told = {text for one in expansions(query) for text in one.added}
        for one in beside(query):
            if one.why is Why.SYNONYM:
                assert not ranks.isdisjoint(words(one.text)), (word, one.text)
                assert one.text in told, (word, one.text)


@given(st.text(alphabet="失工噪音房本电提小区的了 不动产权证拖欠a3,。？工资夜间", max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_question_stays_exact_and_says_each_word_once(typed: str) -> None:
    query = expanded(parse(typed))
    found: list[Beside] = list(beside(query))
    assert max(Counter(one.text for one in found).values(), default=1) == 1
    assert all(0 < one.share <= 1 and one.text == fold_text(one.text) for one in found)
    terms = ranking.terms(query)
    assert len(terms.characters) <= ranking.CHARACTERS[1]
    assert len(terms.words) <= ranking.WORDS[1]
    for term in (*terms.characters, *terms.words):
        assert term.weight * UNIT == int(term.weight * UNIT)
    typed_terms = ranking.terms(parse(typed))
    assert terms.characters[: len(typed_terms.characters)] == typed_terms.characters
    assert terms.words[: len(typed_terms.words)] == typed_terms.words


def test_the_table_of_sounds_is_what_is_built() -> None:
    assert files("search.expansion").joinpath(FIGURES).read_bytes() == build.packed()


def test_the_table_of_synonyms_is_in_order() -> None:
    """Each word in one group, of two characters up, folded words differ."""
    lines = files("search.expansion").joinpath(GROUPS).read_text(encoding="utf-8").splitlines()
    groups = [[fold_text(word) for word in line.split(" ")] for line in lines]
    every = [word for group in groups for word in group]
    assert len(every) == len(set(every)) == len(shipped().groups)
    assert all(len(group) > 1 for group in groups)


def test_an_office_adds_and_takes_away(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text(
        "\ufeff湘江新区 新区\n# 本地叫法\n電梯 梯子  # 与原有的合为一组\n小区\n", encoding="utf-8"
    )
    table = with_own(own)
    assert table.of("新区") == ("湘江新区",)
    assert table.of("电梯")[:2] == ("梯子", shipped().of("电梯")[0])
    assert table.of("梯子") == ("电梯", *shipped().of("电梯"))
    assert table.of("小区") == ()
    assert all("小区" not in table.of(other) for other in shipped().of("小区"))
    assert table.of("房本") == shipped().of("房本")
    assert table.own == {"湘江新区", "新区", "电梯", "梯子"}
    query = with_synonyms(parse("新区 梯子"), table)
    assert {one.text for one in beside(query) if one.why is Why.SYNONYM} >= {"湘江新区", "电梯"}


def test_groups_of_an_office_grow_together(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("房产证 大红本\n房本 小红本\n產權證 产权证\n噪声\n", encoding="utf-8")
    table = with_own(own)
    assert set(table.of("房产证")) >= {"大红本", "小红本", "房本"}
    assert set(table.of("大红本")) >= {"小红本", "不动产权证"}
    assert "噪声" not in table.of("噪音")
    seven = [f"甲乙{sign}" for sign in "丙丁戊己庚辛壬"]
    own.write_text(" ".join(seven), encoding="utf-8")
    found = beside(with_synonyms(parse(seven[6]), with_own(own)))
    assert {one.text for one in found if one.leads} == set(seven[:6])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("灯 路灯", "line 1: '灯' is no word"),
        ("路灯 街灯\n\n路燈 马路灯", "line 3: '路灯' stands on line 1 already"),
        ("路灯,街灯", "line 1: '路灯,街灯' is no word"),
    ],
)
def test_a_table_that_is_not_in_order_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "own.txt"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadValue, match=re.escape(said)):
        with_own(own)


def test_a_table_that_is_no_text_says_so(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    with pytest.raises(BadValue, match="No such file"):
        with_own(own)
    own.write_bytes("路灯 街灯".encode("gb18030"))
    with pytest.raises(BadValue, match="not UTF-8"):
        with_own(own)
