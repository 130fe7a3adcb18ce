"""Searching through the one door, against a brute-force reading of the same letters."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyzers.fold import fold_text
from records import audit
from records.petitions import NewPetition, PetitionRecord, all_after
from records.regions import add_region
from search.access import Scope
from search.answers import FACETS, MAX_SIZE, Filters, SearchRequest
from search.engine import Sort
from search.errors import QueryError, TooDeep, UnknownFacet
from search.query import OFFICE_ZONE, Why

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

WORDS = ("路", "噪音", "拆迁", "拆遷", "A3区", "１２元", "12元", "k8", "房产证", "物业公司", "您好")


def records(office: Office) -> list[PetitionRecord]:
    with office.database.read() as session:
        return all_after(session, "", 10_000)


def fields_of(record: PetitionRecord) -> list[str]:
    return [fold_text(t) for t in (record.subject, record.text, *(r.text for r in record.replies))]


def holds(record: PetitionRecord, word: str) -> bool:
    return any(fold_text(word) in field for field in fields_of(record))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_finds_every_letter_that_holds_it(
    full_office: Office, everything: Scope, word: str
) -> None:
    expected = {r.id for r in records(full_office) if holds(r, word)}
    assert expected
    for typed in (f'"{word}"', f"“{word}”", f"「{word}」"):
        found = full_office.ids(everything, typed)
        assert len(found) == len(set(found))
        assert set(found) == expected


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_part_of_a_letter_finds_it(
    full_office: Office, everything: Scope, data: st.DataObject
) -> None:
    record = data.draw(st.sampled_from(records(full_office)))
    text = data.draw(st.sampled_from([t for t in (record.subject, record.text) if t]))
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : start + data.draw(st.integers(1, 20))]
    assume(fold_text(part))
    assert record.id in full_office.ids(everything, f'"{part}"')


@pytest.mark.parametrize(
    ("a", "b"), list(product(("路", "噪音", "A3区"), ("物业", "施工", "工资")))
)
def test_operators_agree_with_brute_force(
    full_office: Office, everything: Scope, a: str, b: str
) -> None:
    every = records(full_office)
    has_a = {r.id for r in every if holds(r, a)}
    has_b = {r.id for r in every if holds(r, b)}
    all_ids = {r.id for r in every}
    for typed, expected in (
        (f"{a} AND {b}", has_a & has_b),
        (f"{a} OR {b}", has_a | has_b),
        (f"{a} -{b}", has_a - has_b),
        (f"{a} －{b}", has_a - has_b),
        (f"-{b}", all_ids - has_b),
        (f'"{a}" "{b}"', has_a & has_b),
    ):
        found = set(full_office.ids(everything, typed))
        if expected:
            assert found == expected, typed
        else:
            assert full_office.ask(everything, typed).relaxed or not found


def test_fields_look_in_their_field_alone(full_office: Office, everything: Scope) -> None:
    every = records(full_office)
    for typed, texts in (
        ("subject:路", [[r.subject] for r in every]),
        ("text:路", [[r.text] for r in every]),
        ("reply:调查", [[reply.text for reply in r.replies] for r in every]),
    ):
        word = typed.partition(":")[2]
        expected = {
            r.id
            for r, parts in zip(every, texts, strict=True)
            if any(fold_text(word) in fold_text(part) for part in parts)
        }
        assert expected
        assert set(full_office.ids(everything, typed)) == expected


def test_two_replies_are_not_one_text(office: Office, everything: Scope) -> None:
    from records.petitions import NewReply

    office.add(NewPetition(subject="s", text="t", replies=(NewReply("前一半"), NewReply("后一半"))))
    assert len(office.ids(everything, '"前一半"')) == 1
    assert office.ids(everything, '"半后"') == []


def test_letters_are_found_though_worded_differently(office: Office, everything: Scope) -> None:
    office.add(NewPetition(subject="房产证", text="买房五年，房产证一直没有办下来。"))
    office.add(NewPetition(subject="工地", text="工地夜里施工，吵得睡不着。"))
    for typed, subject, word, why in (
        ("房本下不来", "房产证", "房产证", Why.SYNONYM),
        ("深夜失工", "工地", "施工", Why.SOUND),
    ):
        answer = office.ask(everything, typed)
        assert not answer.relaxed
        assert answer.hits[0].subject == subject
        told = {word for one in answer.expansions if one.why is why for word in one.added}
        assert word in told
        shown = answer.hits[0].passages[0]
        assert word in {shown.text[start:end] for start, end in shown.spans}
        assert office.ask(everything, f'"{typed[:2]}"').expansions == ()


def test_what_was_typed_stands_before_what_it_is_also_called(
    office: Office, everything: Scope
) -> None:
    for number in range(3):
        office.add(NewPetition(subject="噪音", text=f"噪音，噪音{number}。"))
    office.add(NewPetition(subject="广场", text="这里从早到晚都有很大的声响，" * 9 + "是噪声。"))
    answer = office.ask(everything, "噪声")
    assert (answer.total, answer.holding_all) == (4, 1)
    assert answer.hits[0].subject == "广场"
    alone = office.ask(everything, "噪音")
    assert (alone.total, alone.holding_all) == (3, 3)


def test_filters_and_dates_agree_with_brute_force(full_office: Office, everything: Scope) -> None:
    every = records(full_office)

    def day(record: PetitionRecord) -> date:
        return record.received_at.astimezone(OFFICE_ZONE).date()

    since, until = date(2019, 1, 5), date(2019, 1, 20)
    for filters, expected in (
        (Filters(region=("A市",)), {r.id for r in every if "A市" in r.region_path}),
        (Filters(region=("A3区人民政府",)), {r.id for r in every if r.region == "A3区"}),
        (
            Filters(region=("A3区", "B市")),
            {r.id for r in every if {"A3区", "B市"} & set(r.region_path)},
        ),
        (Filters(category=("01",)), {r.id for r in every if "01" in r.category_path}),
        (Filters(category=("城乡建设",)), {r.id for r in every if "01" in r.category_path}),
        (Filters(status=("CLOSED",)), {r.id for r in every if r.status == "CLOSED"}),
        (
            Filters(channel=("来访", "call")),
            {r.id for r in every if r.channel in ("visit", "call")},
        ),
        (Filters(level=("secret",)), {r.id for r in every if r.level == "secret"}),
        (Filters(year=("2018",)), {r.id for r in every if day(r).year == 2018}),
        (Filters(since=since, until=until), {r.id for r in every if since <= day(r) <= until}),
        (Filters(until=date(2018, 12, 31)), {r.id for r in every if day(r).year == 2018}),
        (
            Filters(region=("A市",), status=("CLOSED",)),
            {r.id for r in every if "A市" in r.region_path and r.status == "CLOSED"},
        ),
    ):
        assert expected, filters
        assert set(full_office.ids(everything, "", filters)) == expected, filters


def test_typed_fields_take_names_and_codes(full_office: Office, everything: Scope) -> None:
    for typed, filters in (
        ("region:A市", Filters(region=("A市",))),
        ("地区：a市人民政府", Filters(region=("A市",))),
        ("category:城鄉建設", Filters(category=("01",))),
        ("status:办结", Filters(status=("CLOSED",))),
        ("status:結案", Filters(status=("CLOSED",))),
        ("level:秘密", Filters(level=("secret",))),
    ):
        found = full_office.ids(everything, typed)
        assert found
        assert found == full_office.ids(everything, "", filters)


def test_numbers_find_their_letter(full_office: Office, everything: Scope) -> None:
    record = records(full_office)[5]
    assert full_office.ids(everything, f"no:{record.number.lower()}") == [record.id]
    assert full_office.ids(everything, f"编号：{record.external_id}") == [record.id]


def test_facets_are_counted_over_all_that_was_found(full_office: Office, everything: Scope) -> None:
    answer = full_office.ask(everything, '"路"', facets=FACETS, size=3)
    met = [r for r in records(full_office) if holds(r, "路")]
    assert answer.total == len(met)
    assert len(answer.hits) == 3
    shown = {name: {v.value: v.count for v in values} for name, values in answer.facets.items()}
    assert set(shown) == set(FACETS)
    for name, of in (
        ("status", lambda r: (r.status,)),
        ("channel", lambda r: (r.channel,)),
        ("level", lambda r: (r.level,)),
        ("region", lambda r: tuple(code for code in r.region_path if code != "ALL")),
        ("category", lambda r: r.category_path),
    ):
        expected: dict[str, int] = {}
        for record in met:
            for value in of(record):
                expected[value] = expected.get(value, 0) + 1
        assert shown[name] == expected, name


def test_facet_trees_stand_below_their_parents(full_office: Office, everything: Scope) -> None:
    regions = full_office.ask(everything, facets=("region",)).facets["region"]
    by_value = {value.value: value for value in regions}
    assert by_value["A3区"].parent == "A市"
    assert (by_value["A市"].depth, by_value["A3区"].depth) == (0, 1)
    order = [value.value for value in regions]
    assert order.index("A市") < order.index("A3区")
    (top, *_) = full_office.ask(everything, facets=("category",)).facets["category"]
    assert (top.value, top.label, top.depth) == ("01", "城乡建设", 0)


def test_pages_are_disjoint_and_complete(full_office: Office, everything: Scope) -> None:
    for sort in Sort:
        seen: list[str] = []
        for page in range(1, 20):
            request = SearchRequest("路", sort=sort, page=page, size=7)
            seen += [hit.id for hit in full_office.library.search(everything, request).hits]
        assert len(seen) == len(set(seen))
        request = SearchRequest("路", sort=sort, size=MAX_SIZE)
        assert seen == [hit.id for hit in full_office.library.search(everything, request).hits]


def test_dates_order_the_answer(full_office: Office, everything: Scope) -> None:
    newest = full_office.library.search(
        everything, SearchRequest("路", sort=Sort.NEWEST, size=MAX_SIZE)
    )
    oldest = full_office.library.search(
        everything, SearchRequest("路", sort=Sort.OLDEST, size=MAX_SIZE)
    )
    times = [hit.received_at for hit in newest.hits]
    assert times == sorted(times, reverse=True)
    assert [hit.received_at for hit in oldest.hits] == sorted(times)
    assert full_office.ask(everything, "").sort is Sort.NEWEST
    assert full_office.ask(everything, "路").sort is Sort.RELEVANCE


def test_letters_that_hold_all_words_come_first(full_office: Office, everything: Scope) -> None:
    answer = full_office.ask(everything, "物业费 公示 噪音", size=MAX_SIZE)
    assert answer.total > 0
    every = {r.id: r for r in records(full_office)}
    complete = [
        all(holds(every[hit.id], word) for word in ("物业费", "公示", "噪音"))
        for hit in answer.hits
    ]
    assert complete == sorted(complete, reverse=True)
    assert answer.holding_all == sum(complete)


def test_nothing_found_is_asked_again_loosely_and_said_so(
    full_office: Office, everything: Scope
) -> None:
    assert not [r for r in records(full_office) if holds(r, "噪音量")]
    loose = full_office.ask(everything, "噪音量")
    assert loose.relaxed
    assert any(fold_text("噪音") in fold_text(hit.subject) for hit in loose.hits[:1])
    seen = full_office.library.petition(everything, loose.hits[0].id, "噪音量")
    assert seen.subject_spans == loose.hits[0].subject_spans != ()
    exact = full_office.ask(everything, '"噪音量"')
    assert (exact.total, exact.relaxed, exact.hits) == (0, False, ())


def test_the_question_is_told_back(full_office: Office, everything: Scope) -> None:
    said = full_office.ask(everything, '"施工" -噪音 subject:路 region:A市 after:2019-01').query
    for part in ("「施工」", "不含「噪音」", "标题含「路」", "地区为A市", "自2019-01-01"):
        assert part in said
    assert full_office.ask(everything, "").query == "全部信件"


def test_what_is_left_out_is_told_last(full_office: Office, everything: Scope) -> None:
    for asked in ("噪音 -施工", "-施工 噪音", "NOT 施工 AND 噪音"):
        assert full_office.ask(everything, asked).query == "「噪音」 且 不含「施工」"
    either = full_office.ask(everything, "-施工 OR 噪音").query
    assert either == "不含「施工」 或 「噪音」"


def test_passages_lie_in_the_letter_and_mark_the_words(
    full_office: Office, everything: Scope
) -> None:
    every = {r.id: r for r in records(full_office)}
    answer = full_office.ask(everything, '"拆遷"', size=MAX_SIZE)
    assert answer.hits
    for hit in answer.hits:
        record = every[hit.id]
        marked = [hit.subject[start:end] for start, end in hit.subject_spans]
        for passage in hit.passages:
            source = record.text if passage.reply is None else record.replies[passage.reply].text
            assert source[passage.start :].startswith(passage.text)
            marked += [passage.text[start:end] for start, end in passage.spans]
        assert marked
        assert {fold_text(text) for text in marked} == {"拆迁"}
        assert 1 <= len(hit.passages) <= 3


def test_an_unknown_value_is_refused_with_its_place(full_office: Office, everything: Scope) -> None:
    with pytest.raises(QueryError) as typed:
        full_office.ask(everything, "路 region:无此地")
    assert (typed.value.code, typed.value.start, typed.value.end) == ("unknown_region", 2, 12)
    for filters, code in (
        (Filters(region=("无此地",)), "unknown_region"),
        (Filters(category=("99",)), "unknown_category"),
        (Filters(status=("closed!",)), "unknown_status"),
        (Filters(channel=("鸽子",)), "unknown_channel"),
        (Filters(level=("top",)), "unknown_level"),
        (Filters(year=("19",)), "unknown_year"),
    ):
        with pytest.raises(QueryError) as chosen:
            full_office.ask(everything, "路", filters)
        assert chosen.value.code == code


@pytest.mark.parametrize("name", ["reader", "number", "phone", ""])
def test_what_is_no_facet_is_refused(full_office: Office, everything: Scope, name: str) -> None:
    with pytest.raises(UnknownFacet):
        full_office.ask(everything, "路", facets=(name,))


def test_pages_out_of_range_are_refused(full_office: Office, everything: Scope) -> None:
    for page, size, code in ((0, 10, "bad_page"), (1, -1, "bad_size"), (1, 101, "bad_size")):
        with pytest.raises(QueryError) as refused:
            full_office.ask(everything, "路", page=page, size=size)
        assert refused.value.code == code
    with pytest.raises(TooDeep):
        full_office.ask(everything, "路", page=201, size=50)


def test_a_region_added_a_moment_ago_is_known(office: Office, everything: Scope) -> None:
    with pytest.raises(QueryError):
        office.ask(everything, "", Filters(region=("C市",)))
    with office.database.write() as session:
        add_region(session, "C市", "C市")
    (id_,) = office.add(NewPetition(subject="路", text="路", region="C市"))
    assert office.ids(everything, "region:C市") == [id_]


def test_a_search_is_in_the_audit_with_its_text_sealed(office: Office, everything: Scope) -> None:
    office.add(NewPetition(subject="路灯", text="坏了"))
    office.ask(everything, "路灯 13900000000")
    with office.database.read() as session:
        entry = audit.entries(session)[-1]
        assert (entry.actor, entry.action) == ("shell", "search")
        assert entry.details["total"] == 1
        assert "13900000000" not in str(entry)
        assert audit.question(session, entry) == "路灯 13900000000"
        assert audit.verify(session).intact


def test_ready_means_tables_and_engine(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.library.ready()
    with monkeypatch.context() as patch:
        patch.setattr(office.engine, "ready", lambda: False)
        assert not office.library.ready()
    office.database.downgrade("base")
    assert not office.library.ready()
