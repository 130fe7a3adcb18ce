"""Who wrote this before: by text, by person, by matter; and only of what the asker may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from opencc import OpenCC

from records import audit
from records.daily import Daily
from records.petitions import NewPetition, NewReply, read, set_level
from search.access import FieldRight, Scope
from search.duplicates.answers import (
    Cause,
    Duplicate,
    DuplicateAnswer,
    Evidence,
    LetterAsked,
    Petitioner,
    Verdict,
)
from search.duplicates.asking import OF_ONE_PERSON, everybody_of, naming, numbers_of
from search.duplicates.finding import Asked, Candidate, judge
from search.duplicates.reasons import said
from search.errors import NotFound, QueryError
from search.scopes import shell_scope

if TYPE_CHECKING:
    from tests.search.library.conftest import Office

FINDS = Daily("find_person", 20, ZoneInfo("Asia/Shanghai"), "finds_per_day")
DAY = datetime(2019, 3, 1, 2, tzinfo=UTC)
SUBJECT = "A3区金桂园小区一楼餐馆油烟扰民"
TEXT = (
    "我是A3区金桂园小区的业主李秀英，一楼的餐馆每天从早上六点开到深夜，油烟直接排进楼道，"
    "衣服晾在阳台上全是油味，老人咳嗽不止。我们向物业和社区反映了三次，来人看过，装了一台净化器，"
    "可是从来不开。请执法部门到现场测一测，责令餐馆把烟道接到楼顶。联系电话13912345678。"
)
WORDED_ANEW = (
    "金桂园小区底层开了一家餐馆，油烟没有专用烟道，楼上住户不敢开窗。找过社区，装的净化器是摆设，"
    "餐馆照样排烟。希望城管尽快查处这家餐馆。"
)
PERSON = Petitioner(
    name="李秀英", id_no="11010519491231002X", phone="13912345678", address="湘源路3号2栋401"
)
LETTER = NewPetition(
    subject=SUBJECT,
    text=TEXT,
    region="A3区",
    name=PERSON.name,
    id_no=PERSON.id_no,
    phone=PERSON.phone,
    address=PERSON.address,
    received_at=DAY,
)
OTHERS = tuple(
    NewPetition(subject=subject, text=text, region=region, received_at=DAY + timedelta(days=at))
    for at, (subject, text, region) in enumerate(
        (
            ("B2区湘源路路灯不亮", "湘源路的路灯坏了两个月，学生下晚自习只能打手电。", "B2区"),
            ("A7县物业费乱涨价", "物业公司没有公示就把物业费涨到三元，业委会不管。", "A7县"),
            ("A3区拖欠农民工工资", "项目经理电话不接，三十多人的工资拖到了年底。", "A3区"),
            ("A市公交改道", "公交车改道以后，上学要转两趟车，站台没有雨棚。", "A市"),
        )
    )
)


def asked(
    office: Office, scope: Scope, text: str = TEXT, subject: str = SUBJECT, **more: object
) -> DuplicateAnswer:
    people = more.pop("people", ())
    letter = LetterAsked(subject, text, people, **{"received_at": DAY + timedelta(9), **more})
    return office.library.repeats.of_new(scope, letter, FINDS)


def first(found: DuplicateAnswer) -> Duplicate:
    assert found.found
    return found.found[0]


@pytest.fixture
def letter(office: Office) -> str:
    id_, *_ = office.add(LETTER, *OTHERS)
    return id_


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (TEXT, Verdict.EXACT),
        (OpenCC("s2t").convert(TEXT).replace("。", "。_x000D_\n"), Verdict.EXACT),
        (TEXT[: len(TEXT) // 2], Verdict.NEAR),
        (TEXT.replace("三次", "五次") + "盼复！", Verdict.NEAR),
        (WORDED_ANEW, Verdict.SAME_MATTER),
    ],
)
def test_it_is_known_again(office: Office, letter: str, text: str, verdict: Verdict) -> None:
    found = first(asked(office, shell_scope(), text))
    assert (found.petition.id, found.verdict) == (letter, verdict)


def test_many_letters_with_the_same_phone_hide_none_of_the_same_person(office: Office) -> None:
    """A village's only telephone stands in the letters of many."""
    older = replace(OTHERS[1], id_no=PERSON.id_no, phone="", received_at=DAY - timedelta(99))
    newer = (
        replace(OTHERS[0], phone=PERSON.phone, text=f"{at}号{OTHERS[0].text}")
        for at in range(OF_ONE_PERSON + 5)
    )
    known, same, *_ = office.add(LETTER, older, *newer)
    scope = shell_scope()
    with office.database.read() as session:
        (record,) = read(session, [known])
        for sought in (numbers_of(scope, (PERSON,)), everybody_of(scope, (PERSON,), record)):
            found = naming(session, scope, sought)
            assert {known, same} <= found.keys()
            assert len(found) >= OF_ONE_PERSON


