"""What programs and pages share of looking at masked values and of looking people up."""

from __future__ import annotations

from api.caller import Caller
from api.errors import NotPermitted
from api.office import Office
from records import daily
from search.answers import PersonAnswer, PersonRequest, Revealed, RevealRequest


def reveal(office: Office, caller: Caller, petition_id: str, asked: RevealRequest) -> Revealed:
    """Raises what `People.reveal` raises."""
    limit = daily.reveals(office.settings)
    return office.library.people.reveal(caller.scope, petition_id, asked, limit)


def require_finder(caller: Caller) -> None:
    """Raises NotPermitted."""
    if not caller.finds:
        raise NotPermitted("Your role does not look people up by a number.")


def find_person(office: Office, caller: Caller, asked: PersonRequest) -> PersonAnswer:
    """Raises NotPermitted, and what `People.find` raises."""
    require_finder(caller)
    return office.library.people.find(caller.scope, asked, daily.finds(office.settings))
