"""What is left out while candidates are judged changes nothing in what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.fold import fold_text
from analyzers.likeness.traits import normal
from analyzers.segment import words
from search.answers import Labelled, VisiblePetition
from search.duplicates.answers import Cause, Reason, Verdict
from search.duplicates.finding import Asked, Candidate, _subjects_alike, judge
from search.duplicates.words import cosine, subject_words
from search.engine import Edition, Level

DAY = datetime(2024, 5, 6, tzinfo=UTC)
SUBJECT = "A3区金桂园小区餐馆油烟扰民"
TEXT = (
    "我是A3区金桂园小区5栋的业主。一楼的餐馆每天从早上六点开到深夜，油烟直接排进楼道，"
    "衣服晾在阳台上全是油味，老人咳嗽不止。我们向物业和社区反映了三次，工作人员来看过。"
)
ESTATES = ("滨河苑", "丽江苑", "枫林苑", "东湖苑", "南门苑", "云景苑")
SUBJECTS = st.text(alphabet="小区噪音路灯a3α.%5 ，問題①", max_size=12)


def asked(subject: str, text: str) -> Asked:
    return Asked(subject, text, (), (), DAY)


def candidate(number: int, subject: str, text: str, edition: Edition = Edition.FULL) -> Candidate:
    none = Labelled("", "")
    visible = VisiblePetition(
        id=f"{number:032x}",
        number=f"XF{number}",
        external_id=None,
        edition=edition,
        level=Level.OPEN,
        subject=subject,
        text=text,
        category=(),
        region=(),
        status=none,
        channel=none,
        received_at=DAY + timedelta(days=number % 3),
        people_count=None,
        petitioner=None,
        persons=(),
        replies=(),
        timeline=(),
        files=(),
        pages=(),
        text_source="native",
        text_confidence=None,
        extra={},
    )
    return Candidate(visible, ())


def alike() -> list[Candidate]:
    """Copies, the same wording about other estates, letters of both editions that share little."""
    copies = [TEXT[: len(TEXT) - 3 * n] for n in range(5)]
    swapped = [TEXT.replace("金桂园", estate) for estate in ESTATES]
    others = [f"金桂园小区的餐馆{n}月又排油烟，物业不管。" for n in range(6)]
    given = [(SUBJECT, text) for text in copies]
    given += [
        (SUBJECT.replace("金桂园", estate), text)
        for estate, text in zip(ESTATES, swapped, strict=True)
    ]
    given += [("餐馆油烟", text) for text in others]
    editions = list(Edition)
    return [candidate(n, *one, edition=editions[n % 2]) for n, one in enumerate(given)]


@pytest.mark.parametrize("most", range(18))
def test_the_first_are_the_first_of_all(most: int) -> None:
    letter = asked(SUBJECT, TEXT)
    held = {one.petition.id: 0.3 for one in alike()}
    everything = judge(letter, alike(), held, 100)
    assert {Verdict.NEAR, Verdict.RELATED} <= {one.verdict for one in everything}
    assert len(everything) > 10
    assert judge(letter, list(reversed(alike())), held, most) == everything[:most]


def test_a_letter_like_the_closest_one_is_likelier_and_says_why() -> None:
    letter = asked(SUBJECT, TEXT)
    first = candidate(1, SUBJECT, f"{TEXT[:60]}一楼火锅店的烟道对着我家窗户，排烟机整夜响。")
    second = candidate(
        2, "火锅店烟道", "金桂园一楼火锅店的烟道对着我家窗户，排烟机整夜响，请处理。"
    )
    held = {first.petition.id: 0.6, second.petition.id: 0.2}
    (alone,) = judge(letter, [second], held, 10)
    both = {one.petition.id: one for one in judge(letter, [first, second], held, 10)}
    beside = both[second.petition.id]
    assert beside.score > alone.score + 0.1
    assert Reason(Cause.COMPANY, (first.petition.number,)) in beside.reasons
    assert Cause.COMPANY not in {one.cause for one in alone.reasons}
    assert Cause.COMPANY not in {one.cause for one in both[first.petition.id].reasons}


def test_the_same_wording_about_another_estate_brings_no_company() -> None:
    letter = asked(SUBJECT, TEXT)
    first = candidate(1, SUBJECT.replace("金桂园", "滨河苑"), TEXT.replace("金桂园", "滨河苑"))
    second = candidate(2, "滨河苑餐馆油烟", "滨河苑小区餐馆的油烟从早到晚，一楼排烟直接进楼道。")
    held = {first.petition.id: 0.6, second.petition.id: 0.2}
    (alone,) = judge(letter, [second], held, 10)
    both = {one.petition.id: one for one in judge(letter, [first, second], held, 10)}
    assert both[first.petition.id].verdict is Verdict.RELATED
    assert both[second.petition.id] == alone


@settings(deadline=None)
@given(SUBJECTS, SUBJECTS)
def test_subjects_are_as_alike_as_their_words(ours: str, theirs: str) -> None:
    one, other = (subject_words(words(fold_text(text))) for text in (ours, theirs))
    assert _subjects_alike(asked(ours, ""), theirs, normal(theirs)) == cosine(one, other)
