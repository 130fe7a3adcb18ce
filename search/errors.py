"""What can go wrong in a search, one class for each cause. HTTP codes belong to `api`."""

from __future__ import annotations


class SearchError(Exception):
    """Root of all errors of `search`. `code` is stable: the web translates by it."""

    code = "search_error"


class QueryError(SearchError):
    """A mistake in the typed question, from `start` to `end` (code points of the typed text)."""

    def __init__(self, message: str, code: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.start = start
        self.end = end


class TooDeep(SearchError):
    """The page lies beyond `search.engine.MAX_DEPTH` hits: narrow the question instead."""

    code = "too_deep"


class UnknownFacet(SearchError):
    """This attribute can't be counted: it doesn't exist, or counting it would name readers."""

    code = "unknown_facet"


class NotFound(SearchError):
    """No such thing, or not for this user: the two are never told apart."""

    code = "not_found"


class EngineError(SearchError):
    """Root of what an engine can't do."""

    code = "engine_error"


class EngineDown(EngineError):
    """The engine failed or can't be reached; the cause is chained."""

    code = "engine_down"


class EngineBusy(EngineError):
    """Another process writes to this index: only one may. Wait until it ends."""

    code = "engine_busy"


class IndexNotReady(EngineError):
    """The index was made by other rules (schema, dictionary, ranking table): rebuild it."""

    code = "index_not_ready"
