"""Leaks, seeded one at a time into the real code: the proof must find each, or it proves nothing.

The channels are those that other systems were caught with: statistics in scores, counts made
before the filter, caches without rights, errors that tell, and so on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select

import api.pages.registering
import api.progress
import api.routes.registration
import records.registration
import search.access
import search.case_files
import search.documents
import search.door
import search.duplicates.asking
import search.duplicates.checking
import search.duplicates.repeats
import search.library
import search.projection
import search.redaction
from api.errors import NotPermitted
from records import petitions as petition_records
from records.matters import mates_within
from records.signatures import signatures_of
from records.tables import petitions
from search import ranking
from search.access import FieldRight, Scope, restrict
from search.answers import OriginalFile, SearchRequest, Shown
from search.door import Door
from search.duplicates.asking import within_of
from search.duplicates.checking import mates_of, reminders_of, visible_decisions
from search.engine import INDEXES, Edition, Level, Matches, Sort
from search.engines.memory import MemoryEngine
from search.errors import NotFound
from search.library import Library
from search.parse import relax
from search.people import People
from search.query import Attribute, Everything
from search.redaction import Redaction
from search.scopes import shell_scope
from tests.proof.worlds import RARE_WORDS

Seed = Callable[[pytest.MonkeyPatch], None]
LEAKS: dict[str, Seed] = {}

_SEARCHES = (("POST", "/api/search"), ("GET", "/search/{state}"))

_REVEALS = (
    ("POST", "/api/petitions/{petition_id}/reveal"),
    ("POST", "/petitions/{petition_id}/reveal"),
)
_PEOPLE = (("POST", "/api/persons/search"), ("GET", "/persons/{state}"))
_ASKING = ("clerk", "caseworker", "reviewer", "archivist")


class Shows(NamedTuple):
    """Where a leak shows that few letters, questions or users have: asked for more often, by these
    users alone if any are named, to find it in time."""

    routes: tuple[tuple[str, str], ...]
    users: tuple[str, ...] = ()


SHOWS: dict[str, Shows] = {
    "a_list_to_be_reviewed_that_is_cut_before_the_rights": Shows((("GET", "/redaction"),)),
    "a_looser_question_when_others_find_nothing": Shows(_SEARCHES),
    "a_redaction_reviewed_by_who_reads_it_masked": Shows(
        (
            ("GET", "/petitions/{petition_id}/redaction"),
            ("POST", "/petitions/{petition_id}/redaction"),
        )
    ),
    "an_answer_cached_without_rights": Shows(_SEARCHES),
    "decisions_about_hidden_letters": Shows(
        (
            ("POST", "/petitions/{petition_id}/decisions"),
            ("GET", "/petitions/{petition_id}/duplicates"),
            ("GET", "/petitions/{petition_id}/matter"),
        ),
        _ASKING,
    ),
    "an_original_by_its_id_alone": Shows((("GET", "/api/petitions/{petition_id}/original"),)),
    "every_region_understood": Shows(_SEARCHES),
    "files_without_the_right": Shows((("GET", "/api/petitions/{petition_id}"),)),
    "hidden_letters_counted_in_a_matter": Shows((("GET", "/petitions/{petition_id}/matter"),)),
    "looks_at_hidden_letters_counted": Shows(_REVEALS, ("reviewer", "archivist")),
    "masked_values_revealed_to_all": Shows(_REVEALS, ("specialist", "leader", "public")),
    "order_by_hidden_statistics": Shows(_SEARCHES),
    "people_found_beyond_the_rights": Shows(_PEOPLE, _ASKING),
    "persons_known_again_by_who_may_not_look_them_up": Shows(
        (("POST", "/api/duplicates"), ("GET", "/petitions/{petition_id}/duplicates"))
    ),
    "regions_offered_to_choose_from": Shows((("GET", "/register"),)),
    "reminders_for_which_hidden_letters_gave_cause": Shows(
        (
            ("GET", "/api/petitions/{petition_id}"),
            ("GET", "/petitions/{petition_id}"),
            ("GET", "/petitions/{petition_id}/duplicates"),
        )
    ),
    "signatures_of_full_texts_beside_masked_ones": Shows(
        (("GET", "/api/petitions/{petition_id}/export"),), ("leader", "specialist", "archivist")
    ),
    "values_revealed_of_any_letter": Shows(_REVEALS, _ASKING),
}

ALL = replace(shell_scope(), user_id="leak")


def leak(seed: Seed) -> Seed:
    LEAKS[seed.__name__] = seed
    return seed


def _everything(engine: MemoryEngine) -> list[Any]:
    return [kept for index in INDEXES for kept in engine._shown[index].values()]


def _searched(
    patch: pytest.MonkeyPatch, change: Callable[[MemoryEngine, Any, Matches, Any], Matches]
) -> None:
    """The engine's answers changed by what the whole index holds."""
    honest = MemoryEngine.search

    def searched(self: MemoryEngine, question: Any, **asked: Any) -> Matches:
        return change(self, question, honest(self, question, **asked), asked)

    patch.setattr(MemoryEngine, "search", searched)


