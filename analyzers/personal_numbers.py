"""Personal numbers in a text: identity numbers, phones, bank cards, documents, plates, accounts.

Works on aligned text (`analyzers.personal.aligned`): half width, lower case, simplified, as many
characters as the original. Digits that a page reader took for letters (o, l, i) and spaces, points
or hyphens inside a number are allowed for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from analyzers import check_digits


class PersonalKind(StrEnum):
    """What a personal span is."""

    ID_CARD = "id_card"
    ID_CARD_15 = "id_card_15"
    TAIWAN_ID = "taiwan_id"
    HONG_KONG_ID = "hong_kong_id"
    MACAU_ID = "macau_id"
    PASSPORT = "passport"
    MOBILE = "mobile"
    LANDLINE = "landline"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    ACCOUNT = "account"
    ADDRESS = "address"
    NAME = "name"


Found = tuple[int, int, PersonalKind, bool]
"""Half-open span, kind, and whether a check digit or an unmistakable form proves it."""

# Begins with a set of characters, for which the matcher looks much faster than for a condition;
# g, l, j stand before the identity number in a pupil's number, two digits behind it in that of a
# certificate of disability.
_RUN = re.compile(
    r"[+0-9oligj](?<![0-9a-z.][+0-9oligj])(?:(?<=[+glj])[0-9o])?"
    r"(?:[ \-·]{0,2}[0-9oli]){5,30}(?:x(?:[0-9]{2})?)?(?![a-z0-9])"
)
_SPOKEN_RUN = re.compile("[幺么一二三四五六七八九〇零]{11}")
_SPOKEN = str.maketrans("幺么一二三四五六七八九〇零", "1112345678900")
_MISREAD = str.maketrans("oli", "011")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_TAIWAN_MOBILE = re.compile(r"09\d{8}")
_LANDLINE = re.compile(r"(?:86)?0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}")
_TAIWAN_LANDLINE = re.compile(r"0[2-8]\d{7,8}")
_LOCAL = re.compile(r"[2-9]\d{6,7}")

_NEAR = 14  # characters before a number in which the word for what it is must stand
_ID_WORDS = re.compile("身份|证件|公民")
_CARD_WORDS = re.compile("卡号|账号|帐号|账户|存折|银行|尾号")
_PHONE_WORDS = re.compile("电话|手机|座机|固话|宅电|小灵通|联系|来电|致电|拨打|tel|传真|call")
_HOME_PHONE_WORDS = re.compile("家里|家中|我家|住宅|宅电|宅\\)")
# Whose number may be read: one that an office gives to be called.
_OFFICE_WORDS = re.compile(
    "热线|咨询|监督|举报(?!人)|服务|值班|办公|投诉电话|客服|总机|详询|疑问|拨打|拔打|致电|欢迎"
    "|[局处科股办所队站委]\\)?(?:联系)?,?电话|(?:中心|大厅|街道|社区|政府|医院|公司)\\)?(?:联系)?电话"
)
_OFFICE_WORDS_BEHIND = re.compile(
    "\\)?(?:进一步)?(?:进行)?(?:咨询|反映|了解|核实|预约)"
    "|[ ]?\\([^)]{0,16}(?:[局委厅办]|中心|政府|街道|社区|法院)\\)"
)
_PASSPORT_WORDS = re.compile("护照|通行证|台胞证|回乡证|居留|永居")
_HK_WORDS = re.compile("香港|港澳|身份")
_MACAU_WORDS = re.compile("澳门|身份")

_TAIWAN_ID = re.compile(r"(?<![a-z0-9])[a-z][1289]\d{8}(?![a-z0-9])")
_HONG_KONG_ID = re.compile(r"(?<![a-z0-9])([a-z]{1,2}\d{6})(?:\(([0-9a])\)|([0-9a]))(?![a-z0-9])")
_MACAU_ID = re.compile(r"(?<![a-z0-9])[157]\d{6}\(\d\)")
_PASSPORT = re.compile(
    r"(?<![a-z0-9])(?:[degps]\d{8}|e[a-z]\d{7}|[hmc]\d{8,10}|\d{8}|[a-z]{3}\d{12})(?![a-z0-9])"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[a-hj-np-z][· .]?(?=[a-hj-np-z]{0,3}\d)[a-hj-np-z0-9]{5,6}(?![a-z0-9])"
)
_SIX_DIGITS = re.compile(r"\d{6}")
_EMAIL = re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
_ACCOUNT_WORDS = ("微信", "vx", "wx", "qq", "扣扣")
_ACCOUNT = re.compile(
    r"(?:微信|(?<![a-z])[vw]x|(?<![a-z])qq|扣扣)(?:号|id|账|帐|名|码|是|为|[ :(])*"
    r"([a-z][a-z0-9_-]{5,19}|\d{5,12})(?![a-z0-9_-])"
)


def numbers(plain: str) -> Iterator[Found]:
    """Every personal number of an aligned text; spans may overlap."""
    for run in _RUN.finditer(plain):
        yield from _of_run(plain, run.start(), run.group())
    for run in _SPOKEN_RUN.finditer(plain):
        if _MOBILE.fullmatch(run.group().translate(_SPOKEN)):
            yield run.start(), run.end(), PersonalKind.MOBILE, False
    yield from _documents(plain)
    for at in _PLATE.finditer(plain):
        yield at.start(), at.end(), PersonalKind.PLATE, True
    if "@" in plain:
        for at in _EMAIL.finditer(plain):
            yield at.start(), at.end(), PersonalKind.EMAIL, True
    if any(word in plain for word in _ACCOUNT_WORDS):
        for at in _ACCOUNT.finditer(plain):
            yield at.start(1), at.end(1), PersonalKind.ACCOUNT, False


def _documents(plain: str) -> Iterator[Found]:
    """Numbers with letters before them; all hold six digits in a row."""
    if _SIX_DIGITS.search(plain) is None:
        return
    for at in _TAIWAN_ID.finditer(plain):
        if check_digits.taiwan(at.group().upper()):
            yield at.start(), at.end(), PersonalKind.TAIWAN_ID, True
    for at in _HONG_KONG_ID.finditer(plain):
        in_brackets = at.group(2) is not None
        number = (at.group(1) + (at.group(2) or at.group(3))).upper()
        if in_brackets or _before(plain, at.start(), _HK_WORDS):
            proven = check_digits.hong_kong(number)
            if proven or not in_brackets:
                yield at.start(), at.end(), PersonalKind.HONG_KONG_ID, proven
    for at in _MACAU_ID.finditer(plain):
        if _before(plain, at.start(), _MACAU_WORDS):
            yield at.start(), at.end(), PersonalKind.MACAU_ID, False
    for at in _PASSPORT.finditer(plain):
        if _before(plain, at.start(), _PASSPORT_WORDS):
            yield at.start(), at.end(), PersonalKind.PASSPORT, False


def _before(plain: str, start: int, words: re.Pattern[str]) -> bool:
    return words.search(plain, max(0, start - _NEAR), start) is not None


def _of_run(plain: str, start: int, run: str) -> Iterator[Found]:
    """Numbers in a run of digits with separators: the longest first, group by group."""
    if 2 * sum(map(str.isdigit, run)) < sum(map(str.isalnum, run)):
        return
    groups = [group.span() for group in re.finditer(r"[0-9olix]+", run)]
    first = 0
    while first < len(groups):
        for last in range(len(groups), first, -1):
            left, right = groups[first][0], groups[last - 1][1]
            found = list(_of_number(plain, start + left, run[left:right]))
            if found:
                yield from found
                first = last
                break
        else:
            first += 1


def _of_number(plain: str, start: int, spelled: str) -> Iterator[Found]:
    places = [at for at, sign in enumerate(spelled) if sign.isalnum()]
    number = "".join(spelled[at] for at in places).translate(_MISREAD).upper()
    end = start + len(spelled)
    card = _identity(number)
    if card is not None:
        at, proven = card
        if proven or _before(plain, start, _ID_WORDS):
            left, right = start + places[at], start + places[at + 17] + 1
            # a certificate of disability is an identity number and two digits: none of it may stay
            yield left, (end if len(number) - 18 <= 2 else right), PersonalKind.ID_CARD, proven
            return
    for kind, fits in _WHOLE.items():
        proven_or_not = fits(number, plain, start, end)
        if proven_or_not is not None:
            yield start, end, kind, proven_or_not
            return


def _identity(number: str) -> tuple[int, bool] | None:
    """Where in a run an 18-digit identity number begins, and whether its check digit is right."""
    if len(number) < 18:
        return None
    begins = [
        at for at in range(len(number) - 17) if check_digits.citizen_form(number[at : at + 18])
    ]
    for at in begins:
        if check_digits.citizen(number[at : at + 18]):
            return at, True
    return (begins[0], False) if begins and len(number) == 18 else None


def _bank_card(number: str, plain: str, start: int, _end: int) -> bool | None:
    if not 16 <= len(number) <= 19 or not number.isdecimal():
        return None
    if number[0] in "3456" and check_digits.luhn(number):
        return True
    return False if _before(plain, start, _CARD_WORDS) else None


def _old_identity(number: str, plain: str, start: int, _end: int) -> bool | None:
    if not check_digits.old_citizen(number):
        return None
    return False if _before(plain, start, _ID_WORDS) else None


def _mobile(number: str, _plain: str, _start: int, _end: int) -> bool | None:
    if _MOBILE.fullmatch(number):
        return True
    return False if _TAIWAN_MOBILE.fullmatch(number) else None


def _landline(number: str, plain: str, start: int, end: int) -> bool | None:
    office = _before(plain, start, _OFFICE_WORDS) or _OFFICE_WORDS_BEHIND.match(plain, end)
    if office and not _before(plain, start, _HOME_PHONE_WORDS):
        return None
    if _LANDLINE.fullmatch(number):
        return False
    said = _before(plain, start, _PHONE_WORDS)
    if said and (_LOCAL.fullmatch(number) or _TAIWAN_LANDLINE.fullmatch(number)):
        return False
    return None


_Fits = Callable[[str, str, int, int], "bool | None"]
"""None: no such number; else whether its form proves it."""

_WHOLE: dict[PersonalKind, _Fits] = {
    PersonalKind.MOBILE: _mobile,
    PersonalKind.BANK_CARD: _bank_card,
    PersonalKind.ID_CARD_15: _old_identity,
    PersonalKind.LANDLINE: _landline,
}
