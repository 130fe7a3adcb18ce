"""Candidates from the engine and the register of people, each judged.

Nothing is asked but through the gate: the engine answers an `Allowed` question, the register leaves
out what lies outside the scope, and what is compared of a letter is what `project` shows of it. So
neither a hit nor its score tells anything of a letter, or of a word, that the asker may not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from analyzers.fold import fold_text
from analyzers.likeness.comparing import Likeness, copied, likeness
from analyzers.likeness.exchanged import Exchange, exchanged
from analyzers.likeness.traits import Path, Traits, traits_of
from analyzers.personal import find_personal, redact
from analyzers.segment import words as cut_words
from records.regions import ROOT
from search.access import Scope, restrict
from search.answers import VisiblePetition
from search.duplicates.answers import Duplicate, Evidence, Petitioner, Reason
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
    asked: Asked, candidates: Sequence[Candidate], held: Mapping[str, float], most: int
) -> list[Duplicate]:
    """The closest `most` of those that belong to the letter. `held`: what `nearest` gave."""
    found = [_compared(asked, one, held.get(one.petition.id, 0.0)) for one in candidates]
    told = sorted(
        (one for one in found if one.judgement is not None),
        key=lambda one: (-one.score, one.petition.received_at, one.petition.id),
    )
    return [one.told(asked) for one in told[:most]]


@dataclass(frozen=True, slots=True)
class _Compared:
    """A candidate laid beside the letter."""

    candidate: Candidate
    traits: Traits
    alike: Likeness
    same_text: bool
    copied: bool
    exchanges: tuple[Exchange, ...]
    evidence: Evidence | None
    judgement: Judgement | None

    @property
    def petition(self) -> VisiblePetition:
        return self.candidate.petition

    @property
    def score(self) -> float:
        return self.judgement.score if self.judgement else 0.0

    def told(self, asked: Asked) -> Duplicate:
        """With reasons."""
        assert self.judgement is not None
        other, people = self.candidate.petition, self.candidate.people
        reasons = [
            *person_reasons(self.evidence, known=bool(asked.people and people)),
            *content_reasons(
                self.alike, self.exchanges, same_text=self.same_text, copied=self.copied
            ),
            *name_reasons(asked.rare_words, self.traits),
            *(
                []
                if self.same_text
                else sentence_reasons(asked.sentences, other.text, self.traits.text)
            ),
            *place_reasons(self.alike, other),
            *days_reasons(asked.received_at, other.received_at),
            *asked.earlier,
        ]
        judgement = self.judgement
        return Duplicate(
            other,
            judgement.verdict,
            judgement.band,
            judgement.score,
            self.evidence,
            tuple(reasons),
        )


def _compared(asked: Asked, candidate: Candidate, held: float) -> _Compared:
    other = candidate.petition
    ours = asked.traits(other.edition)
    place = tuple(one.value for one in other.region if one.value != ROOT)
    theirs = traits_of(other.subject, other.text, place)
    alike = likeness(ours, theirs)
    same_text = _same_text(ours, theirs)
    copy = same_text or copied(alike)
    may_be_template = not same_text and (copy or alike.jaccard >= _TEMPLATE)
    exchanges = exchanged(ours, theirs) if may_be_template else ()
    proof = evidence(asked.facts, facts(candidate.people), asked.phones)
    read = signals(
        alike,
        held,
        cosine(asked.words.subject, subject_words(cut_words(fold_text(other.subject)))),
        None if asked.received_at is None else (asked.received_at - other.received_at).days,
    )
    found = judged(
        same_matter(read, proof),
        same_text=same_text,
        copied=copy,
        exchanged=bool(exchanges),
        evidence=proof,
    )
    return _Compared(candidate, theirs, alike, same_text, copy, exchanges, proof, found)


def _same_text(one: Traits, other: Traits) -> bool:
    if one.text != other.text:
        return False
    return len(one.text) >= _LEAST_SAME or one.subject == other.subject
