"""Repeats and duplicates: how well the same letter, the same person's and the same matter are told.

python -m bench.duplicates.measure
"""

from __future__ import annotations


def main() -> None:
    from bench.duplicates.measure import main

    main()
