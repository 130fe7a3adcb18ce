"""Hot matters: found in one run, kept up by the next, and told of visible letters alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from records import audit, contents
from records.contents import all_links, counts, version_of_links
from records.errors import Crossed
from records.petitions import NewPetition, NewReply, set_level
from records.times import now
from search.access import Scope
from search.duplicates import groups, linking
from search.duplicates.linking import LinkReport, bring_links_up_to_date
from search.errors import NotFound

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

NOW = now()


def letter(number: int, subject: str, text: str, **given: object) -> NewPetition:
    made = NewPetition(
        subject=subject,
        text=text,
        source="test",
        external_id=f"M{number}",
        petitioner=f"P{number}",
        region="A3区",
        received_at=NOW - timedelta(days=number),
    )
    return replace(made, **given)  # type: ignore[arg-type]


CAFE = (
    letter(
        1,
        "魅力之城小区底层餐馆油烟扰民",
        "魅力之城一楼餐馆油烟直排，业主投诉多次没有结果，请环保局查处。",
    ),
    letter(
        2,
        "魅力之城一楼餐馆油烟直排扰民",
        "魅力之城小区底层餐馆没有烟道，油烟直排，请环保局查处餐馆。",
    ),
    letter(
        3,
        "投诉魅力之城小区餐馆油烟",
        "魅力之城底层的餐馆油烟扰民，业主不敢开窗，投诉到环保局没有结果。",
    ),
)
LOAN = (
    letter(4, "请问公积金贷款额度", "请问夫妻双方缴存公积金，购买首套住房公积金贷款额度是多少？"),
    letter(
        5, "公积金贷款额度咨询", "购买首套住房，夫妻双方缴存公积金，公积金贷款额度是多少，请问？"
    ),
)


def run(office: Office) -> LinkReport:
    return bring_links_up_to_date(office.database)


def titles(office: Office, scope: Scope) -> list[tuple[str, int]]:
    return [(one.title, one.letters) for one in office.library.matters.hot(scope).matters]


def links(office: Office) -> dict[tuple[int, int], float]:
    with office.database.read() as session:
        return {(one, other): odds for one, other, odds in all_links(session)}


def test_letters_about_one_thing_are_found(office: Office, everything: Scope) -> None:
    office.add(*CAFE, *LOAN)
    report = run(office)
    assert (report.letters, report.contents, report.all_letters) == (5, 5, 5)
    assert [count for _, count in titles(office, everything)] == [3, 2]
    first = office.library.matters.hot(everything).matters[0]
    assert first.title in {one.subject for one in CAFE}
    assert first.people == 3
    assert (first.growth.recent, first.growth.before, first.growth.rate) == (3, 0, None)
    assert sum(count for _, count in first.months) == 3
    assert first.region is not None
    assert first.region.value == "A3区"


def test_a_run_afterwards_looks_at_what_is_new_alone_and_finds_the_same(
    office: Office, everything: Scope
) -> None:
    office.add(*CAFE[:2], *LOAN[:1])
    run(office)
    assert titles(office, everything) == [
        (office.library.matters.hot(everything).matters[0].title, 2)
    ]
    office.add(CAFE[2], LOAN[1])
    again = run(office)
    assert (again.letters, again.contents) == (2, 2)
    step_by_step = sorted(links(office).values())
    assert run(office) == LinkReport(0, 0, 0, 5, len(step_by_step))
    assert [count for _, count in titles(office, everything)] == [3, 2]
    with office.database.write() as session:
        from records.contents import forget_others

        assert [forget_others(session, "another version", 3) for _ in range(3)] == [3, 2, 0]
    run(office)
    assert sorted(links(office).values()) == step_by_step


def test_a_run_that_crosses_with_others_is_run_again(
    office: Office, everything: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL breaks one of two off that wait for each other."""
    put, crossings = contents.put, iter([1, 2])

    def crossing(*given: Any, **named: Any) -> None:
        put(*given, **named)
        if next(crossings, None):
            raise Crossed("another transaction was first")

    monkeypatch.setattr(contents, "put", crossing)
    office.add(*CAFE, *LOAN)
    assert run(office).letters == len(CAFE) + len(LOAN)
    assert next(crossings, None) is None
    assert sum(count for _, count in titles(office, everything)) == len(CAFE) + len(LOAN)


