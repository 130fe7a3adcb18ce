"""The JSON of hot matters."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas import LabelledValue, Told


class MonthCounted(Told):
    month: str = Field(examples=["2019-08"])
    letters: int = Field(examples=[17])


class GrowthTold(Told):
    recent: int = Field(description="Letters of the last 30 days.", examples=[12])
    before: int = Field(description="Letters of the 30 days before.", examples=[5])
    rate: float | None = Field(
        description="Of change; null where there were fewer than five before.", examples=[1.4]
    )


class MatterFound(Told):
    """Many letters, one thing; of nothing but letters that the asker may see."""

    id: str = Field(
        description="Of its first letter.", examples=["9f86d081884c7d659a2feaa0c55ad015"]
    )
    title: str = Field(
        description="The subject of its most typical letter.", examples=["小区一楼商铺油烟扰民"]
    )
    region: LabelledValue | None = Field(description="Of most of its letters.")
    letters: int = Field(examples=[21])
    people: int | None = Field(
        description="Different petitioners; null where the asker can't tell them apart.",
        examples=[14],
    )
    answered: int = Field(description="Letters with a reply.", examples=[9])
    growth: GrowthTold
    months: tuple[MonthCounted, ...] = Field(
        description="The last 24 months up to the last letter, each of them."
    )
    first_received_at: datetime
    last_received_at: datetime


class MattersFound(Told):
    matters: tuple[MatterFound, ...] = Field(description="Those of most people first.")
    total: int = Field(description="How many there are.", examples=[139])


class MemberFound(Told):
    id: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015"])
    number: str = Field(examples=["XF202603K7Q2M9"])
    external_id: str | None = Field(examples=["2574"])
    subject: str = Field(examples=["小区一楼商铺油烟扰民"])
    received_at: datetime
    status: LabelledValue
    replied: bool
    likeness: float = Field(description="To the most typical letter, from 0 to 1.", examples=[0.93])


class MatterWhole(Told):
    matter: MatterFound
    members: tuple[MemberFound, ...] = Field(description="Newest first, 500 at most.")
    more: int = Field(description="Letters that are not told.", examples=[0])
