"""A petition as the indexes hold it: one document an edition, in the indexes of its level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from zoneinfo import ZoneInfo

from analyzers.fold import fold_text
from analyzers.segment import words
from records.record import Findable, PetitionRecord, Reach
from records.regions import PUBLISHED
from search.access import WHOLE, readers_of
from search.engine import Document, Edition, FieldText, IndexName, Level
from search.query import OFFICE_ZONE

BETWEEN_REPLIES = "\u00ad"
"""Stands between two replies, so that nothing is found across them: folding leaves none of these
in a question, and no engine takes it for a blank."""

NOTHING = FieldText("", ())


def reader_path(petition: PetitionRecord | Findable | Reach) -> tuple[str, ...]:
    """The regions over a petition, and what was published besides in the region of the public."""
    return (*petition.region_path, PUBLISHED) if petition.published else petition.region_path


def documents_of(
    petition: PetitionRecord | Findable, zone: ZoneInfo = OFFICE_ZONE
) -> dict[IndexName, Document]:
    """The editions of a petition; `zone` is the office's, for the year it was received in.

    One that holds no personal data has one, the redacted: readers of full texts find it there.
    """
    level = Level(petition.level)
    readers = readers_of(
        region_path=reader_path(petition),
        named_users=petition.readers,
        sealed=petition.sealed,
    )
    full = (
        (petition.subject,),
        (petition.text,),
        tuple(reply.text for reply in petition.replies),
    )
    redacted = (
        (petition.subject_redacted,),
        (petition.text_redacted,),
        tuple(reply.text_redacted for reply in petition.replies),
    )
    if redacted == full:
        fields = [_field(texts, words) for texts in full]
        one = _document(petition, zone, fields, (*readers, WHOLE))
        return {IndexName(level, Edition.REDACTED): one}
    sentences = _Sentences()
    fields = [_field(texts, sentences.words) for texts in full]
    masked = [
        field if texts == unmasked else _field(texts, sentences.words)
        for field, texts, unmasked in zip(fields, redacted, full, strict=True)
    ]
    return {
        IndexName(level, Edition.FULL): _document(petition, zone, fields, readers),
        IndexName(level, Edition.REDACTED): _document(petition, zone, masked, readers),
    }


def _document(
    petition: PetitionRecord | Findable,
    zone: ZoneInfo,
    fields: Sequence[FieldText],
    readers: tuple[str, ...],
) -> Document:
    """One edition. `fields`: subject, text, replies."""
    subject, text, reply = fields
    return Document(
        id=petition.id,
        order=petition.order,
        subject=subject,
        text=text,
        reply=reply,
        received=int(petition.received_at.timestamp()),
        year=str(petition.received_at.astimezone(zone).year),
        regions=petition.region_path,
        categories=petition.category_path,
        status=petition.status,
        channel=petition.channel,
        level=Level(petition.level),
        numbers=tuple(
            fold_text(number) for number in (petition.number, petition.external_id) if number
        ),
        readers=readers,
    )


class _Sentences(dict[str, list[str]]):
    """The words of a letter's sentences: both editions have most of them."""

    def __missing__(self, sentence: str) -> list[str]:
        cut = self[sentence] = words(sentence)
        return cut

    def words(self, folded: str) -> list[str]:
        """As `analyzers.segment.words`: none goes on behind a full stop."""
        return list(chain.from_iterable(map(self.__getitem__, folded.split("。"))))


def _field(texts: Sequence[str], cut: Callable[[str], Sequence[str]]) -> FieldText:
    folded = [characters for text in texts if (characters := fold_text(text))]
    if not folded:
        return NOTHING
    return FieldText(BETWEEN_REPLIES.join(folded), tuple(chain.from_iterable(map(cut, folded))))
