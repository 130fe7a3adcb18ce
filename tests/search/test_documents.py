"""The editions of a letter as the indexes hold them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.fold import fold_text
from analyzers.segment import words
from records.record import Findable, ReplyText
from search.documents import BETWEEN_REPLIES, documents_of
from search.engine import Edition, FieldText, IndexName, Level

SIGNS = ("。", "。。", "！", "\n", ", ", "，", ".", "...", "…", "‥", "．", "｡")
KNOWN = ("3.5", "张小明", "13812345678", "a.b", "哈哈哈")
PIECES = st.one_of(
    st.sampled_from(SIGNS),
    st.sampled_from(KNOWN),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=5),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=3),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def letter(text: str, text_redacted: str, replies: tuple[ReplyText, ...] = ()) -> Findable:
    return Findable(
        id="1",
        number="XF2026A",
        external_id=None,
        subject="路灯。路灯",
        subject_redacted="路灯。路*",
        text=text,
        text_redacted=text_redacted,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        region_path=("ALL",),
        category_path=(),
        status="REGISTERED",
        channel="letter",
        level="open",
        sealed=False,
        published=False,
        order=1,
        revision=1,
        indexed_revision=0,
        replies=replies,
        readers=(),
    )


def as_cut_whole(*texts: str) -> FieldText:
    folded = [fold_text(text) for text in texts if fold_text(text)]
    return FieldText(
        BETWEEN_REPLIES.join(folded), tuple(word for one in folded for word in words(one))
    )


@settings(max_examples=500, deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_both_editions_hold_the_words_of_their_whole_texts(
    before: str, secret: str, behind: str, reply: str
) -> None:
    full, masked = before + secret + behind, before + "*" * len(secret) + behind
    documents = documents_of(
        letter(full, masked, (ReplyText(full, masked), ReplyText(reply, reply)))
    )
    for edition, text in ((Edition.FULL, full), (Edition.REDACTED, masked)):
        document = documents[IndexName(Level.OPEN, edition)]
        assert document.text == as_cut_whole(text)
        assert document.reply == as_cut_whole(text, reply)
