"""What a user may do so many times a day, counted in the records: however many processes ask at
once, no more than that many are let through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, update

from records.database import Session, insert_unless_known
from records.errors import UsedUp
from records.home import Settings, environment_name
from records.tables import daily_uses
from records.times import now, utc

# made once: building a statement costs as much as running it
_kept = daily_uses.c
_mine = (_kept.user_id == bindparam("who")) & (_kept.act == bindparam("what"))
_today = _mine & (_kept.day == bindparam("today"))
_FORGET = delete(daily_uses).where(_mine, _kept.day < bindparam("today"))
_COUNT = (
    update(daily_uses).where(_today, _kept.uses < bindparam("most")).values(uses=_kept.uses + 1)
)
_USES = select(_kept.uses).where(_today)


@dataclass(frozen=True, slots=True)
class Daily:
    """So many uses of `act` from midnight to midnight in `zone`; `setting` says how many."""

    act: str
    most: int
    zone: ZoneInfo
    setting: str

    def refusal(self, moment: datetime) -> UsedUp:
        """What is told of one too many: when the next is free, and how to allow more."""
        free_at = next_day(moment, self.zone)
        wait = max(1, math.ceil((free_at - utc(moment)).total_seconds()))
        local = free_at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")
        return UsedUp(
            f"{self.most} a day are allowed; the next is free at {local} ({self.zone.key}). "
            f"The administrator can raise {environment_name(self.setting)}",
            wait,
        )


def reveals(settings: Settings) -> Daily:
    """Masked values that a user may look at."""
    zone = ZoneInfo(settings.time_zone)
    return Daily("reveal", settings.reveals_per_day, zone, "reveals_per_day")


def finds(settings: Settings) -> Daily:
    """Numbers that a user may look people up by."""
    zone = ZoneInfo(settings.time_zone)
    return Daily("find_person", settings.finds_per_day, zone, "finds_per_day")


def use(session: Session, user_id: str, daily: Daily) -> int | None:
    """Count one use of this day; how many are left, None where none was: then nothing is counted.

    Days that are over are forgotten.
    """
    day = now().astimezone(daily.zone).date().isoformat()
    mine = {"who": user_id, "what": daily.act, "today": day, "most": daily.most}
    session.connection.execute(_FORGET, mine)
    first = {"user_id": user_id, "act": daily.act, "day": day, "uses": 0}
    insert_unless_known(session, daily_uses, [first])
    if session.connection.execute(_COUNT, mine).rowcount == 0:
        return None
    return daily.most - int(session.connection.execute(_USES, mine).scalar_one())


def next_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the day of this moment ends in the zone; in UTC."""
    tomorrow = moment.astimezone(zone).date() + timedelta(days=1)
    return utc(datetime.combine(tomorrow, time(), zone))