@leak
def document_frequency_in_scores(patch: pytest.MonkeyPatch) -> None:
    def change(engine: MemoryEngine, question: Any, found: Matches, _: Any) -> Matches:
        words = {text for text, _ in ranking.terms(question.query).words}
        held = sum(
            word in kept.document.text.characters for kept in _everything(engine) for word in words
        )
        page = tuple(replace(one, score=one.score / (1 + held)) for one in found.page)
        return replace(found, page=page)

    _searched(patch, change)


@leak
def average_length_in_scores(patch: pytest.MonkeyPatch) -> None:
    def change(engine: MemoryEngine, _: Any, found: Matches, __: Any) -> Matches:
        lengths = [len(kept.document.text.characters) for kept in _everything(engine)]
        average = sum(lengths) / max(len(lengths), 1)
        return replace(
            found, page=tuple(replace(one, score=one.score * average) for one in found.page)
        )

    _searched(patch, change)


@leak
def order_by_hidden_statistics(patch: pytest.MonkeyPatch) -> None:
    """Scores stay, only the order tells."""

    def change(engine: MemoryEngine, _: Any, found: Matches, __: Any) -> Matches:
        page = found.page[::-1] if len(_everything(engine)) // 2 % 2 else found.page
        return replace(found, page=page)

    _searched(patch, change)


@leak
def facets_with_zero_counts(patch: pytest.MonkeyPatch) -> None:
    """The library drops zeros; here both places fail to."""
    from search.vocabulary import Vocabulary

    def change(engine: MemoryEngine, _: Any, found: Matches, asked: Any) -> Matches:
        facets = {
            name: {
                **{
                    value: 0
                    for kept in _everything(engine)
                    for value in kept.document.values(Attribute(name))
                },
                **counts,
            }
            for name, counts in found.facets.items()
        }
        return replace(found, facets=facets)

    honest = Vocabulary.facet

    def facet(self: Vocabulary, attribute: Any, counts: Mapping[str, int]) -> Any:
        return honest(self, attribute, {value: n or 1 for value, n in counts.items()})

    _searched(patch, change)
    patch.setattr(Vocabulary, "facet", facet)


@leak
def total_counted_before_the_filter(patch: pytest.MonkeyPatch) -> None:
    def change(engine: MemoryEngine, question: Any, found: Matches, _: Any) -> Matches:
        from search.engines.memory import holder

        total = sum(map(holder(question.query), (kept.document for kept in _everything(engine))))
        return replace(found, total=total)

    _searched(patch, change)


@leak
def facets_counted_over_all(patch: pytest.MonkeyPatch) -> None:
    honest = MemoryEngine.search

    def searched(self: MemoryEngine, question: Any, **asked: Any) -> Matches:
        whole = honest(self, restrict(question.query, ALL), **asked)
        return replace(honest(self, question, **asked), facets=whole.facets)

    patch.setattr(MemoryEngine, "search", searched)


