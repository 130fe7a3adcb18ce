"""What is decided of letters that may be repeats, a matter's file, and urged letters."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from api.caller import TheCaller, TheSearcher
from api.deciding import require_decider
from api.decision_schemas import (
    DecisionMade,
    DecisionsSeen,
    FiledLetter,
    MatterFiled,
    NewDecision,
    TakenBack,
)
from api.decision_wire import decisions_seen, letter_urged, matter_filed
from api.errors import problems
from api.office import Office, TheOffice
from search.duplicates.checking import DecisionAsked

router = APIRouter(tags=["decisions"])


@router.get("/petitions/{petition_id}/decisions", responses=problems(401, 403, 404, 503))
def decisions(
    petition_id: str,
    caller: TheCaller,
    office: TheOffice,
    other: Annotated[str, Query(description="The letter beside it.")] = "",
) -> DecisionsSeen:
    """What was decided of a letter, and what can be. For those who decide about repeats."""
    require_decider(caller)
    return decisions_seen(office.library.repeats.decided(caller.scope, petition_id, other))


@router.post(
    "/petitions/{petition_id}/decisions",
    responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
def decide(
    petition_id: str, decision: NewDecision, caller: TheSearcher, office: TheOffice
) -> DecisionMade:
    """Decide of a letter; kept with who, when, why and what the program tells of the two. The same
    again changes nothing and answers the same id."""
    require_decider(caller)
    asked = DecisionAsked(decision.kind, decision.other, decision.status, decision.reason)
    made = office.library.repeats.decide(caller.scope, petition_id, asked)
    return DecisionMade(id=made.id, status=made.status.value)


@router.post(
    "/petitions/{petition_id}/decisions/{decision_id}/undo",
    status_code=204,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
def undo(
    petition_id: str, decision_id: str, why: TakenBack, caller: TheCaller, office: TheOffice
) -> None:
    """Take a decision back: the letter leaves the matter, and returns to the status from before
    unless it went on meanwhile."""
    require_decider(caller)
    office.library.repeats.undo(caller.scope, petition_id, decision_id, why.reason)


@router.get("/petitions/{petition_id}/matter", responses=problems(401, 404, 503))
def matter(petition_id: str, caller: TheCaller, office: TheOffice) -> MatterFiled:
    """All letters of the matter of a letter, with its deadline."""
    found = office.library.repeats.matter_file(caller.scope, petition_id)
    return matter_filed(found, _zone(office))


@router.get("/duplicates/urged", responses=problems(401, 403, 429, 503))
def urged(caller: TheSearcher, office: TheOffice) -> tuple[FiledLetter, ...]:
    """Letters whose offices were reminded and that they still handle, the last one first. For
    those who decide about repeats."""
    require_decider(caller)
    zone = _zone(office)
    return tuple(letter_urged(one, zone) for one in office.library.repeats.urged(caller.scope))


def _zone(office: Office) -> ZoneInfo:
    return ZoneInfo(office.settings.time_zone)
