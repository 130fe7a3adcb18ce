"""The only reading door. Every method takes the asker's `Scope` first; none has a default.

Unknown and forbidden are the same `NotFound`; a mistake in a question is a `QueryError`. Every
search and view writes an audit entry in the transaction that reads; when that fails, nothing is
answered.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from records import audit, changes, pages, petitions, signatures
from records.database import Database, Session
from records.errors import RecordsError
from records.notes import add_note, notes_of
from records.originals import Originals
from records.record import PetitionRecord
from records.regions import RegionRecord, all_regions
from records.signatures import Signature, signatures_of
from records.signing_keys import Signer
from search.access import Scope, restrict
from search.answers import (
    MAX_SIZE,
    Answer,
    Export,
    OriginalFile,
    PageImage,
    PageView,
    PageWords,
    SearchRequest,
    VisiblePage,
    VisiblePetition,
)
from search.boxes import PageLine, word_boxes
from search.door import Door, is_lasting, read_visible, require_full, there
from search.duplicates.checking import reminders_of
from search.duplicates.matters import Matters
from search.duplicates.repeats import Repeats
from search.engine import Engine, Matches
from search.errors import EngineError, NotFound, QueryError
from search.expansion.synonyms import Synonyms, shipped
from search.exporting import exported
from search.hits import hit, marked, page_needles
from search.page_painting import MEDIA_TYPE as PAINTED
from search.page_painting import painted
from search.page_redaction import RedactedPage, redacted_page
from search.parse import relax
from search.people import People
from search.projection import notes_seen, with_signatures
from search.query import Attribute, Everything, Query
from search.redaction import Redaction
from search.understanding import expansions, narrowed, order_of, readable
from search.vocabulary import Vocabulary


class Library:
    """What the archive answers: of letters itself, of the rest by its parts. Safe to share between
    threads."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        originals: Originals,
        synonyms: Synonyms | None = None,
    ) -> None:
        """`synonyms`: others than the shipped ones."""
        known = shipped() if synonyms is None else synonyms
        self._door = Door(database, engine, originals, known)
        self.people = People(self._door)
        self.redaction = Redaction(self._door)
        self.repeats = Repeats(self._door)
        self.matters = Matters(self._door)

    def search(self, scope: Scope, request: SearchRequest) -> Answer:
        """Find petitions within the scope; where nothing is found as typed, by a looser question.

        Raises `QueryError` for a mistake in the question, the filters or the page, `UnknownFacet`,
        `TooDeep`, `EngineError`.
        """
        began = perf_counter()
        limit, offset = _page(request)
        self._door.require_index()
        typed, vocabulary = self._door.understand(scope, request)
        sort = order_of(request, typed)

        def ask(question: Query) -> Matches:
            return self._door.engine.search(
                restrict(narrowed(question, request.filters, vocabulary), scope),
                limit=0 if scope.counts_only else limit,
                offset=offset,
                sort=sort,
                facets=request.facets,
            )

        found, relaxed = ask(typed), False
        if not found.total and (wider := relax(typed)) is not None and (looser := ask(wider)).total:
            found, relaxed, typed = looser, True, wider
        shown = self._shown(scope, found, request, vocabulary)
        return Answer(
            total=found.total,
            holding_all=found.holding_all,
            page=request.page,
            size=request.size,
            sort=sort,
            query=readable(typed, vocabulary),
            expansions=expansions(typed),
            relaxed=relaxed,
            hits=tuple(hit(visible, score, typed) for visible, score in shown),
            facets={
                name: vocabulary.facet(Attribute(name), found.facets.get(name, {}))
                for name in request.facets
            },
            took_ms=(perf_counter() - began) * 1000,
        )

    def petition(self, scope: Scope, petition_id: str, question: str = "") -> VisiblePetition:
        """One petition, with the places that meet the question. Raises `NotFound`, `QueryError`."""
        query = (
            self._door.understand(scope, SearchRequest(question))[0] if question else Everything()
        )
        vocabulary = self._door.vocabulary.known()

        def whole(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> VisiblePetition:
            return _whole(session, scope, visible, record, vocabulary)[0]

        _, visible = self._door.view(scope, "view", petition_id, whole)
        return marked(visible, query)

    def add_note(self, scope: Scope, petition_id: str, text: str, *, addressed: bool) -> None:
        """Note something on a petition that this user sees, for those who may see leaders' notes
        and, if addressed to them, those who handle it.

        Raises `records.notes.BadNote`, `NotFound`, also for who writes none.
        """
        told: dict[str, object] = {"addressed": addressed}

        def add(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            if not scope.notes:
                raise NotFound("notes are not for you to write")
            told["note"] = add_note(session, visible.id, scope.user_id, text, addressed=addressed)

        self._door.view(scope, "add_note", petition_id, add, told, lasting=True)

    def page_image(self, scope: Scope, petition_id: str, number: int) -> PageImage:
        """The upright image of a page, checked against its hash, or its redacted copy.

        Raises `NotFound`, for a page that is withheld too.
        """
        told: dict[str, object] = {"number": number}

        def image(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> tuple[str, RedactedPage | None]:
            told["view"] = view = _page_given(visible, number).view
            hashes = {page.number: page.image_sha256 for page in record.pages}
            if view is PageView.ORIGINAL:
                return there(hashes[number]), None
            page = there(pages.page(session, petition_id, number))
            return there(hashes[number]), redacted_page(record, page)

        visible, (sha256, redacted) = self._door.view(scope, "view_page", petition_id, image, told)
        content = self._door.originals.read(sha256)
        page = _page_given(visible, number)
        if redacted is None:
            return PageImage(content, _media_type(content), page.width, page.height)
        size = page.width, page.height
        copy = there(painted(content, size, redacted.shown, redacted.covered))
        return PageImage(copy, PAINTED, page.width, page.height)

    def page_words(self, scope: Scope, petition_id: str, number: int, question: str) -> PageWords:
        """Where the question stands on a page; on a redacted one, in what is not masked.

        Raises `NotFound`, `QueryError`.
        """
        query, _ = self._door.understand(scope, SearchRequest(question))
        told: dict[str, object] = {"number": number}

        def lines(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> list[PageLine]:
            told["view"] = _page_given(visible, number).view
            page = there(pages.page(session, petition_id, number))
            if told["view"] is PageView.ORIGINAL:
                return [PageLine(line.text, line.box) for line in page.page.lines]
            return [
                PageLine(text, line.box, line.text)
                for line, text in redacted_page(record, page).lines
            ]

        visible, read = self._door.view(scope, "view_page_words", petition_id, lines, told)
        page = _page_given(visible, number)
        words = word_boxes(read, page_needles(query, page))
        return PageWords(number, page.width, page.height, words)

    def sign_reply(self, scope: Scope, petition_id: str, reply: int, signer: Signer) -> None:
        """Sign a reply, from 1, of a petition whose full text this person sees.

        `signer`: theirs (`records.signing_keys.person_signer`). Raises `NotFound`,
        `records.errors.AlreadySigned`.
        """
        told = {"reply": reply, "key": signer.key.public}

        def signed(session: Session, visible: VisiblePetition, record: PetitionRecord) -> None:
            require_full(visible)
            if signer.key.user_id != scope.user_id:
                raise NotFound("nobody signs with somebody else's key")
            if not 0 < reply <= len(record.replies):
                raise NotFound("the petition has no such reply")
            changes.hold(session, petition_id)
            held = there(petitions.read_one(session, petition_id))
            if held.replies != record.replies:
                raise NotFound("the reply was changed a moment ago")
            signatures.sign(session, held, reply, signer)

        self._door.view(scope, "sign_reply", petition_id, signed, told, lasting=True)

    def export(self, scope: Scope, petition_id: str) -> Export:
        """A petition as this user sees it, sealed with the office's key. Raises `NotFound`."""
        vocabulary = self._door.vocabulary.known()

        def sealed(session: Session, visible: VisiblePetition, record: PetitionRecord) -> bytes:
            shown, kept = _whole(session, scope, visible, record, vocabulary)
            return exported(session, shown, record, kept, scope.user_id)

        visible, content = self._door.view(scope, "export", petition_id, sealed, lasting=True)
        return Export(f"{visible.number}.json", content)

    def original(self, scope: Scope, petition_id: str, number: int = 1) -> OriginalFile:
        """A file as it came, by its number in the petition, open. Raises `NotFound`."""

        def sha256(_: Session, visible: VisiblePetition, record: PetitionRecord) -> str:
            hashes = dict(enumerate((file.sha256 for file in record.files), 1))
            return there(hashes.get(number) if visible.files else None)

        visible, found = self._door.view(
            scope, "view_original", petition_id, sha256, {"number": number}
        )
        file = visible.files[number - 1]
        return OriginalFile(file.name, file.media_type, file.size, self._door.originals.open(found))

    def regions(self, scope: Scope) -> tuple[RegionRecord, ...]:
        """The regions that this user may name, parents before children: those declared, and of
        those learned from letters the ones of letters that the user may find (none while search is
        unavailable: letters can be registered all the same).
        """
        with self._door.database.read() as session:
            known = all_regions(session)
        learned: frozenset[str] = frozenset()
        if any(one.learned for one in known):
            with suppress(EngineError):
                learned = self._door.learned(scope)
        return tuple(one for one in known if not one.learned or one.code in learned)

    def ready(self) -> bool:
        """Able to answer now: the tables are those needed, the engine answers."""
        try:
            self._door.database.require_ready()
            self._door.require_index()
        except (RecordsError, EngineError):
            return False
        return self._door.engine.ready()

    def close(self) -> None:
        """Let go of the engine and the database."""
        self._door.engine.close()
        self._door.database.close()

    def _shown(
        self, scope: Scope, found: Matches, request: SearchRequest, vocabulary: Vocabulary
    ) -> list[tuple[VisiblePetition, float]]:
        """What was found, read again through the scope, and the search's audit entry."""
        scores = {match.id: match.score for match in found.page}
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            shown = [
                (visible, scores[visible.id])
                for visible, _ in read_visible(session, scope, list(scores), vocabulary)
            ]
            details = {"total": found.total, "page": request.page, "shown": len(shown)}
            audit.write(session, scope.user_id, "search", details=details, query=request.text)
        return shown


def _whole(
    session: Session,
    scope: Scope,
    visible: VisiblePetition,
    record: PetitionRecord,
    vocabulary: Vocabulary,
) -> tuple[VisiblePetition, tuple[Signature, ...]]:
    """With signatures, notes and reminders as far as they are shown; the signatures themselves."""
    kept = signatures_of(session, record)
    notes = notes_of(session, record.id, notes_seen(scope, record))
    reminders = reminders_of(session, scope, record.id, vocabulary)
    shown = with_signatures(scope, record, visible, kept)
    return replace(shown, notes=notes, reminders=reminders), kept


def _page_given(visible: VisiblePetition, number: int) -> VisiblePage:
    """The page with this number, unless it is withheld."""
    for page in visible.pages:
        if page.number == number and page.view is not PageView.WITHHELD:
            return page
    raise NotFound("there is no such page, or it is not for you")


def _media_type(image: bytes) -> str:
    return "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"


def _page(request: SearchRequest) -> tuple[int, int]:
    """How many to show, and how many to pass over before."""
    if not 0 <= request.size <= MAX_SIZE:
        message = f"{request.size} hits on a page are asked for; ask for 0 to {MAX_SIZE}"
        raise QueryError(message, "bad_size", 0, 0)
    if request.page < 1:
        raise QueryError(f"there is no page {request.page}; pages count from 1", "bad_page", 0, 0)
    return request.size, (request.page - 1) * request.size
