"""Hot matters as the JSON of `api.matter_schemas`. The command line prints the same shape."""

from __future__ import annotations

from api.matter_schemas import (
    GrowthTold,
    MatterFound,
    MattersFound,
    MatterWhole,
    MemberFound,
    MonthCounted,
)
from api.schemas import LabelledValue
from search.duplicates.matters import MatterAnswer, MatterMember, MattersAnswer, MatterSeen


def matters_found(answer: MattersAnswer) -> MattersFound:
    return MattersFound(matters=tuple(map(matter_found, answer.matters)), total=answer.total)


def matter_found(one: MatterSeen) -> MatterFound:
    return MatterFound(
        id=one.id,
        title=one.title,
        region=LabelledValue.model_validate(one.region) if one.region else None,
        letters=one.letters,
        people=one.people,
        answered=one.answered,
        growth=GrowthTold.model_validate(one.growth),
        months=tuple(MonthCounted(month=month, letters=count) for month, count in one.months),
        first_received_at=one.first_received_at,
        last_received_at=one.last_received_at,
    )


def matter_whole(answer: MatterAnswer) -> MatterWhole:
    return MatterWhole(
        matter=matter_found(answer.matter),
        members=tuple(map(_member, answer.members)),
        more=answer.more,
    )


def _member(one: MatterMember) -> MemberFound:
    petition = one.petition
    return MemberFound(
        id=petition.id,
        number=petition.number,
        external_id=petition.external_id,
        subject=petition.subject,
        received_at=petition.received_at,
        status=LabelledValue.model_validate(petition.status),
        replied=bool(petition.replies),
        likeness=round(one.likeness, 3),
    )
