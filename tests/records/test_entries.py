"""Entries on their way: changed, and handed from one process to another."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from records.entries import NewPerson, NewPetition, NewReply, changed

WHOLE = NewPetition(
    subject="路灯",
    text="不亮",
    external_id="7",
    others=(NewPerson(name="张小明", role="joint"),),
    received_at=datetime(2026, 1, 2, tzinfo=UTC),
    sealed=False,
    replies=(NewReply("已修", transfer_only=False),),
    extra={"likes": 3},
)


def test_a_changed_entry_is_the_replaced_one() -> None:
    assert changed(WHOLE) == WHOLE
    for one in fields(NewPetition):
        assert changed(WHOLE, **{one.name: "x"}) == replace(WHOLE, **{one.name: "x"})
    with pytest.raises(TypeError):
        changed(WHOLE, unheard_of=1)


def test_it_is_the_same_in_another_process() -> None:
    assert pickle.loads(pickle.dumps(WHOLE)) == WHOLE
