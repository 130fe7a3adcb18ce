"""What `petitions check` tells about settings, and what it keeps to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.checks import limits
from records.home import Home, Settings


def test_settings_are_told_without_their_secrets() -> None:
    url = "postgresql+psycopg://office:hush@database:5432/petitions"
    told = limits(Home(Path("office"), Settings(database_url=url, max_pages=7)))
    assert told["PETITIONS_MAX_PAGES"] == 7
    assert (
        told["PETITIONS_DATABASE_URL"]
        == "postgresql+psycopg://office:(secret)@database:5432/petitions"
    )


@pytest.mark.parametrize(
    "url",
    ["postgresql://office:hu/sh@host/p", "postgresql://office:hu@sh@host/p",
     "postgresql://host/p?user=office&password=hush"],
)  # fmt: skip
def test_however_a_password_is_written(url: str) -> None:
    told = limits(Home(Path("office"), Settings(database_url=url)))["PETITIONS_DATABASE_URL"]
    assert "sh@" not in told
    assert "hu" not in told.replace("host", "")


def test_an_address_without_a_password_is_told_as_it_is() -> None:
    url = "sqlite:///office/petitions.db"
    told = limits(Home(Path("office"), Settings(database_url=url, tika_url="http://tika:9998")))
    assert told["PETITIONS_DATABASE_URL"] == url
    assert told["PETITIONS_TIKA_URL"] == "http://tika:9998"