def test_another_matter_is_not_told_as_one(office: Office, letter: str) -> None:
    found = asked(office, shell_scope(), OTHERS[0].text + "今年又坏了。", OTHERS[0].subject)
    assert first(found).petition.id != letter
    told = {one.petition.id: one.verdict for one in found.found}
    assert told.get(letter, Verdict.RELATED) is Verdict.RELATED


def test_a_template_about_another_estate_is_related_at_most(office: Office, letter: str) -> None:
    other = TEXT.replace("金桂园", "滨河苑"), SUBJECT.replace("金桂园", "滨河苑")
    found = first(asked(office, shell_scope(), *other))
    assert (found.petition.id, found.verdict) == (letter, Verdict.RELATED)
    (told,) = [reason for reason in found.reasons if reason.cause is Cause.EXCHANGED]
    assert told.values == ("滨河苑", "金桂园")
    assert "滨河苑" in said(told)


@pytest.mark.parametrize(
    ("person", "evidence"),
    [
        (PERSON, Evidence.ID_NO),
        (Petitioner(id_no="１１０１０５１９４９１２３１００２ｘ"), Evidence.ID_NO),
        (Petitioner(id_no="1101O519491231OO2X"), Evidence.ID_NO),  # misread: O for 0
        (Petitioner(name="李秀英", phone="+86 139-1234-5678"), Evidence.NAME_PHONE),
        (Petitioner(name="李秀英", address="湘源路3号 2栋401"), Evidence.NAME_ADDRESS),
        (Petitioner(name="李秀英"), Evidence.NAME),
        (Petitioner(name="王秀英", former_name="李秀英"), Evidence.NAME),
        (Petitioner(phone="13912345678"), Evidence.PHONE),
        (Petitioner(name="王小明"), Evidence.PHONE_IN_TEXT),  # the letter itself tells it
        (Petitioner(id_no="110101199003070011", name="李秀英"), None),
    ],
)
def test_the_same_person_is_known_by(
    office: Office, letter: str, person: Petitioner, evidence: Evidence | None
) -> None:
    text = WORDED_ANEW
    if evidence is Evidence.PHONE_IN_TEXT:
        text += "电话13912345678。"
    found = first(asked(office, shell_scope(), text, people=(person,)))
    assert (found.petition.id, found.evidence) == (letter, evidence)
    assert found.verdict is (Verdict.REPEAT if evidence else Verdict.SAME_MATTER)


@pytest.mark.parametrize("writer", [Petitioner(code="UU0081681"), Petitioner(name="uu0081681 ")])
def test_the_code_of_an_older_system_is_a_person(office: Office, writer: Petitioner) -> None:
    office.add(NewPetition(subject=SUBJECT, text=TEXT, petitioner="UU0081681", received_at=DAY))
    found = first(asked(office, shell_scope(), WORDED_ANEW, people=(writer,)))
    assert (found.verdict, found.evidence) == (Verdict.REPEAT, Evidence.CODE)


def test_a_person_is_found_though_nothing_is_alike(office: Office, letter: str) -> None:
    """Same person, another matter: told as related, found by the register and not by the engine."""
    found = asked(
        office, shell_scope(), "油烟已经好了，现在楼道的餐馆招牌挡光。", "招牌", people=(PERSON,)
    )
    told = {one.petition.id: one for one in found.found}
    assert told[letter].evidence is Evidence.ID_NO
    assert told[letter].verdict is Verdict.RELATED


