"""The server that engines are tested on: one for a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Cluster, elasticsearch


@pytest.fixture(scope="session")
def elasticsearch_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real Elasticsearch server of one node."""
    with elasticsearch(tmp_path_factory.mktemp("elasticsearch") / "server") as cluster:
        yield cluster
