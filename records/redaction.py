"""The redacted edition of what comes in: personal data masked, character for character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from records.entries import NewPetition, NewReply


def redacted_text(text: str, names: Sequence[str] = ()) -> str:
    """The text with its personal data masked; of the same length. `names`: known to occur."""
    from analyzers.personal import find_personal, redact

    return redact(text, find_personal(text, names)) if text else ""


def redacted(petition: NewPetition) -> NewPetition:
    """The petition with the redacted texts that it lacks; those that it has are kept."""
    names = [person.name for person in petition.people if person.name]
    return replace(
        petition,
        subject_redacted=_known_or_made(petition.subject_redacted, petition.subject, names),
        text_redacted=_known_or_made(petition.text_redacted, petition.text, names),
        replies=tuple(redacted_reply(reply, names) for reply in petition.replies),
    )


def redacted_reply(reply: NewReply, names: Sequence[str] = ()) -> NewReply:
    """The reply with its redacted text."""
    return replace(reply, text_redacted=_known_or_made(reply.text_redacted, reply.text, names))


def _known_or_made(known: str | None, text: str, names: Sequence[str]) -> str:
    return known if known is not None else redacted_text(text, names)
