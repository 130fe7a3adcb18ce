"""One masked value with a reason, and people by a whole number: by whom, of what, how often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from records import audit
from records.daily import Daily
from records.errors import UsedUp
from records.petitions import NewPerson, NewPetition
from search.access import FieldRight, Scope
from search.answers import PersonRequest, RevealRequest, Shown
from search.errors import NotFound
from search.personal import BadNumber, BadReason

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

ZONE = ZoneInfo("Asia/Shanghai")
REVEALS = Daily("reveal", 20, ZONE, "reveals_per_day")
FINDS = Daily("find_person", 20, ZONE, "finds_per_day")
REASON = "约定上门核实时间"
VALUES = {
    "name": "李秀英",
    "id_no": "11010519491231002X",
    "phone": "13912345678",
    "address": "湘源路3号2栋401",
    "bank_card": "6228480402564890018",
}
LETTER = NewPetition(subject="路灯", text="路灯坏了。", region="A3区", category="0103", **VALUES)
FACTS = tuple(VALUES)


def revealed(office: Office, scope: Scope, id_: str, person: int = 1) -> dict[str, str]:
    """What of a person this user may look at."""
    found = {}
    for fact in FACTS:
        try:
            asked = RevealRequest(person, fact, REASON)
            found[fact] = office.library.people.reveal(scope, id_, asked, REVEALS).text
        except NotFound:
            continue
    return found


@pytest.mark.parametrize(
    ("role", "own", "facts"),
    [
        ("clerk", False, ()),
        ("caseworker", False, ("name", "phone", "address")),
        ("caseworker", True, ("id_no", "bank_card")),  # the others are shown
        ("reviewer", False, ("id_no", "bank_card")),
        ("leader", False, ()),
        ("archivist", False, FACTS),
        ("statistician", False, ()),
        ("public", False, ()),
        ("administrator", False, ()),
        ("security", False, ()),
        ("auditor", False, ()),
        ("none", False, ()),
    ],
)
def test_who_may_look_at_what(office: Office, role: str, own: bool, facts: tuple[str, ...]) -> None:
    scope = office.user(role)
    handler = scope.user_id if own else None
    (id_,) = office.add(replace(LETTER, handler=handler, published=True))
    assert revealed(office, scope, id_) == {fact: VALUES[fact] for fact in facts}
    try:
        persons = office.library.petition(scope, id_).persons
    except NotFound:
        persons = ()
    told = {fact for one in persons for fact in FACTS if getattr(one, fact).can_reveal}
    assert told == set(facts)


def test_the_reason_is_in_the_log_and_the_value_is_not(office: Office) -> None:
    archivist = office.user("archivist")
    (id_,) = office.add(LETTER)
    asked = RevealRequest(1, "phone", f"  {REASON}\n ")
    found = office.library.people.reveal(archivist, id_, asked, REVEALS)
    assert (found.text, found.left) == (VALUES["phone"], 19)
    with office.database.read() as session:
        (entry,) = [one for one in audit.entries(session) if one.action == "reveal"]
    assert (entry.actor, entry.object_id) == (archivist.user_id, id_)
    assert entry.details == {"person": 1, "fact": "phone", "reason": REASON, "shown": True}


@pytest.mark.parametrize("reason", ["", "  ", "看看", "a b c"[:4], "长" * 501])
def test_without_a_reason_nothing_is_looked_at(office: Office, reason: str) -> None:
    archivist = office.user("archivist")
    (id_,) = office.add(LETTER)
    for wanted in (id_, "0" * 32):
        with pytest.raises(BadReason):
            office.library.people.reveal(
                archivist, wanted, RevealRequest(1, "phone", reason), REVEALS
            )
    with office.database.read() as session:
        assert [one for one in audit.entries(session) if one.action == "reveal"] == []


def test_each_person_has_a_number(office: Office) -> None:
    archivist = office.user("archivist")
    other = NewPerson(name="王小明", phone="13800000001", role="joint")
    (id_,) = office.add(replace(LETTER, others=(other,)))
    assert revealed(office, archivist, id_, 2) == {"name": "王小明", "phone": "13800000001"}
    for number in (0, 3, -1):
        assert revealed(office, archivist, id_, number) == {}
    seen = office.library.petition(archivist, id_).persons
    assert [one.number for one in seen] == [1, 2]


def test_what_may_not_be_seen_and_what_there_is_not_are_refused_alike(office: Office) -> None:
    archivist = office.user("archivist", regions=("A市",))
    away, secret, shown = office.add(
        replace(LETTER, region="B市"),
        replace(LETTER, level="secret", text="二"),
        replace(LETTER, text="三", phone=None),
    )
    told = set()
    for id_, fact in ((away, "phone"), (secret, "phone"), (shown, "phone"), ("0" * 32, "phone"),
                      (shown, "shoe"), ("odd", "name")):  # fmt: skip
        with pytest.raises(NotFound) as refused:
            office.library.people.reveal(archivist, id_, RevealRequest(1, fact, REASON), REVEALS)
        told.add(str(refused.value))
    assert len(told) == 1
    assert (
        office.library.people.reveal(
            archivist, shown, RevealRequest(1, "name", REASON), REVEALS
        ).left
        == REVEALS.most - 1
    )  # refusals cost nothing


def test_so_many_a_day_and_the_refusal_is_in_the_log(office: Office) -> None:
    archivist, (id_,) = office.user("archivist"), office.add(LETTER)
    limit = replace(REVEALS, most=2)
    asked = RevealRequest(1, "phone", REASON)
    assert [office.library.people.reveal(archivist, id_, asked, limit).left for _ in range(2)] == [
        1,
        0,
    ]
    with pytest.raises(UsedUp, match="2 a day"):
        office.library.people.reveal(archivist, id_, asked, limit)
    with pytest.raises(NotFound):  # as ever
        office.library.people.reveal(archivist, "0" * 32, asked, limit)
    with office.database.read() as session:
        entries = [one.details for one in audit.entries(session) if one.action == "reveal"]
    assert [(one["shown"], "used_up" in one) for one in entries] == [
        (True, False),
        (True, False),
        (False, True),
        (False, False),
    ]


def ids(office: Office, scope: Scope, fact: str, value: str) -> set[str]:
    found = office.library.people.find(scope, PersonRequest(fact, value), FINDS)
    return {hit.id for hit in found.hits}


def test_people_are_found_by_whole_numbers_in_any_spelling_and_never_by_parts(
    office: Office,
) -> None:
    clerk = office.user("clerk")
    one, two, _ = office.add(
        LETTER,
        replace(LETTER, text="二", id_no=None, name="别人"),
        replace(LETTER, text="三", phone="13912345679", id_no="110105194912310038"),
    )
    assert ids(office, clerk, "phone", "+86 139-1234 5678") == {one, two}
    assert ids(office, clerk, "id_no", "11010519491231002x") == {one}
    for fact, part in (
        ("phone", VALUES["phone"][:10]),
        ("phone", VALUES["phone"][1:]),
        ("phone", "1391234567?"),
        ("phone", "1391234567*"),
        ("id_no", VALUES["id_no"][:17]),
        ("id_no", VALUES["phone"]),
        ("phone", VALUES["phone"] + "0"),
    ):
        assert ids(office, clerk, fact, part) == set(), part
    for fact, value in (("phone", ""), ("phone", "139123"), ("id_no", "1234567"), ("id_no", "*")):
        with pytest.raises(BadNumber):
            ids(office, clerk, fact, value)


@pytest.mark.parametrize(
    ("role", "by_phone", "by_id_no"),
    [
        ("clerk", {"own", "other"}, {"own", "other"}),
        ("caseworker", {"own", "other"}, {"own"}),  # of others the number is kept back
        ("reviewer", {"own", "other"}, {"own", "other"}),
        ("archivist", {"own", "other"}, {"own", "other"}),
        ("leader", None, None),
        ("statistician", None, None),
        ("public", None, None),
        ("administrator", None, None),
        ("security", None, None),
        ("auditor", None, None),
    ],
)
def test_who_may_find_people(
    office: Office, role: str, by_phone: set[str] | None, by_id_no: set[str] | None
) -> None:
    scope = office.user(role, regions=("A市",) if role != "public" else ())
    own, other, *_ = office.add(
        replace(LETTER, handler=scope.user_id),
        replace(LETTER, text="二"),
        replace(LETTER, text="三", region="B市"),
        replace(LETTER, text="四", level="restricted"),
        replace(LETTER, text="五", sealed=True),
        replace(LETTER, text="六", region=None),
    )
    named = {"own": own, "other": other}
    for fact, expected in (("phone", by_phone), ("id_no", by_id_no)):
        if expected is None:
            with pytest.raises(NotFound):
                ids(office, scope, fact, VALUES[fact])
        else:
            assert ids(office, scope, fact, VALUES[fact]) == {named[one] for one in expected}


def test_people_are_found_where_letters_are_seen(office: Office) -> None:
    """In every scope, against a naive reading: what may be viewed and names the number."""
    added = office.add(
        *(
            replace(LETTER, text=f"{region}{category}{level}{sealed}", region=region,
                    category=category, level=level, sealed=sealed, published=published)
            for region in ("A3区", "A市", "B2区", None)
            for category in ("0103", "02", None)
            for level in ("open", "secret")
            for sealed, published in ((False, False), (True, False), (False, True))
        )
    )  # fmt: skip
    numbers = frozenset({FieldRight.ID_NO, FieldRight.PHONE})
    for regions in (("ALL",), ("A市",), ("A3区", "B市"), ()):
        for categories in ((), ("01",), ("0103", "02")):
            scope = Scope(
                "somebody",
                frozenset(regions),
                reads=True,
                categories=frozenset(categories),
                finds=numbers,
            )
            expected = set()
            for id_ in added:
                try:
                    office.library.petition(scope, id_)
                except NotFound:
                    continue
                expected.add(id_)
            limit = replace(FINDS, most=1000)
            found = office.library.people.find(
                scope, PersonRequest("phone", VALUES["phone"]), limit
            )
            assert {hit.id for hit in found.hits} == expected
            assert not found.more


def test_the_number_is_in_the_log_by_its_keyed_hash_alone(office: Office) -> None:
    clerk = office.user("clerk")
    office.add(LETTER)
    ids(office, clerk, "phone", VALUES["phone"])
    with office.database.read() as session:
        (entry,) = [one for one in audit.entries(session) if one.action == "find_person"]
        assert entry.details == {
            "fact": "phone",
            "value_hash": session.keys.hash("person.phone", VALUES["phone"]),
            "shown": 1,
        }


def test_numbers_cannot_be_tried_one_after_the_other(office: Office) -> None:
    clerk = office.user("clerk")
    office.add(LETTER)
    limit = replace(FINDS, most=3)
    for last in "0123"[:3]:
        asked = PersonRequest("phone", VALUES["phone"][:-1] + last)
        office.library.people.find(clerk, asked, limit)
    with pytest.raises(UsedUp):
        office.library.people.find(clerk, PersonRequest("phone", VALUES["phone"]), limit)
    with office.database.read() as session:
        last_entry = [one for one in audit.entries(session) if one.action == "find_person"][-1]
    assert last_entry.details["used_up"] is True


def test_a_person_with_many_letters_gives_the_newest(office: Office) -> None:
    clerk = office.user("clerk")
    office.add(*(replace(LETTER, text=f"第{number}封") for number in range(102)))
    found = office.library.people.find(clerk, PersonRequest("phone", VALUES["phone"]), FINDS)
    assert (len(found.hits), found.more) == (100, True)


def test_what_is_found_is_shown_as_ever(office: Office) -> None:
    clerk = office.user("clerk")
    (id_,) = office.add(replace(LETTER, subject="李秀英反映路灯"))
    found = office.library.people.find(clerk, PersonRequest("id_no", VALUES["id_no"]), FINDS)
    assert "秀英" not in found.hits[0].subject
    assert office.library.petition(clerk, id_).persons[0].phone.shown is Shown.MASKED
