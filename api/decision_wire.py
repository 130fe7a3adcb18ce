"""Decisions, matters' files and urged letters as the JSON of `api.decision_schemas`."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from api import deadlines
from api.decision_schemas import (
    DeadlineSeen,
    DecisionSeen,
    DecisionsSeen,
    FiledLetter,
    LetterNamed,
    MatterFiled,
    Undone,
)
from api.letter_schemas import ReminderSeen
from records.decisions import Kind
from search.answers import Reminder, VisiblePetition
from search.case_files import MatterFile
from search.duplicates.checking import Decided, Side, VisibleDecision


def decisions_seen(found: Decided) -> DecisionsSeen:
    return DecisionsSeen(
        status=found.petition.status.value,
        kinds=tuple(kind for kind in Kind if kind in found.kinds),
        decisions=tuple(map(decision_seen, found.decisions)),
    )


def decision_seen(one: VisibleDecision) -> DecisionSeen:
    undone = None
    if one.undone_at is not None:
        undone = Undone(at=one.undone_at, by=one.undone_by or "", reason=one.undo_reason or "")
    return DecisionSeen(
        id=one.id,
        kind=one.kind,
        letter=LetterNamed.model_validate(one.letter),
        beside=LetterNamed.model_validate(one.beside) if one.beside else None,
        at=one.at,
        by=one.by,
        reason=one.reason,
        verdict=one.verdict,
        score=None if one.score is None else round(one.score, 4),
        undone=undone,
    )


def matter_filed(found: MatterFile, zone: ZoneInfo) -> MatterFiled:
    return MatterFiled(
        deadline=_deadline(deadlines.of_matter(found.letters, zone)),
        letters=tuple(
            _filed(one, found.handlers.get(one.id, ()), found.reminders(one.id), zone)
            for one in found.letters
        ),
        more=found.more,
        decisions=tuple(map(decision_seen, found.decisions)),
    )


def letter_urged(one: Side, zone: ZoneInfo) -> FiledLetter:
    return _filed(one.petition, one.handlers, one.reminders, zone)


def _filed(
    petition: VisiblePetition,
    handlers: tuple[str, ...],
    reminders: Sequence[Reminder],
    zone: ZoneInfo,
) -> FiledLetter:
    replies = petition.replies
    return FiledLetter(
        id=petition.id,
        number=petition.number,
        external_id=petition.external_id,
        subject=petition.subject,
        received_at=petition.received_at,
        status=petition.status.value,
        replied=bool(replies),
        transfer_only=bool(replies) and all(reply.transfer_only for reply in replies),
        deadline=_deadline(deadlines.of_letter(petition, zone)),
        handlers=handlers,
        reminders=tuple(map(ReminderSeen.model_validate, reminders)),
    )


def _deadline(shown: deadlines.DeadlineShown | None) -> DeadlineSeen | None:
    return None if shown is None else DeadlineSeen.model_validate(shown)
