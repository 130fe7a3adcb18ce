"""Names of people, and the part of an address that names a home.

Works on aligned text like `analyzers.personal_numbers`. A place of complaint stays readable down to
the estate and the road; building, unit and room go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analyzers.personal_numbers import Found, PersonalKind
from analyzers.segment import known_word
from analyzers.surnames import COMPOUND, SINGLE, surname_length

_HAN = "\u4e00-\u9fff"
_SURNAME = f"(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SINGLE))}])"
# Characters that begin or fill what follows a cue when it is no name.
_NO_GIVEN = (
    "的了是被和与及到从对向为把将就都也很不没有我你他她它们这那此每某各因由于在等年月日号今去前后时上下来"
    "做说还又要能会可请给让叫区县市村镇乡路街"
)
_NAME = rf"{_SURNAME}(?:[ ]?[{_HAN}]){{1,2}}?"
_BEHIND = (
    rf"(?=[^{_HAN}a-z0-9]|$|电话|手机|联系|身份|证件|性别|男[^{_HAN}]|女[^{_HAN}]|年龄|住址"
    rf"|住[{_HAN}]|系|现住|户籍|出生|今年)"
)
_STRONG = ("我叫", "名叫", "本人", "姓名")  # a name follows even without a sign between
# Behind a surname these say what somebody is: 张主任.
_OFFICE = re.compile(
    "主任|经理|书记|主席|[局科处所院队厅市县区镇乡村校站组部]长|老师|医生|律师|师傅|警官|法官|老板|总监"
    "|先生|女士|小姐|同志|某某?"
)
_KIN = (
    "我(?:的)?(?:父亲|母亲|爸爸|妈妈|儿子|女儿|丈夫|妻子|老公|老婆|爱人|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆"
    "|岳父|岳母|公公|婆婆|孩子)"
)
_WEAK = (
    "业主",
    "法人",
    "代表",
    "负责人",
    "签字",
    "患者",
    "家属",
    "受害人",
)  # rather a word follows
_CUE = (
    "(?P<cue>联系人|申请人|举报人|投诉人|反映人|信访人|来信人|陈情人|当事人|代理人|户主|房主|法定代表人|死者|收件人|签名|落款"
    rf"|{'|'.join(_STRONG + _WEAK)}|{_KIN})"
)
_SAYS = (":", "：", "是", "叫", "为")
_LINK_TO_NAME = r"(?P<link>[ ]?[:：][ ]*|[是叫为][ ]?|[ ,，(（]{0,2})"
_CUED = re.compile(rf"{_CUE}(?:姓名)?{_LINK_TO_NAME}(?P<name>{_NAME}){_BEHIND}")
_TITLES = ("先生", "女士", "小姐", "同志")
_ADDRESSED = re.compile(rf"(?<![{_HAN}])({_NAME})(?:{'|'.join(_TITLES)})")
_SIGNED = re.compile(
    rf"^[ ]*(?:此致|敬礼|敬上|谨呈|[{_HAN}]{{1,3}}人[:：]?)?[ ]*({_NAME})[ ]*"
    r"(?:敬上|谨上|呈|上)?[ ]*$",
    re.M,
)
_SIGNATURE = 120  # characters at the end among which a line may be a signature

_COUNT = r"(?:[a-z]?[0-9]{1,4}|[一二三四五六七八九十百]{1,4}|[a-z])"
_HOUSE = rf"{_COUNT}[ -]?(?:号楼|号院|栋|幢|座)"
_UNIT = rf"{_COUNT}[ -]?(?:单元|门(?!面|口|店|诊|卫|票|槛|牌))"
_FLOOR = rf"{_COUNT}[ -]?(?:楼|层)"
_ROOM = (
    rf"(?:{_COUNT}[ -]?(?:室|房(?![屋价子产东间租贷地号管企开改])|号房)"
    r"|(?<![0-9])[0-9]{3,4}(?![0-9年元块米平万千多余个名人位户亩度天%]))"
)
_NUMBER = rf"{_COUNT}[ -]?(?:号|弄|巷)(?!线|文|令|楼|院|房|车|店|门|公告|通知)"
_LINK = r"[ ,，-]{0,2}"
_HOME = re.compile(
    rf"(?<![0-9a-z第])(?:"
    rf"(?:{_NUMBER}{_LINK})?{_HOUSE}{_LINK}(?:{_UNIT}{_LINK})?(?:{_FLOOR}{_LINK})?{_ROOM}"
    rf"|(?:{_NUMBER}{_LINK})?{_HOUSE}{_LINK}{_UNIT}(?:{_LINK}{_FLOOR})?"
    rf"|{_UNIT}{_LINK}(?:{_FLOOR}{_LINK})?{_ROOM}"
    rf"|{_NUMBER}{_LINK}{_ROOM}"
    rf")"
)
_HOME_SIGN = re.compile("[号栋幢座单门弄巷]")  # every home has one behind its first number
_LONGEST_COUNT = 6
# 住在…号: a house number alone is a home where somebody is said to live there.
_LIVES = re.compile(
    r"(?:家住|住址|家庭地址|现住|户籍地址?|居住地址?|家庭住址|通讯地址|联系地址|住在|住于|地址)"
    r"[:：是在为 ]*"
    rf"[{_HAN}a-z0-9]{{2,24}}?"
    rf"({_COUNT}[ ]?[号组栋幢座室](?![楼线房])(?:[ -]?{_COUNT}[ ]?(?:[号组栋幢座楼室户房]|单元)?)*)"
)


def homes(plain: str) -> Iterator[Found]:
    """Building, unit and room numbers, and the house number of somebody's address."""
    done = 0
    for sign in _HOME_SIGN.finditer(plain):
        for start in range(max(done, sign.start() - _LONGEST_COUNT), sign.start()):
            if at := _HOME.match(plain, start):
                yield at.start(), at.end(), PersonalKind.ADDRESS, False
                done = at.end()
                break
    for at in _LIVES.finditer(plain):
        yield at.start(1), at.end(1), PersonalKind.ADDRESS, False


