"""How far the files of a letter are, for the one who registered it."""

from __future__ import annotations

from api.caller import Caller
from api.office import Office
from api.schemas import ItemProgress, Progress
from records import intake, petitions
from records.ids import is_id
from records.intake import Item, Stage, State
from search.errors import NotFound
from search.projection import granted_on


def progress(office: Office, caller: Caller, petition_id: str) -> Progress:
    """Names of files and what became of them: nothing for anybody else. Raises NotFound."""
    with office.database.read() as session:
        reach = petitions.reach(session, petition_id) if is_id(petition_id) else None
        if reach is None or granted_on(caller.scope, reach) is None:
            raise NotFound("there is no such petition, or it is not for you")
        record = petitions.read_one(session, petition_id)
        if record is None or caller.user.id not in record.registrars:
            raise NotFound("there is no such petition, or it is not for you")
        items = intake.items_of(session, petition_id)
    findable = record.indexed_revision == record.revision
    busy = any(item.state in (State.PENDING, State.RUNNING) for item in items)
    return Progress(
        id=record.id,
        number=record.number,
        finished=not busy and (findable or record.index_error is not None),
        failed=any(item.state is State.FAILED for item in items),
        findable=findable,
        items=tuple(map(_item, items)),
    )


def _item(item: Item) -> ItemProgress:
    return ItemProgress(
        name=item.name,
        stage=Stage(item.stage),
        state=State(item.state),
        error_code=item.error_code,
        error=item.error_message,
        remedy=item.remedy,
    )
