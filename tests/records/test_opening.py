"""Opening a home whose making was broken off, and what errors may tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from records.categories import categories_missing
from records.database import open_database, open_home
from records.home import Home
from records.regions import ROOT, region
from records.tables import regions


def test_a_home_killed_between_its_tables_and_their_rows_is_filled(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    broken_off = open_database(home.database_url)
    broken_off.upgrade()
    with broken_off.read() as session:
        assert categories_missing(session)
    broken_off.close()
    database = open_home(home)
    with database.read() as session:
        assert not categories_missing(session)
        assert region(session, ROOT) is not None
    database.close()


def test_an_error_of_the_database_tells_no_value(tmp_path: Path) -> None:
    database = open_home(Home(tmp_path))
    row = {"code": "X", "name": "举报人李秀英", "parent": "no such", "path": ["X"]}
    with pytest.raises(IntegrityError) as failed, database.write() as session:
        session.connection.execute(insert(regions).values(**row))
    assert "李秀英" not in str(failed.value)
    database.close()