def people(plain: str, known: Iterable[str]) -> Iterator[Found]:
    """Names that the record knows and those that the text announces, wherever they stand."""
    for name in known:
        yield from _everywhere(plain, name, certain=True)
    announced: set[str] = set()
    for start, end in _announced(plain):
        yield start, end, PersonalKind.NAME, False
        announced.add(plain[start:end])
    for name in announced:
        if len(name) > 2 or not known_word(name):
            yield from _everywhere(plain, name, certain=False)


def _everywhere(plain: str, name: str, *, certain: bool) -> Iterator[Found]:
    at = plain.find(name) if len(name) > 1 else -1
    while at >= 0:
        yield at, at + len(name), PersonalKind.NAME, certain
        at = plain.find(name, at + len(name))


def _announced(plain: str) -> Iterator[tuple[int, int]]:
    """Names behind a cue, before a title, or alone in a line at the end."""
    for found in _CUED.finditer(plain):
        cue, link, name = found.group("cue", "link", "name")
        told = link.strip() in _SAYS or (cue in _STRONG and cue != "本人")
        if _is_name(name) and (told or cue not in _WEAK) and (told or not known_word(name)):
            yield found.span("name")
    if any(title in plain for title in _TITLES):
        for found in _ADDRESSED.finditer(plain):
            if _is_name(found.group(1)):
                yield found.span(1)
    tail = max(0, len(plain) - _SIGNATURE)
    for found in _SIGNED.finditer(plain, plain.rfind("\n", 0, tail) + 1 if tail else 0):
        if found.start(1) > 0 and _is_name(found.group(1)):
            yield found.span(1)


def _is_name(candidate: str) -> bool:
    name = candidate.replace(" ", "")
    given = name[surname_length(name) :]
    if _OFFICE.fullmatch(given):
        return False
    return bool(given) and not any(sign in _NO_GIVEN for sign in given)
