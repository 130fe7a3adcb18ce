"""What an application serves: the parts that requests need, made once at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.rate import Rate
from records.database import Database
from records.home import Settings
from records.originals import Originals
from search.library import Library


@dataclass(frozen=True, slots=True)
class Office:
    library: Library
    database: Database
    originals: Originals
    settings: Settings
    rate: Rate


async def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


TheOffice = Annotated[Office, Depends(office_of)]
