from __future__ import annotations

import pytest

from records.database import Database
from records.errors import BadValue, UnknownRegion
from records.regions import (
    PUBLISHED,
    ROOT,
    add_region,
    all_regions,
    ancestors,
    find_regions,
    region,
    require_region,
    subtree,
)


@pytest.fixture
def tree(database: Database) -> Database:
    with database.write() as session:
        add_region(session, "西地省", "西地省")
        add_region(session, "A市", "A市", "西地省", ["首市"])
        add_region(session, "A3区", "A3区", "A市")
        add_region(session, "A7县", "A7县", "A市")
        add_region(session, "a市", "另一个a市", "西地省")
    return database


def test_a_learned_region_is_declared_by_adding_it(database: Database) -> None:
    with database.write() as session:
        assert add_region(session, "B2镇", "B2镇", learned=True).learned
        assert not add_region(session, "B2镇", "清水镇").learned
        assert not add_region(session, "B2镇", "清水镇", learned=True).learned
        assert region(session, "B2镇") == require_region(session, "B2镇")


def test_paths_lead_from_the_root(tree: Database) -> None:
    with tree.read() as session:
        assert require_region(session, "A3区").path == (ROOT, "西地省", "A市", "A3区")
        assert ancestors(session, "A市") == (ROOT, "西地省")
        assert [one.code for one in all_regions(session)][:2] == [ROOT, "西地省"]


def test_a_subtree_holds_itself_and_all_below_and_nothing_else(tree: Database) -> None:
    with tree.read() as session:
        assert subtree(session, "A市") == {"A市", "A3区", "A7县"}
        assert subtree(session, "A7县") == {"A7县"}
        assert subtree(session, ROOT) == {one.code for one in all_regions(session)}


def test_regions_are_found_by_code_name_and_alias(tree: Database) -> None:
    with tree.read() as session:
        for text in ("A市", " 首市 "):
            assert [one.code for one in find_regions(session, text)] == ["A市"]
        assert [one.code for one in find_regions(session, "另一个a市")] == ["a市"]
        assert find_regions(session, "A") == ()


def test_adding_again_renames_and_keeps_aliases(tree: Database) -> None:
    with tree.write() as session:
        again = add_region(session, "A市", "新A市", "西地省", ["首市", "旧A市"])
        assert (again.name, again.aliases) == ("新A市", ("旧A市", "首市"))
        assert add_region(session, "A市", "新A市").parent == "西地省"


def test_what_cannot_be_is_refused(tree: Database) -> None:
    with tree.write() as session:
        with pytest.raises(UnknownRegion, match="B市"):
            add_region(session, "B1区", "B1区", "B市")
        with pytest.raises(BadValue, match="can't be moved"):
            add_region(session, "A3区", "A3区", "西地省")
        for code in (ROOT, PUBLISHED, " "):
            with pytest.raises(BadValue, match="reserved"):
                add_region(session, code, "名")
        with pytest.raises(UnknownRegion):
            subtree(session, "无")
        assert region(session, PUBLISHED) is None
