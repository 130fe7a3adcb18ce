"""What is decided of repeats and duplicates: what it does, and that it can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from records import decisions, petitions
from records.changes import change_status, set_level
from records.database import Database
from records.decisions import (
    URGED_AGAIN,
    Kind,
    NewDecision,
    decide,
    decision,
    decisions_about,
    undo,
    urged_within,
    way,
)
from records.errors import CannotDecide, Changed, NotFound
from records.matters import mates_within
from records.persons import Within
from records.regions import ROOT

WHO = "someone"
EVERYTHING = Within(WHO, ("open",), frozenset({ROOT}), frozenset())


def letters(database: Database, petition, *statuses: str) -> list[str]:
    with database.write() as session:
        return [
            petitions.add(session, petition(f"第{place}封信。", status=status)).id
            for place, status in enumerate(statuses)
        ]


def state(database: Database, id_: str) -> tuple[str, str | None, int | None]:
    with database.read() as session:
        found = petitions.read_one(session, id_)
    return found.status, found.matter_id, found.seq_in_matter


def matter_mates(session, id_: str) -> tuple[str, ...]:
    """In the order of joining."""
    ids = mates_within(session, id_, EVERYTHING, 10)
    read = petitions.read(session, ids)
    return tuple(one.id for one in sorted(read, key=lambda one: one.seq_in_matter or 0))


def take(database: Database, id_: str, other: str | None, kind: Kind, **more) -> str:
    status = state(database, id_)[0]
    with database.write() as session:
        return decide(session, WHO, NewDecision(id_, other, kind, status, **more))


def take_back(database: Database, decision_id: str) -> None:
    with database.write() as session:
        undo(session, WHO, decision_id, "看错了信件")


@pytest.mark.parametrize(
    ("kind", "ends", "joins"),
    [
        (Kind.REPEAT, "TRIAGE", True),
        (Kind.MERGE, "MERGED", True),
        (Kind.RELATED, "TRIAGE", False),
        (Kind.SAME_PERSON, "TRIAGE", False),
        (Kind.NEW, "TRIAGE", False),
        (Kind.NOT_ACCEPTED, "NOT_ACCEPTED", True),
        (Kind.NO_LONGER, "NO_LONGER", True),
        (Kind.URGE, "TRIAGE", True),
    ],
)
@pytest.mark.parametrize("begins", ["REGISTERED", "DUP_CHECK"])
def test_each_kind_and_back(
    database: Database, petition, kind: Kind, ends: str, joins: bool, begins: str
) -> None:
    earlier, new = letters(database, petition, "HANDLING", begins)
    made = take(database, new, None if kind is Kind.NEW else earlier, kind, reason="同一施工")
    status, matter, place = state(database, new)
    assert (status, place) == (ends, 2 if joins else None)
    assert (state(database, earlier)[1] == matter) or not joins
    with database.read() as session:
        history = petitions.read_one(session, new).history
        assert matter_mates(session, new) == ((earlier, new) if joins else (new,))
        assert decision(session, made).reason == "同一施工"
    assert history[-1].who == WHO
    assert history[-1].reason == "同一施工"

    take_back(database, made)
    assert state(database, new) == ("DUP_CHECK", None, None)
    assert state(database, earlier) == ("HANDLING", None, None)
    with database.read() as session:
        (kept,) = decisions_about(session, new)
    assert (kept.undone_by, kept.undo_reason) == (WHO, "看错了信件")
    assert kept.undone_at >= kept.at
    with pytest.raises(Changed):
        take_back(database, made)


def test_a_merged_letter_returns_to_where_it_was_handled(database: Database, petition) -> None:
    earlier, new = letters(database, petition, "HANDLING", "HANDLING")
    made = take(database, new, earlier, Kind.MERGE)
    assert state(database, new)[0] == "MERGED"
    take_back(database, made)
    assert state(database, new)[0] == "HANDLING"


def test_what_went_on_meanwhile_is_not_turned_back(database: Database, petition) -> None:
    earlier, new = letters(database, petition, "HANDLING", "DUP_CHECK")
    made = take(database, new, earlier, Kind.REPEAT)
    with database.write() as session:
        change_status(session, new, "ACCEPTED", WHO)
    take_back(database, made)
    assert state(database, new) == ("ACCEPTED", None, None)


def test_a_letter_keeps_its_own_record(database: Database, petition) -> None:
    earlier, new = letters(database, petition, "HANDLING", "DUP_CHECK")
    with database.read() as session:
        before = petitions.read(session, [earlier, new])
    take(database, new, earlier, Kind.MERGE)
    with database.read() as session:
        after = petitions.read(session, [earlier, new])
    changed = {"status", "matter_id", "seq_in_matter", "revision", "history"}
    for one, other in zip(before, after, strict=True):
        assert replace(one, **{name: getattr(other, name) for name in changed}) == other


def test_matters_come_together_and_part_again(database: Database, petition) -> None:
    first, second, third, fourth = letters(
        database, petition, "HANDLING", "DUP_CHECK", "HANDLING", "DUP_CHECK"
    )
    take(database, second, first, Kind.REPEAT)
    take(database, fourth, third, Kind.REPEAT)
    old = state(database, third)[1]
    with database.write() as session:
        together = decide(session, WHO, NewDecision(third, first, Kind.REPEAT, "HANDLING"))
    with database.read() as session:
        assert matter_mates(session, fourth) == (first, second, third, fourth)
    take_back(database, together)
    with database.read() as session:
        assert matter_mates(session, first) == (first, second)
        assert matter_mates(session, third) == (third, fourth)
    assert state(database, third)[1] == old


def test_taking_back_after_the_matter_was_joined_to_another(database: Database, petition) -> None:
    first, second, third = letters(database, petition, "HANDLING", "DUP_CHECK", "HANDLING")
    made = take(database, second, first, Kind.REPEAT)
    take(database, first, third, Kind.REPEAT)
    take_back(database, made)
    with database.read() as session:
        assert matter_mates(session, third) == (third, first)
        assert matter_mates(session, second) == (second,)


def test_the_same_again_changes_nothing(database: Database, petition) -> None:
    earlier, new = letters(database, petition, "HANDLING", "DUP_CHECK")
    made = take(database, new, earlier, Kind.REPEAT)
    assert take(database, new, earlier, Kind.REPEAT) == made
    with database.write() as session:  # the same form sent twice
        assert decide(session, WHO, NewDecision(new, earlier, Kind.REPEAT, "DUP_CHECK")) == made
    with database.read() as session:
        assert len(decisions_about(session, earlier)) == 1


def test_what_cannot_be_decided_is_refused_and_changes_nothing(
    database: Database, petition
) -> None:
    earlier, new, done = letters(database, petition, "HANDLING", "DUP_CHECK", "CLOSED")
    unknown = "0" * 32
    for made, error in (
        (NewDecision(new, earlier, Kind.MERGE, "TRIAGE"), Changed),
        (NewDecision(done, earlier, Kind.MERGE, "CLOSED"), CannotDecide),
        (NewDecision(done, earlier, Kind.NOT_ACCEPTED, "CLOSED"), CannotDecide),
        (NewDecision(new, new, Kind.REPEAT, "DUP_CHECK"), CannotDecide),
        (NewDecision(new, None, Kind.REPEAT, "DUP_CHECK"), CannotDecide),
        (NewDecision(new, earlier, Kind.NEW, "DUP_CHECK"), CannotDecide),
        (NewDecision(new, done, Kind.URGE, "DUP_CHECK"), CannotDecide),
        (NewDecision(new, None, Kind.URGE, "DUP_CHECK"), CannotDecide),
        (NewDecision(done, None, Kind.URGE, "CLOSED"), CannotDecide),
        (NewDecision(new, unknown, Kind.REPEAT, "DUP_CHECK"), NotFound),
        (NewDecision(unknown, earlier, Kind.REPEAT, "DUP_CHECK"), NotFound),
    ):
        with pytest.raises(error), database.write() as session:
            decide(session, WHO, made)
    assert [state(database, one) for one in (new, done)] == [
        ("DUP_CHECK", None, None),
        ("CLOSED", None, None),
    ]
    with pytest.raises(NotFound), database.write() as session:
        undo(session, WHO, unknown, "看错了信件")


def test_an_office_is_urged_again_by_another_letter_or_another_day(
    database: Database, petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier, new, newer = letters(database, petition, "ASSIGNED", "DUP_CHECK", "DUP_CHECK")
    began = decisions.now()
    first = take(database, earlier, None, Kind.URGE)
    assert take(database, earlier, None, Kind.URGE) == first
    take(database, new, earlier, Kind.URGE)
    take(database, newer, earlier, Kind.URGE)
    monkeypatch.setattr(decisions, "now", lambda: began + URGED_AGAIN + timedelta(seconds=9))
    take(database, earlier, None, Kind.URGE)
    with database.read() as session:
        told = decisions_about(session, earlier)
        assert [one.urges for one in told] == [earlier] * 4
        assert matter_mates(session, earlier) == (earlier, new, newer)
    take_back(database, first)
    with database.read() as session:
        assert [one.urges for one in decisions_about(session, earlier)].count(None) == 1


def test_letters_whose_offices_were_urged_and_owe_something(database: Database, petition) -> None:
    first, second, third, new, other = letters(
        database, petition, "HANDLING", "FORWARDED", "HANDLING", "DUP_CHECK", "DUP_CHECK"
    )
    with database.write() as session:
        set_level(session, other, "secret")
    take(database, first, None, Kind.URGE)
    take(database, new, second, Kind.URGE)
    take(database, other, third, Kind.URGE)

    def urged(*levels: str) -> tuple[str, ...]:
        with database.read() as session:
            return urged_within(session, replace(EVERYTHING, levels=levels), 10)

    assert urged("open") == (second, first)
    assert urged("open", "secret") == (third, second, first)
    assert urged() == ()
    with database.write() as session:
        for status in ("REPLY_REVIEW", "REPLIED"):
            change_status(session, first, status, WHO)
    assert urged("open") == (second,)
    with database.read() as session:
        (made,) = decisions_about(session, new)
        assert urged_within(session, EVERYTHING, 0) == ()
    take_back(database, made.id)
    assert urged("open") == ()


@pytest.mark.parametrize(
    ("status", "kind", "steps"),
    [
        ("REGISTERED", Kind.REPEAT, ("DUP_CHECK", "TRIAGE")),
        ("HANDLING", Kind.REPEAT, ()),
        ("REGISTERED", Kind.MERGE, ("DUP_CHECK", "MERGED")),
        ("DUP_CHECK", Kind.NOT_ACCEPTED, ("TRIAGE", "NOT_ACCEPTED")),
        ("FORWARDED", Kind.NOT_ACCEPTED, ("NOT_ACCEPTED",)),
        ("FORWARDED", Kind.NO_LONGER, None),
        ("TRIAGE", Kind.MERGE, None),
        ("MERGED", Kind.MERGE, None),
    ],
)
def test_ways(status: str, kind: Kind, steps: tuple[str, ...] | None) -> None:
    assert way(status, kind) == steps


def test_of_two_who_decide_at_once_one_is_told_to_look_again(database: Database, petition) -> None:
    one, other, new = letters(database, petition, "HANDLING", "HANDLING", "DUP_CHECK")
    start, told = Barrier(2), []

    def merge(into: str) -> None:
        start.wait()
        try:
            with database.write() as session:
                decide(session, WHO, NewDecision(new, into, Kind.MERGE, "DUP_CHECK"))
            told.append("done")
        except Changed:
            told.append("changed")

    threads = [Thread(target=merge, args=(into,)) for into in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["changed", "done"]
    with database.read() as session:
        assert len(decisions_about(session, new)) == 1
        assert len(matter_mates(session, new)) == 2
