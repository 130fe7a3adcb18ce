"""Why a letter is told: what both say, who wrote, when. Made of what the asker gave and sees."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from analyzers.fold import fold_text
from analyzers.likeness.comparing import Likeness
from analyzers.likeness.exchanged import Exchange
from analyzers.likeness.traits import Normal, normal
from analyzers.sentences import sentences
from search.answers import VisiblePetition
from search.duplicates.answers import Cause, Evidence, Reason
from search.ranking_table.table import TABLE

_SENTENCES, _LEAST_SENTENCE, _LONGEST_SENTENCE = 2, 8, 60
_NAMES, _RARE = 5, 3.0  # words told, and from which weight on
_LIKE_SUBJECTS = 0.7
_EARLIER = re.compile(
    r"再次(?:反映|投诉|举报|请求|咨询|来信|上访|呼吁)?|第[二三四五六七八九十]次|[二三四五六]问|多次(?:反映|投诉|举报|上访)"
    r"|上次(?:的)?(?:回复|答复|反映|投诉)|之前(?:反映|投诉|举报|咨询)过|原帖|曾经?(?:反映|投诉|举报)"
)

SAID: Final[dict[Cause, str]] = {
    Cause.SAME_TEXT: "正文完全相同",
    Cause.SHARED: "正文{0}%的内容相同",
    Cause.EXCHANGED: "措辞相同，但所指不同：“{0}”与“{1}”",
    Cause.SENTENCES: "相同的句子：“{0}”",
    Cause.NAMES: "都提到：{0}",
    Cause.SAME_PERSON: "同一信访人：{0}",
    Cause.OTHER_PERSON: "不是同一信访人",
    Cause.SAME_PLACE: "同一地区：{0}",
    Cause.OTHER_PLACE: "地区不同",
    Cause.DAYS: "相隔{0}天",
    Cause.EARLIER: "来信自称：“{0}”",
    Cause.SUBJECT: "标题相近",
    Cause.COMPANY: "与最相近的来信{0}相似",
}
"""In Simplified Chinese; the pages have their own words for each kind."""

EVIDENCE_SAID: Final[dict[Evidence, str]] = {
    Evidence.ID_NO: "证件号码相同",
    Evidence.CODE: "原系统信访人编号相同",
    Evidence.NAME_PHONE: "姓名和电话相同",
    Evidence.NAME_ADDRESS: "姓名和住址相同",
    Evidence.PHONE_ADDRESS: "电话和住址相同",
    Evidence.PHONE: "电话相同",
    Evidence.PHONE_IN_TEXT: "正文中的电话相同",
    Evidence.NAME: "姓名相同",
}


def said(reason: Reason) -> str:
    """A reason in Simplified Chinese."""
    values = reason.values
    if reason.cause is Cause.SAME_PERSON:
        values = (EVIDENCE_SAID[Evidence(values[0])],)
    return SAID[reason.cause].format(*values)


def content_reasons(
    alike: Likeness, exchanges: Sequence[Exchange], *, same_text: bool, copied: bool
) -> list[Reason]:
    """What the two texts have in common as a whole."""
    if same_text:
        return [Reason(Cause.SAME_TEXT)]
    found: list[Reason] = []
    if exchanges:
        told = max(exchanges, key=lambda one: one.times)
        found.append(Reason(Cause.EXCHANGED, (told.here, told.there)))
    if copied:
        found.append(Reason(Cause.SHARED, (str(round(100 * alike.contained)),)))
    if alike.subjects >= _LIKE_SUBJECTS:
        found.append(Reason(Cause.SUBJECT))
    return found


def told_sentences(text: str) -> frozenset[str]:
    """Its sentences in normal form, but those too short to tell anything."""
    forms = (normal(text[start:end]) for start, end in sentences(text))
    return frozenset(form for form in forms if len(form) >= _LEAST_SENTENCE)


def sentence_reasons(ours: Collection[str], other: str, form: str) -> list[Reason]:
    """The longest sentences that both hold, as the other has them. `ours`: by `told_sentences`;
    `form`: the other text in normal form."""
    if not (there := {one for one in ours if one in form}):
        return []
    spans = sentences(other)
    both = [other[start:end].strip() for start, end in spans if normal(other[start:end]) in there]
    longest = sorted(dict.fromkeys(both), key=lambda one: -len(one))[:_SENTENCES]
    return [Reason(Cause.SENTENCES, (_short(one),)) for one in longest]


def rare_words(words: Iterable[str]) -> list[str]:
    """Those that are mostly names, in their order."""
    return [word for word in words if TABLE.word_weight(word) >= _RARE]


def name_reasons(rare: Sequence[str], other: Normal) -> list[Reason]:
    """Rare words of the letter that the other holds."""
    both = [word for word in rare if word in other.subject or word in other.text]
    return [Reason(Cause.NAMES, ("、".join(both[:_NAMES]),))] if both else []


def person_reasons(evidence: Evidence | None, *, known: bool) -> list[Reason]:
    """`known`: both letters tell who wrote, as far as the asker may compare it."""
    if evidence is not None:
        return [Reason(Cause.SAME_PERSON, (evidence.value,))]
    return [Reason(Cause.OTHER_PERSON)] if known else []


def place_reasons(alike: Likeness, other: VisiblePetition) -> list[Reason]:
    """Where the two are set."""
    if alike.other_place:
        return [Reason(Cause.OTHER_PLACE)]
    if alike.same_place and other.region:
        return [Reason(Cause.SAME_PLACE, (other.region[-1].label,))]
    return []


def days_reasons(one: datetime | None, other: datetime) -> list[Reason]:
    """How long lies between the two."""
    return [] if one is None else [Reason(Cause.DAYS, (str(abs((one - other).days)),))]


def earlier_reasons(text: str) -> list[Reason]:
    """The letter's own word that it was not the first."""
    found = _EARLIER.search(fold_text(text))
    return [Reason(Cause.EARLIER, (found.group(),))] if found else []


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST_SENTENCE else f"{sentence[:_LONGEST_SENTENCE]}…"
