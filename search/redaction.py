"""Redactions: looked at beside the full text, corrected, and those that nobody looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from records import audit, changes, petitions
from records.corrections import Correction, corrections_of, note_review, reviews_of
from records.database import Session
from records.record import PetitionRecord
from search.access import FieldRight, Scope, restrict
from search.answers import MAX_SIZE, VisiblePetition
from search.door import Door, is_lasting, read_visible, require_full
from search.engine import Edition, Sort
from search.projection import granted_on
from search.query import Everything
from search.redaction_review import RedactionReview, Unreviewed, redaction_review, unreviewed

_LOOKED_THROUGH = 500
"""Most petitions that a list of unreviewed ones is looked for in."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Part of the `Library`. Every method takes the asker's `Scope` first; none has a default."""

    _door: Door

    def review(
        self, scope: Scope, petition_id: str, proposed: Sequence[Correction] = ()
    ) -> RedactionReview:
        """What the redaction makes of a petition, and would with the proposed corrections; for
        those who see its full text. Raises `NotFound`."""

        def review(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> RedactionReview:
            require_full(visible)
            kept = corrections_of(session, petition_id)
            looked = reviews_of(session, [petition_id]).get(petition_id)
            return redaction_review(visible, record, kept, looked, proposed)

        return self._door.view(scope, "view_redaction", petition_id, review)[1]

    def correct(
        self, scope: Scope, petition_id: str, corrections: Sequence[Correction], reason: str
    ) -> VisiblePetition:
        """Mask words of a petition or show them again; the petition as it was before.

        For those who see its full text. Redacted text, pictures and indexes follow. `reason` stands
        in the audit and must name nobody. Raises `NotFound`, `records.errors.BadValue`.
        """
        masked = sum(correction.masked for correction in corrections)
        told = {"masked": masked, "shown_again": len(corrections) - masked, "reason": reason}

        def correct(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            require_full(visible)
            changes.correct_redaction(session, petition_id, scope.user_id, corrections)

        visible, _ = self._door.view(
            scope, "correct_redaction", petition_id, correct, told, lasting=True
        )
        return visible

    def note_review(self, scope: Scope, petition_id: str) -> None:
        """Keep that this person looked at the redaction and left it. Raises `NotFound`."""

        def note(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            require_full(visible)
            note_review(session, petition_id, scope.user_id)

        self._door.view(scope, "review_redaction", petition_id, note, lasting=True)

    def unreviewed(self, scope: Scope, most: int = 50) -> tuple[Unreviewed, ...]:
        """Of the newest `_LOOKED_THROUGH` petitions of this scope up to `most` that it sees in full
        and whose redaction nobody looked at, the doubtful ones first. Raises `EngineError`."""
        self._door.require_index()
        vocabulary = self._door.vocabulary.known()
        wanted = self._unreviewed_ids(scope, most)
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            seen = [
                (visible, record)
                for visible, record in read_visible(session, scope, wanted, vocabulary)
                if visible.edition is Edition.FULL
            ]
            audit.write(session, scope.user_id, "list_unreviewed", details={"shown": len(seen)})
        return tuple(sorted((unreviewed(*one) for one in seen), key=lambda one: -one.doubts))

    def _unreviewed_ids(self, scope: Scope, most: int) -> list[str]:
        """Newest first. The rights decide again when they are read."""
        wanted: list[str] = []
        if FieldRight.FULL_TEXT not in scope.fields | scope.own_fields or scope.counts_only:
            return wanted
        allowed = restrict(Everything(), scope)
        for offset in range(0, _LOOKED_THROUGH, MAX_SIZE):
            found = self._door.engine.search(
                allowed, limit=MAX_SIZE, offset=offset, sort=Sort.NEWEST, facets=()
            )
            ids = [match.id for match in found.page]
            with self._door.database.read() as session:
                looked = reviews_of(session, ids)
                for id_ in (one for one in ids if one not in looked):
                    granted = granted_on(scope, petitions.reach(session, id_))
                    if granted is not None and FieldRight.FULL_TEXT in granted:
                        wanted.append(id_)
            if len(ids) < MAX_SIZE or len(wanted) >= most:
                break
        return wanted[:most]
