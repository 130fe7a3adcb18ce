from __future__ import annotations

import itertools

import pytest

from records.errors import IllegalTransition, UnknownChannel, UnknownLevel, UnknownStatus
from records.statuses import (
    CHANNELS,
    LEVELS,
    STATUSES,
    StatusType,
    require_channel,
    require_level,
    require_status,
    require_transition,
)

# written down apart from the program's table, from the work rules
LEGAL = """
DRAFT>REGISTERED DRAFT>VOID REGISTERED>DUP_CHECK DUP_CHECK>TRIAGE DUP_CHECK>MERGED
TRIAGE>FORWARDED TRIAGE>ASSIGNED TRIAGE>ACCEPTED TRIAGE>NOT_ACCEPTED TRIAGE>NO_LONGER
TRIAGE>REDIRECTED TRIAGE>NOTED FORWARDED>ACCEPTED FORWARDED>RETURNED FORWARDED>NOT_ACCEPTED
ASSIGNED>ACCEPTED ASSIGNED>RETURNED ASSIGNED>NOT_ACCEPTED RETURNED>TRIAGE RETURNED>FORWARDED
RETURNED>ASSIGNED ACCEPTED>HANDLING NOT_ACCEPTED>ARCHIVED NOT_ACCEPTED>TRIAGE NO_LONGER>ARCHIVED
NO_LONGER>TRIAGE REDIRECTED>ARCHIVED NOTED>ARCHIVED NOTED>TRIAGE HANDLING>REPLY_REVIEW
HANDLING>EXTENDED HANDLING>WITHDRAWN HANDLING>MERGED EXTENDED>REPLY_REVIEW EXTENDED>WITHDRAWN
REPLY_REVIEW>REPLIED REPLY_REVIEW>HANDLING REPLIED>CLOSED REPLIED>REVIEWING REPLIED>HANDLING
REVIEWING>REVIEWED REVIEWED>RECHECKING REVIEWED>CLOSED RECHECKING>FINAL FINAL>ARCHIVED
CLOSED>ARCHIVED CLOSED>HANDLING WITHDRAWN>ARCHIVED VOID>ARCHIVED ARCHIVED>DISPOSED
"""


def test_exactly_the_transitions_of_the_work_rules() -> None:
    legal = {tuple(pair.split(">")) for pair in LEGAL.split()}
    for before, after in itertools.product(STATUSES, repeat=2):
        if (before, after) in legal:
            require_transition(before, after)
        else:
            with pytest.raises(IllegalTransition, match=after):
                require_transition(before, after)


def test_a_merged_petition_goes_back_only_to_where_it_came_from() -> None:
    require_transition("MERGED", "HANDLING", "HANDLING")
    with pytest.raises(IllegalTransition):
        require_transition("MERGED", "TRIAGE", "HANDLING")
    with pytest.raises(IllegalTransition):
        require_transition("MERGED", "HANDLING")


def test_every_status_is_reached_and_labelled_in_three_languages() -> None:
    reached, more = {"DRAFT"}, {"DRAFT"}
    while more:
        more = {to for code in more for to in STATUSES[code].to} - reached
        reached |= more
    assert reached == set(STATUSES)
    for status in STATUSES.values():
        assert all((status.hans, status.hant, status.en))
    for labels in zip(*((s.hans, s.hant, s.en) for s in STATUSES.values()), strict=True):
        assert len(set(labels)) == len(STATUSES)


def test_types_are_the_four_fixed_ones() -> None:
    assert {status.type for status in STATUSES.values()} == set(StatusType)
    assert STATUSES["REPLIED"].type is StatusType.WAITING
    assert STATUSES["DISPOSED"].type is StatusType.ARCHIVED


def test_unknown_codes_are_named_with_what_is_known() -> None:
    with pytest.raises(UnknownStatus, match="HANDLING"):
        require_status("DONE")
    with pytest.raises(UnknownChannel, match="letter"):
        require_channel("pigeon")
    with pytest.raises(UnknownLevel, match="secret"):
        require_level("top")
    assert list(CHANNELS) == ["letter", "visit", "call", "web", "forwarded", "leader"]
    assert LEVELS == ("open", "restricted", "secret")
