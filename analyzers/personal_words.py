"""Names of people, and the part of an address that names a home.

Works on aligned text like `analyzers.personal_numbers`. A place of complaint stays readable down to
the estate and the road; building, unit and room go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from analyzers.personal_numbers import Found, PersonalKind
from analyzers.segment import cut, known_word
from analyzers.surnames import COMPOUND, SINGLE, surname_length

_HAN = "\u4e00-\u9fff"
_SURNAME = f"(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SINGLE))}])"
# Characters that are in no given name, and those that begin or fill what follows a cue when it is
# no name: 年 and 有 are in some, so they count only where nothing says that a name follows.
_PARTICLES = "的了是被和与及你我他她它们这那此每某吗呢吧啊就都也很不没无区县市镇街部局厅队院"
_NO_GIVEN = (
    _PARTICLES + "到从对向为把将因由于在等年月日号今去前后时上下来做说还又要能会可请给让叫村乡路有"
)
_GOES_ON = frozenset(
    _PARTICLES + "到从对向把将因由于在等今去前后时上说还又要能会可请给让叫家已曾多"
)
_NAME = rf"{_SURNAME}(?:[ ]?[{_HAN}]){{1,2}}?"
_BEHIND = (
    rf"(?=[^{_HAN}a-z0-9]|$|电话|手机|联系|身份|证件|性别|男[^{_HAN}]|女[^{_HAN}]|年龄|住址"
    rf"|住[{_HAN}]|系|现住|户籍|出生|今年|现年|名下|[一全]家|先生|女士|同志|夫妇|夫妻|本人|敬上|谨上)"
)
# Behind a surname these say what somebody is: 张主任.
_OFFICE = re.compile(
    "主任|经理|书记|主席|[局科处所院队厅市县区镇乡村校站组部]长|老师|医生|律师|师傅|警官|法官|老板|总监"
    "|先生|女士|小姐|同志|阿姨|大哥|大姐|大爷|大妈|某某?"
)
_KINSHIP = (
    "父亲|母亲|爸爸|妈妈|儿子|女儿|丈夫|妻子|老公|老婆|爱人|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆"
    "|岳父|岳母|公公|婆婆|孩子|孙子|孙女|儿媳|女婿|老伴|配偶|家属|邻居"
)
# Every alternative begins with a character of its own, by which the matcher looks ahead.
_KIN = (
    rf"我(?:的|家)?(?:{_KINSHIP})|他(?:的|家)?(?:{_KINSHIP})|她(?:的|家)?(?:{_KINSHIP})"
    rf"|本人(?:{_KINSHIP})|其(?:{_KINSHIP}|[父母夫妻子女兄弟])"
)
_STRONG_WORDS = "我叫|名叫|名字叫|名字是|本人|我是|姓名|户名"  # a name follows
_DOUBTED = ("本人", "我是")  # of these those behind which other words follow too
_WEAK_WORDS = (  # rather a word follows
    "业主|法人|代表|负责人|签字|患者|家属|受害人|死者|伤者|司机|村民|居民|市民|住户|租户|农户|拆迁户|低保户"
    "|贫困户|五保户|原告|被告|上诉人|学生|职工|员工|房东|党员|教师|权人|权利人|法定代表人|经办人|联络人"
)
_STRONG, _WEAK = (frozenset(words.split("|")) for words in (_STRONG_WORDS, _WEAK_WORDS))
_CUE = (
    "(?P<cue>联系人|申请人|举报人|投诉人|反映人|信访人|来信人|写信人|陈情人|当事人|代理人|户主|房主|收件人"
    f"|签名|署名|落款人?|{_STRONG_WORDS}|{_WEAK_WORDS}|{_KIN})"
)
_SAYS = (":", "：", "是", "叫", "为")
_LINK_TO_NAME = r"(?P<link>[ ]?[:：][ ]*|[是叫为][ ]?|[ ,，、(（]{0,2})"
_CUED = re.compile(rf"{_CUE}(?:姓名)?{_LINK_TO_NAME}(?P<name>{_NAME}){_BEHIND}")
# Here the sentence may go on behind the name: 我丈夫张三去年…
_RUN_ON = re.compile(
    rf"(?:我叫|名叫|名字[叫是]|姓名[:：]|联系人[:：]"
    rf"|申请人|举报人|投诉人|反映人|信访人|来信人|写信人|{_KIN})"
    rf"(?P<says>[ ]?[:：叫是]?)(?={_SURNAME}[{_HAN}])"
)
_TITLE = re.compile(
    "先生|女士|小姐|同志|阿姨|大哥|大姐|大爷|大妈|师傅|老师|医生|经理|老人|夫妇|一家|同学"
)
_POLITE = ("先生", "女士")
# Surnames that are rather words, or end one, before a title.
_RUNS_ON = frozenset("向和于由从时对过查公权全党成解应来后符经管")
# Surnames that no given name ends in: 后因王女士.
_NEVER_LAST = frozenset("王李张刘陈赵黄周吴徐孙胡郭罗谢邓蔡潘袁吕蒋丁魏杜沈姜曹彭曾冯董苏")
# Surnames that begin hardly any word.
_PLAIN = frozenset(
    "王李刘赵吴徐郭朱邓董彭吕蒋魏薛阎潘姜邹崔邱侯邵尹龚贺黎谭廖姚卢蔡丁戴汪韩冯曹袁沈傅萧赖梁段熊郝陶"
)
_WORDLIKE = frozenset("初高单平时全常白方满连应来成终曾温和")  # 初高中老师
_SURNAMES_OF = {2: (1,), 3: (1, 2), 4: (2,)}  # characters of the surname, by those of the name
_PLACE_BEHIND = ("镇", "乡", "村", "区", "县", "市", "街道", "社区", "路", "幼儿园", "小学", "公司")
_CLOSING = "(?:敬上|谨上|叩上|拜上|敬启|谨启|泣书|叩首|顿首|呈上|呈|上|亲笔|代笔)"
_SIGNED = re.compile(
    rf"(?:^|\n| {{2}})[ ]*"
    rf"(?:[^\n]{{0,14}}?[:：,，、 ]|[{_HAN}]{{1,8}}?[人户民员者属主]|代表|此致|敬礼)?[ ]*"
    rf"(?P<name>{_NAME})"
    rf"(?=[ ]*(?:{_CLOSING}|[(（][^)）\n]{{1,6}}[)）])?"
    rf"(?:[ ,，;；]*(?:[{_HAN}]{{2,4}}[:：])?[0-9年月日olix+ -]*)(?:$|\n| {{2}}))",
)
_SIGNATURE = 120  # characters at the end among which a line may be a signature

_COUNT = r"(?:[a-z]?[0-9]{1,4}|[一二三四五六七八九十百]{1,4}|[a-z])"
_HOUSE = rf"{_COUNT}[ -]?(?:号楼|号院|栋|幢|座)"
_UNIT = rf"{_COUNT}[ -]?(?:单元|门(?!面|口|店|诊|卫|票|槛|牌))"
_FLOOR = rf"{_COUNT}[ -]?(?:楼|层)"
_ROOM = (
    rf"(?:{_COUNT}[ -]?(?:室|房(?![屋价子产东间租贷地号管企开改])|号房)"
    r"|(?<![0-9])[0-9]{3,4}(?:号(?![楼院线文令])|(?![0-9年元块米平万千多余个名人位户亩度天%])))"
)
_NUMBER = rf"{_COUNT}[ -]?(?:号|弄|巷)(?!线|文|令|楼|院|房|车|店|门|公告|通知)"
_LINK = r"[ ,，-]{0,2}"
_HOME = re.compile(
    rf"(?<![0-9a-z第])(?:"
    rf"(?:{_NUMBER}{_LINK})?{_HOUSE}{_LINK}(?:{_UNIT}{_LINK})?(?:{_FLOOR}{_LINK})?{_ROOM}"
    rf"|(?:{_NUMBER}{_LINK})?{_HOUSE}{_LINK}{_UNIT}(?:{_LINK}{_FLOOR})?"
    rf"|{_UNIT}{_LINK}(?:{_FLOOR}{_LINK})?{_ROOM}"
    rf"|{_NUMBER}{_LINK}{_ROOM}"
    rf"|{_COUNT}[ ]?[组社队]{_LINK}{_COUNT}[ ]?号(?![楼院线文令])"
    rf")"
)
_HOME_SIGN = re.compile("[号栋幢座单门弄巷]")  # every home has one behind its first number
_HOME_DASHED = re.compile(r"(?<![0-9a-z-])[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?![0-9a-z-])")
_LONGEST_COUNT = 6
# 住在…号: a house number alone is a home where somebody is said to live there.
_LIVES = re.compile(
    r"(?:家住|住址|家庭地址|现住|户籍地址?|居住地址?|家庭住址|通讯地址|通讯处|联系地址|住在|住于|地址)"
    r"[:：是在为 ]*"
    rf"[{_HAN}a-z0-9]{{2,24}}?"
    rf"({_COUNT}[ ]?[号组栋幢座室](?![楼线房])(?:[ -]?{_COUNT}[ ]?(?:[号组栋幢座楼室户房]|单元)?)*)"
)
# At such a place nobody lives.
_OFFICE_PLACE = re.compile("[局委厅院]|中心|大厅|政府|办公|公司|办事处|信访|学校|银行")


def homes(plain: str) -> Iterator[Found]:
    """Building, unit and room numbers, and the house number of somebody's address."""
    done = 0
    for sign in _HOME_SIGN.finditer(plain):
        for start in range(max(done, sign.start() - _LONGEST_COUNT), sign.start()):
            if at := _HOME.match(plain, start):
                yield at.start(), at.end(), PersonalKind.ADDRESS, False
                done = at.end()
                break
    if "-" in plain:
        for at in _HOME_DASHED.finditer(plain):
            yield at.start(), at.end(), PersonalKind.ADDRESS, False
    for at in _LIVES.finditer(plain):
        if _OFFICE_PLACE.search(plain, at.start(), at.end() + 12):
            continue
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


