"""The JSON of what is decided of a letter that may be a repeat, and of a matter's file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from api.letter_schemas import ReminderSeen
from api.schemas import Asked, Told, whole
from records.clocks import Clock
from records.decisions import Kind

Id = Annotated[str, AfterValidator(whole), Field(max_length=64)]
Reason = Annotated[str, AfterValidator(whole), Field(max_length=2_000)]


class NewDecision(Asked):
    """What is decided of a letter, looked at beside another one."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "kind": "repeat",
                    "other": "9f86d081884c7d659a2feaa0c55ad015",
                    "status": "DUP_CHECK",
                    "reason": "同一工地，同一诉求",
                }
            ]
        },
    )

    kind: Kind = Field(
        description="repeat, not_accepted, no_longer: it joins the other's matter. merge: and is "
        "handled with it. related, same_person: kept in mind. new: nothing earlier. urge: who "
        "handles the other (or the letter itself, without one) is reminded, and it joins its "
        "matter."
    )
    other: Id = Field(
        "", description="The letter beside it; none for new, and none or one to urge."
    )
    status: Annotated[str, AfterValidator(whole)] = Field(
        max_length=20, description="The letter's as it was shown: another by now is refused (409)."
    )
    reason: Reason = Field(
        "", description="Five characters or more for related, not_accepted, no_longer, urge."
    )


class DecisionMade(Told):
    id: str = Field(examples=["5d41402abc4b2a76b9719d911017c592"])
    status: str = Field(description="The letter's now.", examples=["TRIAGE"])


class TakenBack(Asked):
    reason: Reason = Field(description="Five characters or more.", examples=["两件并非同一事项"])


class LetterNamed(Told):
    id: str
    number: str = Field(examples=["XF202603K7Q2M9"])
    external_id: str | None
    subject: str


class Undone(Told):
    at: datetime
    by: str
    reason: str


class DecisionSeen(Told):
    """`verdict` and `score`: what the program had told of the two then."""

    id: str
    kind: Kind
    letter: LetterNamed
    beside: LetterNamed | None
    at: datetime
    by: str
    reason: str
    verdict: str | None = Field(examples=["near"])
    score: float | None = Field(examples=[0.93])
    undone: Undone | None = Field(description="Taken back; null: it stands.")


class DecisionsSeen(Told):
    """What was decided of a letter and of others beside it, as far as both may be seen."""

    status: str = Field(examples=["DUP_CHECK"])
    kinds: tuple[Kind, ...] = Field(
        description="What can be decided as it stands: of the letter alone, or beside `other`."
    )
    decisions: tuple[DecisionSeen, ...] = Field(description="Newest first.")


class DeadlineSeen(Told):
    clock: Clock = Field(description="register: register and pass on; decide: decide and reply.")
    due: date = Field(description="The last day.", examples=["2026-03-16"])
    left: int = Field(description="Days from today; below 0: overdue.", examples=[5])


class FiledLetter(LetterNamed):
    """A letter of a matter. `handlers` and `reminders`: for those who decide about repeats."""

    received_at: datetime
    status: str = Field(examples=["HANDLING"])
    replied: bool
    transfer_only: bool = Field(description="All that was replied is that it was passed on.")
    deadline: DeadlineSeen | None
    handlers: tuple[str, ...] = Field(description="Names of who handles it.")
    reminders: tuple[ReminderSeen, ...] = Field(description="Oldest first.")


class MatterFiled(Told):
    """The letters of one matter that the asker may see; each stays a record of its own."""

    deadline: DeadlineSeen | None = Field(description="The earliest of its letters.")
    letters: tuple[FiledLetter, ...] = Field(description="Oldest first, 100 at most.")
    more: bool
    decisions: tuple[DecisionSeen, ...] = Field(description="Newest first.")
