"""Leaders' notes on letters: who writes them, who sees them, what the log has of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from records import audit
from records.notes import LONGEST, BadNote, notes_of
from records.petitions import NewPetition
from search.errors import NotFound

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

TEXT = "请城管局本周内核实。"
ROLES = (
    "clerk", "caseworker", "reviewer", "leader", "archivist", "statistician", "administrator",
    "security", "auditor", "public", "none",
)  # fmt: skip


def letter(handler: str | None = None, **given: str) -> NewPetition:
    return NewPetition(
        subject="路灯", text="路灯坏了。", region="A3区", published=True, handler=handler, **given
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("own", [False, True])
def test_who_sees_what(office: Office, role: str, own: bool) -> None:
    leader, scope = office.user("leader"), office.user(role)
    (id_,) = office.add(letter(scope.user_id if own else None))
    for text, addressed in ((TEXT, True), ("内部意见。", False)):
        office.library.add_note(leader, id_, text, addressed=addressed)
    try:
        seen = [one.text for one in office.library.petition(scope, id_).notes]
    except NotFound:
        seen = []
    match role:
        case "leader" | "archivist":
            assert seen == [TEXT, "内部意见。"]
        case "caseworker" | "reviewer":
            assert seen == ([TEXT] if own else [])
        case _:
            assert seen == []
    found = office.ask(scope, "路灯") if scope.reads else None
    assert found is None or all(TEXT not in repr(hit) for hit in found.hits)


def test_an_export_holds_what_the_page_shows(office: Office) -> None:
    leader, clerk = office.user("leader"), office.user("clerk")
    (id_,) = office.add(letter())
    office.library.add_note(leader, id_, TEXT, addressed=True)
    told = json.loads(office.library.export(leader, id_).content)
    assert [one["text"] for one in told["petition"]["notes"]] == [TEXT]
    assert TEXT not in office.library.export(clerk, id_).content.decode()


@pytest.mark.parametrize("role", [role for role in ROLES if role != "leader"])
def test_nobody_else_writes_one(office: Office, role: str) -> None:
    scope = office.user(role)
    (id_,) = office.add(letter(scope.user_id))
    with pytest.raises(NotFound):
        office.library.add_note(scope, id_, TEXT, addressed=True)
    with office.database.read() as session:
        assert notes_of(session, id_, {True, False}) == ()


def test_none_is_written_on_a_letter_that_is_not_seen(office: Office) -> None:
    leader = office.user("leader")
    (id_,) = office.add(letter(level="secret"))
    for unseen in (id_, "0" * 32, "none"):
        with pytest.raises(NotFound):
            office.library.add_note(leader, unseen, TEXT, addressed=True)
    with office.database.read() as session:
        assert notes_of(session, id_, {True, False}) == ()


def test_the_log_has_the_note_and_not_what_it_says(office: Office) -> None:
    leader = office.user("leader")
    (id_,) = office.add(letter())
    office.library.add_note(leader, id_, f"  {TEXT}\n", addressed=False)
    office.library.add_note(leader, id_, TEXT, addressed=True)
    with office.database.read() as session:
        logged = [one for one in audit.entries(session) if one.action == "add_note"]
        kept = notes_of(session, id_, {True, False})
    assert [one.details for one in logged] == [
        {"addressed": False, "note": 1, "shown": True},
        {"addressed": True, "note": 2, "shown": True},
    ]
    assert {(one.actor, one.object_id) for one in logged} == {(leader.user_id, id_)}
    assert [(one.text, one.addressed) for one in kept] == [(TEXT, False), (TEXT, True)]
    assert len({one.author for one in kept}) == 1


@pytest.mark.parametrize("text", ["", " \n", "字" * (LONGEST + 1)])
def test_an_empty_or_endless_one_is_refused(office: Office, text: str) -> None:
    leader = office.user("leader")
    (id_,) = office.add(letter())
    with pytest.raises(BadNote, match=str(LONGEST)):
        office.library.add_note(leader, id_, text, addressed=True)
