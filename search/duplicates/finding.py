"""Candidates from the engine and the register of people, each judged.

Nothing is asked but through the gate: the engine answers an `Allowed` question, the register leaves
out what lies outside the scope, and what is compared of a letter is what `project` shows of it. So
neither a hit nor its score tells anything of a letter, or of a word, that the asker may not see.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from analyzers.fold import fold_text
from analyzers.likeness.comparing import Likeness, copied
from analyzers.likeness.exchanged import Exchange, exchanged
from analyzers.likeness.many import likenesses
from analyzers.likeness.traits import Form, Normal, Path, Traits, forms_of, normal, traits_of
from analyzers.personal import find_personal, redact
from analyzers.segment import words as cut_words
from records.regions import ROOT
from search.access import Scope, restrict
from search.answers import VisiblePetition
from search.duplicates.answers import Cause, Duplicate, Evidence, Petitioner, Reason
from search.duplicates.judging import Judgement, judged, same_matter, signals
from search.duplicates.people import evidence, facts, phones_in
from search.duplicates.reasons import (
    content_reasons,
    days_reasons,
    earlier_reasons,
    name_reasons,
    person_reasons,
    place_reasons,
    rare_words,
    sentence_reasons,
    told_sentences,
)
from search.duplicates.words import KeyWords, cosine, key_words, subject_words
from search.engine import Edition, Engine, Sort

CANDIDATES: Final = 45
"""Letters that the engine is asked for, the best first (`bench/README.md`)."""
LEAST_HELD: Final = 0.03
"""Of the weight of those words, what a letter holds that is worth comparing. With a tenth, three in
a hundred letters miss one of their matter among the first ten; with this, two in a thousand."""
NEAR: Final = 20
"""Of the likeliest letters, the first is laid beside the others."""
COMPANY: Final = 0.8
"""How far its likeness to others is theirs to the letter asked about."""
LEAST_FIRST: Final = 0.2
"""A first one that is less likely says nothing of others."""
LEAST_TOLD: Final = 0.1
"""From here on it is a reason."""

_TEMPLATE = 0.2  # of the runs of both, shared by letters of one wording
_LEAST_SAME = 20  # characters of a text that is compared whole, without its subject


@dataclass(frozen=True)
class Asked:
    """The letter asked about. `whole`: its text is what was written, nothing is masked in it."""

    subject: str
    text: str
    people: tuple[Petitioner, ...]
    place: Path
    received_at: datetime | None
    whole: bool = True

    @cached_property
    def words(self) -> KeyWords:
        """What an engine is asked for."""
        return key_words(self.subject, self.text)

    @cached_property
    def subject_forms(self) -> frozenset[str]:
        """The words of its subject in normal form."""
        return frozenset(map(normal, self.subject_words))

    @cached_property
    def subject_words(self) -> Mapping[str, float]:
        """The words of its subject with their weights."""
        return subject_words(cut_words(fold_text(self.subject)))

    @cached_property
    def facts(self) -> tuple[Petitioner, ...]:
        """Its people as they are compared."""
        return facts(self.people)

    @cached_property
    def phones(self) -> frozenset[str]:
        """Phone numbers in its text."""
        return phones_in(self.text) if self.whole else frozenset()

    @cached_property
    def sentences(self) -> frozenset[str]:
        """Its own, in normal form."""
        return told_sentences(self.text)

    @cached_property
    def rare_words(self) -> list[str]:
        """Of those that an engine is asked for, the names."""
        return rare_words(self.words.like.words)

    @cached_property
    def earlier(self) -> list[Reason]:
        """Its own word of earlier letters."""
        return earlier_reasons(f"{self.subject} {self.text}")

    def traits(self, edition: Edition) -> Traits:
        """As it would stand in this edition."""
        return self._full if edition is Edition.FULL or not self.whole else self._redacted

    @cached_property
    def _full(self) -> Traits:
        return traits_of(self.subject, self.text, self.place)

    @cached_property
    def _redacted(self) -> Traits:
        names = tuple(one.name for one in self.people if one.name)
        subject, text = (redact(t, find_personal(t, names)) for t in (self.subject, self.text))
        if (subject, text) == (self.subject, self.text):
            return self._full
        return traits_of(subject, text, self.place)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is visible of a letter, and its people as far as the asker may compare them."""

    petition: VisiblePetition
    people: tuple[Petitioner, ...]


