"""Ground for the proof: engines and databases in pairs, a clock that stands still."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from records.home import Settings
from search.engine import INDEXES, Engine
from search.engines.elasticsearch import Connection, ElasticsearchEngine
from search.engines.memory import MemoryEngine
from search.engines.tantivy import TantivyEngine
from tests.proof.offices import Client, Ground, make_template, stand_still

MakeGround = Callable[[str, str], Ground]
"""Engine (the number behind Elasticsearch: shards of each index) and database."""


@pytest.fixture(scope="module")
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeGround]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.delenv("PETITIONS_DATABASE_URL", raising=False)
        stand_still(patch)

        def make(engine: str, database: str) -> Ground:
            folder = tmp_path_factory.mktemp("proof")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            settings = _settings(request, database)
            template = make_template(folder / "template", settings())
            if database == "postgresql":
                settings = _settings(request, database, settings().database_url)
            engines = (
                stack.enter_context(_engine(request, engine, folder / "one")),
                stack.enter_context(_engine(request, engine, folder / "other")),
            )
            clients = (
                stack.enter_context(closing(Client())),
                stack.enter_context(closing(Client())),
            )
            return Ground(template, folder, settings, engines, clients)

        yield make


_KEPT = 4
"""Databases of the pair that is asked and of the one before, which is closed."""


def _settings(
    request: pytest.FixtureRequest, database: str, template: str = ""
) -> Callable[[], Settings]:
    """Settings for an office of its own; on PostgreSQL with a copy of the template's database."""
    few = partial(Settings, reveals_per_day=2, finds_per_day=3, searches_per_minute=0)
    if database == "sqlite":
        return few
    new_database = request.getfixturevalue("new_database")
    drop_database = request.getfixturevalue("drop_database")
    source = template or request.getfixturevalue("office_template")
    made: list[str] = []

    def settings() -> Settings:
        if not template and made:
            return few(database_url=made[0])
        made.append(new_database(source.rpartition("/")[2]))
        if template and len(made) > _KEPT:
            drop_database(made.pop(0))
        return few(database_url=made[-1])

    return settings


@contextmanager
def _engine(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Engine]:
    name, _, shards = kind.partition("-")
    engine: MemoryEngine | TantivyEngine | ElasticsearchEngine
    match name:
        case "memory":
            engine = MemoryEngine()
        case "tantivy":
            engine = TantivyEngine(folder)
            engine.remove(INDEXES[0], ())
        case _:
            cluster = request.getfixturevalue("elasticsearch_server")
            urls = tuple(cluster.url.split(","))
            prefix = f"test-{uuid.uuid4().hex}"
            engine = ElasticsearchEngine(Connection(urls, prefix=prefix, shards=int(shards)))
            with closing(engine.beside()) as beside:
                beside.become_current()
    with closing(engine):
        yield engine
