"""The verdict on two letters: one matter or not, one person or not.

Same matter: logistic regression over what `analyzers.likeness` tells, the engine's similarity, the
words of the subjects and the days between, fitted on pairs judged by reading and on what an engine
gives for letters whose matter is known (`python -m bench.duplicates.fit`; figures in
`bench/README.md`). Same person: `people`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul
from typing import Final, NamedTuple

from analyzers.likeness.comparing import Likeness
from search.duplicates.answers import Band, Evidence, Verdict
from search.duplicates.people import FAIR, STRONG

SAME_MATTER: Final = 0.5
"""From here on it is told as one matter."""
LEAST: Final = 0.01
"""Below, it is told as nothing."""
_VERY_LIKELY = 0.85
_USUAL_DAYS = 30
_MOST_DAYS = 6.0  # the logarithm of a year and more


class Signals(NamedTuple):
    """What the regression reads; shares from 0.0 to 1.0, `gap` about that."""

    jaccard: float
    contained: float
    pairs: float
    subjects: float
    told_least: float
    told_most: float
    topic: float
    same_place: float
    other_place: float
    engine: float  # the engine's score, of the score of the letter itself
    subject_words: float
    gap: float


BIAS: Final = -7.592
COEFFICIENTS: Final = Signals(
    jaccard=-1.202,
    contained=-3.199,
    pairs=3.438,
    subjects=-3.534,
    told_least=2.193,
    told_most=5.645,
    topic=5.251,
    same_place=0.842,
    other_place=-2.044,
    engine=2.855,
    subject_words=3.539,
    gap=-2.039,
)
"""Of the regression; `python -m bench.duplicates.fit` prints them."""
ONE_PERSON: Final = 0.5
"""Who wrote before writes again about the same more often than about anything like it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    band: Band
    score: float


def signals(alike: Likeness, engine: float, subject_words: float, days: int | None) -> Signals:
    """`days`: between the two letters, where that is known."""
    return Signals(
        math.sqrt(alike.jaccard),
        alike.contained,
        alike.pairs,
        alike.subjects,
        alike.told_least,
        alike.told_most,
        alike.topic,
        float(alike.same_place),
        float(alike.other_place),
        min(engine, 1.0),
        subject_words,
        math.log1p(_USUAL_DAYS if days is None else abs(days)) / _MOST_DAYS,
    )


def same_matter(read: Signals, evidence: Evidence | None) -> float:
    """How likely the two are about one matter, from 0.0 to 1.0."""
    odds = BIAS + sum(map(mul, COEFFICIENTS, read))
    if evidence in FAIR:
        odds += ONE_PERSON
    return 1 / (1 + math.exp(-odds))


def judged(
    likely: float,
    *,
    alone: float,
    same_text: bool,
    copied: bool,
    exchanged: bool,
    evidence: Evidence | None,
) -> Judgement | None:
    """None where the two have nothing to do with each other.

    `likely`: one matter, what others add included; `alone`: by `same_matter`, what a repeat is told
    by; `copied`: one letter again; `exchanged`: but about another object.
    """
    if same_text:
        return Judgement(Verdict.EXACT, Band.VERY_LIKELY, 1.0)
    if exchanged:
        return Judgement(Verdict.RELATED, Band.SIMILAR, min(likely, 1.0) * SAME_MATTER * 0.9)
    if copied:
        return Judgement(Verdict.NEAR, Band.VERY_LIKELY, 0.9 + 0.1 * likely)
    score = 0.9 * likely
    told_by = likely if evidence is None else alone
    if told_by >= SAME_MATTER:
        band = Band.VERY_LIKELY if told_by >= _VERY_LIKELY else Band.LIKELY
        if evidence is None:
            return Judgement(Verdict.SAME_MATTER, band, score)
        sure = band if evidence in STRONG else Band.LIKELY
        return Judgement(Verdict.REPEAT, sure, score)
    if likely >= LEAST:
        return Judgement(Verdict.RELATED, Band.SIMILAR, score)
    return None