@pytest.mark.parametrize("portion", [1, 2, 3, 5])
def test_portions_change_nothing_and_a_stopped_run_goes_on(
    office: Office, everything: Scope, portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.add(*CAFE, *LOAN)
    monkeypatch.setattr(linking, "PORTION", portion)
    told: list[tuple[int, int]] = []

    def stopping(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_links_up_to_date(office.database, stopping)
    bring_links_up_to_date(office.database, lambda *steps: told.append(steps))
    assert told[-1][0] == told[-1][1]
    assert [count for _, count in titles(office, everything)] == [3, 2]


def test_copies_are_one_content_and_a_matter(office: Office, everything: Scope) -> None:
    office.add(*(replace(CAFE[0], external_id=f"copy {number}") for number in range(4)))
    assert run(office).contents == 1
    assert titles(office, everything) == [(CAFE[0].subject, 4)]


def test_a_changed_letter_leaves_its_matter(office: Office, everything: Scope) -> None:
    office.add(*CAFE[:2])
    run(office)
    office.add(replace(CAFE[0], subject=LOAN[0].subject, text=LOAN[0].text))  # again, changed
    report = run(office)
    assert (report.letters, report.all_letters) == (1, 2)
    assert titles(office, everything) == []
    assert links(office) == {}
    with office.database.read() as session:
        assert counts(session) == (2, 0)


def test_a_hidden_letter_joins_nothing_and_is_not_counted(
    office: Office, everything: Scope
) -> None:
    shown, hidden, other = office.add(*CAFE)
    run(office)
    reviewer = office.user("reviewer", regions=("A市",))
    before = office.library.matters.hot(reviewer)
    assert [one.letters for one in before.matters] == [3]
    with office.database.write() as session:
        set_level(session, hidden, "secret")
    office.index()
    run(office)
    (seen,) = office.library.matters.hot(reviewer).matters
    assert (seen.letters, seen.title) != (3, CAFE[1].subject)
    told = office.library.matters.of(reviewer, shown).members
    assert {one.petition.id for one in told} == {shown, other}
    days = {one.petition.received_at for one in told}
    assert (seen.first_received_at, seen.last_received_at) == (min(days), max(days))
    with office.database.write() as session:
        set_level(session, other, "secret")
    office.index()
    run(office)
    assert office.library.matters.hot(reviewer).matters == ()
    assert [one.letters for one in office.library.matters.hot(everything).matters] == [3]
    with pytest.raises(NotFound):
        office.library.matters.of(reviewer, shown)
    with pytest.raises(NotFound):
        office.library.matters.of(reviewer, hidden)


def test_what_a_user_sees_is_what_an_office_of_their_letters_alone_would_show(
    office: Office, full_office: Office, everything: Scope
) -> None:
    """The bridge: letters between two groups that only others see."""
    between = letter(
        6,
        "魅力之城餐馆油烟和公积金贷款额度",
        f"{CAFE[0].text}{LOAN[0].text}",
        level="secret",
    )
    more = [replace(between, external_id=f"b{number}") for number in range(9)]
    office.add(*CAFE, *LOAN)
    run(office)
    reviewer = office.user("reviewer", regions=("A市",))
    alone = office.library.matters.hot(reviewer)
    office.add(between, *more)
    run(office)
    assert office.library.matters.hot(reviewer) == alone
    assert office.library.matters.hot(everything).matters[0].letters > 9


def test_people_are_told_to_those_who_see_them(office: Office, everything: Scope) -> None:
    office.add(*(replace(one, petitioner="P1") for one in CAFE))
    run(office)
    assert office.library.matters.hot(everything).matters[0].people == 1
    reviewer = office.user("reviewer", regions=("A市",), fields=frozenset())
    assert office.library.matters.hot(reviewer).matters[0].people is None
    counter = office.user("statistician", regions=("A市",))
    assert office.library.matters.hot(counter).matters == ()


def test_a_matter_tells_its_letters_newest_first(office: Office, everything: Scope) -> None:
    answered = replace(CAFE[1], replies=(NewReply("已责令餐馆整改。", NOW),))
    ids = office.add(CAFE[0], answered, CAFE[2])
    run(office)
    for id_ in ids:
        found = office.library.matters.of(everything, id_)
        assert [one.petition.id for one in found.members] == ids
        assert (found.matter.answered, found.more) == (1, 0)
        assert max(one.likeness for one in found.members) == 1.0
    with office.database.read() as session:
        actions = [one.action for one in audit.entries(session)]
    assert actions[-3:] == ["matter"] * 3


@pytest.mark.parametrize("id_", ["none", "0" * 32, "A" * 32])
def test_an_unknown_letter_is_of_no_matter(office: Office, everything: Scope, id_: str) -> None:
    with pytest.raises(NotFound):
        office.library.matters.of(everything, id_)


def test_hidden_letters_make_no_group_anew(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of the page would tell that some were linked."""
    office.add(*CAFE)
    run(office)
    reviewer = office.user("reviewer", regions=("A市",))
    before = office.library.matters.hot(reviewer)
    assert [one.letters for one in before.matters] == [3]
    hidden = (replace(one, external_id=f"hidden {one.external_id}", level="secret") for one in CAFE)
    office.add(*hidden)
    assert run(office).contents == 0  # the same words are the same contents
    others = (
        replace(
            one, external_id=f"other {one.external_id}", level="secret", text=one.text + "请回复。"
        )
        for one in CAFE
    )
    office.add(*others)
    assert run(office).links > 0
    grouped, made = [], groups._grouped

    def counted(*asked: Any) -> Any:
        grouped.append(1)
        return made(*asked)

    monkeypatch.setattr(groups, "_grouped", counted)
    assert office.library.matters.hot(reviewer) == before
    assert grouped == []
    office.add(*LOAN)
    run(office)
    assert [one.letters for one in office.library.matters.hot(reviewer).matters] == [3, 2]
    assert grouped == [1]


def test_links_have_another_version_whenever_they_are_others(office: Office) -> None:
    versions = set()

    def looked() -> None:
        run(office)
        with office.database.read() as session:
            versions.add(version_of_links(session))

    looked()
    office.add(CAFE[0], CAFE[1])
    looked()
    office.add(replace(CAFE[1], text=CAFE[2].text))  # the last content is another one now
    looked()
    office.add(replace(CAFE[1], text=LOAN[0].text))
    looked()
    office.add(replace(CAFE[1], text=CAFE[0].text, subject=CAFE[0].subject))  # a content less
    looked()
    assert len(versions) == 5
    run(office)
    looked()
    assert len(versions) == 5, "nothing has changed"
