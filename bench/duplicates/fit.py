"""The coefficients of `search.duplicates.judging` and `analyzers.likeness.comparing`.

    python -m bench.duplicates.fit

Logistic regression on the judged pairs with a ridge of 1 by Newton's method. Prints what stands in
the modules, and how well pairs are ranked, and copies told, when those of each eighth are judged by
the coefficients of the others (pairs that share a letter, over any number of steps, lie in one
eighth).
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from analyzers.fold import fold_text
from analyzers.likeness.comparing import likeness
from analyzers.likeness.exchanged import exchanged
from analyzers.likeness.traits import Traits, traits_of
from analyzers.regions import Gazetteer, problem_region
from analyzers.segment import words
from bench.duplicates.figures import average_precision, found
from bench.duplicates.letters import Judged, Letter, Verdict, judged, letters
from search import ranking
from search.duplicates.judging import Signals, signals
from search.duplicates.words import KeyWords, cosine, key_words
from search.query import Field
from search.ranking_table.table import TABLE

Array = npt.NDArray[np.float64]

FOLDS = 8
_SAME = frozenset({Verdict.EXACT, Verdict.NEAR, Verdict.REPEAT, Verdict.SAME_MATTER})
_COPIES = frozenset({Verdict.EXACT, Verdict.NEAR})
_COMPARED = 0.1  # of the smaller's runs, shared: below, nothing could be a copy
_EVEN = 0.002  # of F1: cuts that differ by less are as good
_CODED = Gazetteer(())


class _Read:
    """What the product reads of a letter."""

    def __init__(self, letter: Letter) -> None:
        region = problem_region(letter.subject, letter.text, _CODED)
        self.traits: Traits = traits_of(
            letter.subject, letter.text, _CODED.path(region) if region else ()
        )
        self.words: KeyWords = key_words(letter.subject, letter.text)
        counts = {
            Field.SUBJECT: _counted(letter.subject),
            Field.TEXT: _counted(letter.text),
        }
        self.impacts = {
            word: ranking.WORD_IMPACTS[place]
            for word, place in ranking.word_impacts(counts).items()
        }
        self.day = date.fromisoformat(letter.day)


def _counted(text: str) -> Counter[str]:
    return Counter(words(fold_text(text)))


def read_pairs(pairs: Sequence[Judged]) -> Array:
    """A row of signals for each pair, the later letter asked about."""
    known = _known(pairs)
    return np.array([_signals(*_in_order(known, pair)) for pair in pairs])


def _known(pairs: Sequence[Judged]) -> dict[str, _Read]:
    archive = letters()
    return {id_: _Read(archive[id_]) for pair in pairs for id_ in (pair.first, pair.second)}


def fitted(rows: Array, same: Array) -> Array:
    """Bias and coefficients."""
    table = np.column_stack([np.ones(len(rows)), rows])
    ridge = np.eye(table.shape[1])
    ridge[0, 0] = 0.0
    found = np.zeros(table.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-table @ found))
        slope = table.T @ (same - likely) - ridge @ found
        bend = (table.T * (likely * (1 - likely))) @ table + ridge
        found = found + np.linalg.solve(bend, slope)
    return found


def copy_rule(rows: Array, same: Array) -> tuple[float, float]:
    """`SHARED` and `HELD`: the direction by regression, its length so that 1 is the middle of the
    cuts of best F1."""
    bias, *weights = fitted(rows, same)
    scores = rows @ np.array(weights)
    ordered = np.unique(scores)
    cuts = (ordered[1:] + ordered[:-1]) / 2
    right = [_f1(scores >= cut, same) for cut in cuts]
    best = float(np.median(cuts[np.array(right) >= max(right) - _EVEN]))
    return weights[0] / best, weights[1] / best


def _f1(told: npt.NDArray[np.bool_], same: Array) -> float:
    return float(2 * (told & (same > 0)).sum() / (told.sum() + same.sum()))


def _copies(pairs: Sequence[Judged]) -> None:
    """Prints the rule for copies, and F1 with the pairs of each eighth told by the others' rule.
    What `exchanged` calls a template counts as no copy everywhere."""
    known = _known(pairs)
    alike, template = [], []
    for pair in pairs:
        one, other = known[pair.first].traits, known[pair.second].traits
        found_alike = likeness(one, other)
        alike.append((math.sqrt(found_alike.jaccard), found_alike.contained))
        may_be = found_alike.contained >= _COMPARED
        template.append(may_be and one.text != other.text and bool(exchanged(one, other)))
    rows, apart = np.array(alike), np.array(template)
    fits = ~apart & (rows[:, 1] >= _COMPARED)
    same = np.array([float(pair.verdict in _COPIES) for pair in pairs])
    shared, held = copy_rule(rows[fits], same[fits])
    print(f"SHARED {shared:.3f}\nHELD {held:.3f}")
    fold = _folds(pairs)
    told: list[Judged] = []
    for one in range(FOLDS):
        rule = np.array(copy_rule(rows[fits & (fold != one)], same[fits & (fold != one)]))
        copied = (rows @ rule >= 1) & ~apart & (fold == one)
        told += [pair for pair, is_copy in zip(pairs, copied, strict=True) if is_copy]
    figures = found(told, [pair for pair in pairs if pair.verdict in _COPIES])
    print(
        f"held out, copies: P {figures.precision:.3f} R {figures.recall:.3f} F1 {figures.f1:.3f}"
    )


def main() -> None:
    try:
        pairs = judged()
        rows = read_pairs(pairs)
    except FileNotFoundError as error:
        print(f"{error.filename} is not on this machine: nothing to fit")
        return
    same = np.array([float(pair.verdict in _SAME) for pair in pairs])
    bias, *coefficients = fitted(rows, same).round(3).tolist()
    print(f"BIAS {bias}")
    for name, value in zip(Signals._fields, coefficients, strict=True):
        print(f"{name:14} {value}")
    fold = _folds(pairs)
    likely = np.zeros(len(pairs))
    for one in range(FOLDS):
        found = fitted(rows[fold != one], same[fold != one])
        held_out = fold == one
        likely[held_out] = np.column_stack([np.ones(held_out.sum()), rows[held_out]]) @ found
    _copies(pairs)
    archive = letters()
    hard = [
        pair.verdict not in (Verdict.EXACT, Verdict.NEAR)
        and archive[pair.first].petitioner != archive[pair.second].petitioner
        for pair in pairs
    ]
    for name, among in (("all pairs", [True] * len(pairs)), ("two persons, no copies", hard)):
        ranked = [
            (float(value), pair.verdict in _SAME)
            for pair, value, counts in zip(pairs, likely, among, strict=True)
            if counts
        ]
        print(f"held out, {name}: average precision {average_precision(ranked):.3f}")


def _in_order(known: dict[str, _Read], pair: Judged) -> tuple[_Read, _Read]:
    earlier, later = sorted((known[pair.first], known[pair.second]), key=lambda one: one.day)
    return later, earlier


def _signals(asked: _Read, other: _Read) -> Signals:
    held = sum(
        TABLE.word_weight(word) * other.impacts.get(word, 0.0) for word in asked.words.like.words
    )
    return signals(
        likeness(asked.traits, other.traits),
        held / asked.words.own if asked.words.own else 0.0,
        cosine(asked.words.subject, other.words.subject),
        (asked.day - other.day).days,
    )


def _folds(pairs: Sequence[Judged]) -> npt.NDArray[np.int64]:
    above: dict[str, str] = {}

    def root(id_: str) -> str:
        while above.get(id_, id_) != id_:
            id_ = above[id_]
        return id_

    for pair in pairs:
        above[root(pair.first)] = root(pair.second)
    return np.array([zlib.crc32(root(pair.first).encode()) % FOLDS for pair in pairs])


if __name__ == "__main__":
    main()
