from __future__ import annotations

import pytest

from records.categories import (
    all_categories,
    category,
    category_label,
    category_path,
    find_categories,
)
from records.errors import UnknownCategory

LEVEL_1 = [
    "城乡建设",
    "政法",
    "农村农业",
    "教育文体",
    "劳动和社会保障",
    "民政",
    "党务政务",
    "经济管理",
    "卫生计生",
    "商贸旅游",
    "环境保护",
    "交通运输",
    "纪检监察",
    "国土资源",
    "科技与信息产业",
    "组织人事",
    "其他",
]


def test_seventeen_classes_in_the_order_of_the_table() -> None:
    assert [one.name for one in all_categories() if one.level == 1] == LEVEL_1
    counts = [sum(one.level == level for one in all_categories()) for level in (1, 2, 3)]
    assert counts == [17, 128, 517]


def test_codes_are_paths_and_unique() -> None:
    codes = [one.code for one in all_categories()]
    assert codes == sorted(set(codes))
    for one in all_categories():
        assert len(one.code) in (2, 4, 6)
        assert one.parent is None or category(one.parent).level == one.level - 1
    assert category_path("010302") == ("01", "0103", "010302")


def test_names_are_found_higher_levels_first_and_by_path() -> None:
    assert find_categories("城乡建设")[0].code == "01"
    others = find_categories("其他")
    assert (others[0].code, len({one.code for one in others})) == ("17", len(others))
    for one in all_categories():
        assert one in find_categories(category_label(one.code))
        assert find_categories(one.code) == (one,)
    assert find_categories("没有这一类") == ()


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(UnknownCategory, match="999999"):
        category("999999")