@lru_cache(maxsize=16)  # a petition's texts are read twice: for their own names, and for all
def _announced(plain: str) -> tuple[tuple[int, int], ...]:
    return tuple(_announcements(plain))


def _announcements(plain: str) -> Iterator[tuple[int, int]]:
    """Names behind a cue, before a title, or in a line at the end that signs."""
    for found in _CUED.finditer(plain):
        cue, link, name = found.group("cue", "link", "name")
        told = (link.strip() in _SAYS or cue in _STRONG) and cue not in _DOUBTED
        sure = told or not (cue in _WEAK or cue in _DOUBTED)
        if _is_name(name, sure=sure) and (told or not _a_word(name, sure=sure)):
            yield found.span("name")
    for found in _RUN_ON.finditer(plain):
        end = _end_of_name(plain, found.end(), told=bool(found["says"].strip()))
        if end is not None:
            yield found.end(), end
    for found in _TITLE.finditer(plain):
        start = _start_of_name(plain, found.start(), polite=found.group() in _POLITE)
        if start is not None:
            yield start, found.start()
    tail = max(0, len(plain) - _SIGNATURE)
    for found in _SIGNED.finditer(plain, plain.rfind("\n", 0, tail) + 1 if tail else 0):
        name = found.group("name")
        if found.start("name") > 0 and _is_name(name, sure=True) and not _a_word(name, sure=True):
            yield found.span("name")


