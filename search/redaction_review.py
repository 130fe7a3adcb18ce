"""A petition's texts beside what its redaction makes of them, for a person who corrects it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analyzers.personal import MASK, PersonalSpan, find_personal
from records.corrections import Correction, Review, corrected, stands_in
from records.record import PetitionRecord
from search.answers import VisiblePetition


class Mark(StrEnum):
    """What became of a piece of text, and whether the proposed corrections change it."""

    PLAIN = "plain"
    MASKED = "masked"
    DOUBTFUL = "doubtful"  # masked by a rule that may be mistaken here
    NEWLY_MASKED = "newly_masked"
    SHOWN_AGAIN = "shown_again"


@dataclass(frozen=True, slots=True)
class MarkedPiece:
    """The same place in both texts; they are equally long."""

    full: str
    redacted: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class ReviewedText:
    """`reply`: its number from 1; None: the letter. `subject`: it is the letter's subject."""

    pieces: tuple[MarkedPiece, ...]
    subject: bool = False
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class MaskedWords:
    """Words that are masked now. `doubtful`: by a rule that may be mistaken here."""

    text: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class RedactionReview:
    """`words`: each that is masked, once, the doubtful first. `missing`: proposed corrections whose
    words stand in no text. `review`: who looked at it last."""

    petition: VisiblePetition
    texts: tuple[ReviewedText, ...]
    words: tuple[MaskedWords, ...]
    corrections: tuple[Correction, ...]
    missing: tuple[str, ...]
    review: Review | None


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """A petition whose redaction nobody looked at. `doubts`: masked spans that may be mistaken."""

    id: str
    number: str
    subject: str
    received_at: datetime
    doubts: int
    text_confidence: float | None


def redaction_review(
    petition: VisiblePetition,
    record: PetitionRecord,
    kept: Sequence[Correction],
    review: Review | None,
    proposed: Sequence[Correction],
) -> RedactionReview:
    """`kept`: the corrections that hold; `proposed`: those to be shown before they are kept."""
    pairs = _pairs(record)
    names = _names(record)
    texts, words = [], dict[str, bool]()
    for place, (full, redacted) in enumerate(pairs):
        spans = find_personal(full, names)
        after = corrected(full, redacted, proposed)
        pieces = _pieces(full, redacted, after, spans)
        reply = place - 1 if place > 1 else None
        texts.append(ReviewedText(pieces, subject=place == 0, reply=reply))
        for text, doubtful in _masked_words(full, redacted, spans):
            words[text] = words.get(text, True) and doubtful
    plain = [full for full, _ in pairs]
    return RedactionReview(
        petition,
        tuple(texts),
        tuple(MaskedWords(text, doubtful) for text, doubtful in
              sorted(words.items(), key=lambda one: not one[1])),
        tuple(kept),
        tuple(one.text for one in proposed if not stands_in(one.text, plain)),
        review,
    )  # fmt: skip


def unreviewed(petition: VisiblePetition, record: PetitionRecord) -> Unreviewed:
    names = _names(record)
    doubts = sum(
        not span.certain
        for full, redacted in _pairs(record)
        for span in find_personal(full, names)
        if full[span.start : span.end] != redacted[span.start : span.end]
    )
    return Unreviewed(
        petition.id,
        petition.number,
        petition.subject,
        petition.received_at,
        doubts,
        petition.text_confidence,
    )


def _pairs(record: PetitionRecord) -> list[tuple[str, str]]:
    """Subject, letter and replies, each in full and redacted."""
    replies = ((reply.text, reply.text_redacted) for reply in record.replies)
    return [
        (record.subject, record.subject_redacted),
        (record.text, record.text_redacted),
        *replies,
    ]


def _names(record: PetitionRecord) -> list[str]:
    return [person.name for person in record.persons if person.name]


def _pieces(
    full: str, before: str, after: str, spans: Sequence[PersonalSpan]
) -> tuple[MarkedPiece, ...]:
    doubtful = {at for span in spans if not span.certain for at in range(span.start, span.end)}
    marks = [
        _mark(full[at], before[at], after[at], doubtful=at in doubtful) for at in range(len(full))
    ]
    pieces, start = [], 0
    for at in range(1, len(full) + 1):
        if at == len(full) or marks[at] is not marks[start]:
            pieces.append(MarkedPiece(full[start:at], after[start:at], marks[start]))
            start = at
    return tuple(pieces)


def _mark(full: str, before: str, after: str, *, doubtful: bool) -> Mark:
    was, is_ = before != full, after != full
    if was != is_:
        return Mark.NEWLY_MASKED if is_ else Mark.SHOWN_AGAIN
    if not is_:
        return Mark.PLAIN
    return Mark.DOUBTFUL if doubtful else Mark.MASKED


def _masked_words(
    full: str, redacted: str, spans: Sequence[PersonalSpan]
) -> list[tuple[str, bool]]:
    """The words to be shown again if one of them is chosen: whole spans, else what is masked."""
    found, covered = [], set[int]()
    for span in spans:
        covered |= set(range(span.start, span.end))
        if full[span.start : span.end] != redacted[span.start : span.end]:
            found.append((full[span.start : span.end], not span.certain))
    start = None
    for at in range(len(full) + 1):
        masked = at < len(full) and at not in covered and redacted[at] == MASK != full[at]
        if masked and start is None:
            start = at
        elif not masked and start is not None:
            found.append((full[start:at], False))
            start = None
    return found
