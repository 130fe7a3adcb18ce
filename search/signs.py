"""A typed question as a row of signs: words, quoted phrases, fields, operators, with spans."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from search.errors import QueryError
from search.query import Attribute, Field

QUOTES = {
    '"': '"＂',
    "＂": '"＂',
    "“": "”“",
    "”": "”“",
    "„": "”“",
    "「": "」",
    "『": "』",
    "｢": "｣",
}
_STRAY = frozenset("」』｣")  # a closing sign without an opening one only parts words
_MINUS = frozenset("-－")
_BARS = frozenset("|｜")
_OPEN = frozenset("(（")
_CLOSE = frozenset(")）")
_COLONS = ":："
_OPERATORS = {"OR": "or", "AND": "and", "NOT": "not", "&": "and", "&&": "and", "＆": "and"}


class DateBound(Enum):
    AFTER = auto()
    BEFORE = auto()


FIELDS: dict[str, Field | Attribute | DateBound] = {
    "subject": Field.SUBJECT,
    "title": Field.SUBJECT,
    "标题": Field.SUBJECT,
    "標題": Field.SUBJECT,
    "主题": Field.SUBJECT,
    "主題": Field.SUBJECT,
    "text": Field.TEXT,
    "正文": Field.TEXT,
    "内容": Field.TEXT,
    "內容": Field.TEXT,
    "reply": Field.REPLY,
    "回复": Field.REPLY,
    "回覆": Field.REPLY,
    "答复": Field.REPLY,
    "答覆": Field.REPLY,
    "no": Attribute.NUMBER,
    "编号": Attribute.NUMBER,
    "編號": Attribute.NUMBER,
    "region": Attribute.REGION,
    "地区": Attribute.REGION,
    "地區": Attribute.REGION,
    "category": Attribute.CATEGORY,
    "类别": Attribute.CATEGORY,
    "類別": Attribute.CATEGORY,
    "status": Attribute.STATUS,
    "状态": Attribute.STATUS,
    "狀態": Attribute.STATUS,
    "channel": Attribute.CHANNEL,
    "渠道": Attribute.CHANNEL,
    "level": Attribute.LEVEL,
    "密级": Attribute.LEVEL,
    "密級": Attribute.LEVEL,
    "year": Attribute.YEAR,
    "年份": Attribute.YEAR,
    "after": DateBound.AFTER,
    "自": DateBound.AFTER,
    "before": DateBound.BEFORE,
    "至": DateBound.BEFORE,
}


class Kind(Enum):
    WORD = "word"
    QUOTED = "quoted"
    FIELD = "field"
    OR = "or"
    AND = "and"
    NOT = "not"
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Sign:
    """`text`: a word as typed, the inside of quotes, or a field's value; span in the typed text."""

    kind: Kind
    start: int
    end: int
    text: str = ""
    field: Field | Attribute | DateBound | None = None


def signs(text: str) -> tuple[Sign, ...]:
    """The signs of a question. Raises `QueryError`: unclosed_quote, lone_minus, empty_field."""
    found: list[Sign] = []
    at = 0
    while at < len(text):
        sign, at = _next(text, at)
        if sign is not None:
            found.append(sign)
    return tuple(found)


def _next(text: str, at: int) -> tuple[Sign | None, int]:
    first = text[at]
    if first.isspace() or first in _STRAY:
        return None, at + 1
    if first in QUOTES:
        inside, end = _quoted(text, at)
        return Sign(Kind.QUOTED, at, end, inside), end
    for kind, members in ((Kind.OR, _BARS), (Kind.OPEN, _OPEN), (Kind.CLOSE, _CLOSE)):
        if first in members:
            return Sign(kind, at, at + 1), at + 1
    if first in _MINUS:
        behind = text[at + 1 : at + 2]
        if not behind or behind.isspace() or behind in _BARS or behind in _CLOSE:
            message = "a minus excludes the word right behind it: write -word, without a blank"
            raise QueryError(message, "lone_minus", at, at + 1)
        return Sign(Kind.NOT, at, at + 1), at + 1
    end = at
    while end < len(text) and not _parts(text[end]):
        if text[end] in _COLONS and (field := FIELDS.get(text[at:end].casefold())):
            return _field(text, at, end + 1, field)
        end += 1
    word = text[at:end]
    if word in _OPERATORS:
        return Sign(Kind(_OPERATORS[word]), at, end), end
    return Sign(Kind.WORD, at, end, word), end


def _parts(character: str) -> bool:
    return (
        character.isspace() or character in QUOTES or character in _STRAY or _ends_word(character)
    )


def _ends_word(character: str) -> bool:
    return character in _BARS or character in _OPEN or character in _CLOSE


def _quoted(text: str, at: int) -> tuple[str, int]:
    closing = QUOTES[text[at]]
    for end in range(at + 1, len(text)):
        if text[end] in closing:
            return text[at + 1 : end], end + 1
    message = f"the quotation that begins with {text[at]} doesn't end: add {closing[0]}"
    raise QueryError(message, "unclosed_quote", at, len(text))


def _field(
    text: str, start: int, at: int, field: Field | Attribute | DateBound
) -> tuple[Sign, int]:
    if at < len(text) and text[at] in QUOTES:
        value, end = _quoted(text, at)
    else:
        end = at
        while end < len(text) and not _parts(text[end]):
            end += 1
        value = text[at:end]
    if not value.strip():
        message = f"{text[start:at]} has no value: write it right behind the colon"
        raise QueryError(message, "empty_field", start, end)
    return Sign(Kind.FIELD, start, end, value, field), end
