"""The server engine: Elasticsearch 9, where one machine is outgrown."""

from __future__ import annotations

from search.engines.elasticsearch.connection import Connection
from search.engines.elasticsearch.engine import ElasticsearchEngine

__all__ = ["Connection", "ElasticsearchEngine"]
