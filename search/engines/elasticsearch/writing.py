"""Sending letters: in bulk, beside the analysis of the next ones, never faster than the cluster
takes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from elasticsearch import ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004
from elasticsearch.helpers import streaming_bulk

from search.engines.elasticsearch.connection import Connection, driver_errors
from search.errors import EngineDown, IndexNotReady

AT_ONCE = 2
"""Requests under way: the cluster takes one while another is being written and read."""

_WAITS = (1, 2, 4, 8, 15)
"""Seconds before the same is sent again: to a cluster that is busy, or whose node has gone."""

_BYTES = 20 * 1024 * 1024  # of one request; Elasticsearch takes 100 MB

_LETTERS_FAULT = 400  # the status

Action = dict[str, Any]


class Writer:
    """What was put and removed, on its way. Safe to share between threads.

    Requests that speak of the same letter never run beside each other.
    """

    def __init__(
        self, client: Elasticsearch, connection: Connection, *, behind_aliases: bool
    ) -> None:
        self._client = client
        self._connection = connection
        self._behind_aliases = behind_aliases  # else an index that is gone would be made anew
        self._guard = threading.Lock()
        self._senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="elasticsearch")
        self._under_way: dict[Future[None], set[tuple[str, str]]] = {}
        self._refused: dict[str, str] = {}

    def send(self, actions: Sequence[Action]) -> None:
        """Send these; returns once there is room for the next. Raises what earlier ones met."""
        letters = {(action["_index"], action["_id"]) for action in actions}
        with self._guard:
            while clashing := [one for one, its in self._under_way.items() if its & letters]:
                self._await(clashing)
            while len(self._under_way) >= AT_ONCE:
                self._await(list(self._under_way), all_of_them=False)
            self._under_way[self._senders.submit(self._bulk, actions)] = letters

    def finish(self) -> dict[str, str]:
        """Wait for all; the ids that were refused, with reasons. Raises what one of them met."""
        with self._guard:
            self._await(list(self._under_way))
            refused, self._refused = self._refused, {}
            return refused

    def refuse(self, refused: dict[str, str]) -> None:
        """Note letters that can't be sent."""
        self._refused |= refused

    def forget(self) -> None:
        """Wait for all, whatever came of them."""
        with self._guard:
            wait(self._under_way)
            self._under_way.clear()
            self._refused = {}

    def close(self) -> None:
        """Wait for all and let the threads go."""
        self.forget()
        self._senders.shutdown()

    def _await(self, futures: list[Future[None]], *, all_of_them: bool = True) -> None:
        done, _ = wait(futures, return_when="ALL_COMPLETED" if all_of_them else "FIRST_COMPLETED")
        for future in done:
            del self._under_way[future]
        for future in done:
            future.result()

    def _bulk(self, actions: Sequence[Action]) -> None:
        with driver_errors(self._connection):
            for seconds in _WAITS:
                try:
                    self._once(actions)
                except (ConnectionError, ConnectionTimeout):  # again: a letter replaces itself
                    time.sleep(seconds)
                else:
                    return
            self._once(actions)

    def _once(self, actions: Sequence[Action]) -> None:
        for done, told in streaming_bulk(
            self._client,
            actions,
            chunk_size=len(actions),
            max_chunk_bytes=_BYTES,
            raise_on_error=False,
            max_retries=len(_WAITS),
            initial_backoff=_WAITS[0],
            max_backoff=_WAITS[-1],
            retry_on_status=(429, 503),
            require_alias=self._behind_aliases,
        ):
            if not done:
                ((_, result),) = told.items()
                self._settle(result)

    def _settle(self, result: dict[str, Any]) -> None:
        """Something was not done: for the letter's fault, or the cluster's."""
        error = result.get("error")
        if not error:
            return  # what was to be removed wasn't there
        if error["type"] == "index_not_found_exception":
            raise IndexNotReady("the indexes are not there: run `petitions reindex`")
        reason = f"{error['type']}: {error['reason']}"
        if result["status"] != _LETTERS_FAULT:
            raise EngineDown(
                f"Elasticsearch at {self._connection} can't take letters now ({reason}): "
                "look at its health and its disks"
            )
        self._refused[result["_id"]] = reason
