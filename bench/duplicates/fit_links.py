"""Fits the weights of links and tells how well clusters come out of them.

    python -m bench.duplicates.fit_links

Letters of one matter are told from those that are of another or of none, on the pairs that hold
enough of the same words. Each figure is of matters that the weights were not fitted on: five parts,
each left out once. `foreign` topic vectors, where a file of them is given, are of other letters.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from bench.duplicates.figures import Averages, b_cubed
from bench.duplicates.letters import Letter, letters, matters
from search import topic_vectors
from search.duplicates import clusters as grouping
from search.duplicates import contents, links
from search.duplicates.clusters import Link, Node, clusters

PARTS = 5
RIDGE = 0.01
CUTS = (0.1, 0.13, 0.17, 0.2, 0.25)
_ROUNDS = 60

Table = npt.NDArray[np.float64]


class Archive:
    """The published letters, their pairs and signals, the gap last."""

    def __init__(self, known: Mapping[str, Letter]) -> None:
        self.ids = sorted(known, key=lambda id_: (known[id_].day, id_))
        made = [contents.content_of(known[id_].subject, known[id_].text) for id_ in self.ids]
        self.days = [date.fromisoformat(known[id_].day).toordinal() for id_ in self.ids]
        keys = contents.Keys.of([one.keys for one in made])
        rest = contents.Rest.of([one.rest for one in made])
        found = [pairs for _, pairs in links.candidates(keys, np.arange(len(keys)))]
        self.pairs = links.Pairs(*(np.concatenate(part) for part in zip(*found, strict=True)))
        days = np.array(self.days)
        gap = np.log1p(np.abs(days[self.pairs.one] - days[self.pairs.other])) / 6
        self.signals = np.column_stack([links.signals(rest, self.pairs), gap]).astype(np.float64)
        matter = {id_: name for name, ids in matters().items() for id_ in ids}
        self.matter = matter
        ours = [matter.get(id_, "") for id_ in self.ids]
        self.sides = [(ours[a], ours[b]) for a, b in zip(*self.pairs[:2], strict=True)]

    def grouped(self, odds: Table, cut: float) -> dict[str, int]:
        """The number of its cluster for each letter."""
        nodes = [Node(1, day, day) for day in self.days]
        made = [
            Link(a, b, c)
            for a, b, c in zip(
                self.pairs.one.tolist(), self.pairs.other.tolist(), odds.tolist(), strict=True
            )
        ]
        groups = clusters(nodes, made, cut)
        given = {id_: -1 - place for place, id_ in enumerate(self.ids)}
        for number, group in enumerate(groups):
            given |= {self.ids[node]: number for node in group.nodes}
        return given


def fitted(read: Table, same: Table, weights: Table) -> Table:
    """Logistic regression; the bias comes last."""
    rows = np.column_stack([read, np.ones(len(read))])
    ridge = np.eye(rows.shape[1]) * RIDGE
    ridge[-1, -1] = 0
    found = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weights * (likely - same)) + ridge @ found
        bend = (rows * (weights * likely * (1 - likely))[:, None]).T @ rows + ridge
        step = np.linalg.solve(bend, slope)
        found -= step
        if np.abs(step).max() < 1e-7:
            break
    return found


def fit(archive: Archive, known: Mapping[str, frozenset[str]], left_out: frozenset[str]) -> Table:
    """On pairs of which a side is of a matter, none of them left out; small matters count alike."""
    chosen = np.array(
        [bool(a or b) and not left_out.intersection((a, b)) for a, b in archive.sides]
    )
    sides = [side for side, is_chosen in zip(archive.sides, chosen, strict=True) if is_chosen]
    same = np.array([float(a == b) for a, b in sides])
    weights = np.array([2 / max(len(known[name]) for name in side if name) for side in sides])
    return fitted(archive.signals[chosen], same, weights)


def crossed(archive: Archive) -> dict[float, tuple[Averages, float]]:
    """By cut: precision and recall on matters left out, and F1 on those fitted on."""
    known = matters()
    names = sorted(known)
    Random(0).shuffle(names)
    found: dict[float, list[tuple[Averages, Averages]]] = {cut: [] for cut in CUTS}
    for part in range(PARTS):
        left_out = frozenset(names[part::PARTS])
        weights = fit(archive, known, left_out)
        grouping.GAP = weights[-2]  # type: ignore[misc]
        odds = archive.signals[:, :-1] @ weights[:-2] + weights[-1]
        for cut in CUTS:
            given = archive.grouped(odds, cut)
            out = {id_: name for id_, name in archive.matter.items() if name in left_out}
            rest = {id_: name for id_, name in archive.matter.items() if name not in left_out}
            found[cut].append((b_cubed(given, out), b_cubed(given, rest)))
    return {cut: _mean(figures) for cut, figures in found.items()}


def _mean(figures: Sequence[tuple[Averages, Averages]]) -> tuple[Averages, float]:
    count = len(figures)
    out = Averages(
        math.fsum(one.precision for one, _ in figures) / count,
        math.fsum(one.recall for one, _ in figures) / count,
    )
    return out, math.fsum(rest.f1 for _, rest in figures) / count


def report(name: str) -> Archive:
    archive = Archive(letters())
    print(f"-- {name} topic vectors, {len(archive.sides)} pairs compared")
    for cut, (out, rest) in crossed(archive).items():
        print(
            f"together from {cut}: left out P {out.precision:.3f} R {out.recall:.3f} "
            f"F1 {out.f1:.3f}; fitted on F1 {rest:.3f}"
        )
    return archive


def main() -> None:
    """Figures, then the weights fitted on all matters."""
    if len(sys.argv) > 1:
        shipped = topic_vectors.topics()
        foreign = topic_vectors.read_topics(Path(sys.argv[1]).read_bytes())
        contents.topics = lambda: foreign  # type: ignore[assignment]
        report("foreign")
        contents.topics = lambda: shipped  # type: ignore[assignment]
    archive = report("shipped")
    weights = fit(archive, matters(), frozenset())
    for name, weight in zip((*links.Signals._fields, "gap", "bias"), weights, strict=True):
        print(f"{name:14}{weight:.3f}")
    grouping.GAP = weights[-2]  # type: ignore[misc]
    odds = archive.signals[:, :-1] @ weights[:-2] + weights[-1]
    for cut in CUTS:
        told = b_cubed(archive.grouped(odds, cut), archive.matter)
        print(
            f"all, together from {cut}: P {told.precision:.3f} R {told.recall:.3f} F1 {told.f1:.3f}"
        )


if __name__ == "__main__":
    main()
