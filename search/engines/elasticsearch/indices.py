"""Where the indexes lie: six aliases, each on one index of the current generation.

An alias is named `prefix-level-edition-rules`, an index `alias-generation`. A rebuild fills
another generation beside the current one, and one request then moves all six aliases.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from elasticsearch import ConnectionTimeout, Elasticsearch

from search.engine import INDEXES, IndexName
from search.engines.elasticsearch.connection import Connection, driver_errors
from search.engines.elasticsearch.mapping import mappings, rules
from search.errors import EngineDown, IndexNotReady

_COPIES_SECONDS = 60  # for the copies to be made; after that they are made beside the searches


class Indices:
    """The generations of one office."""

    def __init__(self, client: Elasticsearch, connection: Connection) -> None:
        self._client = client
        self._connection = connection
        self.aliases: Mapping[IndexName, str] = {
            name: f"{connection.prefix}-{name}-{rules()}" for name in INDEXES
        }

    def generation(self, name: str) -> dict[IndexName, str]:
        """The indexes of a generation."""
        return {index: f"{alias}-{name}" for index, alias in self.aliases.items()}

    def current(self) -> str:
        """The generation that is asked. Raises IndexNotReady where none is of our making."""
        with driver_errors(self._connection):
            held = self._client.indices.get_alias(
                index=self._pattern(), name=",".join(self.aliases.values())
            )
        names = {index.rpartition("-")[2] for index in held}
        if len(held) != len(INDEXES) or len(names) != 1:
            raise IndexNotReady("some of the indexes are not there: run `petitions reindex`")
        return names.pop()

    def make(self, name: str) -> None:
        """A new, empty generation that isn't asked yet, written without copies for speed."""
        filling = {"number_of_replicas": 0, "translog.durability": "async"}
        with driver_errors(self._connection):
            for index in self.generation(name).values():
                self._create(index, {}, filling)

    def choose(self, name: str) -> None:
        """Make this generation the current one, and throw the others away."""
        chosen = self.generation(name)
        every = ",".join(chosen.values())
        with driver_errors(self._connection):
            self._merge(every)
            self._client.indices.flush(index=every)
            kept = {"number_of_replicas": self._connection.replicas, "translog.durability": None}
            self._client.indices.put_settings(index=every, settings={"index": kept})
            self._client.cluster.health(
                index=every, wait_for_status="green", timeout=f"{_COPIES_SECONDS}s"
            )
            moves: list[dict[str, Any]] = []
            for index, alias in self.aliases.items():
                to = {"index": chosen[index], "alias": alias, "is_write_index": True}
                away = {"index": f"{alias}-*", "alias": alias, "must_exist": False}
                moves += [{"remove": away}, {"add": to}]
            self._client.indices.update_aliases(actions=moves)
            others = set(self._client.indices.get(index=self._pattern())) - set(chosen.values())
            self._delete(others)

    def _merge(self, indices: str) -> None:
        """One segment each: most of a question's time goes into looking its terms up in every
        segment anew. What comes in afterwards lies beside them, merged by the cluster's rules."""
        try:
            self._client.indices.forcemerge(index=indices, max_num_segments=1)
        except ConnectionTimeout:  # the cluster goes on
            while self._merging(indices):
                time.sleep(1)
        self._client.indices.refresh(index=indices)

    def _merging(self, indices: str) -> bool:
        told = self._client.indices.stats(index=indices, metric="merge")
        return bool(told["_all"]["total"]["merges"]["current"])

    def drop(self, name: str) -> None:
        """Throw a generation away."""
        with driver_errors(self._connection):
            self._delete(set(self.generation(name).values()))

    def require_allocated(self) -> None:
        """Raise EngineDown while a shard is missing, IndexNotReady while an index is."""
        with driver_errors(self._connection):
            health = self._client.cluster.health(
                index=",".join(self.aliases.values()), wait_for_status="yellow", timeout="5s"
            )
        if health["timed_out"]:
            raise EngineDown(
                f"parts of the indexes are missing ({health['unassigned_shards']} shards of "
                f"Elasticsearch at {self._connection} are on no node): start the nodes that hold "
                "them, or run `petitions reindex`"
            )

    def _pattern(self) -> str:
        return ",".join(f"{self._connection.prefix}-{name}-*" for name in INDEXES)

    def _create(
        self, index: str, aliases: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
    ) -> None:
        self._client.indices.create(
            index=index,
            aliases=aliases,
            mappings=mappings(),
            settings={
                "number_of_shards": self._connection.shards,
                "number_of_replicas": self._connection.replicas,
                "refresh_interval": "-1",  # shown by `commit`, not by the clock
                **settings,
            },
        )

    def _delete(self, indices: set[str]) -> None:
        if indices:
            self._client.indices.delete(index=",".join(sorted(indices)), ignore_unavailable=True)
