"""What is asked of the library and what it answers: frozen values, no behaviour.

Labels are Simplified Chinese; a code stands beside each, so that an interface may use its own
words. Times are aware and in UTC. Spans are half-open, in code points of the text beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO

from records.notes import Note
from records.signatures import SignatureState
from search.engine import Edition, Level, Sort
from search.query import Why

Span = tuple[int, int]

FACETS = ("category", "region", "status", "channel", "level", "year")
"""The facets that can be asked for."""

MAX_SIZE = 100
"""Most hits on one page."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the answer is narrowed to: any of the values of each kind, all kinds together.

    A value is a code; for region and category also a name or an alias, and what lies below counts.
    """

    category: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A question as typed. `page` counts from 1; `size` from 0 (only counts) to `MAX_SIZE`.

    `sort` None: by relevance when there is something to rank by, else newest first.
    """

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    facets: tuple[str, ...] = ()
    sort: Sort | None = None
    page: int = 1
    size: int = 10


class Source(StrEnum):
    LETTER = "letter"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the visible text; `spans` are where it met the question, within `text`.

    `start`: where the passage begins in the letter (or in the reply number `reply`, from 0).
    `page`: page of the scan on which it begins, from 1, where the text came from pages.
    """

    source: Source
    page: int | None
    text: str
    spans: tuple[Span, ...]
    start: int
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A code and its name."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A petition that met the question, as this user may see it."""

    id: str
    number: str
    external_id: str | None
    subject: str
    subject_spans: tuple[Span, ...]
    category: Labelled | None
    region: Labelled | None
    status: Labelled
    channel: Labelled
    level: Level
    received_at: datetime
    edition: Edition
    score: float
    replied: bool
    has_scan: bool  # there is one and this user may see it, or a redacted copy
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`count` counts petitions within the user's view; a region's or category's includes those
    below. `depth` from 0 (a root) and `parent` lay out the tree; flat facets have depth 0."""

    value: str
    label: str
    count: int
    depth: int = 0
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words that were searched beside a typed one, or, `typed` being empty, beside them all; those
    alone that do something.

    `leads`: a letter that holds one is found; else they only rank.
    """

    typed: str
    added: tuple[str, ...]
    why: Why
    leads: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """`total`: petitions found; `holding_all`: those of them that hold every word.

    `query`: the question as understood, for people. `relaxed`: nothing was found as typed and the
    answer is to a looser question. A scope that only counts gets no hits.
    """

    total: int
    holding_all: int
    page: int
    size: int
    sort: Sort
    query: str
    expansions: tuple[Expansion, ...]
    relaxed: bool
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    took_ms: float


class Shown(StrEnum):
    """How a personal value is given to this user."""

    FULL = "full"
    MASKED = "masked"
    HIDDEN = "hidden"  # there is one, but nothing of it is shown
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """`text` is empty unless `shown` is full or masked. `can_reveal`: masked, and this user may
    look at it by `People.reveal`."""

    text: str
    shown: Shown
    can_reveal: bool = False


@dataclass(frozen=True, slots=True)
class VisiblePerson:
    """`number`: which person of the petition, from 1, for `People.reveal`."""

    number: int
    role: str
    name: PersonalValue
    id_no: PersonalValue
    phone: PersonalValue
    address: PersonalValue
    bank_card: PersonalValue

    @property
    def facts(self) -> tuple[PersonalValue, ...]:
        return self.name, self.id_no, self.phone, self.address, self.bank_card


@dataclass(frozen=True, slots=True)
class RevealRequest:
    """Which masked value to look at, and why. `fact`: name, id_no, phone, address or bank_card."""

    person: int
    fact: str
    reason: str


@dataclass(frozen=True, slots=True)
class Revealed:
    """A value in full. `number`: the petition's; `left`: how many more may be looked at today."""

    number: str
    text: str
    left: int


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """A person by a whole number. `fact`: id_no or phone."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """The newest petitions that name the person; `more`: there are others beyond them. `left`: how
    many more people may be looked up today."""

    hits: tuple[Hit, ...]
    more: bool
    left: int


@dataclass(frozen=True, slots=True)
class VisibleSignature:
    """A person's signature under a reply, verified when it was read. `signer` None: readers of
    what was published learn no names. `key_ended_by`: replaced or revoked, since then."""

    signer: str | None
    signed_at: datetime
    state: SignatureState
    key_ended_at: datetime | None
    key_ended_by: str | None


@dataclass(frozen=True, slots=True)
class VisibleReply:
    """`signatures`: given by `Library.petition`, not by a search."""

    kind: str
    text: str
    replied_at: datetime | None
    body: str | None  # the office that replied
    transfer_only: bool
    text_spans: tuple[Span, ...] = ()
    signatures: tuple[VisibleSignature, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusStep:
    """`by` and `reason` are None where this user sees only the redacted edition."""

    status: Labelled
    at: datetime
    by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """Who handles the petition was reminded of it (催办). `cause_id`, `cause_number`: the letter
    that gave cause, None where none did."""

    at: datetime
    by: str
    reason: str
    cause_id: str | None
    cause_number: str | None


@dataclass(frozen=True, slots=True)
class VisibleFile:
    """`number` from 1, for `Library.original`."""

    number: int
    name: str
    media_type: str
    size: int


class PageView(StrEnum):
    """How the picture of a page is given to this user."""

    ORIGINAL = "original"
    REDACTED = "redacted"
    WITHHELD = "withheld"  # there is one, but personal data can't be told from the rest of it


@dataclass(frozen=True, slots=True)
class VisiblePage:
    """`number` from 1, for `Library.page_image` and `Library.page_words`; size in pixels.

    `role`: letter, reply or attachment. `text_start`, `text_end`: where the page stands in the
    text of the letter, or of the reply; None where that is unknown.
    """

    number: int
    width: int
    height: int
    confidence: float | None
    role: str
    text_start: int | None
    text_end: int | None
    view: PageView


@dataclass(frozen=True, slots=True)
class VisiblePetition:
    """A petition as one user may see it; made only by `search.projection.project`.

    `category` and `region` are paths from the root down. For those who may not see the scan `files`
    is empty, and `pages` are redacted or withheld; `extra` (fields of the older system) and
    `petitioner` (its code of the person) are given only with the full edition. `*_spans` tell where
    a question stands in the text, when one was given. `notes`, `reminders`: given by
    `Library.petition`, to those who may see them.
    """

    id: str
    number: str
    external_id: str | None
    edition: Edition
    level: Level
    subject: str
    text: str
    category: tuple[Labelled, ...]
    region: tuple[Labelled, ...]
    status: Labelled
    channel: Labelled
    received_at: datetime
    people_count: int | None
    petitioner: str | None
    persons: tuple[VisiblePerson, ...]
    replies: tuple[VisibleReply, ...]
    timeline: tuple[StatusStep, ...]
    files: tuple[VisibleFile, ...]
    pages: tuple[VisiblePage, ...]
    text_source: str
    text_confidence: float | None
    extra: Mapping[str, object]
    subject_spans: tuple[Span, ...] = ()
    text_spans: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True, slots=True)
class PageImage:
    content: bytes
    media_type: str
    width: int
    height: int


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class WordBox:
    """`box` is (left, top, right, bottom) in pixels of the page image, from its top left corner."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageWords:
    """Where a question stands on a page image of `width` × `height` pixels."""

    number: int
    width: int
    height: int
    words: tuple[WordBox, ...]


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """An open file, checked against its hash; the caller closes `content`."""

    name: str
    media_type: str
    size: int
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Export:
    """A sealed document (`records.seals`) and a name for its file."""

    name: str
    content: bytes
