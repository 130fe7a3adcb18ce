"""The only reading door. Every method takes the asker's `Scope` first; none has a default.

Unknown and forbidden are the same `NotFound`; a mistake in a question is a `QueryError`. Every
search and view writes an audit entry in the transaction that reads; when that fails, nothing is
answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import TypeVar

from records import audit, changes, decisions, pages, persons, petitions, signatures
from records.corrections import Correction, corrections_of, note_review, reviews_of
from records.daily import Daily, use
from records.database import Database, Session
from records.errors import RecordsError
from records.followed_index import followed
from records.notes import add_note, notes_of, sound_note
from records.originals import Originals
from records.record import PetitionRecord
from records.regions import RegionRecord, all_regions
from records.signatures import signatures_of
from records.signing_keys import Signer
from records.times import now
from records.users import user_by_id
from search.access import FieldRight, Scope, restrict
from search.answers import (
    FACETS,
    MAX_SIZE,
    Answer,
    Export,
    OriginalFile,
    PageImage,
    PageView,
    PageWords,
    PersonAnswer,
    PersonRequest,
    Revealed,
    RevealRequest,
    SearchRequest,
    VisiblePage,
    VisiblePetition,
)
from search.boxes import PageLine, word_boxes
from search.case_files import MatterFile, PersonFile, matter_file, person_file
from search.duplicates.answers import MOST, SHOWN, Duplicate, DuplicateAnswer, LetterAsked
from search.duplicates.asking import (
    answers_first,
    candidates,
    known_letter,
    naming,
    new_letter,
    numbers_of,
    of_same_people,
)
from search.duplicates.checking import (
    DecisionAsked,
    DuplicateCheck,
    comparison,
    kinds_for,
    mates_of,
    new_decision,
    reason_for,
    require_decider,
    require_visible,
    visible_decision,
    visible_decisions,
)
from search.duplicates.finding import Asked, Candidate, judge, nearest
from search.duplicates.groups import Groups
from search.duplicates.hot import hot_matters
from search.duplicates.matters import (
    MOST_MATTERS,
    SHOWN_MATTERS,
    MatterAnswer,
    MattersAnswer,
    holding,
    needed,
    newest,
    read_visible,
    seen,
    seen_whole,
)
from search.duplicates.overlooked import LETTERS, WAITING, Overlooked, unseen_by
from search.duplicates.people import comparable
from search.engine import Edition, Engine, Level, Matches, Sort
from search.errors import EngineError, IndexNotReady, NotFound, QueryError, UnknownFacet
from search.exporting import exported
from search.hits import hit, marked, page_needles
from search.office_vocabulary import OfficeVocabulary
from search.page_painting import MEDIA_TYPE as PAINTED
from search.page_painting import painted
from search.page_redaction import RedactedPage, redacted_page
from search.parse import relax
from search.personal import names, number_hash, person_scope, sound_reason, value_behind
from search.projection import granted_on, project, with_notes, with_signatures
from search.query import Attribute, Everything, Is, Query
from search.redaction_review import RedactionReview, Unreviewed, redaction_review, unreviewed
from search.scopes import scope_of
from search.understanding import narrowed, order_of, readable, understood
from search.vocabulary import Vocabulary

_LOOKED_THROUGH = 500
"""Most petitions that a list of unreviewed ones is looked for in."""

_HEX = frozenset("0123456789abcdef")
_NO_PART: Mapping[str, object] = {"number": None}
_Part = TypeVar("_Part")


class Library:
    """What the archive answers. Safe to share between threads."""

    def __init__(self, database: Database, engine: Engine, originals: Originals) -> None:
        self._database = database
        self._engine = engine
        self._originals = originals
        self._vocabulary = OfficeVocabulary(database)
        self._followed: str | None = None
        self._groups = Groups()

    def search(self, scope: Scope, request: SearchRequest) -> Answer:
        """Find petitions within the scope; where nothing is found as typed, by a looser question.

        Raises `QueryError` for a mistake in the question, the filters or the page, `UnknownFacet`,
        `TooDeep`, `EngineError`.
        """
        began = perf_counter()
        limit, offset = _page(request)
        self._require_index()
        typed, vocabulary = self._understand(scope, request)
        sort = order_of(request, typed)

        def ask(question: Query) -> Matches:
            return self._engine.search(
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
            expansions=(),
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
        query = self._understand(scope, SearchRequest(question))[0] if question else Everything()

        def whole(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> VisiblePetition:
            signed = with_signatures(scope, record, visible, signatures_of(session, record))
            return with_notes(scope, record, signed, notes_of(session, record.id))

        _, visible = self._view(scope, "view", petition_id, whole)
        return marked(visible, query)

    def add_note(self, scope: Scope, petition_id: str, text: str, *, addressed: bool) -> None:
        """Note something on a petition that this user sees, for those who may see leaders' notes
        and, if addressed to them, those who handle it.

        Raises `records.notes.BadNote`, `NotFound`, also for who writes none.
        """
        text = sound_note(text)
        told: dict[str, object] = {"addressed": addressed}

        def add(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            if not scope.notes:
                raise NotFound("notes are not for you to write")
            told["note"] = add_note(session, visible.id, scope.user_id, text, addressed=addressed)

        self._view(scope, "add_note", petition_id, add, told, lasting=True)

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
                return _there(hashes[number]), None
            page = _there(pages.page(session, petition_id, number))
            return _there(hashes[number]), redacted_page(record, page)

        visible, (sha256, redacted) = self._view(scope, "view_page", petition_id, image, told)
        content = self._originals.read(sha256)
        page = _page_given(visible, number)
        if redacted is None:
            return PageImage(content, _media_type(content), page.width, page.height)
        size = page.width, page.height
        copy = _there(painted(content, size, redacted.shown, redacted.covered))
        return PageImage(copy, PAINTED, page.width, page.height)

    def page_words(self, scope: Scope, petition_id: str, number: int, question: str) -> PageWords:
        """Where the question stands on a page; on a redacted one, in what is not masked.

        Raises `NotFound`, `QueryError`.
        """
        query, _ = self._understand(scope, SearchRequest(question))
        told: dict[str, object] = {"number": number}

        def lines(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> list[PageLine]:
            told["view"] = _page_given(visible, number).view
            page = _there(pages.page(session, petition_id, number))
            if told["view"] is PageView.ORIGINAL:
                return [PageLine(line.text, line.box) for line in page.page.lines]
            return [
                PageLine(text, line.box, line.text)
                for line, text in redacted_page(record, page).lines
            ]

        visible, read = self._view(scope, "view_page_words", petition_id, lines, told)
        page = _page_given(visible, number)
        words = word_boxes(read, page_needles(query, page))
        return PageWords(number, page.width, page.height, words)

    def correct_redaction(
        self, scope: Scope, petition_id: str, corrections: Sequence[Correction], reason: str
    ) -> VisiblePetition:
        """Mask words of a petition or show them again; the petition as it was before.

        For those who see its full text. Redacted text, pictures and indexes follow. `reason` stands
        in the audit and must name nobody. Raises `NotFound`, `records.errors.BadValue`.
        """
        masked = sum(correction.masked for correction in corrections)
        told = {"masked": masked, "shown_again": len(corrections) - masked, "reason": reason}

        def correct(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            _require_full(visible)
            changes.correct_redaction(session, petition_id, scope.user_id, corrections)

        visible, _ = self._view(
            scope, "correct_redaction", petition_id, correct, told, lasting=True
        )
        return visible

    def reveal(
        self, scope: Scope, petition_id: str, asked: RevealRequest, daily: Daily
    ) -> Revealed:
        """One masked value of a person, for those whose role may look at it; so many a day.

        The log has who, why, and what kind of value, before anything is shown. Raises `BadReason`
        before anything is looked at, `NotFound`, `records.errors.UsedUp`.
        """
        reason = sound_reason(asked.reason)
        told: dict[str, object] = {"person": asked.person, "fact": asked.fact, "reason": reason}

        def look(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> Revealed | None:
            value = value_behind(visible, record, asked)
            left = use(session, scope.user_id, daily)
            if left is None:
                told.update(shown=False, used_up=True)
                return None
            return Revealed(record.number, value, left)

        _, found = self._view(scope, "reveal", petition_id, look, told, lasting=True)
        if found is None:
            raise daily.refusal(now())
        return found

    def find_person(self, scope: Scope, asked: PersonRequest, daily: Daily) -> PersonAnswer:
        """Petitions that name the person with exactly this number; so many numbers a day.

        The log has the number's keyed hash. Raises `BadNumber`, `NotFound` for a fact by which this
        user may look nobody up, `records.errors.UsedUp`.
        """
        within = person_scope(scope, asked)
        vocabulary = self._vocabulary.known()
        found: list[VisiblePetition] = []
        more = False
        with self._database.write(lasting=_lasting(scope)) as session:
            hashed = number_hash(session, asked)
            left = use(session, scope.user_id, daily)
            if left is not None:
                named = persons.petitions_naming_within(
                    session, asked.fact, asked.value, within, MAX_SIZE + 1
                )
                more = len(named) > MAX_SIZE
                found = [
                    visible
                    for record in petitions.read(session, named[:MAX_SIZE])
                    if (visible := project(scope, record, vocabulary)) is not None
                    and names(session, visible, record, asked.fact, hashed)
                ]
            told: dict[str, object] = {"fact": asked.fact, "value_hash": hashed}
            told |= {"shown": len(found)} if left is not None else {"used_up": True}
            audit.write(session, scope.user_id, "find_person", details=told)
        if left is None:
            raise daily.refusal(now())
        return PersonAnswer(tuple(hit(one, 0.0, Everything()) for one in found), more, left)

    def duplicates(self, scope: Scope, asked: LetterAsked, daily: Daily) -> DuplicateAnswer:
        """Who wrote this before, or about it: letters that this user may see, closest first.

        Numbers of people are looked up by those who may, and count as such look-ups. Raises
        `QueryError` for an unknown region, `EngineError`.
        """
        self._require_index()
        vocabulary = self._vocabulary.known()
        letter = self._spoken(scope, lambda spoken: new_letter(asked, spoken))
        held = nearest(self._engine, scope, letter)
        numbers = numbers_of(scope, letter.people)
        with self._database.write(lasting=_lasting(scope)) as session:
            asks = not numbers or use(session, scope.user_id, daily) is not None
            ids = held.keys() | naming(session, scope, numbers) if asks else held.keys()
            read = candidates(session, scope, sorted(ids), vocabulary)
            told = {"compared": len(read), "people": bool(numbers) and asks}
            audit.write(session, scope.user_id, "duplicates", details=told)
        return DuplicateAnswer(tuple(judge(letter, read, held, asked.size)), people_asked=asks)

    def duplicates_of(self, scope: Scope, petition_id: str, size: int = SHOWN) -> DuplicateAnswer:
        """The same of a letter of the records. Raises `NotFound`, `EngineError`."""
        return DuplicateAnswer(tuple(self._like(scope, "duplicates_of", petition_id)[:size]))

    def similar(self, scope: Scope, petition_id: str, size: int = SHOWN) -> DuplicateAnswer:
        """Letters like one, those that were answered first. Raises `NotFound`, `EngineError`."""
        like = self._like(scope, "similar", petition_id)
        return DuplicateAnswer(tuple(answers_first(like)[:size]))

    def overlooked(self, scope: Scope, size: int = LETTERS) -> tuple[Overlooked, ...]:
        """Letters that others registered, with what they repeat and those others may not see.

        For those who may look people up: of the newest letters that wait for a decision, and only
        of what this user sees. Raises `NotFound` for others, `EngineError`.
        """
        if not scope.finds:
            raise NotFound("this is for those who check for repeats")
        self._require_index()
        waiting = restrict(Is(Attribute.STATUS, WAITING), scope)
        newest = self._engine.search(waiting, limit=size, offset=0, sort=Sort.NEWEST, facets=())
        told: list[Overlooked] = []
        for match in newest.page:
            with self._database.read() as session:
                record = petitions.read_one(session, match.id)
                registrars = _registrars(session, scope, record)
            if record is None or not registrars:
                continue
            with suppress(NotFound):
                found = self._like(scope, "overlooked", record.id)
                with self._database.read() as session:
                    others = petitions.read(session, [one.petition.id for one in found])
                unseen = unseen_by(registrars, found, {one.id: one for one in others})
                visible = project(scope, record, self._vocabulary.known())
                if unseen and visible is not None:
                    told.append(Overlooked(visible, unseen))
        return tuple(told)

    def _like(self, scope: Scope, action: str, petition_id: str) -> list[Duplicate]:
        """Letters like one of the records; of both only what this user may see is compared."""
        self._require_index()
        vocabulary = self._vocabulary.known()

        def known(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> tuple[Asked, dict[str, None]]:
            return known_letter(scope, visible, record), of_same_people(session, scope, record)

        _, (letter, others) = self._view(scope, action, petition_id, known)
        held = nearest(self._engine, scope, letter)
        with self._database.read() as session:
            ids = (held.keys() | others) - {petition_id}
            read = candidates(session, scope, sorted(ids), vocabulary)
        return judge(letter, read, held, MOST)

    def redaction(
        self, scope: Scope, petition_id: str, proposed: Sequence[Correction] = ()
    ) -> RedactionReview:
        """What the redaction makes of a petition, and would with the proposed corrections; for
        those who see its full text. Raises `NotFound`."""

        def review(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> RedactionReview:
            _require_full(visible)
            kept = corrections_of(session, petition_id)
            looked = reviews_of(session, [petition_id]).get(petition_id)
            return redaction_review(visible, record, kept, looked, proposed)

        return self._view(scope, "view_redaction", petition_id, review)[1]

    def note_redaction_review(self, scope: Scope, petition_id: str) -> None:
        """Keep that this person looked at the redaction and left it. Raises `NotFound`."""

        def note(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            _require_full(visible)
            note_review(session, petition_id, scope.user_id)

        self._view(scope, "review_redaction", petition_id, note, lasting=True)

    def unreviewed(self, scope: Scope, most: int = 50) -> tuple[Unreviewed, ...]:
        """Of the newest `_LOOKED_THROUGH` petitions of this scope up to `most` that it sees in full
        and whose redaction nobody looked at, the doubtful ones first. Raises `EngineError`."""
        self._require_index()
        vocabulary = self._vocabulary.known()
        wanted = self._unreviewed_ids(scope, most)
        with self._database.write(lasting=_lasting(scope)) as session:
            seen = [
                (visible, record)
                for record in petitions.read(session, wanted)
                if (visible := project(scope, record, vocabulary)) is not None
                and visible.edition is Edition.FULL
            ]
            audit.write(session, scope.user_id, "list_unreviewed", details={"shown": len(seen)})
        return tuple(sorted((unreviewed(*one) for one in seen), key=lambda one: -one.doubts))

    def sign_reply(self, scope: Scope, petition_id: str, reply: int, signer: Signer) -> None:
        """Sign a reply, from 1, of a petition whose full text this person sees.

        `signer`: theirs (`records.signing_keys.person_signer`). Raises `NotFound`,
        `records.errors.AlreadySigned`.
        """
        told = {"reply": reply, "key": signer.key.public}

        def signed(session: Session, visible: VisiblePetition, record: PetitionRecord) -> None:
            _require_full(visible)
            if signer.key.user_id != scope.user_id:
                raise NotFound("nobody signs with somebody else's key")
            if not 0 < reply <= len(record.replies):
                raise NotFound("the petition has no such reply")
            changes.hold(session, petition_id)
            held = _there(petitions.read_one(session, petition_id))
            if held.replies != record.replies:
                raise NotFound("the reply was changed a moment ago")
            signatures.sign(session, held, reply, signer)

        self._view(scope, "sign_reply", petition_id, signed, told, lasting=True)

    def export(self, scope: Scope, petition_id: str) -> Export:
        """A petition as this user sees it, sealed with the office's key. Raises `NotFound`."""

        def sealed(session: Session, visible: VisiblePetition, record: PetitionRecord) -> bytes:
            kept = signatures_of(session, record)
            shown = with_signatures(scope, record, visible, kept)
            return exported(session, shown, record, kept, scope.user_id)

        visible, content = self._view(scope, "export", petition_id, sealed, lasting=True)
        return Export(f"{visible.number}.json", content)

    def check(self, scope: Scope, petition_id: str, other_id: str = "") -> DuplicateCheck:
        """A letter, those that it may repeat, and one of them beside it: `other_id`, else the
        closest. For those who decide of repeats. Raises `NotFound` for either, `EngineError`.
        """
        self._require_index()
        vocabulary = self._vocabulary.known()

        def known(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> tuple[Asked, PetitionRecord, dict[str, None]]:
            require_decider(scope)
            if other_id:
                require_visible(session, scope, _known_form(other_id), vocabulary)
            letter = known_letter(scope, visible, record)
            of_people = naming(session, scope, numbers_of(scope, letter.people))
            return letter, record, of_people | of_same_people(session, scope, record)

        told = {"other": other_id} if _is_id(other_id) else {}
        visible, (letter, record, others) = self._view(
            scope, "duplicate_check", petition_id, known, told
        )
        held = nearest(self._engine, scope, letter)
        with self._database.read() as session:
            ids = (held.keys() | others) - {petition_id}
            read = candidates(session, scope, sorted(ids), vocabulary)
            found = judge(letter, read, held, SHOWN)
            beside, mates = None, mates_of(session, scope, petition_id, vocabulary)
            if chosen := other_id or (found[0].petition.id if found else ""):
                theirs = require_visible(session, scope, chosen, vocabulary)
                told_of = [one for one in found if one.petition.id == chosen]
                if not told_of:
                    told_of = judge(letter, [Candidate(theirs[0], comparable(scope, *theirs))],
                                    held, 1)  # fmt: skip
                beside = comparison(
                    scope,
                    (visible, record),
                    theirs,
                    next(iter(told_of), None),
                    mates_of(session, scope, chosen, vocabulary),
                )
            decided = visible_decisions(session, scope, [petition_id], vocabulary)
        return DuplicateCheck(
            visible, tuple(found), beside, kinds_for(record.status), mates, decided
        )

    def decide(self, scope: Scope, petition_id: str, asked: DecisionAsked) -> VisiblePetition:
        """Decide of a letter and another one; the letter as it was before.

        What the program told of the two is kept with it. Raises `NotFound` for either letter,
        `BadReason`, `records.errors.Changed`, `records.errors.BadValue`, `EngineError`.
        """
        reason = reason_for(asked)
        vocabulary = self._vocabulary.known()
        told: dict[str, object] = {"kind": asked.kind.value}
        if _is_id(asked.other_id):
            told["other"] = asked.other_id
        before = self._told(scope, petition_id, asked.other_id, vocabulary)

        def act(session: Session, visible: VisiblePetition, _: PetitionRecord) -> None:
            require_decider(scope)
            if asked.other_id:
                require_visible(session, scope, _known_form(asked.other_id), vocabulary)
            new = new_decision(visible.id, asked, reason, before)
            told["decision"] = decisions.decide(session, scope.user_id, new)

        visible, _ = self._view(scope, "duplicate_decide", petition_id, act, told, lasting=True)
        return visible

    def undo_decision(self, scope: Scope, petition_id: str, decision_id: str, reason: str) -> None:
        """Take back what was decided of a letter. Raises `NotFound`, `BadReason`,
        `records.errors.Changed`."""
        why = sound_reason(reason)
        vocabulary = self._vocabulary.known()
        told = {"decision": decision_id} if _is_id(decision_id) else {}

        def act(session: Session, _: VisiblePetition, __: PetitionRecord) -> None:
            require_decider(scope)
            visible_decision(session, scope, petition_id, _known_form(decision_id), vocabulary)
            decisions.undo(session, scope.user_id, decision_id, why)

        self._view(scope, "duplicate_undo", petition_id, act, told, lasting=True)

    def person_file(self, scope: Scope, petition_id: str, number: int) -> PersonFile:
        """All letters of a person of a letter, for those who may look people up. Raises
        `NotFound`."""
        vocabulary = self._vocabulary.known()

        def read(session: Session, visible: VisiblePetition, record: PetitionRecord) -> PersonFile:
            return person_file(session, scope, (visible, record), number, vocabulary)

        told = {"person": number}
        return self._view(scope, "person_file", petition_id, read, told)[1]

    def matter_file(self, scope: Scope, petition_id: str) -> MatterFile:
        """All letters of the matter of a letter. Raises `NotFound`."""
        vocabulary = self._vocabulary.known()

        def read(session: Session, visible: VisiblePetition, _: PetitionRecord) -> MatterFile:
            return matter_file(session, scope, visible, vocabulary)

        return self._view(scope, "matter_file", petition_id, read)[1]

    def matters(self, scope: Scope, size: int = SHOWN_MATTERS) -> MattersAnswer:
        """Matters that many letters are about, the hottest first: of each as much as this user
        sees of its letters, told from nothing but these."""
        vocabulary = self._vocabulary.known()
        with self._database.read() as session:
            found = hot_matters(session, scope, self._groups, now())
        shown = found[: min(size, MOST_MATTERS)]
        ids = dict.fromkeys(id_ for one in shown for id_ in needed(one))
        with self._database.write(lasting=_lasting(scope)) as session:
            visible = read_visible(session, scope, list(ids), vocabulary)
            whole = [one for one in shown if visible.keys() >= set(needed(one))]
            told = {"total": len(found), "shown": len(whole)}
            audit.write(session, scope.user_id, "matters", details=told)
        return MattersAnswer(tuple(seen(one, visible, vocabulary) for one in whole), len(found))

    def matter(self, scope: Scope, petition_id: str) -> MatterAnswer:
        """The matter that a letter is of, with its letters. Raises `NotFound`, also for a letter
        that is of none."""
        vocabulary = self._vocabulary.known()
        with self._database.read() as session:
            found = holding(hot_matters(session, scope, self._groups, now()), petition_id)
        ids = dict.fromkeys((*needed(found), *newest(found))) if found else {}
        with self._database.write(lasting=_lasting(scope)) as session:
            visible = read_visible(session, scope, list(ids), vocabulary)
            if found is not None and not visible.keys() >= set(needed(found)):
                found = None  # a letter was taken out of sight meanwhile
            told = {"shown": len(visible) if found else 0}
            known = petition_id if _is_id(petition_id) else None
            audit.write(session, scope.user_id, "matter", known, told)
        return seen_whole(_there(found), visible, vocabulary)

    def original(self, scope: Scope, petition_id: str, number: int = 1) -> OriginalFile:
        """A file as it came, by its number in the petition, open. Raises `NotFound`."""

        def sha256(_: Session, visible: VisiblePetition, record: PetitionRecord) -> str:
            hashes = dict(enumerate((file.sha256 for file in record.files), 1))
            return _there(hashes.get(number) if visible.files else None)

        visible, found = self._view(scope, "view_original", petition_id, sha256, {"number": number})
        file = visible.files[number - 1]
        return OriginalFile(file.name, file.media_type, file.size, self._originals.open(found))

    def regions(self, scope: Scope) -> tuple[RegionRecord, ...]:
        """The regions that this user may name, parents before children: those declared, and of
        those learned from letters the ones of letters that the user may find (none while search is
        unavailable: letters can be registered all the same).
        """
        with self._database.read() as session:
            known = all_regions(session)
        learned: frozenset[str] = frozenset()
        if any(one.learned for one in known):
            with suppress(EngineError):
                learned = self._learned(scope)
        return tuple(one for one in known if not one.learned or one.code in learned)

    def ready(self) -> bool:
        """Able to answer now: the tables are those needed, the engine answers."""
        try:
            self._database.require_ready()
            self._require_index()
        except (RecordsError, EngineError):
            return False
        return self._engine.ready()

    def close(self) -> None:
        """Let go of the engine and the database."""
        self._engine.close()
        self._database.close()

    def _told(
        self, scope: Scope, petition_id: str, other_id: str, vocabulary: Vocabulary
    ) -> Duplicate | None:
        """What would be told of two letters; of those that aren't visible nothing."""
        if not (_is_id(petition_id) and _is_id(other_id)):
            return None
        with self._database.read() as session, suppress(NotFound):
            ours = require_visible(session, scope, petition_id, vocabulary)
            theirs = require_visible(session, scope, other_id, vocabulary)
            letter = known_letter(scope, *ours)
            candidate = Candidate(theirs[0], comparable(scope, *theirs))
            held = nearest(self._engine, scope, letter)
            return next(iter(judge(letter, [candidate], held, 1)), None)
        return None

    def _require_index(self) -> None:
        """Raise IndexNotReady where the indexes aren't those that follow the records."""
        with self._database.read() as session:
            named = followed(session)
        if named is None or named == self._followed:
            return
        if named != self._engine.identity():
            raise IndexNotReady(
                "the indexes are not those of these records: run `petitions reindex`"
            )
        self._followed = named

    def _understand(self, scope: Scope, request: SearchRequest) -> tuple[Query, Vocabulary]:
        _require_facets(request)
        return self._spoken(scope, lambda spoken: (_understood(request, spoken), spoken))

    def _spoken(self, scope: Scope, understand: Callable[[Vocabulary], _Part]) -> _Part:
        """Understood by the words that everybody may use; where a region is none of them, by those
        that this user may."""
        try:
            return understand(self._vocabulary.known().declared)
        except QueryError as mistake:
            if mistake.code != f"unknown_{Attribute.REGION}":
                raise
        known = self._vocabulary.read()  # it may have been added a moment ago
        return understand(known.spoken(self._learned(scope)))

    def _learned(self, scope: Scope) -> frozenset[str]:
        """The regions of all letters that may be found."""
        everything, counted = restrict(Everything(), scope), (str(Attribute.REGION),)
        found = self._engine.search(everything, limit=0, offset=0, sort=Sort.NEWEST, facets=counted)
        return frozenset(found.facets[Attribute.REGION])

    def _unreviewed_ids(self, scope: Scope, most: int) -> list[str]:
        """Newest first. The rights decide again when they are read."""
        wanted: list[str] = []
        if FieldRight.FULL_TEXT not in scope.fields | scope.own_fields or scope.counts_only:
            return wanted
        allowed = restrict(Everything(), scope)
        for offset in range(0, _LOOKED_THROUGH, MAX_SIZE):
            found = self._engine.search(
                allowed, limit=MAX_SIZE, offset=offset, sort=Sort.NEWEST, facets=()
            )
            ids = [match.id for match in found.page]
            with self._database.read() as session:
                looked = reviews_of(session, ids)
                for id_ in (one for one in ids if one not in looked):
                    reach = petitions.reach(session, id_)
                    granted = granted_on(scope, reach) if reach is not None else None
                    if granted is not None and FieldRight.FULL_TEXT in granted:
                        wanted.append(id_)
            if len(ids) < MAX_SIZE or len(wanted) >= most:
                break
        return wanted[:most]

    def _shown(
        self, scope: Scope, found: Matches, request: SearchRequest, vocabulary: Vocabulary
    ) -> list[tuple[VisiblePetition, float]]:
        """What was found, read again through the scope, and the search's audit entry."""
        scores = {match.id: match.score for match in found.page}
        with self._database.write(lasting=_lasting(scope)) as session:
            shown = [
                (visible, scores[record.id])
                for record in petitions.read(session, list(scores))
                if (visible := project(scope, record, vocabulary)) is not None
            ]
            details = {"total": found.total, "page": request.page, "shown": len(shown)}
            audit.write(session, scope.user_id, "search", details=details, query=request.text)
        return shown

    def _view(
        self,
        scope: Scope,
        action: str,
        petition_id: str,
        part: Callable[[Session, VisiblePetition, PetitionRecord], _Part],
        told: Mapping[str, object] = _NO_PART,
        *,
        lasting: bool = False,
    ) -> tuple[VisiblePetition, _Part]:
        """A petition and a part of it; the view, or the refusal, stands in the audit.

        `told`: more for the audit, which `part` may add to.
        """
        known_form = _is_id(petition_id)
        vocabulary = self._vocabulary.known()
        seen: tuple[VisiblePetition, _Part] | None = None
        with self._database.write(lasting=lasting or _lasting(scope)) as session:
            reach = petitions.reach(session, petition_id) if known_form else None
            if reach is not None and granted_on(scope, reach) is not None:
                seen = _seen(session, scope, petition_id, vocabulary, part)
            audit.write(
                session,
                scope.user_id,
                action,
                petition_id if known_form else None,
                {"shown": seen is not None, **told},
            )
        if seen is None:
            raise NotFound("there is no such petition, page or file, or it is not for you")
        return seen


def _is_id(text: str) -> bool:
    """Has it the form of an id of ours? Nothing else is looked up, or stands in the log."""
    return len(text) == 32 and set(text) <= _HEX


def _known_form(id_: str) -> str:
    if not _is_id(id_):
        raise NotFound("there is no such petition, or it is not for you")
    return id_


def _understood(request: SearchRequest, vocabulary: Vocabulary) -> Query:
    query = understood(request.text, vocabulary)
    narrowed(query, request.filters, vocabulary)
    return query


def _registrars(session: Session, scope: Scope, record: PetitionRecord | None) -> tuple[Scope, ...]:
    """The rights of those who registered it; nobody's where the asker is among them."""
    known = record.registrars if record is not None else ()
    if scope.user_id in known:
        return ()
    found = (user_by_id(session, one) for one in known)
    return tuple(scope_of(user) for user in found if user is not None)


def _lasting(scope: Scope) -> bool:
    """Who is cleared above open gets nothing before the audit entry is on the disk."""
    return scope.level is not Level.OPEN


def _seen(
    session: Session,
    scope: Scope,
    petition_id: str,
    vocabulary: Vocabulary,
    part: Callable[[Session, VisiblePetition, PetitionRecord], _Part],
) -> tuple[VisiblePetition, _Part] | None:
    record = petitions.read_one(session, petition_id)
    visible = project(scope, record, vocabulary) if record is not None else None
    if record is None or visible is None:
        return None
    try:
        return visible, part(session, visible, record)
    except NotFound:
        return None


def _require_full(visible: VisiblePetition) -> None:
    if visible.edition is not Edition.FULL:
        raise NotFound("there is no such petition, or it is not for you")


def _page_given(visible: VisiblePetition, number: int) -> VisiblePage:
    """The page with this number, unless it is withheld."""
    for page in visible.pages:
        if page.number == number and page.view is not PageView.WITHHELD:
            return page
    raise NotFound("there is no such page, or it is not for you")


def _there(found: _Part | None) -> _Part:
    if found is None:
        raise NotFound("there is no such petition, page or file, or it is not for you")
    return found


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


def _require_facets(request: SearchRequest) -> None:
    for name in request.facets:
        if name not in FACETS:
            raise UnknownFacet(f"{name!r} can't be counted; {', '.join(FACETS)} can")
