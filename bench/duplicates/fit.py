"""The coefficients of `search.duplicates.judging` and `analyzers.likeness.comparing`.

    python -m bench.duplicates.fit

Logistic regression with a ridge by Newton's method, of one matter on the judged pairs and on what
an engine would give for each letter of the grouped matters, of copies on the judged pairs. Prints
what stands in the modules, and what is told of the letters of each eighth by the coefficients of
the others: pairs that share a letter or a matter, over any number of steps, lie in one eighth.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

import numpy as np
import numpy.typing as npt

from analyzers.fold import fold_text
from analyzers.likeness.comparing import likeness
from analyzers.likeness.exchanged import exchanged
from analyzers.likeness.traits import Traits, traits_of
from analyzers.regions import Gazetteer, problem_region
from analyzers.segment import words
from bench.duplicates.figures import average_precision, found
from bench.duplicates.letters import Judged, Letter, Verdict, judged, letters, matters
from search import ranking
from search.duplicates.finding import CANDIDATES
from search.duplicates.judging import Signals, signals
from search.duplicates.words import KeyWords, cosine, key_words, subject_words
from search.query import Field
from search.ranking_table.table import TABLE

Array = npt.NDArray[np.float64]

FOLDS = 8
RIDGE = 0.3
DEPTH = 10
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
        self.subject = subject_words(words(fold_text(letter.subject)))
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


class _Archive:
    """The published letters as the product reads them."""

    def __init__(self) -> None:
        self.letters = letters()
        self.read = {id_: _Read(letter) for id_, letter in self.letters.items()}
        self.matter = {id_: name for name, ids in matters().items() for id_ in ids}
        holders: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for id_, one in self.read.items():
            for word, impact in one.impacts.items():
                holders[word].append((id_, impact))
        self._holders = holders

    def nearest(self, id_: str) -> list[str]:
        """The letters that an engine would give."""
        scores: Counter[str] = Counter()
        for word in self.read[id_].words.like.words:
            for other, impact in self._holders[word]:
                scores[other] += TABLE.word_weight(word) * impact
        del scores[id_]
        return sorted(scores, key=lambda other: (-scores[other], other))[:CANDIDATES]

    def eighths(self, pairs: Sequence[Judged]) -> dict[str, int]:
        above: dict[str, str] = {}

        def root(id_: str) -> str:
            while above.get(id_, id_) != id_:
                id_ = above[id_]
            return id_

        for pair in pairs:
            above[root(pair.first)] = root(pair.second)
        for id_, name in self.matter.items():
            above[root(id_)] = root(f"matter {name}")
        return {id_: zlib.crc32(root(id_).encode()) % FOLDS for id_ in self.read}


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Asked and other letter of each, signals, whether they are about one matter, weights, and the
    eighth of each side."""

    ids: Sequence[tuple[str, str]]
    rows: Array
    same: Array
    weights: Array
    folds: npt.NDArray[np.int64]

    def fitted(self, left_out: int = -1) -> Array:
        used = (self.folds != left_out).all(axis=1)
        return fitted(self.rows[used], self.same[used], self.weights[used])

    def held_out(self) -> Array:
        """The logarithms of the odds, each told by what was fitted without its eighth."""
        odds = np.zeros(len(self.rows))
        for one in range(FOLDS):
            bias, *weights = self.fitted(one)
            there = self.folds[:, 0] == one
            odds[there] = bias + self.rows[there] @ np.array(weights)
        return odds


def read_pairs(archive: _Archive, pairs: Sequence[Judged]) -> _Pairs:
    """The judged pairs, then the letters of each matter with their nearest; these weigh so that
    each matter counts as one letter."""
    eighths = archive.eighths(pairs)
    ids = [_in_order(archive, pair) for pair in pairs]
    same = [pair.verdict in _SAME for pair in pairs]
    weights = [1.0] * len(pairs)
    size = Counter(archive.matter.values())
    for id_, name in archive.matter.items():
        near = archive.nearest(id_)
        ids += [(id_, other) for other in near]
        same += [archive.matter.get(other) == name for other in near]
        weights += [1 / size[name]] * len(near)
    return _Pairs(
        ids,
        np.array([_signals(archive.read[one], archive.read[other]) for one, other in ids]),
        np.array(same, dtype=np.float64),
        np.array(weights),
        np.array([(eighths[one], eighths[other]) for one, other in ids]),
    )


def _in_order(archive: _Archive, pair: Judged) -> tuple[str, str]:
    """The later letter first: it is the one that is asked about."""
    earlier, later = sorted((pair.first, pair.second), key=lambda id_: archive.read[id_].day)
    return later, earlier


def fitted(rows: Array, same: Array, weights: Array) -> Array:
    """Bias and coefficients."""
    table = np.column_stack([np.ones(len(rows)), rows])
    ridge = np.eye(table.shape[1]) * RIDGE
    ridge[0, 0] = 0.0
    found = np.zeros(table.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-table @ found))
        slope = table.T @ (weights * (same - likely)) - ridge @ found
        bend = (table.T * (weights * likely * (1 - likely))) @ table + ridge
        found = found + np.linalg.solve(bend, slope)
    return found


