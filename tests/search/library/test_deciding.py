"""Checking a letter for repeats, deciding and undoing, and the files: through the gate alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from records import audit
from records.decisions import Kind
from records.errors import Changed
from records.petitions import NewPetition
from search.access import Scope
from search.duplicates.answers import Verdict
from search.duplicates.checking import DecisionAsked
from search.errors import NotFound
from search.personal import BadReason

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

TEXT = (
    "我是金桂园小区的业主，小区北侧工地每天夜间施工到凌晨两点，噪音很大，老人孩子都睡不着。"
    "多次拨打电话没有结果，请领导尽快处理，责令工地停止夜间施工。"
)
WRITER = {
    "name": "李秀英",
    "phone": "13912345678",
    "id_no": "11010519491231002X",
    "address": "湘源路3号2栋401",
}
EARLIER = NewPetition(
    subject="金桂园小区工地夜间施工", text=TEXT, region="A3区", status="HANDLING", **WRITER
)
NEW = replace(EARLIER, text=TEXT.replace("两点", "三点"), status="DUP_CHECK")
UNLIKE = NewPetition(subject="公交改道", text="K8路公交车改道以后上学要转两趟车。", region="B市")
HIDDEN = replace(EARLIER, level="secret", subject="鸑鷟")
NOBODY = "0" * 32
REASON = "请在规定期限内答复"


def take(
    office: Office, scope: Scope, id_: str, kind: Kind, other: str = "", reason: str = ""
) -> None:
    status = office.library.petition(scope, id_).status.value
    office.library.repeats.decide(scope, id_, DecisionAsked(kind, other, status, reason))
    office.index()


def last_entry(office: Office, action: str) -> audit.AuditEntry:
    with office.database.read() as session:
        found = [one for one in audit.entries(session, limit=10_000) if one.action == action]
    return found[-1]


def test_the_closest_letter_stands_beside_with_marks_on_masked_facts(office: Office) -> None:
    earlier, new, _ = office.add(EARLIER, NEW, UNLIKE)
    clerk = office.user("clerk")
    found = office.library.repeats.check(clerk, new)
    assert [one.petition.id for one in found.found] == [earlier]
    assert found.found[0].verdict is Verdict.NEAR
    beside = found.comparison
    assert beside is not None
    assert beside.other.petition.id == earlier
    assert beside.same == dict.fromkeys(("name", "id_no", "phone", "address"), True)
    assert [found.petition.text[start:end] for start, end in beside.texts.one] == ["三"]
    assert WRITER["phone"] not in repr(found)
    assert WRITER["name"] not in repr(found)
    assert found.kinds == frozenset(Kind)
    alone = office.library.repeats.decided(clerk, new)
    assert alone.kinds == {Kind.NEW}


def test_any_letter_can_stand_beside(office: Office) -> None:
    _, new, unlike = office.add(EARLIER, NEW, replace(UNLIKE, name="李秀英", phone="13800000000"))
    beside = office.library.repeats.check(office.user("clerk"), new, unlike).comparison
    assert beside is not None
    assert beside.other.petition.id == unlike
    assert beside.same == {"name": True, "id_no": None, "phone": False, "address": None}


def test_a_decision_is_kept_with_what_the_program_told_and_logged(office: Office) -> None:
    earlier, new = office.add(EARLIER, NEW)
    clerk = office.user("clerk")
    told = office.library.repeats.check(clerk, new).found[0]
    take(office, clerk, new, Kind.REPEAT, earlier, "同一工地同一问题")
    found = office.library.repeats.check(clerk, new)
    (decision,) = found.decisions
    assert (decision.kind, decision.reason) == (Kind.REPEAT, "同一工地同一问题")
    assert (decision.verdict, decision.score) == (told.verdict, told.score)
    assert decision.beside is not None
    assert (decision.letter.id, decision.beside.id) == (new, earlier)
    assert found.petition.status.value == "TRIAGE"
    assert [one.id for one in found.letter.mates] == [earlier, new]
    entry = last_entry(office, "duplicate_decide")
    assert (entry.actor, entry.object_id) == (clerk.user_id, new)
    assert entry.details["kind"] == "repeat"
    assert entry.details["other"] == earlier

    office.library.repeats.undo(clerk, new, decision.id, "看错了信件")
    after = office.library.repeats.check(clerk, new)
    assert after.petition.status.value == "DUP_CHECK"
    assert after.decisions[0].undo_reason == "看错了信件"
    assert [one.id for one in after.letter.mates] == [new]
    assert last_entry(office, "duplicate_undo").details["decision"] == decision.id


@pytest.mark.parametrize("kind", [Kind.RELATED, Kind.NOT_ACCEPTED, Kind.NO_LONGER, Kind.URGE])
def test_some_decisions_need_a_reason(office: Office, kind: Kind) -> None:
    earlier, new = office.add(EARLIER, NEW)
    clerk = office.user("clerk")
    with pytest.raises(BadReason):
        take(office, clerk, new, kind, earlier, " 同 ")
    take(office, clerk, new, kind, earlier, "正在规定期限内办理")
    assert office.library.petition(clerk, new).status.value != "DUP_CHECK"


def test_a_status_that_was_not_shown_is_refused(office: Office) -> None:
    earlier, new = office.add(EARLIER, NEW)
    clerk = office.user("clerk")
    with pytest.raises(Changed):
        office.library.repeats.decide(clerk, new, DecisionAsked(Kind.MERGE, earlier, "TRIAGE"))


@pytest.mark.parametrize(
    ("role", "decides"),
    [
        ("clerk", True),
        ("caseworker", True),
        ("reviewer", True),
        ("leader", False),
        ("archivist", False),
        ("statistician", False),
        ("public", False),
        ("administrator", False),
        ("security", False),
        ("auditor", False),
        ("none", False),
    ],
)
def test_who_decides(office: Office, role: str, decides: bool) -> None:
    earlier, new = office.add(*(replace(one, published=True) for one in (EARLIER, NEW)))
    scope = office.user(role)
    asked = DecisionAsked(Kind.REPEAT, earlier, "DUP_CHECK")
    acts: list[Callable[[], object]] = [
        lambda: office.library.repeats.check(scope, new),
        lambda: office.library.repeats.decided(scope, new),
        lambda: office.library.repeats.urged(scope),
        lambda: office.library.repeats.decide(scope, new, asked),
    ]
    for act in acts:
        if decides:
            act()
        else:
            with pytest.raises(NotFound):
                act()


def test_hidden_unknown_and_odd_letters_are_refused_alike(office: Office) -> None:
    _, new, hidden = office.add(EARLIER, NEW, HIDDEN)
    clerk, cleared = office.user("clerk"), office.user("clerk", level="secret")
    told = set()
    for other in (hidden, NOBODY, "x", "A" * 32):
        for act in (
            lambda other=other: office.library.repeats.check(clerk, new, other),
            lambda other=other: office.library.repeats.check(clerk, other),
            lambda other=other: office.library.repeats.decide(
                clerk, new, DecisionAsked(Kind.REPEAT, other, "DUP_CHECK")
            ),
            lambda other=other: office.library.repeats.decide(
                clerk, other, DecisionAsked(Kind.NEW, "", "HANDLING")
            ),
            lambda other=other: office.library.repeats.undo(clerk, new, other, "看错了信件"),
            lambda other=other: office.library.repeats.matter_file(clerk, other),
            lambda other=other: office.library.repeats.decided(clerk, other),
            lambda other=other: office.library.repeats.decide(
                clerk, other, DecisionAsked(Kind.URGE, "", "HANDLING", REASON)
            ),
            lambda other=other: office.library.people.file(clerk, other, 1),
        ):
            with pytest.raises(NotFound) as refused:
                act()
            told.add(type(refused.value))
    assert told == {NotFound}
    assert office.library.petition(clerk, new).status.value == "DUP_CHECK"
    assert office.library.repeats.check(cleared, new, hidden).comparison is not None


def test_nothing_tells_of_a_hidden_letter_in_the_matter(office: Office) -> None:
    """The same calls beside a hidden letter of the same matter and person, and without it."""
    earlier, new = office.add(EARLIER, NEW)
    clerk, cleared = office.user("clerk"), office.user("clerk", level="secret")
    take(office, clerk, new, Kind.REPEAT, earlier)

    def seen() -> tuple[object, ...]:
        return (
            office.library.repeats.check(clerk, new),
            office.library.repeats.check(clerk, earlier),
            office.library.repeats.matter_file(clerk, new),
            office.library.people.file(clerk, new, 1),
            office.library.petition(clerk, earlier),
            office.library.repeats.decided(clerk, earlier),
            office.library.repeats.urged(clerk),
        )

    before = seen()
    (hidden,) = office.add(HIDDEN)
    take(office, cleared, hidden, Kind.REPEAT, earlier)
    take(office, cleared, hidden, Kind.URGE, earlier, REASON)
    take(office, cleared, earlier, Kind.RELATED, hidden, "另一事项相关")
    assert len(office.library.repeats.matter_file(cleared, new).letters) == 3
    assert len(office.library.repeats.check(cleared, earlier).decisions) == 4
    assert [one.petition.id for one in office.library.repeats.urged(cleared)] == [earlier]
    assert seen() == before
    decision, _ = (
        one
        for one in office.library.repeats.check(cleared, hidden).decisions
        if one.letter.id == hidden
    )
    with pytest.raises(NotFound):
        office.library.repeats.undo(clerk, hidden, decision.id, "看错了信件")


def test_a_decision_about_a_letter_that_was_hidden_since_is_told_no_more(office: Office) -> None:
    earlier, new = office.add(replace(EARLIER, level="restricted"), NEW)
    cleared, clerk = office.user("clerk", level="restricted"), office.user("clerk")
    take(office, cleared, new, Kind.REPEAT, earlier)
    assert office.library.repeats.check(clerk, new).decisions == ()
    assert [one.id for one in office.library.repeats.matter_file(clerk, new).letters] == [new]
    (decision,) = office.library.repeats.check(cleared, new).decisions
    with pytest.raises(NotFound):
        office.library.repeats.undo(clerk, new, decision.id, "看错了信件")


def test_names_in_reasons_are_masked_for_readers_of_redacted_letters(office: Office) -> None:
    earlier, new = office.add(EARLIER, NEW)
    clerk, reviewer = office.user("clerk"), office.user("reviewer")
    take(office, clerk, new, Kind.REPEAT, earlier, "李秀英来电13912345678说明")
    told = office.library.repeats.check(reviewer, new).decisions[0].reason
    assert told == "李秀英来电13912345678说明"
    masked = office.library.repeats.check(clerk, new).decisions[0].reason
    assert "秀英" not in masked
    assert "1234" not in masked


def test_who_handles_a_letter_is_reminded_when_the_person_writes_again(office: Office) -> None:
    handler = office.user("caseworker", regions=("B市",))
    (earlier,) = office.add(replace(EARLIER, handler=handler.user_id))
    (new,) = office.add(replace(NEW, region="B2区"))
    clerk = office.user("clerk")
    take(office, clerk, new, Kind.URGE, earlier, REASON)
    (reminder,) = office.library.petition(handler, earlier).reminders
    assert (reminder.reason, reminder.cause_id) == (REASON, new)
    (urged,) = office.library.repeats.urged(handler)
    assert urged.petition.id == earlier
    assert urged.reminders == (reminder,)
    assert len(urged.handlers) == 1
    file = office.library.repeats.matter_file(handler, earlier)
    assert [one.id for one in file.letters] == [earlier, new]
    assert file.reminders(earlier) == (reminder,)
    assert file.reminders(new) == ()
    beside = office.library.repeats.check(clerk, new, earlier).comparison
    assert beside is not None
    assert beside.other.reminders == (reminder,)
    assert beside.other.handlers == urged.handlers
    assert office.library.petition(office.user("archivist"), earlier).reminders == ()
    assert last_entry(office, "urged").details == {"shown": 1}

    (decision,) = office.library.repeats.decided(clerk, new).decisions
    office.library.repeats.undo(clerk, new, decision.id, "看错了信件")
    assert office.library.petition(handler, earlier).reminders == ()
    assert office.library.repeats.urged(handler) == ()


def test_a_reminder_for_which_a_hidden_letter_gave_cause_is_not_told(office: Office) -> None:
    earlier, near, hidden = office.add(EARLIER, NEW, replace(NEW, level="restricted"))
    cleared, clerk = office.user("clerk", level="restricted"), office.user("clerk")
    take(office, cleared, hidden, Kind.URGE, earlier, REASON)
    assert len(office.library.petition(cleared, earlier).reminders) == 1
    assert office.library.petition(clerk, earlier).reminders == ()
    assert office.library.repeats.urged(clerk) == ()
    take(office, clerk, near, Kind.URGE, earlier, REASON)
    assert [one.cause_id for one in office.library.petition(clerk, earlier).reminders] == [near]
    assert len(office.library.repeats.urged(clerk)[0].reminders) == 1


def test_who_handles_a_letter_is_reminded_without_another_letter(office: Office) -> None:
    (earlier,) = office.add(EARLIER)
    clerk = office.user("clerk")
    assert office.library.repeats.decided(clerk, earlier).kinds == {Kind.NEW, Kind.URGE}
    take(office, clerk, earlier, Kind.URGE, reason="李秀英来电13912345678催问")
    (reminder,) = office.library.petition(clerk, earlier).reminders
    assert reminder.cause_id is None
    assert "秀英" not in reminder.reason
    assert "1234" not in reminder.reason


def test_a_person_file_holds_all_letters_of_the_person_by_matter(office: Office) -> None:
    earlier, new, else_, other = office.add(
        EARLIER, NEW, replace(UNLIKE, **WRITER), replace(UNLIKE, name="李秀英")
    )
    clerk = office.user("clerk")
    take(office, clerk, new, Kind.REPEAT, earlier)
    file = office.library.people.file(clerk, new, 1)
    assert {one.petition.id: one.matter for one in file.letters} == {
        earlier: 1,
        new: 1,
        else_: None,
    }
    assert [one.petition.id for one in office.library.people.file(clerk, other, 1).letters] == [
        other
    ]
    regional = office.user("clerk", regions=("A市",))
    assert len(office.library.people.file(regional, new, 1).letters) == 2
    for scope, number in ((clerk, 2), (clerk, 0), (office.user("leader"), 1)):
        with pytest.raises(NotFound):
            office.library.people.file(scope, new, number)
