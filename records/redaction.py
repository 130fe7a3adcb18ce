"""The redacted edition of what comes in: personal data masked, character for character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from records.entries import NewPetition, NewReply, changed


def redacted_text(text: str, names: Sequence[str] = ()) -> str:
    """The text with its personal data masked; of the same length. `names`: known to occur."""
    from analyzers.personal import find_personal, redact

    return redact(text, find_personal(text, names)) if text else ""


def redacted(petition: NewPetition) -> NewPetition:
    """The petition with the redacted texts that it lacks; those that it has are kept."""
    known = (
        petition.subject_redacted,
        petition.text_redacted,
        *(reply.text_redacted for reply in petition.replies),
    )
    if None not in known:
        return petition
    names = [person.name for person in petition.people if person.name]
    full = (petition.subject, petition.text, *(reply.text for reply in petition.replies))
    made = [_known_or_made(*part, names) for part in zip(known, full, strict=True)]
    together = masked_together(list(zip(full, made, strict=True)), names)
    subject, text, *replies = (
        mask if kept is None else kept for kept, mask in zip(known, together, strict=True)
    )
    return changed(
        petition,
        subject_redacted=subject,
        text_redacted=text,
        replies=tuple(
            replace(reply, text_redacted=mask)
            for reply, mask in zip(petition.replies, replies, strict=True)
        ),
    )


def masked_together(parts: Sequence[tuple[str, str]], names: Sequence[str] = ()) -> list[str]:
    """The redacted texts of one petition, given as (full, redacted): a name that is known, or that
    one of its texts announces, is masked in all of them. What is masked already stays so."""
    from analyzers.personal import mask_names, names_in

    everyone = {*names}.union(*(names_in(full) for full, _ in parts))
    return [mask_names(full, masked, everyone) for full, masked in parts]


def redacted_reply(reply: NewReply, names: Sequence[str] = ()) -> NewReply:
    """The reply with its redacted text."""
    return replace(reply, text_redacted=_known_or_made(reply.text_redacted, reply.text, names))


def _known_or_made(known: str | None, text: str, names: Sequence[str]) -> str:
    return known if known is not None else redacted_text(text, names)
