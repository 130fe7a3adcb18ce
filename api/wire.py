"""The library's answers as the JSON of `api.schemas`. The command line prints the same shape."""

from __future__ import annotations

from api.letter_schemas import (
    FileSeen,
    NoteSeen,
    PageSeen,
    PersonSeen,
    PetitionSeen,
    ReminderSeen,
    ReplySeen,
    StepSeen,
)
from api.schemas import (
    ExpansionMade,
    FacetCount,
    HitFound,
    LabelledValue,
    PassageFound,
    Search,
    SearchAnswer,
)
from search.answers import (
    Answer,
    Filters,
    Hit,
    Labelled,
    SearchRequest,
    VisiblePetition,
)


def search_request(asked: Search) -> SearchRequest:
    filters = asked.filters
    return SearchRequest(
        text=asked.q,
        filters=Filters(
            category=filters.category,
            region=filters.region,
            status=filters.status,
            channel=filters.channel,
            level=filters.level,
            year=filters.year,
            since=filters.received.since,
            until=filters.received.until,
        ),
        facets=asked.facets,
        sort=asked.sort,
        page=asked.page,
        size=asked.size,
    )


def search_answer(answer: Answer) -> SearchAnswer:
    return SearchAnswer(
        total=answer.total,
        holding_all=answer.holding_all,
        page=answer.page,
        size=answer.size,
        sort=answer.sort,
        took_ms=answer.took_ms,
        query=answer.query,
        expansions=tuple(map(ExpansionMade.model_validate, answer.expansions)),
        relaxed=answer.relaxed,
        hits=tuple(map(hit_found, answer.hits)),
        facets={
            name: tuple(map(FacetCount.model_validate, values))
            for name, values in answer.facets.items()
        },
    )


def hit_found(hit: Hit) -> HitFound:
    return HitFound(
        id=hit.id,
        number=hit.number,
        external_id=hit.external_id,
        subject=hit.subject,
        subject_spans=hit.subject_spans,
        category=_code(hit.category),
        region=_code(hit.region),
        status=hit.status.value,
        channel=hit.channel.value,
        labels=_labels(
            category=hit.category, region=hit.region, status=hit.status, channel=hit.channel
        ),
        level=hit.level,
        received_at=hit.received_at,
        edition=hit.edition,
        score=hit.score,
        replied=hit.replied,
        has_scan=hit.has_scan,
        passages=tuple(map(PassageFound.model_validate, hit.passages)),
    )


def petition_seen(petition: VisiblePetition) -> PetitionSeen:
    category = petition.category[-1] if petition.category else None
    region = petition.region[-1] if petition.region else None
    return PetitionSeen(
        id=petition.id,
        number=petition.number,
        external_id=petition.external_id,
        edition=petition.edition,
        level=petition.level,
        subject=petition.subject,
        text=petition.text,
        category=_code(category),
        region=_code(region),
        status=petition.status.value,
        channel=petition.channel.value,
        labels=_labels(
            category=category, region=region, status=petition.status, channel=petition.channel
        ),
        category_path=tuple(map(LabelledValue.model_validate, petition.category)),
        region_path=tuple(map(LabelledValue.model_validate, petition.region)),
        received_at=petition.received_at,
        people_count=petition.people_count,
        petitioner=petition.petitioner,
        persons=tuple(map(PersonSeen.model_validate, petition.persons)),
        replies=tuple(map(ReplySeen.model_validate, petition.replies)),
        timeline=tuple(
            StepSeen(
                status=step.status.value,
                label=step.status.label,
                at=step.at,
                by=step.by,
                reason=step.reason,
            )
            for step in petition.timeline
        ),
        notes=tuple(map(NoteSeen.model_validate, petition.notes)),
        reminders=tuple(map(ReminderSeen.model_validate, petition.reminders)),
        files=tuple(map(FileSeen.model_validate, petition.files)),
        pages=tuple(map(PageSeen.model_validate, petition.pages)),
        text_source=petition.text_source,
        text_confidence=petition.text_confidence,
        extra=dict(petition.extra),
    )


def _code(labelled: Labelled | None) -> str | None:
    return labelled.value if labelled else None


def _labels(**labelled: Labelled | None) -> dict[str, str]:
    return {name: one.label for name, one in labelled.items() if one}
