from __future__ import annotations

import pytest

from records import petitions
from records.database import Database
from records.errors import NotFound
from records.matters import join_matter, leave_matter, matter, open_matter


def test_petitions_join_and_leave_a_matter(database: Database, petition) -> None:
    with database.write() as session:
        one, two, three = (petitions.add(session, petition(text)).id for text in "一二三")
        first = open_matter(session, one, "夜间施工")
        assert join_matter(session, two, first) == 2
        assert join_matter(session, two, first) == 2
        assert join_matter(session, three, first) == 3
        assert matter(session, first).petition_ids == (one, two, three)
        found = petitions.read_one(session, two)
        assert (found.matter_id, found.seq_in_matter, found.revision) == (first, 2, 2)

        leave_matter(session, two)
        assert matter(session, first).petition_ids == (one, three)
        assert join_matter(session, two, first) == 4
        second = open_matter(session, three, "另一事")
        assert matter(session, first).petition_ids == (one, two)
        assert matter(session, second).title == "另一事"


def test_unknown_ones_are_named(database: Database, petition) -> None:
    with database.write() as session:
        one = petitions.add(session, petition()).id
        with pytest.raises(NotFound, match="matter"):
            join_matter(session, one, "0" * 32)
        known = open_matter(session, one, "事")
        with pytest.raises(NotFound, match="petition"):
            join_matter(session, "0" * 32, known)
