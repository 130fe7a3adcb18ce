"""Engines under one contract, and letters, questions and scopes made by hypothesis.

An engine lives as long as a test module; `fill` empties it and puts other letters into it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from analyzers.fold import fold_text
from analyzers.segment import words
from search.access import WHOLE, FieldRight, Scope, restrict
from search.engine import (
    INDEXES,
    Document,
    Edition,
    Engine,
    FieldText,
    IndexName,
    Level,
    Matches,
    Sort,
)
from search.engines.elasticsearch import Connection, ElasticsearchEngine
from search.engines.memory import MemoryEngine
from search.engines.tantivy import TantivyEngine
from search.query import Query

EVERYONE = Scope(
    "operator",
    regions=frozenset({"west"}),
    level=Level.SECRET,
    fields=frozenset(FieldRight),
    own_fields=frozenset(FieldRight),
    reads=True,
)


class Bench:
    """What the tests of engines work with: letters, and questions as somebody who may see all."""

    everyone = EVERYONE

    def letter(
        self, number: int, subject: str = "", text: str = "", reply: str = "", **others: Any
    ) -> Document:
        """A letter of folded text; what isn't told is the same in all letters."""
        made: dict[str, Any] = {
            "id": f"{number:032x}",
            "order": number,
            "received": 1_546_300_800 + 86_400 * number,
            "year": "2019",
            "regions": ("west",),
            "categories": ("01",),
            "status": "REGISTERED",
            "channel": "letter",
            "level": Level.OPEN,
            "numbers": (f"no{number}",),
            "readers": ("region:west",),
            **others,
        }
        return Document(
            subject=field_text(subject), text=field_text(text), reply=field_text(reply), **made
        )

    def editions(self, document: Document) -> dict[IndexName, Document]:
        """The letter itself, and one whose text is masked, in the indexes of its level.

        Every third letter holds no personal data and has one edition.
        """
        if int(document.id, 16) % 3 == 2:
            whole = replace(document, readers=(*document.readers, WHOLE))
            return {IndexName(document.level, Edition.REDACTED): whole}
        masked = replace(document, text=field_text("*" * len(document.text.characters)))
        return {
            IndexName(document.level, Edition.FULL): document,
            IndexName(document.level, Edition.REDACTED): masked,
        }

    def put(self, engine: Engine, documents: Sequence[Document]) -> None:
        """Put both editions of each letter; they aren't visible yet."""
        for document in documents:
            for index, edition in self.editions(document).items():
                engine.put(index, [edition])

    def put_together(self, engine: Engine, documents: Sequence[Document]) -> None:
        """The same, many letters at once."""
        for start in range(0, len(documents), 500):
            by_index: dict[IndexName, list[Document]] = {}
            for document in documents[start : start + 500]:
                for index, edition in self.editions(document).items():
                    by_index.setdefault(index, []).append(edition)
            for index, editions in by_index.items():
                engine.put(index, editions)

    def ask(
        self,
        engine: Engine,
        query: Query,
        scope: Scope = EVERYONE,
        *,
        limit: int = 1_000,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
        facets: Sequence[str] = (),
    ) -> Matches:
        """What the engine answers within this scope."""
        allowed = restrict(query, scope)
        return engine.search(allowed, limit=limit, offset=offset, sort=sort, facets=facets)

    def numbers(self, engine: Engine, query: Query, **asked: Any) -> list[int]:
        """The numbers of the letters that are found, in the order of the answer."""
        return [int(match.id, 16) for match in self.ask(engine, query, **asked).page]

    def reference(self, documents: Sequence[Document]) -> MemoryEngine:
        """The memory engine with these letters."""
        engine = MemoryEngine()
        self.put(engine, documents)
        engine.commit()
        return engine


def field_text(text: str) -> FieldText:
    folded = fold_text(text)
    return FieldText(folded, tuple(words(folded)))


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()


class Fill(Protocol):
    def __call__(self, documents: Sequence[Document]) -> Engine: ...


ENGINES = (
    "memory",
    "tantivy",
    pytest.param("elasticsearch-1", marks=pytest.mark.xdist_group("elasticsearch")),
    pytest.param("elasticsearch-3", marks=pytest.mark.xdist_group("elasticsearch")),
)
"""The number behind Elasticsearch: shards of each index."""


class Make(Protocol):
    def __call__(self, kind: str, path: Path) -> Engine: ...


@pytest.fixture(scope="session")
def make_engine(request: pytest.FixtureRequest) -> Make:
    """An engine of this kind with nothing in it."""

    def made(kind: str, path: Path) -> Engine:
        name, _, shards = kind.partition("-")
        match name:
            case "memory":
                return MemoryEngine()
            case "tantivy":
                engine = TantivyEngine(path)
                engine.remove(INDEXES[0], ())
                return engine
        cluster = request.getfixturevalue("elasticsearch_server")
        prefix = f"test-{uuid.uuid4().hex}"
        engine = ElasticsearchEngine(
            Connection(tuple(cluster.url.split(",")), prefix=prefix, shards=int(shards))
        )
        with closing(engine.beside()) as beside:
            beside.become_current()
        return engine

    return made


@pytest.fixture(scope="module", params=ENGINES)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, make_engine: Make
) -> Iterator[Engine]:
    with closing(make_engine(request.param, tmp_path_factory.mktemp("indexes"))) as engine:
        yield engine


@pytest.fixture(scope="module")
def fill(shared: Engine, bench: Bench) -> Fill:
    """Puts these letters, and only these, into the engine under test."""
    held: dict[IndexName, set[str]] = {}

    def filled(documents: Sequence[Document]) -> Engine:
        coming: dict[IndexName, set[str]] = {}
        for document in documents:
            for index in bench.editions(document):
                coming.setdefault(index, set()).add(document.id)
        for index, ids in held.items():
            if gone := ids - coming.get(index, set()):  # the others are replaced
                shared.remove(index, sorted(gone))
        held.clear()
        held.update(coming)
        bench.put_together(shared, documents)
        shared.commit()
        return shared

    return filled


@pytest.fixture(params=ENGINES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path, make_engine: Make) -> Iterator[Engine]:
    """An engine of its own for one test."""
    with closing(make_engine(request.param, tmp_path)) as engine:
        yield engine
        if isinstance(engine, ElasticsearchEngine):  # each shard slows the server
            generation = engine.identity().split()[-1]
            engine._indices.drop(generation)
