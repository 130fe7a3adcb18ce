"""How well repeats and duplicates are told, on judged letters and on letters changed on purpose.

    python -m bench.duplicates.measure [SAMPLE]

What is measured is a callable: a letter in, the archive's letters that belong to it out, closest
first, each with verdict and score. It is asked with published letters (and leaves out the letter
itself) and with SAMPLE letters (200 unless told) that `perturb` changed. Pairs were drawn where
telling is hard, so precision on them is lower than on what a counter sees in a day; figures of
different tellers on them can be compared.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from statistics import fmean
from typing import Protocol

from bench.duplicates import perturb
from bench.duplicates.baselines import Answer, PersonCode, Trigrams, WordVectors
from bench.duplicates.figures import (
    Averages,
    Found,
    average_precision,
    b_cubed,
    best_at,
    clusters,
    found,
)
from bench.duplicates.letters import Judged, Letter, Verdict, judged, letters, matters
from bench.duplicates.ours import Ours, office

SAMPLE = 200
DEPTH = 10
LEAST_RECALL = 0.7
STRANGER = "stranger"
"""Petitioner of a changed letter: it must be known again without the person's help."""

_SHORTEST = 60  # signs of a letter that is changed
_SAME = frozenset({Verdict.EXACT, Verdict.NEAR, Verdict.REPEAT, Verdict.SAME_MATTER})
_COPIES = frozenset({Verdict.EXACT, Verdict.NEAR})


class Verdicts(Protocol):
    def __call__(self, letter: Letter) -> Sequence[Answer]:
        """The letters of the archive that belong to this one, closest first; the letter itself,
        which its `external_id` tells, left out. As deep as it can: what is missing counts as none.
        """


@dataclass(frozen=True, slots=True)
class PairFigures:
    """`repeats_at` is the cut of best precision that keeps a recall of 0.7 among pairs of one
    person that are no copies; `same_matter` an average precision among those of two persons.
    `related_near`: of pairs judged related, how many were called near or exact.
    """

    copies: Found
    repeats: Found
    repeats_at: Found
    same_matter: float
    related_near: Found


@dataclass(frozen=True, slots=True)
class MatterFigures:
    """Averages over the letters of the groups. `recall` of a letter's partners among the first
    ten; `ranking`: average precision of all answers, unanswered partners counted as never found;
    `called`: what is called the same matter or closer, against the group; `clusters`: what
    these verdicts join, directly or through others. A letter outside the groups belongs to none.
    """

    recall: float
    ranking: float
    called: Averages
    clusters: Averages


@dataclass(slots=True)
class ChangeFigures:
    """Shares of `tried` letters: `first` answered with the original on top, `found` with it among
    ten, `near` calling it near or exact. A letter that was there twice may come back as its twin.
    """

    tried: int = 0
    first: int = 0
    found: int = 0
    near: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    pairs: PairFigures
    matters: MatterFigures
    again: Mapping[str, ChangeFigures]
    swapped: Mapping[str, ChangeFigures]
    seconds: float = field(compare=False)  # for each letter asked about


def measured(verdicts: Verdicts, archive: Mapping[str, Letter], sample: int = SAMPLE) -> Figures:
    """Ask about every judged letter and about `sample` changed ones."""
    asked = _Remembered(verdicts)
    pairs = pair_figures(asked, archive, judged())
    groups = matter_figures(asked, archive, matters())
    again, swapped = change_figures(asked, archive, sample)
    return Figures(pairs, groups, again, swapped, asked.seconds / max(asked.count, 1))


class _Remembered:
    """Asks once about each letter, and tells what that took."""

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts
        self._answers: dict[Letter, Sequence[Answer]] = {}
        self.count = 0
        self.seconds = 0.0

    def __call__(self, letter: Letter) -> Sequence[Answer]:
        known = self._answers.get(letter)
        if known is None:
            start = time.perf_counter()
            known = self._answers[letter] = self._verdicts(letter)
            self.seconds += time.perf_counter() - start
            self.count += 1
        return known


def pair_figures(
    verdicts: Verdicts, archive: Mapping[str, Letter], pairs: Sequence[Judged]
) -> PairFigures:
    """The later letter of each pair is asked about, as at a counter."""
    told = {pair: _told(verdicts, archive[pair.first], archive[pair.second]) for pair in pairs}
    copies = [pair for pair in pairs if pair.verdict in _COPIES]
    rest = [pair for pair in pairs if pair.verdict not in _COPIES]
    own = [pair for pair in rest if _one_person(archive, pair)]
    others = [pair for pair in rest if not _one_person(archive, pair)]
    related = [pair for pair in pairs if pair.verdict is Verdict.RELATED]
    near = [pair for pair in pairs if told[pair][0] in _COPIES]
    return PairFigures(
        found(near, copies),
        found([pair for pair in own if told[pair][0] is Verdict.REPEAT], _judged(own, "repeat")),
        best_at(
            [(_rank(told[pair]), pair.verdict is Verdict.REPEAT) for pair in own], LEAST_RECALL
        ),
        average_precision(
            (_rank(told[pair]), pair.verdict is Verdict.SAME_MATTER) for pair in others
        ),
        found([pair for pair in related if told[pair][0] in _COPIES], related),
    )


