"""The embedded engine: Tantivy, six indexes in a folder, no server."""

from __future__ import annotations

from search.engines.tantivy.engine import TantivyEngine

__all__ = ["TantivyEngine"]
