"""What a person sees who looks at a redaction, what a correction would do, and what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from records import audit
from records.corrections import Correction
from records.entries import NewPetition, NewReply
from search.errors import NotFound
from search.redaction_review import Mark, RedactionReview

if TYPE_CHECKING:
    from conftest import Office

PHONE = "13812345678"
LETTER = NewPetition(
    subject="路灯不亮",
    text=f"柳岸路的路灯坏了，老钟头摔伤了，电话{PHONE}。",
    name="李秀英",
    phone=PHONE,
    replies=(NewReply("李秀英您好，柳岸路已修好。"),),
)


def texts(review: RedactionReview, side: str) -> list[str]:
    return ["".join(getattr(piece, side) for piece in text.pieces) for text in review.texts]


def marks(review: RedactionReview, mark: Mark) -> list[str]:
    return [piece.full for text in review.texts for piece in text.pieces if piece.mark is mark]


def test_both_texts_stand_side_by_side_with_what_is_masked_marked(office: Office) -> None:
    (id_,) = office.add(LETTER)
    reviewer, clerk = office.user("reviewer"), office.user("clerk")
    review = office.library.redaction.review(reviewer, id_)
    assert texts(review, "full") == [LETTER.subject, LETTER.text, LETTER.replies[0].text]
    seen = office.library.petition(clerk, id_)
    assert texts(review, "redacted") == [seen.subject, seen.text, seen.replies[0].text]
    assert marks(review, Mark.MASKED) == ["1234", "秀英"]
    assert {one.text: one.doubtful for one in review.words} == {PHONE: False, "李秀英": False}
    assert [text.reply for text in review.texts] == [None, None, 1]


def test_a_proposal_is_shown_and_nothing_is_kept(office: Office) -> None:
    (id_,) = office.add(LETTER)
    reviewer = office.user("reviewer")
    proposed = (Correction("老钟头", masked=True), Correction(PHONE, masked=False),
                Correction("没有的字", masked=True))  # fmt: skip
    review = office.library.redaction.review(reviewer, id_, proposed)
    assert marks(review, Mark.NEWLY_MASKED) == ["老钟头"]
    assert marks(review, Mark.SHOWN_AGAIN) == ["1234"]
    assert review.missing == ("没有的字",)
    assert "***摔伤" in texts(review, "redacted")[1]
    after = office.library.redaction.review(reviewer, id_)
    assert marks(after, Mark.NEWLY_MASKED) == []
    assert (after.corrections, after.review) == ((), None)


def test_what_the_preview_shows_is_what_is_kept(office: Office) -> None:
    (id_,) = office.add(LETTER)
    reviewer, clerk = office.user("reviewer"), office.user("clerk")
    proposed = (Correction(PHONE, masked=False), Correction("老钟头", masked=True))
    preview = texts(office.library.redaction.review(reviewer, id_, proposed), "redacted")
    office.library.redaction.correct(reviewer, id_, proposed, "脱敏遗漏")
    kept = office.library.redaction.review(reviewer, id_)
    seen = office.library.petition(clerk, id_)
    assert texts(kept, "redacted") == preview == [seen.subject, seen.text, seen.replies[0].text]
    assert kept.corrections == proposed
    assert kept.review is not None
    assert kept.review.who == reviewer.user_id
    assert "老钟头" in {one.text for one in kept.words}


def test_who_reads_redacted_learns_nothing_here(office: Office) -> None:
    (id_,) = office.add(LETTER)
    for scope in (office.user("clerk"), office.user("leader"), office.user("caseworker"),
                  office.user("reviewer", regions=("B市",)), office.user("auditor")):  # fmt: skip
        with pytest.raises(NotFound):
            office.library.redaction.review(scope, id_)
        with pytest.raises(NotFound):
            office.library.redaction.note_review(scope, id_)
        assert office.library.redaction.unreviewed(scope) == ()


def test_the_queue_holds_what_nobody_looked_at_the_doubtful_first(office: Office) -> None:
    certain = replace(LETTER, subject="一")
    doubtful = NewPetition(subject="二", text="办事员叫王建军，一直不理，账号是6222020200112233。")
    hidden = replace(LETTER, subject="三", level="secret")
    ids = office.add(certain, doubtful, hidden)
    reviewer = office.user("reviewer")
    queue = office.library.redaction.unreviewed(reviewer)
    assert [one.id for one in queue] == [ids[1], ids[0]]
    assert [bool(one.doubts) for one in queue] == [True, False]
    office.library.redaction.note_review(reviewer, ids[1])
    assert [one.id for one in office.library.redaction.unreviewed(reviewer)] == [ids[0]]
    office.library.redaction.correct(
        reviewer, ids[0], (Correction("老钟头", masked=True),), "脱敏遗漏"
    )
    assert office.library.redaction.unreviewed(reviewer) == ()


def test_a_caseworker_is_offered_their_own_cases(office: Office) -> None:
    caseworker = office.user("caseworker")
    ids = office.add(replace(LETTER, handler=caseworker.user_id), LETTER)
    assert [one.id for one in office.library.redaction.unreviewed(caseworker)] == ids[:1]


def test_every_look_stands_in_the_log_without_the_words(office: Office) -> None:
    (id_,) = office.add(LETTER)
    reviewer = office.user("reviewer")
    office.library.redaction.review(reviewer, id_, (Correction("老钟头", masked=True),))
    office.library.redaction.note_review(reviewer, id_)
    office.library.redaction.unreviewed(reviewer)
    with office.database.read() as session:
        entries = audit.entries(session, actor=reviewer.user_id)
    assert [one.action for one in entries] == [
        "view_redaction",
        "review_redaction",
        "list_unreviewed",
    ]
    assert not any("老钟头" in str(one.details) for one in entries)
