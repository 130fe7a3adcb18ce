"""The invented city."""

from __future__ import annotations

from datetime import date

from cli.sample.chance import chance, worded
from cli.sample.places import CITY, REGIONS, setting


def test_regions_are_a_tree_with_parents_first() -> None:
    seen = {""}
    for region in REGIONS:
        assert region.parent in seen
        assert region.code not in seen
        assert region.code.startswith("99")
        seen.add(region.code)
    assert [region.name for region in REGIONS if region.parent == "990000"] == [CITY]
    assert len([region for region in REGIONS if region.parent == "990100"]) == 6


def test_a_setting_lies_in_its_region_and_before_the_letter() -> None:
    codes = {region.code: region.name for region in REGIONS}
    for number in range(200):
        found = setting(chance("place", number), date(2026, 3, 1), rural=number % 2 == 0)
        assert codes[found.district] == found.scene["district"]
        assert found.region.startswith(found.district)
        if number % 2 == 0:
            assert found.scene["district"].endswith("县")
        assert int(found.scene["year"]) < 2026


def test_alternatives_are_all_taken_in_time() -> None:
    draw = chance("alternatives")
    assert {worded(draw, "甲[乙|丙|]丁") for _ in range(60)} == {"甲乙丁", "甲丙丁", "甲丁"}
    assert worded(draw, "没有选择") == "没有选择"
