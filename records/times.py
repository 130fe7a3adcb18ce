"""Times are UTC in the database and aware in Python."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from records.errors import BadValue


def now() -> datetime:
    """This moment, to the microsecond, in UTC."""
    return datetime.now(UTC)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises BadValue for a time without a zone."""
    if moment.tzinfo is None:
        raise BadValue(f"{moment.isoformat()} has no time zone; give one, e.g. +08:00")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


class UtcTime(TypeDecorator[datetime]):
    """A moment: `timestamp with time zone` on PostgreSQL, UTC without a zone on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> Any:
        return None if value is None else utc(value)

    def process_result_value(self, value: Any, _: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
