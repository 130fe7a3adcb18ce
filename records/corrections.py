"""What a person corrected of a petition's redaction; it holds when its texts change later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from records.database import Session
from records.ids import chunks
from records.tables import redaction_corrections, redaction_reviews
from records.times import now

TEXT = "redaction_corrections.text"


@dataclass(frozen=True, slots=True)
class Correction:
    """Words that are masked wherever they stand in a petition, or never (`masked` false)."""

    text: str
    masked: bool


def corrections_of(session: Session, petition_id: str) -> tuple[Correction, ...]:
    """The corrections of a petition, oldest first: later ones prevail."""
    kept = redaction_corrections.c
    rows = session.connection.execute(
        select(kept.text, kept.masked)
        .where(kept.petition_id == petition_id)
        .order_by(kept.position)
    )
    return tuple(Correction(session.keys.decrypt(TEXT, row.text), row.masked) for row in rows)


def keep_corrections(
    session: Session, petition_id: str, who: str, corrections: Sequence[Correction]
) -> None:
    """Add corrections to those of a petition. `who`: a user id."""
    kept = redaction_corrections.c
    last = select(func.max(kept.position)).where(kept.petition_id == petition_id)
    first = (session.connection.execute(last).scalar() or 0) + 1
    session.connection.execute(
        insert(redaction_corrections),
        [
            {
                "petition_id": petition_id,
                "position": position,
                "text": session.keys.encrypt(TEXT, correction.text),
                "masked": correction.masked,
                "who": who,
                "at": now(),
            }
            for position, correction in enumerate(corrections, first)
        ],
    )


@dataclass(frozen=True, slots=True)
class Review:
    """That a person looked at a petition's redaction. `who`: a user id."""

    who: str
    at: datetime


def note_review(session: Session, petition_id: str, who: str) -> None:
    """Keep that somebody looked at the redaction as it stands; the last one counts."""
    session.connection.execute(
        delete(redaction_reviews).where(redaction_reviews.c.petition_id == petition_id)
    )
    session.connection.execute(
        insert(redaction_reviews).values(petition_id=petition_id, who=who, at=now())
    )


def reviews_of(session: Session, ids: Sequence[str]) -> dict[str, Review]:
    """Of these petitions the last look at the redaction, where there was one."""
    kept = redaction_reviews.c
    found: dict[str, Review] = {}
    for part in chunks(ids):
        rows = session.connection.execute(
            select(redaction_reviews).where(kept.petition_id.in_(part))
        )
        found |= {row.petition_id: Review(row.who, row.at) for row in rows}
    return found


def stands_in(words: str, texts: Sequence[str]) -> bool:
    """Whether correcting these words would change anything in one of the texts."""
    masks = (Correction(words, masked=True),)
    return any(corrected(text, text, masks) != text for text in texts)


def corrected(full: str, redacted: str, corrections: Sequence[Correction]) -> str:
    """A redacted text with the corrections carried out; of the same length."""
    from analyzers.personal import MASK, aligned

    plain = aligned(full)
    for correction in corrections:
        wanted = aligned(correction.text)
        at = plain.find(wanted) if wanted else -1
        while at >= 0:
            end = at + len(wanted)
            there = full[at:end]
            if correction.masked:
                there = "".join(MASK if sign.isalnum() else sign for sign in there)
            redacted = redacted[:at] + there + redacted[end:]
            at = plain.find(wanted, end)
    return redacted
