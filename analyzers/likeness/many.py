"""One letter laid beside many at once: to the last bit what `likeness` tells of each alone.

Letters lie in rows, one behind the other, so that most steps are one for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from analyzers.likeness.comparing import Likeness, meeting
from analyzers.likeness.rarity import Codes, Places, Weights, codes_of, pair_codes, rarities
from analyzers.likeness.topics import topics
from analyzers.likeness.traits import (
    RUN,
    Form,
    Path,
    Traits,
    one_sign_a_number,
    run_hashes,
)

_BETWEEN: Final = "\0" * RUN  # no letter holds it in its normal form, and no run lies across it
_MIXED = np.uint64(0x9E3779B97F4A7C15)
_TOP = np.uint64(48)  # a number's first 16 bits are left


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Numbers of many letters: of letter i, rising and each once, those from `ends[i]` to
    `ends[i + 1]`."""

    numbers: Codes
    ends: Places

    @classmethod
    def of(cls, numbers: Codes, starts: Places, lengths: Places) -> _Rows:
        """Of numbers as they stand, which are sorted in their place; what lies between letters is
        left out."""
        ends = starts + lengths
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            numbers[start:end].sort()
        fresh = np.zeros(len(numbers), dtype=np.bool_)
        np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
        some = lengths > 0
        fresh[starts[some]] = True
        within = np.zeros(len(numbers) + 1, dtype=np.int8)
        within[starts[some]] += 1
        within[ends[some]] -= 1
        fresh &= np.cumsum(within[:-1], dtype=np.int8).astype(np.bool_)
        before = np.concatenate(([0], np.cumsum(fresh)))
        return cls(numbers[fresh], np.append(before[starts], before[-1]))

    @property
    def counts(self) -> Places:
        found: Places = np.diff(self.ends)
        return found

    @property
    def letters(self) -> Places:
        """Whose each number is."""
        return np.repeat(np.arange(len(self.ends) - 1), self.counts)


def likenesses(one: Traits, others: Sequence[tuple[Form, Path]]) -> list[Likeness]:
    """How alike the letter is to each of the others."""
    if not others:
        return []
    forms = [form for form, _ in others]
    heads = np.array([len(form.subject) for form in forms], dtype=np.int64)
    lengths = heads + np.array([len(form.text) for form in forms], dtype=np.int64)
    starts = np.cumsum(lengths + RUN) - (lengths + RUN)
    codes = codes_of("".join(f"{form.subject}{form.text}{_BETWEEN}" for form in forms))
    runs = _runs(codes, starts, lengths)
    pairs = pair_codes(codes)
    headed = _headed(pairs, starts, np.maximum(heads - 1, 0))
    told = _Rows.of(pairs, starts, np.maximum(lengths - 1, 0))
    places = rarities().places(told.numbers)
    weights = rarities().weights[places]
    head_weights = rarities().weigh(headed.numbers)

    letters, head_letters, count = told.letters, headed.letters, len(forms)
    whole, head = _sums(letters, weights, count), _sums(head_letters, head_weights, count)
    shared = _common(told.numbers, one.told.pairs)
    told_held = _sums(letters[shared], weights[shared], count)
    shared = shared[_common(told.numbers[shared], one.headed.pairs)]
    head_told = _sums(letters[shared], weights[shared], count)
    shared = _common(headed.numbers, one.told.pairs)
    head_held = _sums(head_letters[shared], head_weights[shared], count)
    shared = _common(headed.numbers, one.headed.pairs)
    heads_held = _sums(head_letters[shared], head_weights[shared], count)
    runs_held = np.bincount(runs.letters[_common(runs.numbers, one.runs)], minlength=count)

    rows = zip(
        runs_held.tolist(),
        runs.counts.tolist(),
        _shares(told_held, whole, one.told.weight),
        _shares(heads_held, head, one.headed.weight),
        _shares(head_told, whole, one.headed.weight),
        _shares(head_held, head, one.told.weight),
        _topics(one, told, places, np.sqrt(weights)),
        (meeting(one.place, place) for _, place in others),
        strict=True,
    )
    return [
        Likeness(
            jaccard=held / (len(one.runs) + all_runs - held),
            contained=held / min(len(one.runs), all_runs),
            pairs=share,
            subjects=subjects,
            told_least=min(ours, theirs),
            told_most=max(ours, theirs),
            topic=topic,
            same_place=same,
            other_place=other,
        )
        for held, all_runs, share, subjects, ours, theirs, topic, (same, other) in rows
    ]


def _runs(codes: Codes, starts: Places, lengths: Places) -> _Rows:
    zeroed, stays = one_sign_a_number(codes)
    before = np.concatenate(([0], np.cumsum(stays)))
    first, end = before[starts], before[starts + lengths]
    kept = zeroed[stays]
    # Behind a letter of fewer signs than a run has, zeros: it is a run itself.
    return _Rows.of(run_hashes(kept, len(kept)), first, np.maximum(end - first - RUN + 1, 1))


def _headed(pairs: Codes, starts: Places, lengths: Places) -> _Rows:
    parts = [
        pairs[start:end]
        for start, end in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
    ]
    return _Rows.of(np.concatenate(parts), np.cumsum(lengths) - lengths, lengths)


def _common(numbers: Codes, ours: Codes) -> Places:
    """The places of those numbers that are among ours, which rise. Most are sorted out by what they
    are mixed to: a bit each is faster than a search each."""
    marks = np.zeros(1 << 16, dtype=np.bool_)
    marks[(ours * _MIXED) >> _TOP] = True
    likely = np.flatnonzero(marks[(numbers * _MIXED) >> _TOP])
    if not len(likely):
        return likely
    asked = numbers[likely]
    found: Places = likely[ours.take(ours.searchsorted(asked), mode="clip") == asked]
    return found


def _sums(letters: Places, weights: Weights, count: int) -> Weights:
    """Of each letter's weights: squares of quarters, so that no sum is rounded."""
    return np.bincount(letters, weights, count).astype(np.float64)


def _shares(held: Weights, whole: Weights, ours: float) -> list[float]:
    """By weight, the part of the lighter side that both hold."""
    least = np.minimum(whole, ours)
    found: list[float] = np.minimum(1.0, held / np.where(least > 0, least, np.inf)).tolist()
    return found


def _topics(one: Traits, told: _Rows, places: Places, weights: Weights) -> list[float]:
    known, ends = topics(), told.ends.tolist()
    ways = [known.lead(places[start:end], weights[start:end]) for start, end in pairwise(ends)]
    return [min(1.0, max(0.0, float(one.topic @ way))) for way in ways]