def test_a_clerk_is_told_by_masked_letters(office: Office, letter: str) -> None:
    clerk = office.user("clerk", regions=("A市",))
    found = first(asked(office, clerk, people=(PERSON,)))
    assert (found.petition.id, found.verdict) == (letter, Verdict.EXACT)
    assert found.evidence is Evidence.ID_NO
    told = repr(found)
    for fact in (PERSON.name, PERSON.phone, PERSON.id_no):
        assert fact not in told


def test_an_identity_number_that_is_kept_back_tells_nothing(office: Office) -> None:
    """A caseworker sees no identity number of other cases, nor that two letters share one."""
    caseworker = office.user("caseworker", regions=("A市",))
    own = replace(LETTER, phone=None, name=None, address=None, handler=caseworker.user_id)
    other = replace(own, handler=None, subject=OTHERS[0].subject, text=OTHERS[0].text)
    asking, elsewhere = office.add(own, other)
    clerk = office.user("clerk", regions=("A市",))
    for scope, letters in ((caseworker, [asking]), (clerk, [asking, elsewhere])):
        found = office.library.people.file(scope, asking, 1)
        assert {one.petition.id for one in found.letters} == set(letters)


def test_who_may_not_look_people_up_is_told_nothing_of_persons(office: Office, letter: str) -> None:
    leader = office.user("leader", regions=("A市",))
    found = first(asked(office, leader, WORDED_ANEW, people=(PERSON,)))
    assert (found.evidence, found.verdict) == (None, Verdict.SAME_MATTER)
    assert Cause.SAME_PERSON not in {reason.cause for reason in found.reasons}


def test_a_masked_name_can_not_be_guessed_by_the_score(office: Office) -> None:
    """To who sees redacted texts, letters that differ in what is masked are equally like one."""
    other = TEXT.replace("李秀英", "李德柱").replace("13912345678", "13999995678")
    office.add(LETTER, replace(LETTER, text=other, name="李德柱", phone="13999995678"))
    leader = office.user("leader", regions=("A市",))
    found = asked(office, leader, TEXT).found
    assert len({(one.score, one.verdict, one.reasons) for one in found}) == 1
    assert len(found) == 2
    assert len({one.score for one in asked(office, shell_scope(), TEXT).found}) == 2


@pytest.mark.parametrize("hidden", ["level", "sealed", "region"])
def test_what_is_hidden_is_not_told(office: Office, hidden: str) -> None:
    change = {
        "level": {"level": "secret"},
        "sealed": {"sealed": True},
        "region": {"region": "B2区"},
    }
    office.add(replace(LETTER, **change[hidden]), *OTHERS)
    clerk = office.user("clerk", regions=("A市",))
    before = asked(office, clerk, people=(PERSON,))
    assert all(one.petition.subject != SUBJECT for one in before.found)
    assert not any(one.evidence for one in before.found)


def test_what_is_told_is_told_whole(office: Office) -> None:
    """Letters are compared bare."""
    answered = replace(LETTER, replies=(NewReply("已到现场，责令整改。"),), extra={"likes": 3})
    office.add(answered, *OTHERS)
    for scope in (shell_scope(), office.user("clerk", regions=("A市",))):
        told = first(asked(office, scope)).petition
        whole = office.library.petition(scope, told.id)
        assert told.replies
        assert told == replace(whole, notes=(), reminders=())