Shown = Callable[[Sequence[str]], Mapping[str, VisiblePetition]]
"""Gives letters as they are told, by id; what it leaves out isn't told."""


def nearest(engine: Engine, scope: Scope, asked: Asked, most: int = CANDIDATES) -> dict[str, float]:
    """Letters that share the heaviest words, best first, with how much of them each holds."""
    words = asked.words
    if not words.like.words:
        return {}
    question = restrict(words.like, scope)
    found = engine.search(question, limit=most, offset=0, sort=Sort.RELEVANCE, facets=())
    held = {match.id: match.score / words.own for match in found.page}
    return {id_: share for id_, share in held.items() if share >= LEAST_HELD}


def judge(
    asked: Asked,
    candidates: Sequence[Candidate],
    held: Mapping[str, float],
    most: int,
    shown: Shown | None = None,
) -> list[Duplicate]:
    """The closest `most` of those that belong to the letter. `held`: what `nearest` gave. `shown`:
    asked once, for these alone, where the candidates aren't whole."""
    forms = forms_of([(one.petition.subject, one.petition.text) for one in candidates])
    laid = list(zip(candidates, forms, strict=True))
    compared = _in_company(asked, _compared(asked, laid, held))
    closest = {one.petition.id: one for one in _closest(asked, compared, most)}
    if shown is None:
        return [one.told(asked, one.petition) for one in closest.values()]
    whole = shown(list(closest))
    return [one.told(asked, whole[id_]) for id_, one in closest.items() if id_ in whole]


@dataclass(frozen=True, slots=True)
class _Compared:
    """A candidate laid beside the letter. `alone`: how likely one matter, by `same_matter`;
    `likely`: what another letter adds included, whose number is `company` where that is much."""

    candidate: Candidate
    form: Form
    alike: Likeness
    same_text: bool
    copied: bool
    evidence: Evidence | None
    alone: float
    likely: float
    company: str = ""

    @property
    def may_be_template(self) -> bool:
        return not self.same_text and (self.copied or self.alike.jaccard >= _TEMPLATE)

    def judged(self, *, exchanged: bool) -> Judgement | None:
        return judged(
            self.likely,
            alone=self.alone,
            same_text=self.same_text,
            copied=self.copied,
            exchanged=exchanged,
            evidence=self.evidence,
        )

    def place(self, score: float) -> tuple[float, datetime, str]:
        """Where it stands with this score: closest first."""
        return -score, self.candidate.petition.received_at, self.candidate.petition.id


@dataclass(frozen=True, slots=True)
class _Told:
    compared: _Compared
    exchanges: tuple[Exchange, ...]
    judgement: Judgement

    @property
    def place(self) -> tuple[float, datetime, str]:
        return self.compared.place(self.judgement.score)

    @property
    def petition(self) -> VisiblePetition:
        return self.compared.candidate.petition

    def told(self, asked: Asked, shown: VisiblePetition) -> Duplicate:
        """With reasons."""
        one, judgement = self.compared, self.judgement
        other, people = one.candidate.petition, one.candidate.people
        reasons = [
            *person_reasons(one.evidence, known=bool(asked.people and people)),
            *content_reasons(one.alike, self.exchanges, same_text=one.same_text, copied=one.copied),
            *name_reasons(asked.rare_words, one.form),
            *(
                []
                if one.same_text
                else sentence_reasons(asked.sentences, other.text, one.form.text)
            ),
            *place_reasons(one.alike, other),
            *([Reason(Cause.COMPANY, (one.company,))] if one.company else []),
            *days_reasons(asked.received_at, other.received_at),
            *asked.earlier,
        ]
        return Duplicate(
            shown,
            judgement.verdict,
            judgement.band,
            judgement.score,
            one.evidence,
            tuple(reasons),
        )


