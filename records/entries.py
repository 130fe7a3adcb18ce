"""What comes in: a petition as an older system, a form or a manifest states it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from records.categories import category
from records.errors import BadValue
from records.statuses import require_channel, require_level, require_status
from records.times import utc

REPLY_KINDS = ("reply", "notice", "decision", "review", "final")
"""答复, 告知书, 处理意见书, 复查意见, 复核意见."""

PERSON_ROLES = ("main", "representative", "joint", "companion")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A petitioner as named in one petition."""

    name: str | None = None
    id_no: str | None = None
    phone: str | None = None
    address: str | None = None
    bank_card: str | None = None
    role: str = "main"

    @property
    def empty(self) -> bool:
        return not (self.name or self.id_no or self.phone or self.address or self.bank_card)


@dataclass(frozen=True, slots=True)
class NewReply:
    """An official answer. `transfer_only`: it only says that the matter was passed on."""

    text: str
    replied_at: datetime | None = None
    kind: str = "reply"
    body: str | None = None
    transfer_only: bool = False
    text_redacted: str | None = None
    text_source: str | None = None
    text_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class NewPetition:
    """A petition to be registered, or what an import now says of one that is known.

    `external_id`: its id in the older system `source`. None means "not stated": a new petition
    gets the default (status REGISTERED, channel letter, level open, received now), a known one
    keeps what it has. `handler`, `registrar`, `named` are user ids; `named` may read a sealed
    petition. `extra` keeps unknown fields. Redacted texts that are None are made when it is added.
    """

    subject: str = ""
    text: str = ""
    external_id: str | None = None
    source: str = ""
    petitioner: str | None = None
    name: str | None = None
    id_no: str | None = None
    phone: str | None = None
    address: str | None = None
    bank_card: str | None = None
    others: tuple[NewPerson, ...] = ()
    people_count: int | None = None
    received_at: datetime | None = None
    submitted_at: datetime | None = None
    region: str | None = None
    category: str | None = None
    category_source: str | None = None  # import, manual, auto
    category_confidence: float | None = None
    status: str | None = None
    channel: str | None = None
    level: str | None = None
    sealed: bool | None = None
    published: bool | None = None
    handler: str | None = None
    registrar: str | None = None
    named: tuple[str, ...] = ()
    replies: tuple[NewReply, ...] = ()
    subject_redacted: str | None = None
    text_redacted: str | None = None
    text_source: str | None = None  # native, ocr, corrected
    text_confidence: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[NewPetition], tuple[Any, ...]]:
        """As a row of values: pickle's own way with a frozen class asks for each field."""
        return NewPetition, _values(self)

    @property
    def people(self) -> tuple[NewPerson, ...]:
        """The petitioner and all others, those without any fact left out."""
        main = NewPerson(self.name, self.id_no, self.phone, self.address, self.bank_card)
        return tuple(person for person in (main, *self.others) if not person.empty)

    @property
    def described_as(self) -> str:
        """How a message names it."""
        return f"petition {self.external_id or self.subject[:20] or '(without a subject)'!r}"


_STATED = tuple(entry.name for entry in fields(NewPetition))
_values: Callable[[NewPetition], tuple[Any, ...]] = attrgetter(*_STATED)


def changed(petition: NewPetition, **values: Any) -> NewPetition:
    """The petition with these fields: as `dataclasses.replace`, which takes five times as long."""
    return NewPetition(**(dict(zip(_STATED, _values(petition), strict=True)) | values))


def require_sound(petition: NewPetition) -> None:
    """Raises BadValue, or the unknown value's own error, naming the petition's field."""
    if petition.status is not None:
        require_status(petition.status)
    if petition.channel is not None:
        require_channel(petition.channel)
    if petition.level is not None:
        require_level(petition.level)
    if petition.category is not None:
        category(petition.category)
    if petition.external_id is not None and not 0 < len(petition.external_id) <= 200:
        raise BadValue(f"{petition.described_as}: its id needs 1 to 200 characters")
    if petition.people_count is not None and petition.people_count < 0:
        raise BadValue(f"{petition.described_as}: people_count is below 0")
    for full, redacted_, what in (
        (petition.subject, petition.subject_redacted, "subject"),
        (petition.text, petition.text_redacted, "text"),
        *((reply.text, reply.text_redacted, "reply") for reply in petition.replies),
    ):
        _require_text(petition, full, redacted_, what)
    for person in petition.others:
        if person.role not in PERSON_ROLES:
            raise BadValue(f"{petition.described_as}: no person role {person.role!r}")
    for reply in petition.replies:
        if reply.kind not in REPLY_KINDS:
            raise BadValue(f"{petition.described_as}: no kind of reply {reply.kind!r}")


def _require_text(petition: NewPetition, full: str, redacted_: str | None, what: str) -> None:
    if "\x00" in full:
        raise BadValue(f"{petition.described_as}: its {what} holds a NUL character; remove it")
    if not _encodable(full):
        raise BadValue(f"{petition.described_as}: its {what} holds half of a character; mend it")
    if redacted_ is not None and len(redacted_) != len(full):
        raise BadValue(
            f"{petition.described_as}: its redacted {what} has {len(redacted_)} characters, "
            f"the full one {len(full)}; redact character for character"
        )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def canonical(petition: NewPetition) -> str:
    """The petition as one line of JSON, the same for equal petitions."""
    named = zip(_STATED, _values(petition), strict=True)
    stated = {name: value for name, value in named if value not in (None, "", ())}
    return json.dumps(stated, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, NewPerson | NewReply):
        return {entry.name: getattr(value, entry.name) for entry in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise BadValue(f"a {type(value).__name__} can't be kept with a petition; use JSON's types")