def test_what_goes_out_of_sight_meanwhile_is_not_told(
    office: Office, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = office.user("clerk", regions=("A市",))
    compared = []

    def sealed_meanwhile(asked: Asked, candidates: list[Candidate], *more: object) -> object:
        compared.extend(one.petition.id for one in candidates)
        with office.database.write() as session:
            set_level(session, letter, "secret")
        return judge(asked, candidates, *more)

    monkeypatch.setattr("search.duplicates.repeats.judge", sealed_meanwhile)
    found = asked(office, clerk)
    assert letter in compared
    assert letter not in {one.petition.id for one in found.found}


def test_look_ups_of_people_are_counted(office: Office, letter: str) -> None:
    clerk = office.user("clerk", regions=("A市",))
    few = replace(FINDS, most=1)
    question = LetterAsked(SUBJECT, WORDED_ANEW, (replace(PERSON, name=""),))
    assert office.library.repeats.of_new(clerk, question, few).people_asked
    second = office.library.repeats.of_new(clerk, question, few)
    assert not second.people_asked
    assert first(second).petition.id == letter  # texts are compared all the same


def test_an_unknown_region_is_a_mistake(office: Office, letter: str) -> None:
    with pytest.raises(QueryError) as mistake:
        asked(office, shell_scope(), region="C9区")
    assert mistake.value.code == "unknown_region"


def test_an_empty_letter_finds_nothing(office: Office, letter: str) -> None:
    assert not asked(office, shell_scope(), "", "").found


def test_similar_puts_answers_first(office: Office) -> None:
    answer = NewReply("经执法人员现场检测，已责令该餐馆安装专用烟道。", replied_at=DAY)
    passed_on = NewReply("您反映的问题已转A3区处理。", transfer_only=True, replied_at=DAY)
    again = replace(LETTER, name=None, id_no=None, phone=None, address=None)
    asking, plain, moved, answered = office.add(
        LETTER,
        replace(again, text=WORDED_ANEW),
        replace(again, text=WORDED_ANEW + "盼复。", replies=(passed_on,)),
        replace(again, text=WORDED_ANEW + "谢谢。", replies=(answer,)),
    )
    found = office.library.repeats.similar(shell_scope(), asking).found
    assert [one.petition.id for one in found] == [answered, moved, plain]
    assert found[1].petition.replies[0].transfer_only
    closest = office.library.repeats.of(shell_scope(), asking).found
    assert {one.petition.id for one in closest} == {answered, moved, plain}


def test_similar_to_what_is_hidden_is_unknown(office: Office, letter: str) -> None:
    clerk = office.user("clerk", regions=("B市",))
    for unknown in (letter, "0" * 32, "none"):
        with pytest.raises(NotFound):
            office.library.repeats.similar(clerk, unknown)


def test_what_a_registrar_could_not_be_told_waits_for_who_sees_both(office: Office) -> None:
    clerk = office.user("clerk", regions=("A3区",))
    cleared = office.user("clerk", regions=("A市", "B市"))
    elsewhere, registered, *_ = office.add(
        replace(LETTER, region="B2区"), replace(LETTER, registrar=clerk.user_id), *OTHERS
    )
    assert not asked(office, clerk, people=(PERSON,)).found[1:]  # the registered one alone
    (told,) = office.library.repeats.overlooked(cleared)
    assert told.petition.id == registered
    assert [(one.petition.id, one.verdict) for one in told.found] == [(elsewhere, Verdict.EXACT)]
    assert not office.library.repeats.overlooked(clerk)
    assert not office.library.repeats.overlooked(office.user("clerk", regions=("A市",)))
    with pytest.raises(NotFound):
        office.library.repeats.overlooked(office.user("leader", regions=("A市", "B市")))


def test_the_log_has_each_check_and_no_name(office: Office, letter: str) -> None:
    clerk = office.user("clerk", regions=("A市",))
    asked(office, clerk, people=(PERSON,))
    office.library.repeats.similar(clerk, letter)
    with office.database.read() as session:
        entries = [one for one in audit.entries(session) if one.actor == clerk.user_id]
    assert [one.action for one in entries] == ["duplicates", "similar"]
    assert not any(fact in repr(entries) for fact in (PERSON.name, PERSON.phone, PERSON.id_no))


def test_full_rights_compare_full_texts(office: Office, letter: str) -> None:
    fields = frozenset({FieldRight.FULL_TEXT.value})
    reader = office.user("leader", regions=("A市",), fields=fields)
    right, wrong = asked(office, reader), asked(office, reader, TEXT.replace("李秀英", "赵德柱"))
    assert first(right).verdict is Verdict.EXACT
    assert first(wrong).verdict is Verdict.NEAR
