"""What the records hold of a petition, as frozen values. Everything: who reads it projects it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A petitioner as named in one petition; the same `person_id` is the same person elsewhere."""

    person_id: str
    role: str
    name: str | None
    id_no: str | None
    phone: str | None
    address: str | None
    bank_card: str | None


@dataclass(frozen=True, slots=True)
class ReplyRecord:
    id: str
    kind: str
    text: str
    text_redacted: str
    replied_at: datetime | None
    body: str | None
    transfer_only: bool
    text_source: str | None
    text_confidence: float | None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """An original in the store; `role` is letter, reply or attachment."""

    id: str
    sha256: str
    size: int
    name: str
    media_type: str | None
    role: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class PageSummary:
    """A page without its lines. `number` counts from 1 over all files of the petition.

    `text_start`, `text_end`: where it stands in the letter's text, or in the reply's for a page
    of a reply (`role`); None when unknown. `width`, `height`: of the upright image, in pixels.
    """

    number: int
    file_id: str
    role: str
    number_in_file: int
    width: int
    height: int
    confidence: float | None
    source: str
    image_sha256: str | None
    text_start: int | None
    text_end: int | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    at: datetime
    who: str
    before: str | None
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides who may see a petition, and nothing else of it."""

    level: str
    sealed: bool
    published: bool
    region_path: tuple[str, ...]
    category_path: tuple[str, ...]
    readers: tuple[str, ...]  # user ids


@dataclass(frozen=True, slots=True)
class ReplyText:
    """What a reply says, whole and redacted."""

    text: str
    text_redacted: str


@dataclass(frozen=True, slots=True)
class Findable:
    """What of a petition the indexes follow, named as in `PetitionRecord`: reading it decrypts
    nothing and leaves people, files, pages and history where they are."""

    id: str
    number: str
    external_id: str | None
    subject: str
    subject_redacted: str
    text: str
    text_redacted: str
    received_at: datetime
    region_path: tuple[str, ...]
    category_path: tuple[str, ...]
    status: str
    channel: str
    level: str
    sealed: bool
    published: bool
    order: int
    revision: int
    indexed_revision: int
    replies: tuple[ReplyText, ...]
    readers: tuple[str, ...]  # user ids


@dataclass(frozen=True, slots=True)
class PetitionRecord:
    """One petition, whole: both texts, people, replies, files, pages, history.

    `region_path`, `category_path`: codes from the root or level 1 to its own; a petition without
    a region stands at the root. `order`: tie-break of searches, see `records.ids.order`.
    """

    id: str
    number: str
    source: str
    external_id: str | None
    petitioner: str | None
    subject: str
    subject_redacted: str
    text: str
    text_redacted: str
    text_source: str | None
    text_confidence: float | None
    received_at: datetime
    submitted_at: datetime | None
    registered_at: datetime
    region: str | None
    region_path: tuple[str, ...]
    category: str | None
    category_path: tuple[str, ...]
    category_source: str | None
    category_confidence: float | None
    status: str
    channel: str
    level: str
    sealed: bool
    published: bool
    people_count: int | None
    matter_id: str | None
    seq_in_matter: int | None
    order: int
    revision: int
    indexed_revision: int
    index_error: str | None
    extra: Mapping[str, Any]
    handlers: tuple[str, ...]  # user ids
    registrars: tuple[str, ...]
    named: tuple[str, ...]
    persons: tuple[PersonRecord, ...]
    replies: tuple[ReplyRecord, ...]
    files: tuple[FileRecord, ...]
    pages: tuple[PageSummary, ...]
    history: tuple[StatusChange, ...]

    @property
    def readers(self) -> tuple[str, ...]:
        """Ids of the users named on it, whatever their part; each once."""
        return tuple(dict.fromkeys((*self.handlers, *self.registrars, *self.named)))