def copy_rule(rows: Array, same: Array) -> tuple[float, float]:
    """`SHARED` and `HELD`: the direction by regression, its length so that 1 is the middle of the
    cuts of best F1."""
    _, *weights = fitted(rows, same, np.ones(len(rows)))
    scores = rows @ np.array(weights)
    ordered = np.unique(scores)
    cuts = (ordered[1:] + ordered[:-1]) / 2
    right = [_f1(scores >= cut, same) for cut in cuts]
    best = float(np.median(cuts[np.array(right) >= max(right) - _EVEN]))
    return weights[0] / best, weights[1] / best


def _f1(told: npt.NDArray[np.bool_], same: Array) -> float:
    return float(2 * (told & (same > 0)).sum() / (told.sum() + same.sum()))


def main() -> None:
    try:
        archive = _Archive()
    except FileNotFoundError as error:
        print(f"{error.filename} is not on this machine: nothing to fit")
        return
    pairs = judged()
    read = read_pairs(archive, pairs)
    bias, *coefficients = read.fitted().round(3).tolist()
    print(f"BIAS {bias}")
    for name, value in zip(Signals._fields, coefficients, strict=True):
        print(f"{name:14} {value}")
    _copies(archive, pairs, read.folds[: len(pairs), 0])
    odds = read.held_out()
    _ranked(archive, pairs, odds[: len(pairs)])
    _matters(archive, read, odds)


def _copies(archive: _Archive, pairs: Sequence[Judged], fold: npt.NDArray[np.int64]) -> None:
    """Prints the rule for copies, and F1 with the pairs of each eighth told by the others' rule.
    What `exchanged` calls a template counts as no copy everywhere."""
    alike, template = [], []
    for pair in pairs:
        one, other = (archive.read[id_].traits for id_ in (pair.first, pair.second))
        found_alike = likeness(one, other)
        alike.append((math.sqrt(found_alike.jaccard), found_alike.contained))
        may_be = found_alike.contained >= _COMPARED
        template.append(may_be and one.text != other.text and bool(exchanged(one, other)))
    rows, apart = np.array(alike), np.array(template)
    fits = ~apart & (rows[:, 1] >= _COMPARED)
    same = np.array([float(pair.verdict in _COPIES) for pair in pairs])
    shared, held = copy_rule(rows[fits], same[fits])
    print(f"SHARED {shared:.3f}\nHELD {held:.3f}")
    told: list[Judged] = []
    for one in range(FOLDS):
        others = fits & (fold != one)
        rule = np.array(copy_rule(rows[others], same[others]))
        copied = (rows @ rule >= 1) & ~apart & (fold == one)
        told += [pair for pair, is_copy in zip(pairs, copied, strict=True) if is_copy]
    figures = found(told, [pair for pair in pairs if pair.verdict in _COPIES])
    print(f"held out, copies: P {figures.precision:.3f} R {figures.recall:.3f} F1 {figures.f1:.3f}")


def _ranked(archive: _Archive, pairs: Sequence[Judged], odds: Array) -> None:
    """Prints how well pairs are ranked; templates are not set apart."""
    people = [
        {archive.letters[id_].petitioner for id_ in (pair.first, pair.second)} for pair in pairs
    ]
    hard = [pair.verdict not in _COPIES for pair in pairs]
    among = {
        "all pairs": [True] * len(pairs),
        "one person, no copies": [
            is_hard and len(who) == 1 for is_hard, who in zip(hard, people, strict=True)
        ],
        "two persons, no copies": [
            is_hard and len(who) == 2 for is_hard, who in zip(hard, people, strict=True)
        ],
    }
    for name, counted in among.items():
        ranked = [
            (float(value), pair.verdict in _SAME)
            for pair, value, counts in zip(pairs, odds, counted, strict=True)
            if counts
        ]
        print(f"held out, {name}: average precision {average_precision(ranked):.3f}")


def _matters(archive: _Archive, read: _Pairs, odds: Array) -> None:
    """Prints how many of a letter's partners stand among the first ten."""
    size = Counter(archive.matter.values())
    answers: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (id_, _), value, same, weight in zip(read.ids, odds, read.same, read.weights, strict=True):
        if weight < 1:  # not of the judged pairs
            answers[id_].append((-float(value), same))
    shares = [
        sum(same for _, same in sorted(found_)[:DEPTH]) / min(DEPTH, size[archive.matter[id_]] - 1)
        for id_, found_ in answers.items()
    ]
    print(f"held out, partners of a matter among ten: {fmean(shares):.3f}")


def _signals(asked: _Read, other: _Read) -> Signals:
    held = sum(
        TABLE.word_weight(word) * other.impacts.get(word, 0.0) for word in asked.words.like.words
    )
    return signals(
        likeness(asked.traits, other.traits),
        held / asked.words.own if asked.words.own else 0.0,
        cosine(asked.subject, other.subject),
        (asked.day - other.day).days,
    )


if __name__ == "__main__":
    main()
