"""The JSON of looking at a masked value, and of looking a person up by a number."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.schemas import Asked, HitFound, Told, whole
from search.personal import LEAST_REASON, MOST_REASON

Reason = Annotated[str, AfterValidator(whole)]


class Reveal(Asked):
    """Which value, and why. It stands in the log with the reason; the value doesn't."""

    field: Literal["name", "id_no", "phone", "address", "bank_card"] = Field(examples=["phone"])
    reason: Reason = Field(
        max_length=2000,
        description=f"{LEAST_REASON} to {MOST_REASON} characters; name nobody.",
        examples=["约定上门核实时间"],
    )
    person: int = Field(1, ge=1, le=10_000, description="`number` of the person.")


class ValueRevealed(Told):
    field: str
    person: int
    value: str = Field(examples=["13812345678"])
    left: int = Field(description="How many more this user may look at today.", examples=[19])


class FindPerson(Asked):
    """A person by a whole number; parts are never found."""

    field: Literal["id_no", "phone"] = Field(examples=["phone"])
    value: Annotated[str, AfterValidator(whole)] = Field(max_length=200, examples=["13812345678"])


class PersonFound(Told):
    hits: tuple[HitFound, ...] = Field(description="Newest first.")
    more: bool = Field(description="There are more than these.")
    left: int = Field(description="How many more numbers this user may ask for today.")
