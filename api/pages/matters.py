"""Hot matters: the list, and one matter with its letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from api.caller import TheCaller, TheSearcher
from api.office import TheOffice
from api.pages.rendering import TheRenderer
from search.duplicates.matters import MatterSeen

router = APIRouter(include_in_schema=False)

HEIGHT: Final = 28
"""Of the bars, in pixels."""
STEP: Final = 7
"""From one bar to the next."""
EXCERPT: Final = 90
"""Characters of a reply in the list."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A month. `x`, `y`, `height`: in pixels from the top left."""

    month: str
    letters: int
    x: int
    y: int
    height: int


def bars(months: tuple[tuple[str, int], ...]) -> tuple[Bar, ...]:
    """The months as bars, the highest of full height."""
    most = max((count for _, count in months), default=0)
    return tuple(
        Bar(month, count, place * STEP, HEIGHT - high, high)
        for place, (month, count) in enumerate(months)
        for high in [max(2, round(HEIGHT * count / most)) if count else 1]
    )


@router.get("/matters")
def matters(
    request: Request, caller: TheSearcher, office: TheOffice, pages: TheRenderer
) -> Response:
    """Matters that several letters are about."""
    answer = office.library.matters.hot(caller.scope)
    rows = [(one, bars(one.months)) for one in answer.matters]
    return pages.page(
        request,
        "matters.html",
        caller,
        here="matters",
        rows=rows,
        total=answer.total,
        people_known=any(one.people is not None for one in answer.matters),
        share=share,
        height=HEIGHT,
    )


@router.get("/matters/{petition_id}")
def matter(
    request: Request, petition_id: str, caller: TheCaller, office: TheOffice, pages: TheRenderer
) -> Response:
    """One matter, its letters by date."""
    answer = office.library.matters.of(caller.scope, petition_id)
    return pages.page(
        request,
        "hot_matter.html",
        caller,
        here="matters",
        matter=answer.matter,
        bars=bars(answer.matter.months),
        members=answer.members,
        more=answer.more,
        share=share,
        height=HEIGHT,
        excerpt=EXCERPT,
    )


def share(one: MatterSeen) -> int:
    """Of its letters those that were answered, in whole percent."""
    return round(100 * one.answered / one.letters)
