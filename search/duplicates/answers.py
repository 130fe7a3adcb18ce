"""What is asked about a letter and what is answered: frozen values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from search.answers import VisiblePetition

MOST = 50
"""Most that are answered."""
SHOWN = 20
"""As many unless more are asked for."""


class Verdict(StrEnum):
    """Closest first; the first two say nothing of who wrote."""

    EXACT = "exact"  # the same text
    NEAR = "near"  # the same letter, edited, cut or misread
    REPEAT = "repeat"  # the same person about the same matter
    SAME_MATTER = "same_matter"  # somebody else about the same matter
    RELATED = "related"  # alike, or of the same person: another matter


class Band(StrEnum):
    """How sure; for people."""

    VERY_LIKELY = "very_likely"  # 极可能
    LIKELY = "likely"  # 可能
    SIMILAR = "similar"  # 相似


class Evidence(StrEnum):
    """By what two letters are of one person; surest first."""

    ID_NO = "id_no"
    CODE = "code"  # of the older system
    NAME_PHONE = "name_phone"
    NAME_ADDRESS = "name_address"
    PHONE_ADDRESS = "phone_address"
    PHONE = "phone"
    PHONE_IN_TEXT = "phone_in_text"
    NAME = "name"


class Cause(StrEnum):
    """Kinds of reasons."""

    SAME_TEXT = "same_text"
    SHARED = "shared"
    EXCHANGED = "exchanged"
    SENTENCES = "sentences"
    NAMES = "names"
    SAME_PERSON = "same_person"
    OTHER_PERSON = "other_person"
    SAME_PLACE = "same_place"
    OTHER_PLACE = "other_place"
    DAYS = "days"
    EARLIER = "earlier"
    SUBJECT = "subject"
    COMPANY = "company"  # of the letter that stands first


@dataclass(frozen=True, slots=True)
class Reason:
    """`values`: what goes into its sentence; made of what the asker sees or gave, nothing else."""

    cause: Cause
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Petitioner:
    """Who writes, as far as it is told. `code`: the older system's."""

    name: str = ""
    id_no: str = ""
    phone: str = ""
    address: str = ""
    code: str = ""
    former_name: str = ""


@dataclass(frozen=True, slots=True)
class LetterAsked:
    """A letter that may have come before. `region`: a code or name; `received_at` None: it isn't
    known, and days between tell nothing.
    """

    subject: str
    text: str
    people: tuple[Petitioner, ...] = ()
    region: str = ""
    received_at: datetime | None = None
    size: int = SHOWN


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A letter that belongs to the one asked about. `score`: 0.0 to 1.0, of one kind for all."""

    petition: VisiblePetition
    verdict: Verdict
    band: Band
    score: float
    evidence: Evidence | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DuplicateAnswer:
    """Closest first. `people_asked`: false where the day's look-ups of people are used up."""

    found: tuple[Duplicate, ...]
    people_asked: bool = True
