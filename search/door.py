"""The door itself: how a question is understood, and a petition read, for one user.

The `Library` and its parts (`search.people`, `search.redaction`, `search.duplicates.repeats`,
`search.duplicates.matters`) share one `Door`. Nothing else reads petitions for users: what is shown
of one was read by `Door.view`, `read_visible` or `require_visible`. Unknown and forbidden are the
same `NotFound`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from records import audit, petitions
from records.database import Database, Session
from records.followed_index import followed
from records.ids import is_id
from records.originals import Originals
from records.record import PetitionRecord
from search.access import Scope, restrict
from search.answers import FACETS, SearchRequest, VisiblePetition
from search.engine import Edition, Engine, Level, Sort
from search.errors import IndexNotReady, NotFound, QueryError, UnknownFacet
from search.expansion.synonyms import Synonyms
from search.office_vocabulary import OfficeVocabulary
from search.projection import granted_on, project
from search.query import Attribute, Everything, Query
from search.understanding import narrowed, understood
from search.vocabulary import Vocabulary

Part = TypeVar("Part")

_NO_PART: Mapping[str, object] = {"number": None}


class Door:
    """Records, indexes and originals of an office. Safe to share between threads."""

    def __init__(
        self, database: Database, engine: Engine, originals: Originals, synonyms: Synonyms
    ) -> None:
        self.database = database
        self.engine = engine
        self.originals = originals
        self.vocabulary = OfficeVocabulary(database)
        self.synonyms = synonyms
        self._followed: str | None = None

    def require_index(self) -> None:
        """Raise IndexNotReady where the indexes aren't those that follow the records."""
        with self.database.read() as session:
            named = followed(session)
        if named is None or named == self._followed:
            return
        if named != self.engine.identity():
            raise IndexNotReady(
                "the indexes are not those of these records: run `petitions reindex`"
            )
        self._followed = named

    def understand(self, scope: Scope, request: SearchRequest) -> tuple[Query, Vocabulary]:
        """The question, and the words it was understood by. Raises `QueryError`,
        `UnknownFacet`."""
        _require_facets(request)
        return self.spoken(scope, lambda spoken: (self._understood(request, spoken), spoken))

    def _understood(self, request: SearchRequest, vocabulary: Vocabulary) -> Query:
        query = understood(request.text, vocabulary, self.synonyms)
        narrowed(query, request.filters, vocabulary)
        return query

    def spoken(self, scope: Scope, understand: Callable[[Vocabulary], Part]) -> Part:
        """Understood by the words that everybody may use; where a region is none of them, by those
        that this user may."""
        try:
            return understand(self.vocabulary.known().declared)
        except QueryError as mistake:
            if mistake.code != f"unknown_{Attribute.REGION}":
                raise
        known = self.vocabulary.read()  # it may have been added a moment ago
        return understand(known.spoken(self.learned(scope)))

    def learned(self, scope: Scope) -> frozenset[str]:
        """The regions of all letters that may be found."""
        everything, counted = restrict(Everything(), scope), (str(Attribute.REGION),)
        found = self.engine.search(everything, limit=0, offset=0, sort=Sort.NEWEST, facets=counted)
        return frozenset(found.facets[Attribute.REGION])

    def view(
        self,
        scope: Scope,
        action: str,
        petition_id: str,
        part: Callable[[Session, VisiblePetition, PetitionRecord], Part],
        told: Mapping[str, object] = _NO_PART,
        *,
        lasting: bool = False,
    ) -> tuple[VisiblePetition, Part]:
        """A petition and a part of it; the view, or the refusal, stands in the audit.

        `told`: more for the audit, which `part` may add to. Raises `NotFound`.
        """
        known = is_id(petition_id)  # nothing else is looked up, or stands in the log
        vocabulary = self.vocabulary.known()
        seen: tuple[VisiblePetition, Part] | None = None
        with self.database.write(lasting=lasting or is_lasting(scope)) as session:
            reach = petitions.reach(session, petition_id) if known else None
            if reach is not None and granted_on(scope, reach) is not None:
                seen = _seen(session, scope, petition_id, vocabulary, part)
            audit.write(
                session,
                scope.user_id,
                action,
                petition_id if known else None,
                {"shown": seen is not None, **told},
            )
        return there(seen)


def read_visible(
    session: Session,
    scope: Scope,
    ids: Sequence[str],
    vocabulary: Vocabulary,
    *,
    bare: bool = False,
) -> list[tuple[VisiblePetition, PetitionRecord]]:
    """Those of these petitions that this user may see, as they see them, each with its record.

    `bare`: for who compares many of them: what hangs on them is left out (`records.petitions.read`)
    and what is masked of people is left empty, which together take most of the time.
    """
    return [
        (visible, record)
        for record in petitions.read(session, ids, bare=bare)
        if (visible := project(scope, record, vocabulary, masks=not bare)) is not None
    ]


def require_visible(
    session: Session, scope: Scope, petition_id: str, vocabulary: Vocabulary
) -> tuple[VisiblePetition, PetitionRecord]:
    """The petition as this user sees it, and its record. Raises `NotFound`."""
    record = there(petitions.read_one(session, petition_id))
    return there(project(scope, record, vocabulary)), record


def require_full(visible: VisiblePetition) -> None:
    """Raises `NotFound` for who sees no more than the redacted text."""
    if visible.edition is not Edition.FULL:
        raise NotFound("there is no such petition, or it is not for you")


def known_form(id_: str) -> str:
    """Raises `NotFound` for what has not the form of an id."""
    if not is_id(id_):
        raise NotFound("there is no such petition, or it is not for you")
    return id_


def is_lasting(scope: Scope) -> bool:
    """Who is cleared above open gets nothing before the audit entry is on the disk."""
    return scope.level is not Level.OPEN


def there(found: Part | None) -> Part:
    """Raises `NotFound` where nothing was found."""
    if found is None:
        raise NotFound("there is no such petition, page or file, or it is not for you")
    return found


def _seen(
    session: Session,
    scope: Scope,
    petition_id: str,
    vocabulary: Vocabulary,
    part: Callable[[Session, VisiblePetition, PetitionRecord], Part],
) -> tuple[VisiblePetition, Part] | None:
    try:
        visible, record = require_visible(session, scope, petition_id, vocabulary)
        return visible, part(session, visible, record)
    except NotFound:
        return None


def _require_facets(request: SearchRequest) -> None:
    for name in request.facets:
        if name not in FACETS:
            raise UnknownFacet(f"{name!r} can't be counted; {', '.join(FACETS)} can")