def _closest(asked: Asked, compared: Sequence[_Compared], most: int) -> list[_Told]:
    """Whether objects were exchanged costs most to tell and takes a letter down at most: it is told
    in the order in which the letters would stand otherwise, as far as it can change the first."""
    waiting = []
    for one in compared:
        may_be = (one.judged(exchanged=each) for each in (False, one.may_be_template))
        scores = [found.score for found in may_be if found is not None]
        if scores:
            waiting.append((one.place(max(scores)), one))
    waiting.sort(key=lambda each: each[0])
    closest: list[_Told] = []
    for best_place, one in waiting:
        if len(closest) >= most > 0 and best_place > closest[most - 1].place:
            break
        ours = asked.traits(one.candidate.petition.edition)
        exchanges = exchanged(ours, one.form) if one.may_be_template else ()
        found = one.judged(exchanged=bool(exchanges))
        if found is not None:
            insort(closest, _Told(one, exchanges, found), key=lambda told: told.place)
    return closest[:most]


def _compared(
    asked: Asked, laid: Sequence[tuple[Candidate, Form]], held: Mapping[str, float]
) -> list[_Compared]:
    found: list[_Compared] = []
    for edition in {one.petition.edition for one, _ in laid}:
        ours = asked.traits(edition)
        part = [(one, form) for one, form in laid if one.petition.edition is edition]
        likes = likenesses(ours, [(form, _place(one.petition)) for one, form in part])
        for (one, form), alike in zip(part, likes, strict=True):
            found.append(_laid_beside(asked, ours, one, form, alike, held))
    return found


def _in_company(asked: Asked, compared: list[_Compared]) -> list[_Compared]:
    """The same letters, those more likely that are like the likeliest of another text.

    Two letters about one matter may have few words in common where a third has some of both. One
    that is surely of the first's matter is nearly as likely as the first, never more. A first one
    about another object, in the same wording, says nothing of others.
    """
    told_anew = [one for one in compared if not one.same_text]
    told_anew.sort(key=lambda one: one.place(one.likely))
    if len(told_anew) < 2 or told_anew[0].likely < LEAST_FIRST:
        return compared
    first, near = told_anew[0], told_anew[1:NEAR]
    shown = first.candidate.petition
    if first.may_be_template and exchanged(asked.traits(shown.edition), first.form):
        return compared
    place, received_at = _place(shown), shown.received_at
    middle = Asked(shown.subject, shown.text, (), place, received_at, whole=False)
    beside = _compared(middle, [(one.candidate, one.form) for one in near], {})
    by_it = {one.candidate.petition.id: one.likely for one in beside}
    told = [
        _raised(one, first.likely, COMPANY * by_it[one.candidate.petition.id], shown.number)
        for one in near
    ]
    same = [one for one in compared if one.same_text]
    return [*same, first, *told, *told_anew[NEAR:]]


def _raised(one: _Compared, first: float, share: float, number: str) -> _Compared:
    """So far towards the first as it is like it; told where that is much."""
    added = (first - one.alone) * share
    told = number if added >= LEAST_TOLD else ""
    return replace(one, likely=one.alone + added, company=told)


def _laid_beside(
    asked: Asked,
    ours: Traits,
    candidate: Candidate,
    form: Form,
    alike: Likeness,
    held: Mapping[str, float],
) -> _Compared:
    other = candidate.petition
    same_text = _same_text(ours, form)
    proof = evidence(asked.facts, facts(candidate.people), asked.phones) if asked.facts else None
    read = signals(
        alike,
        held.get(other.id, 0.0),
        _subjects_alike(asked, other.subject, form.subject),
        None if asked.received_at is None else (asked.received_at - other.received_at).days,
    )
    likely = same_matter(read, proof)
    copy = same_text or copied(alike)
    return _Compared(candidate, form, alike, same_text, copy, proof, likely, likely)


def _subjects_alike(asked: Asked, theirs: str, form: str) -> float:
    """The cosine of the subjects' words. `form`: theirs in normal form; it is cut into words only
    where it may hold one of ours."""
    if not any(word in form for word in asked.subject_forms):
        return 0.0
    return cosine(asked.subject_words, subject_words(cut_words(fold_text(theirs))))


def _place(other: VisiblePetition) -> Path:
    return tuple(one.value for one in other.region if one.value != ROOT)


def _same_text(one: Normal, other: Normal) -> bool:
    if one.text != other.text:
        return False
    return len(one.text) >= _LEAST_SAME or one.subject == other.subject
