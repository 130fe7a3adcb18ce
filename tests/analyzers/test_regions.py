from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.regions import Gazetteer, Region, coded_region, problem_region

REGIONS = (
    Region("43", "澄江省", None),
    Region("4301", "澄江市", "43", ("江城",)),
    Region("430102", "明山区", "4301"),
    Region("430103", "明山新区", "4301", ("新区管委会",)),
)
GAZETTEER = Gazetteer(REGIONS)


@pytest.mark.parametrize(
    ("name", "code", "parent"),
    [
        ("西地省", "西地省", None),
        ("A市", "A市", "西地省"),
        ("A3区", "A3区", "A市"),
        ("A7县", "A7县", "A市"),
        ("A9市", "A9市", "A市"),
        ("k12縣", "K12县", "K市"),
        ("Ａ３区", "A3区", "A市"),
    ],
)
def test_coded_places(name: str, code: str, parent: str | None) -> None:
    assert coded_region(name) == Region(code, code, parent)


@pytest.mark.parametrize(
    "name", ["A", "A区", "AA市", "A0区", "A100区", "A3路", "明山区", "", "东地省"]
)
def test_no_coded_places(name: str) -> None:
    assert coded_region(name) is None


def test_places_are_found_by_name_alias_and_code() -> None:
    text = "江城的A７縣，明山新區。"
    found = [(place.code, text[place.start : place.end]) for place in GAZETTEER.find(text)]
    assert found == [("4301", "江城"), ("A7县", "A７縣"), ("430103", "明山新區")]


def test_codes_inside_latin_words_are_no_places() -> None:
    assert GAZETTEER.codes("WIFI5区 BA3区") == ()


def test_paths_run_from_the_top() -> None:
    assert GAZETTEER.path("430102") == ("43", "4301", "430102")
    assert GAZETTEER.path("A7县") == ("西地省", "A市", "A7县")
    assert GAZETTEER.path("none") == ("none",)


def test_a_ring_of_parents_ends() -> None:
    ring = Gazetteer([Region("1", "甲县", "2"), Region("2", "乙县", "1")])
    assert set(ring.path("1")) == {"1", "2"}


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("A市A3区噪音", "A7县也吵", "A3区"),
        ("噪音", "A市A3区和A7县，A7县更吵", "A7县"),
        ("求助", "西地省A市", "A市"),
        ("求助", "澄江市明山区东风路，江城", "430102"),
        ("求助", "没有地名", None),
        ("A3区问题", "B2县 B2县", "A3区"),
    ],
)
def test_the_region_a_letter_is_about(subject: str, text: str, code: str | None) -> None:
    assert problem_region(subject, text, GAZETTEER) == code


@given(st.text(st.sampled_from("A3区市县西地省明山新江城 ㈱Ｂ２縣")))
def test_places_lie_in_the_text_in_order(text: str) -> None:
    places = GAZETTEER.find(text)
    assert tuple(place.code for place in places) == GAZETTEER.codes(text)
    ends = [0, *(place.end for place in places)]
    for end, place in zip(ends, places, strict=False):
        assert end <= place.start < place.end <= len(text)
    about = problem_region("", text, GAZETTEER)
    assert (about is None) == (not places)


def test_no_regions_still_know_coded_places() -> None:
    assert Gazetteer(()).codes("K8县某村") == ("K8县",)
