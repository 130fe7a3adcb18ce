"""Typed names to codes, codes to names, counts to trees."""

from __future__ import annotations

from search.query import Attribute
from search.vocabulary import Vocabulary, Word

WORDS = Vocabulary(
    {
        Attribute.REGION: (
            Word("430000", "湘江省"),
            Word("430100", "星城市", "430000", ("星城",)),
            Word("430102", "城关镇", "430100"),
            Word("430202", "城关镇", "430000"),
            Word("城关镇", "另一镇"),
        ),
        Attribute.STATUS: (Word("CLOSED", "办结", aliases=("結案",)),),
    }
)


def test_codes_names_and_aliases_in_either_script() -> None:
    assert WORDS(Attribute.REGION, "430100") == frozenset({"430100"})
    assert WORDS(Attribute.REGION, "星城") == frozenset({"430100"})
    assert WORDS(Attribute.STATUS, "辦結") == frozenset({"CLOSED"})
    assert WORDS(Attribute.STATUS, "closed") == frozenset({"CLOSED"})
    assert WORDS(Attribute.STATUS, "结案") == frozenset({"CLOSED"})
    assert WORDS(Attribute.REGION, "星") is None
    assert WORDS(Attribute.READER, "user:1") is None


def test_a_learned_word_is_said_by_whom_knows_it_alone() -> None:
    words = Vocabulary({Attribute.REGION: (Word("1", "城关镇"), Word("2", "城关镇", learned=True))})
    assert words.declared(Attribute.REGION, "城关镇") == frozenset({"1"})
    assert words.declared(Attribute.REGION, "2") is None
    assert words.spoken(frozenset("2"))(Attribute.REGION, "2") == frozenset({"2"})
    assert words.declared.labelled(Attribute.REGION, "2").label == "城关镇"


def test_a_code_is_never_taken_for_another_name() -> None:
    assert WORDS(Attribute.REGION, "城关镇") == frozenset({"城关镇"})


def test_a_name_may_stand_for_several() -> None:
    words = Vocabulary({Attribute.REGION: (Word("1", "城关镇"), Word("2", "城关镇"))})
    assert words(Attribute.REGION, "城关镇") == frozenset({"1", "2"})


def test_numbers_and_years() -> None:
    assert WORDS(Attribute.NUMBER, "ＸＦ2020ab") == frozenset({"xf2020ab"})
    assert WORDS(Attribute.YEAR, "２０２０") == frozenset({"2020"})
    assert WORDS(Attribute.YEAR, "20") is None


def test_names_of_codes() -> None:
    assert WORDS.labelled(Attribute.STATUS, "CLOSED").label == "办结"
    assert WORDS.labelled(Attribute.STATUS, "NEW").label == "NEW"


def test_trees_of_counts() -> None:
    counts = {"430102": 2, "430202": 7, "430100": 2, "430000": 9, "X": 1, "ALL": 10, "430999": 0}
    shown = WORDS.facet(Attribute.REGION, counts)
    assert [(v.value, v.depth, v.parent, v.count) for v in shown] == [
        ("430000", 0, None, 9),
        ("430202", 1, "430000", 7),
        ("430100", 1, "430000", 2),
        ("430102", 2, "430100", 2),
        ("X", 0, None, 1),
    ]


def test_levels_rise_and_years_fall() -> None:
    levels = WORDS.facet(Attribute.LEVEL, {"secret": 5, "open": 1})
    assert [v.value for v in levels] == ["open", "secret"]
    years = WORDS.facet(Attribute.YEAR, {"2018": 5, "2020": 1})
    assert [v.value for v in years] == ["2020", "2018"]