@leak
def ties_broken_by_intake(patch: pytest.MonkeyPatch) -> None:
    """By when a letter came in instead of its own order."""
    honest = records.registration._add_chunk

    def add_chunk(session: Any, entries: Any) -> Any:
        count = session.connection.execute(select(func.count()).select_from(petitions)).scalar()
        patch.setattr(records.registration, "order", lambda *_: int(count or 0))
        return honest(session, entries)

    patch.setattr(records.registration, "_add_chunk", add_chunk)


@leak
def an_index_of_another_level(patch: pytest.MonkeyPatch) -> None:
    """As an alias or a pattern over all indexes would."""
    honest = search.access.cleared

    def cleared(scope: Scope) -> tuple[Level, ...]:
        return tuple(Level) if scope.regions else honest(scope)

    patch.setattr(search.access, "cleared", cleared)


@leak
def search_in_the_full_edition(patch: pytest.MonkeyPatch) -> None:
    """Whoever finds by a masked number has it, though it isn't shown."""
    honest = search.access.slices

    def slices(scope: Scope) -> tuple[search.access.Slice, ...]:
        return tuple(
            replace(part, index=part.index._replace(edition=Edition.FULL)) for part in honest(scope)
        )

    patch.setattr(search.access, "slices", slices)


@leak
def rights_of_own_cases_on_all(patch: pytest.MonkeyPatch) -> None:
    """Roles united where one narrows the other."""
    honest = search.projection.rights

    def rights(scope: Scope, **of: Any) -> Any:
        granted = honest(scope, **of)
        return None if granted is None else granted | scope.own_fields | {FieldRight.NAME}

    patch.setattr(search.projection, "rights", rights)


@leak
def categories_forgotten_by_the_search(patch: pytest.MonkeyPatch) -> None:
    honest = search.access._over

    def over(scope: Scope) -> Any:
        return honest(replace(scope, categories=frozenset()))

    patch.setattr(search.access, "_over", over)


@leak
def categories_forgotten_by_the_view(patch: pytest.MonkeyPatch) -> None:
    honest = search.projection.rights

    def rights(scope: Scope, **of: Any) -> Any:
        return honest(replace(scope, categories=frozenset()), **of)

    patch.setattr(search.projection, "rights", rights)


@leak
def values_revealed_of_any_letter(patch: pytest.MonkeyPatch) -> None:
    honest = People.reveal

    def reveal(self: People, scope: Scope, id_: str, asked: Any, daily: Any) -> Any:
        wider = replace(ALL, user_id=scope.user_id, fields=frozenset(), reveals=scope.reveals)
        return honest(self, wider if scope.reveals else scope, id_, asked, daily)

    patch.setattr(People, "reveal", reveal)


@leak
def masked_values_revealed_to_all(patch: pytest.MonkeyPatch) -> None:
    def reveal(scope: Scope) -> Scope:
        return replace(scope, reveals=frozenset(FieldRight), own_reveals=frozenset(FieldRight))

    honest = People.reveal
    patch.setattr(People, "reveal", lambda self, scope, *rest: honest(self, reveal(scope), *rest))


@leak
def looks_at_hidden_letters_counted(patch: pytest.MonkeyPatch) -> None:
    """What is left for the day tells whether there is such a letter."""
    from records.daily import use

    honest = People.reveal

    def reveal(self: People, scope: Scope, id_: str, asked: Any, daily: Any) -> Any:
        try:
            return honest(self, scope, id_, asked, daily)
        except NotFound:
            with self._door.database.write() as session:
                if petition_records.read_one(session, id_) is not None:
                    while use(session, scope.user_id, daily) is not None:
                        continue
            raise

    patch.setattr(People, "reveal", reveal)


@leak
def people_found_beyond_the_rights(patch: pytest.MonkeyPatch) -> None:
    """Not the letters, but that there are more."""
    from records.persons import petitions_naming

    honest = People.find

    def find(self: People, scope: Scope, asked: Any, daily: Any) -> Any:
        found = honest(self, scope, asked, daily)
        with self._door.database.read() as session:
            named = petitions_naming(session, asked.fact, asked.value)
        return replace(found, more=len(named) > len(found.hits))

    patch.setattr(People, "find", find)