def matter_figures(
    verdicts: Verdicts, archive: Mapping[str, Letter], groups: Mapping[str, frozenset[str]]
) -> MatterFigures:
    matter = {external_id: name for name, ids in groups.items() for external_id in ids}
    among_ten: list[float] = []
    ranking: list[float] = []
    called: list[Found] = []
    links: list[tuple[str, str]] = []
    for external_id, name in matter.items():
        answers = verdicts(archive[external_id])
        partners = groups[name] - {external_id}
        same = [other for other, verdict, _ in answers if verdict in _SAME]
        called.append(found(same, partners))
        links += [(external_id, other) for other in same]
        first = [other for other, _, _ in answers[:DEPTH]]
        among_ten.append(len(partners.intersection(first)) / min(DEPTH, len(partners)))
        order = [(-place, other in partners) for place, (other, _, _) in enumerate(answers)]
        reached = sum(is_partner for _, is_partner in order) / len(partners)
        ranking.append(average_precision(order) * reached)
    joined = clusters({*matter, *(other for _, other in links)}, links)
    return MatterFigures(
        fmean(among_ten),
        fmean(ranking),
        Averages(fmean(one.precision for one in called), fmean(one.recall for one in called)),
        b_cubed(joined, matter),
    )


def change_figures(
    verdicts: Verdicts, archive: Mapping[str, Letter], sample: int
) -> tuple[Mapping[str, ChangeFigures], Mapping[str, ChangeFigures]]:
    """Of letters changed but the same, and of those about another object."""
    twins = _twins(archive.values())
    known = perturb.names(archive.values())
    again: dict[str, ChangeFigures] = defaultdict(ChangeFigures)
    swaps: dict[str, ChangeFigures] = defaultdict(ChangeFigures)
    long_enough = sorted(
        (letter for letter in archive.values() if len(letter.text) >= _SHORTEST),
        key=lambda letter: letter.external_id,
    )
    random = Random("changed")
    for letter in random.sample(long_enough, min(sample, len(long_enough))):
        for kind, change in perturb.AGAIN.items():
            _count(again[kind], verdicts(_foreign(change(letter, random))), twins[letter.text])
    named = [letter for letter in long_enough if perturb.swapped(letter, known, Random(0))]
    for letter in random.sample(named, min(sample, len(named))):
        for kind, other in perturb.swapped(letter, known, random).items():
            _count(swaps[kind], verdicts(_foreign(other)), twins[letter.text])
    return again, swaps


def report(name: str, figures: Figures) -> None:
    """One teller's figures, as they go into `bench/README.md`."""
    pairs, groups = figures.pairs, figures.matters
    print(f"-- {name}: {figures.seconds * 1000:.1f} ms a letter")
    print(f"copies       {_shown(pairs.copies)}")
    print(f"repeats      {_shown(pairs.repeats)}")
    print(f"  recall {LEAST_RECALL} {_shown(pairs.repeats_at)}")
    print(f"same matter  average precision {pairs.same_matter:.3f}")
    print(f"related      called near {pairs.related_near.right} of {pairs.related_near.wanted}")
    print(f"matters      partners among ten {groups.recall:.3f}  ranking {groups.ranking:.3f}")
    for what, one in (("  called", groups.called), ("  clusters B³", groups.clusters)):
        print(f"{what:13}P {one.precision:.3f}  R {one.recall:.3f}  F1 {one.f1:.3f}")
    for kind, again in figures.again.items():
        shares = (share / again.tried for share in (again.first, again.found, again.near))
        print("again        {:22}first {:.2f}  of ten {:.2f}  near {:.2f}".format(kind, *shares))
    for kind, swap in figures.swapped.items():
        print(f"other object {kind:22}called near {swap.near / swap.tried:.2f} of {swap.tried}")


def main(sample: int = SAMPLE) -> None:
    """Measure the baselines, then the product."""
    try:
        archive = letters()
    except FileNotFoundError as error:
        print(f"{error.filename} is not on this machine: nothing to measure")
        return
    tellers: dict[str, Callable[..., Verdicts]] = {
        "person code alone": PersonCode,
        "trigrams": Trigrams,
        "tf-idf of words": WordVectors,
    }
    for name, made in tellers.items():
        report(name, measured(made(archive.values()), archive, sample))
    with office(archive.values()) as made_office:
        report("ours", measured(Ours(made_office), archive, sample))


def _told(verdicts: Verdicts, one: Letter, other: Letter) -> tuple[Verdict, float]:
    earlier, later = sorted((one, other), key=lambda letter: (letter.day, letter.external_id))
    for external_id, verdict, score in verdicts(later):
        if external_id == earlier.external_id:
            return verdict, score
    return Verdict.NONE, 0.0


def _rank(told: tuple[Verdict, float]) -> float:
    """Closer verdicts above all scores of the next one; scores are squeezed below 1."""
    verdict, score = told
    return verdict.closeness + score / (1 + abs(score))


def _one_person(archive: Mapping[str, Letter], pair: Judged) -> bool:
    return archive[pair.first].petitioner == archive[pair.second].petitioner


def _judged(pairs: Iterable[Judged], verdict: str) -> list[Judged]:
    return [pair for pair in pairs if pair.verdict == verdict]


def _twins(archive: Iterable[Letter]) -> Mapping[str, frozenset[str]]:
    """Ids of the letters with exactly this text."""
    same: dict[str, set[str]] = defaultdict(set)
    for letter in archive:
        same[letter.text].add(letter.external_id)
    return {text: frozenset(ids) for text, ids in same.items()}


def _foreign(letter: Letter) -> Letter:
    return replace(letter, external_id="", petitioner=STRANGER)


def _count(figures: ChangeFigures, answers: Sequence[Answer], originals: frozenset[str]) -> None:
    figures.tried += 1
    first = [external_id for external_id, _, _ in answers[:DEPTH]]
    figures.first += bool(first) and first[0] in originals
    figures.found += not originals.isdisjoint(first)
    figures.near += any(
        verdict in _COPIES and external_id in originals for external_id, verdict, _ in answers
    )


def _shown(one: Found) -> str:
    return (
        f"P {one.precision:.3f}  R {one.recall:.3f}  F1 {one.f1:.3f}"
        f"  ({one.right} right of {one.told} told, {one.wanted} wanted)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
