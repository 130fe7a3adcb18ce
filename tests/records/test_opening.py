"""Opening a home whose making was broken off."""

from __future__ import annotations

from pathlib import Path

from records.categories import categories_missing
from records.database import open_database, open_home
from records.home import Home
from records.regions import ROOT, region


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