@leak
def sealed_letters_counted(patch: pytest.MonkeyPatch) -> None:
    honest = search.documents.readers_of

    def readers_of(**of: Any) -> tuple[str, ...]:
        return honest(**{**of, "sealed": False})

    patch.setattr(search.documents, "readers_of", readers_of)


@leak
def forbidden_told_from_unknown(patch: pytest.MonkeyPatch) -> None:
    honest = Door.view

    def view(self: Door, scope: Scope, action: str, id_: str, *rest: Any, **how: Any) -> Any:
        try:
            return honest(self, scope, action, id_, *rest, **how)
        except NotFound:
            with self.database.read() as session:
                if petition_records.read_one(session, id_) is not None:
                    raise NotPermitted("This letter is not for you.") from None
            raise

    patch.setattr(Door, "view", view)


@leak
def a_title_in_an_error(patch: pytest.MonkeyPatch) -> None:
    honest = Door.view

    def view(self: Door, scope: Scope, action: str, id_: str, *rest: Any, **how: Any) -> Any:
        try:
            return honest(self, scope, action, id_, *rest, **how)
        except NotFound as error:
            with self.database.read() as session:
                record = petition_records.read_one(session, id_)
            raise NotFound(f"{error}: {record.subject if record else id_}") from None

    import api.errors

    told = api.errors.refusal_of

    def refusal_of(error: Exception) -> Any:
        refusal = told(error)
        return replace(refusal, detail=str(error)) if isinstance(error, NotFound) else refusal

    import api.app

    patch.setattr(Door, "view", view)
    patch.setattr(api.app, "refusal_of", refusal_of)


@leak
def an_answer_cached_without_rights(patch: pytest.MonkeyPatch) -> None:
    """Another user asked first, and the cache knows only the question."""
    honest = Library.search

    def searched(self: Library, scope: Scope, request: SearchRequest) -> Any:
        cache = self.__dict__.setdefault("cache", {})
        if request.text not in cache:
            cache[request.text] = honest(self, scope, request).total
        return replace(honest(self, scope, request), total=cache[request.text])

    patch.setattr(Library, "search", searched)


@leak
def numbers_in_a_row(patch: pytest.MonkeyPatch) -> None:
    honest = records.registration._add_chunk

    def add_chunk(session: Any, entries: Any) -> Any:
        count = session.connection.execute(select(func.count()).select_from(petitions)).scalar()
        made = iter(range(int(count or 0) + 1, 10**6))
        patch.setattr(records.registration, "new_number", lambda _: f"XF{next(made):08}")
        return honest(session, entries)

    patch.setattr(records.registration, "_add_chunk", add_chunk)


@leak
def highlights_of_the_full_text(patch: pytest.MonkeyPatch) -> None:
    honest = search.projection.project

    def project(scope: Scope, petition: Any, vocabulary: Any) -> Any:
        visible = honest(scope, petition, vocabulary)
        return visible and replace(visible, text=petition.text)

    patch.setattr(search.door, "project", project)


@leak
def a_name_in_full(patch: pytest.MonkeyPatch) -> None:
    honest = search.projection._personal

    def personal(value: str | None, kind: Any, in_full: bool) -> Any:
        shown = honest(value, kind, in_full)
        masked = shown.shown is Shown.MASKED and len(value or "") <= 3
        return replace(shown, text=value) if masked else shown

    patch.setattr(search.projection, "_personal", personal)


@leak
def files_without_the_right(patch: pytest.MonkeyPatch) -> None:
    honest = search.projection.project

    def project(scope: Scope, petition: Any, vocabulary: Any) -> Any:
        visible = honest(scope, petition, vocabulary)
        return visible and replace(visible, files=search.projection._files(petition))

    patch.setattr(search.door, "project", project)


@leak
def an_original_by_its_id_alone(patch: pytest.MonkeyPatch) -> None:
    """As a static folder would serve it."""

    def original(self: Library, _: Scope, petition_id: str, number: int = 1) -> OriginalFile:
        with self._door.database.read() as session:
            record = petition_records.read_one(session, petition_id)
        if record is None or len(record.files) < number:
            raise NotFound("no file")
        file = record.files[number - 1]
        return OriginalFile(file.name, None, file.size, self._door.originals.open(file.sha256))

    patch.setattr(Library, "original", original)


