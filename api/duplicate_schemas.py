"""The JSON of asking who wrote this before, and of letters like one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from api.schemas import Asked, Told, whole
from search.duplicates.answers import MOST, SHOWN, Band, Evidence, Verdict
from search.engine import Edition

Fact = Annotated[str, AfterValidator(whole), Field(max_length=200)]


class PersonAsked(Asked):
    """Who writes, as far as it is known. Numbers are looked up whole, by those who may."""

    name: Fact = Field("", examples=["王小明"])
    former_name: Fact = ""
    id_no: Fact = Field("", examples=["11010519491231002X"])
    phone: Fact = Field("", examples=["13812345678"])
    address: Fact = ""
    code: Fact = Field("", description="Of the older system.")


class DuplicatesAsked(Asked):
    """A letter that may have come before, in this or in other words."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "subject": "A3区兰亭小区油烟扰民",
                    "text": "小区一楼餐馆的油烟直排，多次反映无果，请尽快处理。",
                    "person": {"name": "王小明", "phone": "13812345678"},
                    "region": "A3区",
                }
            ]
        },
    )

    subject: Annotated[str, AfterValidator(whole)] = Field("", max_length=2_000)
    text: Annotated[str, AfterValidator(whole)] = Field(max_length=500_000)
    person: PersonAsked = PersonAsked.model_validate({})
    region: Fact = Field("", description="A code, a name or an alias.")
    received_at: datetime | None = Field(
        None, description="Letters close in time are rather of one matter."
    )
    size: int = Field(SHOWN, ge=1, le=MOST, description="Most letters that are told.")


class DuplicateFound(Told):
    """A letter that belongs to the one asked about, as this user may see it."""

    id: str
    number: str
    external_id: str | None
    subject: str
    verdict: Verdict
    band: Band
    score: float = Field(description="0.0 to 1.0.", examples=[0.93])
    evidence: Evidence | None = Field(description="By what it is the same person; null: it isn't.")
    reasons: tuple[str, ...] = Field(description="In Chinese.", examples=[["正文95%的内容相同"]])
    status: str
    received_at: datetime
    edition: Edition
    replied: bool
    transfer_only: bool = Field(description="All that was replied is that it was passed on.")


class OverlookedFound(Told):
    """A letter that waits, and those that it repeats and its registrar may not see."""

    id: str
    number: str
    subject: str
    found: tuple[DuplicateFound, ...]


class ReplyTold(Told):
    text: str
    body: str | None = Field(description="The office that replied.")
    replied_at: datetime | None
    transfer_only: bool


class SimilarFound(DuplicateFound):
    """A letter like this one, and how it was answered."""

    why: tuple[str, ...] = Field(description="In Chinese; the same as `reasons`.")
    replies: tuple[ReplyTold, ...]
