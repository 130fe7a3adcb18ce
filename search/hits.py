"""A found petition as it is shown: what of it is visible, and where it met the question."""

from __future__ import annotations

from dataclasses import replace

from records.regions import ROOT
from search.answers import Hit, Labelled, PageView, Passage, Source, VisiblePage, VisiblePetition
from search.parse import relax
from search.passages import Needles, needles, passages, spans
from search.query import Field, Query

_PASSAGES = 3


def hit(visible: VisiblePetition, score: float, query: Query) -> Hit:
    """A line of the answer, made of what is visible alone."""
    return Hit(
        id=visible.id,
        number=visible.number,
        external_id=visible.external_id,
        subject=visible.subject,
        subject_spans=spans(visible.subject, needles(query, Field.SUBJECT)),
        category=_deepest(visible.category),
        region=_deepest(visible.region),
        status=visible.status,
        channel=visible.channel,
        level=visible.level,
        received_at=visible.received_at,
        edition=visible.edition,
        score=score,
        replied=bool(visible.replies),
        has_scan=any(page.view is not PageView.WITHHELD for page in visible.pages),
        passages=_passages(visible, query),
    )


def marked(visible: VisiblePetition, query: Query) -> VisiblePetition:
    """The petition with the places that meet the question; where there are none, those that meet
    the looser question that it would have been found by."""
    found = _marked(visible, query)
    spans_of = (found.subject_spans, found.text_spans, *(one.text_spans for one in found.replies))
    wider = None if any(spans_of) else relax(query)
    return found if wider is None else _marked(visible, wider)


def _marked(visible: VisiblePetition, query: Query) -> VisiblePetition:
    in_reply = needles(query, Field.REPLY)
    return replace(
        visible,
        subject_spans=spans(visible.subject, needles(query, Field.SUBJECT)),
        text_spans=spans(visible.text, needles(query, Field.TEXT)),
        replies=tuple(
            replace(reply, text_spans=spans(reply.text, in_reply)) for reply in visible.replies
        ),
    )


def page_needles(query: Query, page: VisiblePage) -> Needles:
    """What to look for on a page: of a letter the texts for its subject too, they stand on it."""
    if page.role == "reply":
        return needles(query, Field.REPLY)
    found = {*needles(query, Field.TEXT).texts, *needles(query, Field.SUBJECT).texts}
    return Needles(tuple(sorted(found)))


def _deepest(path: tuple[Labelled, ...]) -> Labelled | None:
    return path[-1] if path and path[-1].value != ROOT else None


def _passages(visible: VisiblePetition, query: Query) -> tuple[Passage, ...]:
    """One to three passages: of the letter first, then the best of the replies that met it."""
    in_text = passages(visible.text, needles(query, Field.TEXT), source=Source.LETTER)
    in_reply = needles(query, Field.REPLY)
    met = [
        replace(passage, reply=number)
        for number, reply in enumerate(visible.replies)
        if in_reply.texts
        for passage in passages(reply.text, in_reply, source=Source.REPLY, most=1)
        if passage.spans
    ]
    if met and not any(passage.spans for passage in in_text):
        in_text = in_text[:1]
    shown = [replace(one, page=_page_of(visible, one.start)) for one in in_text]
    best = sorted(met, key=lambda passage: -len(passage.spans))
    room = max(_PASSAGES - len(shown), 1)
    return (*shown, *sorted(best[:room], key=lambda passage: passage.reply or 0))


def _page_of(visible: VisiblePetition, position: int) -> int | None:
    """The page of the letter on which this position of its text stands."""
    for page in visible.pages:
        if page.role != "letter" or page.text_start is None or page.text_end is None:
            continue
        if page.text_start <= position < page.text_end:
            return page.number
    return None
