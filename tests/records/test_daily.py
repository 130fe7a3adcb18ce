"""So many a day, however many ask at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from records import daily
from records.daily import Daily
from records.database import Database, Session
from records.home import Settings

ZONE = ZoneInfo("Asia/Shanghai")
LIMIT = Daily("reveal", 3, ZONE, "reveals_per_day")


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(daily, "now", lambda: moment)


def use(database: Database, user: str, limit: Daily = LIMIT) -> int | None:
    with database.write() as session:
        return daily.use(session, user, limit)


def test_each_user_and_each_act_has_its_own_count(database: Database) -> None:
    assert [use(database, "ann") for _ in range(5)] == [2, 1, 0, None, None]
    assert use(database, "bob") == 2
    assert use(database, "ann", Daily("find_person", 1, ZONE, "finds_per_day")) == 0


def test_a_day_is_the_offices_and_forgotten_when_it_is_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, datetime(2026, 3, 1, 15, 59, tzinfo=UTC))  # a minute before midnight there
    assert [use(database, "ann") for _ in range(4)] == [2, 1, 0, None]
    at(monkeypatch, datetime(2026, 3, 1, 16, 0, tzinfo=UTC))
    assert [use(database, "ann") for _ in range(4)] == [2, 1, 0, None]


def test_nothing_is_allowed_by_zero(database: Database) -> None:
    assert use(database, "ann", Daily("reveal", 0, ZONE, "reveals_per_day")) is None


def test_what_is_undone_is_not_counted(database: Database) -> None:
    def fails(session: Session) -> None:
        daily.use(session, "ann", LIMIT)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.written(fails)
    assert use(database, "ann") == 2


def test_at_once_no_more_than_are_allowed(database: Database) -> None:
    left: list[int | None] = []
    begin = threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        limit = Daily("reveal", 10, ZONE, "reveals_per_day")
        left.extend([use(database, "ann", limit) for _ in range(3)])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one for one in left if one is not None) == list(range(10))
    assert left.count(None) == 14


def test_a_refusal_says_when_it_is_free_again_and_how_to_allow_more() -> None:
    refusal = daily.reveals(Settings(reveals_per_day=7)).refusal(
        datetime(2026, 3, 1, 15, 0, 0, 1, tzinfo=UTC)
    )
    assert refusal.retry_after == 3600
    assert "7 a day" in str(refusal)
    assert "2026-03-02 00:00" in str(refusal)
    assert "PETITIONS_REVEALS_PER_DAY" in str(refusal)
