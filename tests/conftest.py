"""Real servers, each started once a run, and for each test that asks an empty office of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import psycopg
import pytest

from records.database import open_home
from records.home import Home, Settings
from tests.servers import Cluster, PostgreSQL, elasticsearch, postgresql

TEMPLATE = "office_template"


MEMORY = Path("/dev/shm")
"""Files that stay in memory: nobody cuts the power, what waits for the disk would only wait."""
ENOUGH = 6 * 2**30  # bytes, for the servers of one worker


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Not one of pytest's, which every other run closes to the users that servers run as."""
    held = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    with TemporaryDirectory(
        prefix="petitions-", dir=MEMORY if held else None, ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgresql_server(server_folder: Path) -> Iterator[PostgreSQL]:
    with postgresql(server_folder / "postgresql", "fsync=off") as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_server(server_folder: Path) -> Iterator[Cluster]:
    """A real Elasticsearch server of one node."""
    with elasticsearch(server_folder / "elasticsearch") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def new_database(postgresql_server: PostgreSQL) -> Callable[[str], str]:
    """Makes a database from a template (`template0`: an empty one); its address.

    Its texts are ordered as a dictionary does, unlike SQLite's and Python's: nothing may rest on
    the order of the database.
    """

    def make(template: str = "template0") -> str:
        name = f"office_{token_hex(6)}"
        locale = "LOCALE_PROVIDER icu ICU_LOCALE 'zh'" if template == "template0" else ""
        with psycopg.connect(_plain(postgresql_server.url), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {locale}")
        return f"{postgresql_server.url}/{name}"

    return make


@pytest.fixture(scope="session")
def drop_database(postgresql_server: PostgreSQL) -> Callable[[str], None]:
    """Takes a database away that nobody uses any more: they lie in memory, thousands fill it."""

    def drop(url: str) -> None:
        with psycopg.connect(_plain(postgresql_server.url), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    return drop


@pytest.fixture(scope="session")
def office_template(
    postgresql_server: PostgreSQL,
    new_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """A database with the tables and fixed rows of an office: copying it takes less than making
    them."""
    url = new_database("template0")
    home = Home(tmp_path_factory.mktemp("template") / "home", Settings(database_url=url))
    open_home(home).close()
    return url.rpartition("/")[2]


@pytest.fixture
def postgresql_url(
    office_template: str,
    new_database: Callable[[str], str],
    drop_database: Callable[[str], None],
) -> Iterator[str]:
    """The address of an empty office's database, taken away after the test."""
    url = new_database(office_template)
    yield url
    drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """For tests on both databases: empty (SQLite in the home), or an address of PostgreSQL, which
    processes that the test starts use too."""
    monkeypatch.delenv("PETITIONS_DATABASE_URL", raising=False)
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql_url")
    monkeypatch.setenv("PETITIONS_DATABASE_URL", url)
    return url


def _plain(url: str) -> str:
    return url.replace("+psycopg", "") + "/postgres"
