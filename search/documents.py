"""A petition as the indexes hold it: one document for each edition, in the indexes of its level."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from analyzers.fold import fold_text
from analyzers.segment import words
from records.record import PetitionRecord
from records.regions import PUBLISHED
from search.access import readers_of
from search.engine import Document, Edition, FieldText, IndexName, Level
from search.query import OFFICE_ZONE

BETWEEN_REPLIES = "\u00ad"
"""Stands between two replies, so that nothing is found across them: folding leaves none of these
in a question, and no engine takes it for a blank."""

NOTHING = FieldText("", ())


def reader_path(petition: PetitionRecord) -> tuple[str, ...]:
    """The regions over a petition, and what was published besides in the region of the public."""
    return (*petition.region_path, PUBLISHED) if petition.published else petition.region_path


def documents_of(
    petition: PetitionRecord, zone: ZoneInfo = OFFICE_ZONE
) -> dict[IndexName, Document]:
    """Both editions of a petition; `zone` is the office's, for the year it was received in."""
    level = Level(petition.level)
    full = (
        _field((petition.subject,)),
        _field((petition.text,)),
        _field([reply.text for reply in petition.replies]),
    )
    redacted = (
        full[0]
        if petition.subject_redacted == petition.subject
        else _field((petition.subject_redacted,)),
        full[1] if petition.text_redacted == petition.text else _field((petition.text_redacted,)),
        full[2]
        if all(reply.text_redacted == reply.text for reply in petition.replies)
        else _field([reply.text_redacted for reply in petition.replies]),
    )
    year = str(petition.received_at.astimezone(zone).year)
    readers = readers_of(
        region_path=reader_path(petition),
        named_users=petition.readers,
        sealed=petition.sealed,
    )
    numbers = tuple(
        fold_text(number) for number in (petition.number, petition.external_id) if number
    )
    return {
        IndexName(level, edition): Document(
            id=petition.id,
            order=petition.order,
            subject=subject,
            text=text,
            reply=reply,
            received=int(petition.received_at.timestamp()),
            year=year,
            regions=petition.region_path,
            categories=petition.category_path,
            status=petition.status,
            channel=petition.channel,
            level=level,
            numbers=numbers,
            readers=readers,
        )
        for edition, (subject, text, reply) in (
            (Edition.FULL, full),
            (Edition.REDACTED, redacted),
        )
    }


def _field(texts: Sequence[str]) -> FieldText:
    folded = [characters for text in texts if (characters := fold_text(text))]
    if not folded:
        return NOTHING
    cut = [word for characters in folded for word in words(characters)]
    return FieldText(BETWEEN_REPLIES.join(folded), tuple(cut))
