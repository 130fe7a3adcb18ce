"""The JSON that goes over the wire. Answers are read straight from the library's frozen values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from search.answers import FACETS, MAX_SIZE, Source
from search.engine import Edition, Level, Sort
from search.query import Why

Span = Annotated[
    tuple[int, int], Field(description="Half-open, in code points of the text beside it.")
]
Facet = Literal["category", "region", "status", "channel", "level", "year"]
assert set(FACETS) == set(Facet.__args__)  # type: ignore[attr-defined]


def whole(text: str) -> str:
    """JSON can spell half a character (a lone surrogate), which no text holds."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("the text holds half a character")
    return text


class Asked(BaseModel):
    """What a client sends: unknown names are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What a client gets, read from the attributes of the library's values."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Problem(BaseModel):
    """RFC 9457. `span`: which part of the question is meant, in code points."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; what a program should look at.")
    span: tuple[int, int] | None = None
    errors: list[dict[str, Any]] | None = None


class SignIn(Asked):
    username: str = Field(max_length=200, examples=["zhang.wei"])
    password: str = Field(max_length=1000, examples=["correct horse battery"])
    code: str | None = Field(
        None, max_length=20, description="Of the second factor.", examples=["287082"]
    )


class SignedIn(Told):
    token: str = Field(
        description="A bearer token: `Authorization: Bearer …`.",
        examples=["kq3Zr0cYw1uTgq2mD5xkB1d8J7vXn4sLh6aE9pRfWyU"],
    )
    expires_at: datetime = Field(examples=["2026-03-02T09:30:00Z"])


class Me(Told):
    """Who is asking, and with which rights."""

    username: str = Field(examples=["zhang.wei"])
    name: str = Field(examples=["张伟"])
    role: str = Field(examples=["caseworker"])
    level: Level
    regions: list[str] = Field(description="Roots of the regions in scope.", examples=[["A市"]])
    fields: list[str] = Field(description="Seen in every letter in scope.", examples=[["scan"]])
    own_fields: list[str] = Field(description="Seen in own cases.", examples=[["full_text"]])
    categories: list[str] = Field(
        description="Roots of the categories in scope; none: all.", examples=[["01"]]
    )
    finds: list[str] = Field(
        description="Numbers by which people may be looked up.", examples=[["id_no", "phone"]]
    )
    reads: bool
    counts_only: bool
    registers: bool


class Days(Asked):
    """Both days included, in the office's time zone."""

    since: date | None = Field(default=None, alias="from", examples=["2019-03-01"])
    until: date | None = Field(default=None, alias="to", examples=["2019-12-31"])


Values = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=200)]


class SearchFilters(Asked):
    """Any of the values of each kind, all kinds together."""

    category: Values = Field(default=(), description="Codes or names; what lies below counts.")
    region: Values = Field(
        default=(), description="Codes, names or aliases; what lies below counts."
    )
    status: Values = ()
    channel: Values = ()
    level: Values = ()
    year: Values = ()
    received: Days = Days.model_validate({})


class Search(Asked):
    """A question. It is POSTed, so that no name or number stands in an address or a log."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "q": "噪音 -施工",
                    "filters": {
                        "region": ["A市"],
                        "received": {"from": "2019-01-01", "to": "2019-12-31"},
                    },
                    "facets": ["category", "region", "status"],
                    "sort": "relevance",
                    "page": 1,
                    "size": 10,
                }
            ]
        },
    )

    q: Annotated[str, AfterValidator(whole)] = Field(
        default="", description="As typed; empty: every letter."
    )
    filters: SearchFilters = SearchFilters.model_validate({})
    facets: tuple[Facet, ...] = Field(default=(), max_length=len(FACETS))
    sort: Sort | None = Field(None, description="Default: relevance, without words newest.")
    page: int = Field(1, ge=1)
    size: int = Field(10, ge=0, le=MAX_SIZE)


class LabelledValue(Told):
    value: str = Field(examples=["A3区"])
    label: str = Field(examples=["A3区"])


Code = Annotated[str, Field(description="A code; its name stands in `labels`.")]
Labels = Annotated[
    dict[str, str],
    Field(
        description="The names of the codes beside it.",
        examples=[{"category": "城乡建设", "region": "A3区", "status": "办结", "channel": "来信"}],
    ),
]


class PassageFound(Told):
    source: Source
    page: int | None
    text: str = Field(examples=["……夜间噪音扰民，多次反映未果。"])
    spans: tuple[Span, ...] = Field(examples=[[[4, 6]]])
    reply: int | None = Field(description="Which reply, from 0.")


class HitFound(Told):
    id: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015"])
    number: str = Field(examples=["XF202603K7Q2M9"])
    external_id: str | None = Field(examples=["2574"])
    subject: str
    subject_spans: tuple[Span, ...]
    category: Code | None = Field(examples=["0103"])
    region: Code | None = Field(examples=["A3区"])
    status: Code = Field(examples=["CLOSED"])
    channel: Code = Field(examples=["letter"])
    labels: Labels
    level: Level
    received_at: datetime
    edition: Edition
    score: float
    replied: bool
    has_scan: bool
    passages: tuple[PassageFound, ...]


class FacetCount(Told):
    value: str = Field(examples=["01"])
    label: str = Field(examples=["城乡建设"])
    count: int = Field(examples=[211])
    depth: int
    parent: str | None


class ExpansionMade(Told):
    typed: str = Field(description="Empty for words of the whole question's topic.")
    added: tuple[str, ...]
    why: Why
    leads: bool = Field(description="Letters that hold one are found; else they only rank.")


class SearchAnswer(Told):
    total: int = Field(description="Exact, within what the asker may see.", examples=[524])
    holding_all: int = Field(description="How many hold every word.", examples=[410])
    page: int
    size: int
    sort: Sort
    took_ms: float
    query: str = Field(description="As understood.")
    expansions: tuple[ExpansionMade, ...]
    relaxed: bool
    hits: tuple[HitFound, ...]
    facets: dict[str, tuple[FacetCount, ...]]


class Registered(Told):
    id: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015"])
    number: str = Field(examples=["XF202603K7Q2M9"])


class ItemProgress(Told):
    """One file. `error` and `remedy`: why it failed and what to do."""

    name: str
    stage: str = Field(examples=["extract"])
    state: str = Field(examples=["running"])
    error_code: str | None = None
    error: str | None = None
    remedy: str | None = None


class Progress(Told):
    id: str
    number: str
    finished: bool = Field(description="Nothing more happens without somebody's doing.")
    failed: bool
    findable: bool = Field(description="The index holds the letter as it is now.")
    items: tuple[ItemProgress, ...]


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    ready: bool
