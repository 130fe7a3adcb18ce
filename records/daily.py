"""What a user may do so many times a day, counted in the records: however many processes ask at
once, no more than that many are let through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from records.database import Session, insert_unless_known
from records.errors import UsedUp
from records.home import Settings, environment_name
from records.tables import daily_uses
from records.times import now, utc


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
    day, kept = now().astimezone(daily.zone).date().isoformat(), daily_uses.c
    mine = (kept.user_id == user_id) & (kept.act == daily.act)
    session.connection.execute(delete(daily_uses).where(mine, kept.day < day))
    first = {"user_id": user_id, "act": daily.act, "day": day, "uses": 0}
    insert_unless_known(session, daily_uses, [first])
    today = mine & (kept.day == day)
    counted = session.connection.execute(
        update(daily_uses).where(today, kept.uses < daily.most).values(uses=kept.uses + 1)
    )
    if counted.rowcount == 0:
        return None
    uses = session.connection.execute(select(kept.uses).where(today)).scalar_one()
    return daily.most - int(uses)


def next_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the day of this moment ends in the zone; in UTC."""
    tomorrow = moment.astimezone(zone).date() + timedelta(days=1)
    return utc(datetime.combine(tomorrow, time(), zone))
