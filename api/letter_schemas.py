"""The JSON of one letter: its record, and where words stand on its scan."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from api.schemas import Asked, Code, LabelledValue, Labels, Told, whole
from records.signatures import SignatureState
from search.answers import PageView, Shown
from search.engine import Edition, Level


class PersonalText(Told):
    text: str = Field(examples=["张**"])
    shown: Shown
    can_reveal: bool = Field(description="This user may look at it, with a reason.")


class PersonSeen(Told):
    number: int = Field(description="Which person of the letter, from 1.")
    role: str
    name: PersonalText
    id_no: PersonalText
    phone: PersonalText
    address: PersonalText
    bank_card: PersonalText


class SignatureSeen(Told):
    """A person's signature under a reply, verified just now."""

    signer: str | None
    signed_at: datetime
    state: SignatureState
    key_ended_at: datetime | None
    key_ended_by: str | None = Field(description="replaced or revoked.", examples=["replaced"])


class ReplySeen(Told):
    kind: str
    text: str
    replied_at: datetime | None
    body: str | None
    transfer_only: bool
    signatures: tuple[SignatureSeen, ...]


class StepSeen(Told):
    status: str = Field(examples=["HANDLING"])
    label: str = Field(examples=["办理中"])
    at: datetime
    by: str | None
    reason: str | None


class NoteSeen(Told):
    """What a leader noted on the letter."""

    author: str
    at: datetime
    text: str
    addressed: bool = Field(description="To those who handle the letter.")


class ReminderSeen(Told):
    """Who handles the letter was reminded of it."""

    at: datetime
    by: str
    reason: str
    cause_id: str | None = Field(description="The letter that gave cause.")
    cause_number: str | None


class NewNote(Asked):
    text: Annotated[str, AfterValidator(whole)] = Field(examples=["请城管局本周内核实并答复。"])
    addressed: bool = Field(default=True, description="To those who handle the letter too.")


class FileSeen(Told):
    number: int
    name: str
    media_type: str
    size: int


class PageSeen(Told):
    number: int
    role: str = Field(description="letter, reply or attachment.", examples=["letter"])
    width: int
    height: int
    confidence: float | None
    view: PageView = Field(
        description="original; redacted: personal data is painted over; withheld: no picture."
    )


class PetitionSeen(Told):
    """A letter as this user may see it."""

    id: str
    number: str
    external_id: str | None
    edition: Edition
    level: Level
    subject: str
    text: str
    category: Code | None = Field(examples=["0103"])
    region: Code | None = Field(examples=["A3区"])
    status: Code = Field(examples=["CLOSED"])
    channel: Code = Field(examples=["letter"])
    labels: Labels
    category_path: tuple[LabelledValue, ...] = Field(description="From the root down.")
    region_path: tuple[LabelledValue, ...] = Field(description="From the root down.")
    received_at: datetime
    people_count: int | None
    petitioner: str | None
    persons: tuple[PersonSeen, ...]
    replies: tuple[ReplySeen, ...]
    timeline: tuple[StepSeen, ...]
    notes: tuple[NoteSeen, ...] = Field(description="For those who may see leaders' notes.")
    reminders: tuple[ReminderSeen, ...] = Field(
        description="For those who decide about repeats, oldest first."
    )
    files: tuple[FileSeen, ...]
    pages: tuple[PageSeen, ...]
    text_source: str
    text_confidence: float | None
    extra: dict[str, Any]


class WordSeen(Told):
    text: str
    box: tuple[float, float, float, float] = Field(
        description="Left, top, right, bottom in pixels of the page image.",
        examples=[[212.0, 340.5, 258.0, 364.0]],
    )


class WordsSeen(Told):
    """Where a question stands on a page image of `width` × `height` pixels."""

    number: int
    width: int
    height: int
    words: tuple[WordSeen, ...]