def _a_word(name: str, *, sure: bool = False) -> bool:
    """Is it a word, or does it begin with one? `sure`: something says that a name stands here."""
    if len(name) == 2:
        return known_word(name)
    begins = surname_length(name) == 1 and name[0] not in _PLAIN and known_word(name[:2])
    return begins and not sure


def _end_of_name(plain: str, start: int, *, told: bool) -> int | None:
    """Where a name that begins here ends, if it is one, though the sentence goes on behind it."""
    first = start + surname_length(plain[start : start + 4])
    end = first
    while end < first + 2 and _han(plain[end : end + 1]) and plain[end] not in _GOES_ON:
        end += 1
    name = plain[start:end]
    if (
        end == first
        or not _is_name(name, sure=told or name[:1] in _PLAIN)
        or plain.startswith(_PLACE_BEHIND, end)
    ):
        return None
    return None if not told and _a_word(name) else end


def _start_of_name(plain: str, end: int, *, polite: bool) -> int | None:
    """Where a name that ends before a title begins; None where no name stands there."""
    if end < 2 or not _han(plain[end - 1]):
        return None
    for length in (4, 3, 2):
        start = end - length
        name = plain[max(start, 0) : end]
        if start < 0 or surname_length(name) not in _SURNAMES_OF[length]:
            continue
        if not _han_only(name) or not _is_name(name, sure=polite or name[0] in _PLAIN):
            continue
        if name[0] in _RUNS_ON and (length == 2 or name[1] in SINGLE or not polite):
            continue
        if length == 3 and name[2] in _NEVER_LAST:
            continue
        if not polite and (_a_word(name) or (name[0] in _WORDLIKE and known_word(name[1:]))):
            continue
        if not _inside_word(plain, start, end):
            return start
    return None


def _inside_word(plain: str, start: int, end: int) -> bool:
    """Does this place lie within a word that is no name?"""
    at = max(0, end - 8)
    for word in cut(plain[at : end + 2]):
        if at < start < at + len(word):
            return known_word(word)
        at += len(word)
    return False


def _han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


def _han_only(text: str) -> bool:
    return all(map(_han, text))


def _is_name(candidate: str, *, sure: bool) -> bool:
    """`sure`: something says that a name stands here."""
    name = candidate.replace(" ", "")
    given = name[surname_length(name) :]
    if not sure and name[:1] in _RUNS_ON:
        return False
    if _OFFICE.fullmatch(given):
        return False
    return bool(given) and not any(sign in (_PARTICLES if sure else _NO_GIVEN) for sign in given)