@leak
def a_looser_question_when_others_find_nothing(patch: pytest.MonkeyPatch) -> None:
    """Whether to ask more loosely is decided by what is in the index, not by what is seen."""

    asked: list[MemoryEngine] = []

    def change(engine: MemoryEngine, _: Any, found: Matches, __: Any) -> Matches:
        asked.append(engine)
        return found

    def wider(query: Any) -> Any:
        texts = [kept.document.text.characters for kept in _everything(asked[-1])]
        held = {word for word in RARE_WORDS if any(word in text for text in texts)}
        return None if any(word in str(query) for word in held) else relax(query)

    _searched(patch, change)
    patch.setattr(search.library, "relax", wider)


@leak
def every_region_understood(patch: pytest.MonkeyPatch) -> None:
    """The names of regions that only hidden letters speak of."""
    from search.vocabulary import Vocabulary

    patch.setattr(Vocabulary, "declared", property(lambda self: self))


@leak
def regions_offered_to_choose_from(patch: pytest.MonkeyPatch) -> None:
    from records.regions import all_regions

    def regions(self: Library, _: Scope) -> Any:
        with self._door.database.read() as session:
            return all_regions(session)

    patch.setattr(Library, "regions", regions)


@leak
def how_many_there_are_in_a_header(patch: pytest.MonkeyPatch) -> None:
    import api.guard

    honest = Library.search

    def searched(self: Library, scope: Scope, request: SearchRequest) -> Any:
        whole = self._door.engine.search(
            restrict(Everything(), ALL), limit=0, offset=0, sort=Sort.NEWEST, facets=()
        )
        patch.setitem(api.guard.HEADERS, "X-Letters", str(whole.total))
        return honest(self, scope, request)

    patch.setattr(Library, "search", searched)


@leak
def hidden_letters_counted_in_a_matter(patch: pytest.MonkeyPatch) -> None:
    honest = mates_of

    def mates(session: Any, scope: Scope, petition_id: str, *more: Any) -> Any:
        seen = honest(session, scope, petition_id, *more)
        there = mates_within(session, petition_id, within_of(ALL), 100)
        return seen + seen[-1:] * (len(there) - len(seen))

    patch.setattr(search.case_files, "mates_of", mates)
    patch.setattr(search.duplicates.checking, "mates_of", mates)


@leak
def decisions_about_hidden_letters(patch: pytest.MonkeyPatch) -> None:
    honest = visible_decisions

    def told(session: Any, scope: Scope, ids: Any, vocabulary: Any) -> Any:
        return honest(session, replace(ALL, decides=scope.decides), ids, vocabulary)

    patch.setattr(search.duplicates.repeats, "visible_decisions", told)
    patch.setattr(search.case_files, "visible_decisions", told)


@leak
def reminders_for_which_hidden_letters_gave_cause(patch: pytest.MonkeyPatch) -> None:
    honest = reminders_of

    def told(session: Any, scope: Scope, petition_id: str, vocabulary: Any) -> Any:
        return honest(session, replace(ALL, decides=scope.decides), petition_id, vocabulary)

    patch.setattr(search.library, "reminders_of", told)
    patch.setattr(search.duplicates.checking, "reminders_of", told)


@leak
def progress_of_the_letters_of_others(patch: pytest.MonkeyPatch) -> None:
    honest = api.progress.progress

    def progress(office: Any, caller: Any, petition_id: str) -> Any:
        with office.database.read() as session:
            record = petition_records.read_one(session, petition_id)
        registrars = record.registrars if record else ()
        known = (
            replace(caller, user=replace(caller.user, id=registrars[0])) if registrars else caller
        )
        return honest(
            office, replace(known, scope=ALL if registrars else caller.scope), petition_id
        )

    patch.setattr(api.routes.registration, "progress", progress)
    patch.setattr(api.pages.registering, "progress", progress)


@leak
def an_export_made_with_the_rights_of_the_system(patch: pytest.MonkeyPatch) -> None:
    honest = Library.export
    patch.setattr(Library, "export", lambda self, _, petition_id: honest(self, ALL, petition_id))


