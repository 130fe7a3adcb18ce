"""What a scope does not hold leaves no trace: no hit, no total, no facet, no other answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from analyzers.fold import fold_text
from records import audit
from records.errors import BadValue
from records.files import add_file
from records.pages import Line, NewPage, put_pages
from records.petitions import NewPerson, NewPetition, all_after, name_users, set_level
from records.users import disable_user, require_user
from search.access import FieldRight, Scope
from search.answers import FACETS, Answer, PageView, Shown, VisiblePetition
from search.engine import Edition, Level
from search.errors import NotFound
from search.scopes import scope_of

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

RECEIVED = datetime(2020, 5, 1, 3, tzinfo=UTC)
SECRET_TEXT = "路灯坏了。联系人李秀英，电话13912345678。"
LETTER = NewPetition(
    subject="李秀英反映路灯",
    text=SECRET_TEXT,
    name="李秀英",
    phone="13912345678",
    id_no="11010519491231002X",
    address="湘源路3号2栋401",
    petitioner="P-1",
    received_at=RECEIVED,
    extra={"likes": 3},
    external_id="X-1",
)


def trace(answer: Answer) -> object:
    """Everything of an answer but the time that it took."""
    return replace(answer, took_ms=0.0)


@pytest.mark.parametrize("word", ["路", "139", "李秀英", "拆迁"])
@pytest.mark.parametrize("fields", [frozenset(), frozenset({FieldRight.FULL_TEXT})])
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("regions", [("ALL",), ("A市",), ("A3区", "B市"), ()], ids=str)
def test_every_scope_finds_what_a_naive_reading_of_its_view_finds(
    full_office: Office,
    regions: tuple[str, ...],
    level: Level,
    fields: frozenset[FieldRight],
    word: str,
) -> None:
    scope = Scope("somebody", frozenset(regions), level, fields, reads=True)
    with full_office.database.read() as session:
        every = all_after(session, "", 10_000)
    levels = ["open", "restricted", "secret"]
    mine = [
        one
        for one in every
        if levels.index(one.level) <= levels.index(level.value)
        and any(code in regions for code in one.region_path)
    ]
    expected = set()
    for one in mine:
        texts = (
            [one.subject, one.text, *(reply.text for reply in one.replies)]
            if fields
            else [
                one.subject_redacted,
                one.text_redacted,
                *(reply.text_redacted for reply in one.replies),
            ]
        )
        if any(fold_text(word) in fold_text(text) for text in texts):
            expected.add(one.id)
    answer = full_office.ask(scope, f'"{word}"', facets=("level", "year"))
    assert answer.total == len(expected)
    assert set(full_office.ids(scope, f'"{word}"')) == expected
    for values in answer.facets.values():
        assert sum(value.count for value in values) == len(expected)
    assert full_office.ask(scope).total == len(mine)


@pytest.mark.parametrize("role", ["leader", "clerk", "caseworker", "archivist"])
def test_letters_of_other_regions_and_levels_leave_no_trace(
    office: Office, role: str, made_letters: Callable[..., list[NewPetition]]
) -> None:
    scope = office.user(role, regions=("A市",), level="restricted")
    mine = [replace(one, region="A3区") for one in made_letters(12)]
    office.add(*mine)
    questions = ("", "路", '"噪音"', "-噪音", "level:secret", "region:B市", "year:2019", "噪音量")
    before = [trace(office.ask(scope, question, facets=FACETS)) for question in questions]
    hidden = made_letters(30, seed=8)
    office.add(
        *(
            replace(one, region="B2区", external_id=f"B{number}")
            for number, one in enumerate(hidden[:10])
        ),
        *(
            replace(one, region="A3区", level="secret", external_id=f"S{number}")
            for number, one in enumerate(hidden[10:20])
        ),
        *(
            replace(one, region="A3区", sealed=True, external_id=f"Z{number}")
            for number, one in enumerate(hidden[20:])
        ),
    )
    assert [trace(office.ask(scope, q, facets=FACETS)) for q in questions] == before
    assert before[0].total == 12  # type: ignore[attr-defined]


def test_a_region_holds_those_below_it(office: Office) -> None:
    above, below = office.user("leader", regions=("A市",)), office.user("leader", regions=("A7县",))
    (id_,) = office.add(replace(LETTER, region="A3区"))
    assert office.ids(above, "路灯") == [id_]
    assert office.ids(below, "路灯") == []


def test_a_category_holds_those_below_it_and_no_letter_without_one(office: Office) -> None:
    above, below = (
        office.user("caseworker", categories=("01",)),
        office.user("caseworker", categories=("0103",)),
    )
    one, two, three, four = office.add(
        *(replace(LETTER, text=text, external_id=text, category=category)
          for text, category in (("一", "01"), ("二", "0103"), ("三", "02"), ("四", None)))
    )  # fmt: skip
    assert sorted(office.ids(above, "路灯")) == sorted([one, two])
    assert office.ids(below, "路灯") == [two]
    for scope, seen in ((above, {one, two}), (below, {two})):
        for id_ in (one, two, three, four):
            if id_ in seen:
                assert office.library.petition(scope, id_).id == id_
            else:
                with pytest.raises(NotFound):
                    office.library.petition(scope, id_)
    with office.database.write() as session:
        name_users(session, three, "handler", [above.user_id])
    office.index()
    assert sorted(office.ids(above, "路灯")) == sorted([one, two, three])


def test_letters_of_other_categories_leave_no_trace(office: Office) -> None:
    scope = office.user("reviewer", categories=("01",))
    office.add(*(replace(LETTER, text=f"路灯{n}", external_id=f"{n}", category="0103")
                 for n in range(5)))  # fmt: skip
    questions = ("", "路灯", "李秀英", "category:01", "拆迁")
    before = [trace(office.ask(scope, q, facets=FACETS)) for q in questions]
    office.add(*(replace(LETTER, text=f"路灯拆迁{n}", external_id=f"x{n}", category=category)
                 for n, category in enumerate(("02", None, "12", "0201"))))  # fmt: skip
    assert [trace(office.ask(scope, q, facets=FACETS)) for q in questions] == before


def test_a_leader_sees_the_redacted_edition_and_cannot_find_by_what_it_hides(
    office: Office,
) -> None:
    leader = office.user("leader")
    (id_,) = office.add(LETTER)
    (hit,) = office.ask(leader, "路灯").hits
    assert hit.edition is Edition.REDACTED
    for hidden in ("13912345678", "3912345", "李秀英"):
        assert office.ids(leader, f'"{hidden}"') == []
        assert hidden not in str(hit)
        assert hidden not in str(office.library.petition(leader, id_))
    seen = office.library.petition(leader, id_)
    assert seen.edition is Edition.REDACTED
    assert len(seen.text) == len(SECRET_TEXT)
    assert (seen.extra, seen.petitioner, seen.files, seen.pages) == ({}, None, (), ())
    (person,) = seen.persons
    assert {person.name.shown, person.phone.shown, person.id_no.shown} == {Shown.MASKED}
    assert person.address.shown is Shown.MASKED


@pytest.mark.parametrize(
    ("fact", "value", "masked"),
    [
        ("id_no", "11010519491231002X", "110***********002X"),
        ("id_no", "A123456789", "A1*****789"),
        ("id_no", "旧证12345678", "**********"),
        ("phone", "13912345678", "139****5678"),
        ("phone", "0731-85551234", "****-****1234"),
        ("name", "欧阳建国", "欧阳**"),
        ("id_no", "李秀英110105", "*********"),
        ("phone", "13812345678 李秀英", "*********** ***"),
    ],
)
def test_facts_of_a_person_are_masked_by_their_form(
    office: Office, fact: str, value: str, masked: str
) -> None:
    leader = office.user("leader")
    facts: dict[str, Any] = {
        "name": "李秀英",
        "id_no": None,
        "phone": None,
        "address": None,
        fact: value,
    }
    stranger = NewPerson(**facts)
    (id_,) = office.add(NewPetition(subject="路灯", text="坏了", others=(stranger,)))
    (person,) = office.library.petition(leader, id_).persons
    shown = getattr(person, fact)
    assert (shown.text, shown.shown) == (masked, Shown.MASKED)


def test_a_reviewer_finds_and_sees_the_full_edition(office: Office) -> None:
    reviewer = office.user("reviewer")
    (id_,) = office.add(LETTER)
    assert office.ids(reviewer, '"13912345678"') == [id_]
    seen = office.library.petition(reviewer, id_, '"李秀英"')
    assert (seen.edition, seen.text) == (Edition.FULL, SECRET_TEXT)
    assert [seen.text[start:end] for start, end in seen.text_spans] == ["李秀英"]
    assert [seen.subject[start:end] for start, end in seen.subject_spans] == ["李秀英"]
    assert dict(seen.extra) == {"likes": 3}
    (person,) = seen.persons
    assert (person.name.text, person.name.shown) == ("李秀英", Shown.FULL)
    assert person.id_no.shown is Shown.MASKED
    assert person.id_no.text != LETTER.id_no


def test_a_caseworker_sees_own_cases_in_full_and_others_redacted(office: Office) -> None:
    worker = office.user("caseworker")
    other, own = office.add(LETTER, replace(LETTER, external_id="X-2", handler=worker.user_id))
    assert office.ids(worker, '"13912345678"') == [own]
    assert set(office.ids(worker, "路灯")) == {own, other}
    editions = {hit.id: hit.edition for hit in office.ask(worker, "路灯").hits}
    assert editions == {own: Edition.FULL, other: Edition.REDACTED}
    mine = office.library.petition(worker, own).persons[0]
    theirs = office.library.petition(worker, other).persons[0]
    assert (mine.name.text, mine.id_no.shown) == ("李秀英", Shown.MASKED)
    assert (theirs.name.shown, theirs.id_no.shown) == (Shown.MASKED, Shown.HIDDEN)
    assert theirs.id_no.text == ""


def test_a_case_taken_away_is_redacted_on_the_next_request(office: Office) -> None:
    worker = office.user("caseworker")
    (id_,) = office.add(replace(LETTER, handler=worker.user_id))
    with office.database.write() as session:
        name_users(session, id_, "handler", [])
    (hit,) = office.ask(worker, '"13912345678"').hits  # the index has yet to follow
    assert (hit.edition, "13912345678" in str(hit)) == (Edition.REDACTED, False)
    office.index()
    assert office.ids(worker, '"13912345678"') == []


def test_a_sealed_petition_is_only_for_those_named(office: Office) -> None:
    named, other = office.user("reviewer", level="secret"), office.user("reviewer", level="secret")
    (id_,) = office.add(replace(LETTER, sealed=True, named=(named.user_id,)))
    assert office.ids(named, "路灯") == [id_]
    assert office.library.petition(named, id_).id == id_
    answer = office.ask(other, "路灯", facets=FACETS)
    assert (answer.total, answer.hits) == (0, ())
    assert all(not values for values in answer.facets.values())
    with pytest.raises(NotFound):
        office.library.petition(other, id_)


def test_clearance_holds_for_own_cases_too(office: Office) -> None:
    worker = office.user("caseworker")
    (id_,) = office.add(replace(LETTER, level="restricted", handler=worker.user_id))
    assert office.ids(worker, "路灯") == []
    with pytest.raises(NotFound):
        office.library.petition(worker, id_)
    cleared = replace(worker, level=Level.RESTRICTED)
    assert office.ids(cleared, "路灯") == [id_]


def test_a_raised_level_hides_at_once_and_then_moves_the_letter(
    office: Office, everything: Scope
) -> None:
    leader = office.user("leader")
    (id_,) = office.add(LETTER)
    assert office.ids(leader, "路灯") == [id_]
    with office.database.write() as session:
        set_level(session, id_, "secret")
    assert office.ask(leader, "路灯").hits == ()
    office.index()
    assert office.ask(leader, "路灯", facets=("level",)).total == 0
    answer = office.ask(everything, "路灯", facets=("level",))
    assert [hit.id for hit in answer.hits] == [id_]
    assert [(v.value, v.count) for v in answer.facets["level"]] == [("secret", 1)]


def test_a_statistician_gets_counts_and_no_letter(office: Office) -> None:
    statistician = office.user("statistician")
    (id_,) = office.add(LETTER)
    answer = office.ask(statistician, "路灯", facets=("status",))
    assert (answer.total, answer.hits) == (1, ())
    assert [(v.value, v.label, v.count) for v in answer.facets["status"]] == [
        ("REGISTERED", "已登记", 1)
    ]
    with pytest.raises(NotFound):
        office.library.petition(statistician, id_)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_keeps_the_machine_reads_no_letter(office: Office, role: str) -> None:
    keeper = office.user(role, level="secret", fields=frozenset(FieldRight))
    (id_,) = office.add(replace(LETTER, external_id="X"))
    answer = office.ask(keeper, "路灯", facets=FACETS)
    assert (answer.total, answer.holding_all, answer.hits) == (0, 0, ())
    assert all(not values for values in answer.facets.values())
    with pytest.raises(NotFound):
        office.library.petition(keeper, id_)


def test_the_public_sees_published_redacted_copies_without_persons(office: Office) -> None:
    public = office.user("public")
    published, _ = office.add(
        replace(LETTER, published=True), replace(LETTER, external_id="X-2", published=False)
    )
    assert office.ids(public, "路灯") == [published]
    seen = office.library.petition(public, published)
    assert (seen.edition, seen.persons) == (Edition.REDACTED, ())


def test_a_disabled_user_has_no_scope(office: Office) -> None:
    leader = office.user("leader")
    office.add(LETTER)
    with office.database.write() as session:
        disable_user(session, leader.user_id)
        gone = scope_of(require_user(session, leader.user_id))
    assert office.ask(gone, "路灯").total == 0


def with_scan(office: Office, id_: str) -> bytes:
    """Hang a scan of one page on a petition; its image."""
    image = b"\x89PNG not really an image"
    original, shown = office.originals.put(b"%PDF scan"), office.originals.put(image)
    page = NewPage(
        width=1000,
        height=1400,
        text="湘源路路灯坏了",
        lines=(
            Line("湘源路路灯", (100, 100, 600, 200), 0.9),
            Line("坏了", (100, 220, 300, 320), 0.8),
        ),
        source="ocr",
        image_sha256=shown.sha256,
    )
    with office.database.write() as session:
        file_id = add_file(session, id_, original, "李秀英.pdf", media_type="application/pdf")
        put_pages(session, id_, file_id, [page])
    office.index()
    return image


def content(stream: BinaryIO) -> bytes:
    with stream:
        return stream.read()


def test_scans_are_for_those_with_the_right_to_them(office: Office) -> None:
    reviewer, leader = office.user("reviewer"), office.user("leader")
    (id_,) = office.add(LETTER)
    image = with_scan(office, id_)
    seen: VisiblePetition = office.library.petition(reviewer, id_)
    assert [(file.number, file.name) for file in seen.files] == [(1, "李秀英.pdf")]
    assert [(page.number, page.width) for page in seen.pages] == [(1, 1000)]
    shown = office.library.page_image(reviewer, id_, 1)
    assert (shown.content, shown.media_type) == (image, "image/png")
    assert content(office.library.original(reviewer, id_, 1).content) == b"%PDF scan"
    words = office.library.page_words(reviewer, id_, 1, '"路灯坏"')
    assert [(word.text, word.box) for word in words.words] == [
        ("路灯", (400.0, 100.0, 600.0, 200.0)),
        ("坏", (100.0, 220.0, 200.0, 320.0)),
    ]
    assert office.ask(reviewer, "路灯").hits[0].has_scan
    (page,) = office.library.petition(leader, id_).pages
    assert page.view is PageView.REDACTED  # see test_redacted_pages
    for ask in (
        lambda: office.library.page_image(leader, id_, 1),  # what is no picture has no copy
        lambda: office.library.original(leader, id_, 1),
    ):
        with pytest.raises(NotFound):
            ask()
    assert "李秀英" not in str(office.library.petition(leader, id_))


def test_unknown_and_forbidden_are_the_same(office: Office) -> None:
    leader, reviewer = office.user("leader", regions=("A市",)), office.user("reviewer")
    (id_,) = office.add(replace(LETTER, region="B市"))
    with_scan(office, id_)
    library = office.library
    refusals = set()
    for scope, petition_id, number in (
        (leader, id_, 1),
        (leader, "0" * 32, 1),
        (leader, "no id; DROP", 1),
        (reviewer, id_, 2),
        (reviewer, id_, 0),
    ):
        for ask in (library.page_image, library.original):
            with pytest.raises(NotFound) as refused:
                ask(scope, petition_id, number)
            refusals.add((str(refused.value), refused.value.code))
        with pytest.raises(NotFound) as refused:
            library.page_words(scope, petition_id, number, "路")
        refusals.add((str(refused.value), refused.value.code))
        if scope is leader:
            with pytest.raises(NotFound) as refused:
                library.petition(scope, petition_id)
            refusals.add((str(refused.value), refused.value.code))
    assert len(refusals) == 1


def test_every_method_takes_the_scope_first_without_a_default(office: Office) -> None:
    parts = [part for name, part in vars(office.library).items() if not name.startswith("_")]
    assert len(parts) == 4
    for part in (office.library, *parts):
        for name, method in inspect.getmembers(part, inspect.ismethod):
            if name.startswith("_") or name in ("ready", "close"):
                continue
            first = next(iter(inspect.signature(method).parameters.values()))
            found = (first.name, first.annotation, first.default)
            assert found == ("scope", "Scope", inspect.Parameter.empty), name


def test_views_and_refusals_are_in_the_audit(office: Office) -> None:
    leader = office.user("leader", regions=("A市",))
    mine, other = office.add(
        replace(LETTER, region="A市"), replace(LETTER, region="B市", external_id="X-2")
    )
    office.library.petition(leader, mine)
    for refused in (other, "13912345678"):
        with pytest.raises(NotFound):
            office.library.petition(leader, refused)
    with office.database.read() as session:
        entries = audit.entries(session)
    assert [(e.actor, e.action, e.object_id, e.details["shown"]) for e in entries] == [
        (leader.user_id, "view", mine, True),
        (leader.user_id, "view", other, False),
        (leader.user_id, "view", None, False),
    ]


def test_without_an_audit_entry_there_is_no_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = office.user("leader")
    (id_,) = office.add(LETTER)

    def broken(*_: object, **__: object) -> int:
        raise BadValue("the log is broken")

    monkeypatch.setattr(audit, "write", broken)
    with pytest.raises(BadValue):
        office.ask(leader, "路灯")
    with pytest.raises(BadValue):
        office.library.petition(leader, id_)


def test_an_engine_that_fails_gives_no_data(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = office.user("leader")
    office.add(LETTER)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("engine")

    monkeypatch.setattr(office.engine, "search", broken)
    with pytest.raises(RuntimeError):
        office.ask(leader, "路灯")
