"""The language table: how rare each term was in petitions that were published. Figures only.

Made by `python -m search.ranking_table.build FILE.jsonl…`, shipped as `figures.json.gz`, never
changed by what an office takes in: a score tells nothing of letters that its reader may not see.
"""

from __future__ import annotations

FIGURES = "figures.json.gz"
UNIT = 8
"""Weights are shipped as whole eighths."""
HIGHEST_CHARACTER = 8.0
HIGHEST_WORD = 4.0
"""The highest weights that leave all sums exact (`search.ranking`)."""
