"""One invented petition as a value, and as a record that `petitions import` takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from cli.sample.course import Step
from cli.sample.people import Person
from cli.sample.traditional import traditional

OFFICE_TIME = timezone(timedelta(hours=8))
NOW = datetime(2026, 6, 30, 17, 30, tzinfo=OFFICE_TIME)
"""The invented office's last day: nothing is later."""
SOURCE = "汀澜市信访局"
HANDLER = "caseworker"
"""Name of the demo's caseworker, who handles about one letter in six."""


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """One invented petition, with what an office knows about it. Times carry UTC+8.

    `case`: letters about the same matter share it. `repeat_of`: number of the earlier letter that
    this one repeats; `repeat`: `rewritten` by the same person, `reposted` word for word, or
    `copied` by a neighbour. `history` ends in `status`. `handler` is a user name of the demo.
    """

    number: str
    case: str
    subject: str
    text: str
    reply: str | None
    transfer_only: bool
    received_at: datetime
    replied_at: datetime | None
    category: str
    region: str
    status: str
    history: tuple[Step, ...]
    channel: str
    level: str
    sealed: bool
    people: tuple[Person, ...]
    people_count: int
    handler: str | None
    traditional: bool
    repeat_of: str | None
    repeat: str | None

    @property
    def person(self) -> Person:
        """Who wrote it."""
        return self.people[0]

    @property
    def published(self) -> bool:
        """Whether the office put it on its page: open, answered in substance, and closed."""
        answered = self.reply is not None and not self.transfer_only
        return self.level == "open" and answered and self.status in {"CLOSED", "ARCHIVED"}


def in_traditional(letter: SampleLetter) -> SampleLetter:
    """The same letter, written in Traditional characters."""
    if letter.traditional:
        return letter
    subject, text = traditional(letter.subject), traditional(letter.text)
    return replace(letter, subject=subject, text=text, traditional=True)


def import_record(made: SampleLetter) -> dict[str, object]:
    """The letter as one object of a file for `petitions import`; what is unknown is left out."""
    known: dict[str, object | None] = {
        "id": made.number,
        "petitioner": made.person.id_no[-6:],
        "subject": made.subject,
        "text": made.text,
        "submitted_at": made.received_at.astimezone(UTC).isoformat(),
        "reply": made.reply,
        "replied_at": made.replied_at.astimezone(UTC).isoformat() if made.replied_at else None,
        "category": made.category,
        "region": made.region,
        "status": made.status,
        "channel": made.channel,
        "level": made.level,
        "sealed": made.sealed or None,
        "published": made.published or None,
        "handler": made.handler,
        "name": made.person.name,
        "phone": made.person.phone,
        "id_no": made.person.id_no,
        "address": made.person.address,
        "people_count": made.people_count,
        "others": [_other(one) for one in made.people[1:]] or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _other(signer: Person) -> dict[str, str]:
    return {"name": signer.name, "phone": signer.phone, "address": signer.address, "role": "joint"}