@leak
def signatures_of_full_texts_beside_masked_ones(patch: pytest.MonkeyPatch) -> None:
    """With their hashes somebody could try out what the masks hide."""
    honest = search.library.exported

    def exported(session: Any, visible: Any, record: Any, *more: Any) -> bytes:
        content = json.loads(honest(session, visible, record, *more))
        content["signatures"] = [one.statement for one in signatures_of(session, record)]
        return json.dumps(content).encode()

    patch.setattr(search.library, "exported", exported)


@leak
def a_list_to_be_reviewed_that_is_cut_before_the_rights(patch: pytest.MonkeyPatch) -> None:
    honest = Redaction._unreviewed_ids
    patch.setattr(Redaction, "_unreviewed_ids", lambda self, _, __: honest(self, ALL, 6))


@leak
def a_redaction_reviewed_by_who_reads_it_masked(patch: pytest.MonkeyPatch) -> None:
    for part in (search.library, search.redaction):
        patch.setattr(part, "require_full", lambda _: None)


@leak
def letters_like_one_with_the_rights_of_the_system(patch: pytest.MonkeyPatch) -> None:
    repeats = search.duplicates.repeats
    nearest = repeats.nearest
    patch.setattr(
        repeats, "nearest", lambda engine, _, asked, *more: nearest(engine, ALL, asked, *more)
    )
    for name in ("candidates", "shown"):
        read = getattr(repeats, name)
        patch.setattr(
            repeats,
            name,
            lambda session, _, ids, vocabulary, read=read: read(session, ALL, ids, vocabulary),
        )


@leak
def a_likeness_of_full_texts_told_to_who_reads_masks(patch: pytest.MonkeyPatch) -> None:
    honest = search.duplicates.repeats.candidates

    def candidates(session: Any, scope: Scope, ids: Any, vocabulary: Any) -> Any:
        whole = {one.id: one.text for one in petition_records.read(session, ids)}
        return [
            replace(one, petition=replace(one.petition, text=whole[one.petition.id]))
            for one in honest(session, scope, ids, vocabulary)
        ]

    patch.setattr(search.duplicates.repeats, "candidates", candidates)


@leak
def persons_known_again_by_who_may_not_look_them_up(patch: pytest.MonkeyPatch) -> None:
    honest = search.duplicates.asking.comparable

    def comparable(scope: Scope, visible: Any, record: Any) -> Any:
        return honest(replace(scope, finds=ALL.finds), visible, record)

    patch.setattr(search.duplicates.asking, "comparable", comparable)


@leak
def hidden_letters_in_hot_matters(patch: pytest.MonkeyPatch) -> None:
    import search.duplicates.hot

    honest = search.duplicates.hot.granted_on
    patch.setattr(search.duplicates.hot, "within_of", lambda _: within_of(shell_scope()))
    patch.setattr(search.duplicates.hot, "granted_on", lambda *asked: honest(*asked) or frozenset())


@leak
def hot_matters_joined_by_hidden_letters(patch: pytest.MonkeyPatch) -> None:
    """Groups are made of all letters, and the hidden ones left out of them afterwards."""
    import search.duplicates.hot
    from search.duplicates.groups import Group, Groups

    honest, read = Groups.of, Groups.links
    sessions: list[Any] = []

    def links(self: Groups, session: Any) -> Any:
        sessions.append(session)
        return read(self, session)

    def of(self: Groups, links: Any, letters: Any) -> list[Group]:
        whole = sorted(
            search.duplicates.hot.kept.letters_within(sessions[-1], within_of(shell_scope()), set),
            key=lambda one: (one.received_at, one.id),
        )
        place = {one.id: at for at, one in enumerate(letters)}
        found = []
        for group in honest(self, links, whole):
            members = tuple(
                (place[whole[at].id], 1.0) for at, _ in group.members if whole[at].id in place
            )
            if len(members) > 1:
                found.append(Group(members, members[0][0]))
        return found

    patch.setattr(Groups, "links", links)
    patch.setattr(Groups, "of", of)


@leak
def leaders_notes_shown_to_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search.library, "notes_seen", lambda _, __: frozenset({True, False}))
