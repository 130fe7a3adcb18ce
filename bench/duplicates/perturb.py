"""The same letter as it may come a second time, and letters that only look the same.

Pure functions of a letter and a seeded `Random`. What `AGAIN` makes is still the same letter (near
or exact is the right verdict); what `swapped` makes has the same wording about another place or
firm, as mass mailings do (related is right, near is wrong).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from opencc import OpenCC

from bench.duplicates.letters import Letter

Again = Callable[[Letter, Random], Letter]
Names = Mapping[str, Sequence[str]]
"""Names by kind, as they are said: `丽发新城小区`."""

_ALIKE = (
    "己已巳 未末 土士 日曰目 人入八 大太犬 天夫 千干于 侯候 账帐胀 拔拨 密蜜 折拆析 坐座 辩辨 晴睛 "
    "请清情 门们问间 住往佳 困因囚 贝见 免兔 乌鸟 今令 代伐 刀力 田由甲 白自 木本术 王玉主 牛午 "
    "厂广 儿几 九丸 月且 小少 石右 万方 处外 找我 师帅 历厉 楼搂 物牧收 区匹 路赂 村衬 街衔 业亚 "
    "建健 市巾 投役 噪澡燥 施拖 民氏 环坏 境镜 城域 费贵 理埋 公么 司可 没设 时吋 车东 这过 有肖 "
    "不木 对时 地他 政故 部陪 开井 发友 户尸 电申 水永 生主 工土 家冢 开升 质盾 量童 学字 同问 0O "
    "1l 5S 8B"
)
_SIMILAR = {sign: group.replace(sign, "") for group in reversed(_ALIKE.split()) for sign in group}
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_NUMBER = re.compile(r"\d+")
_SUBSTITUTED, _DELETED = 0.8, 0.9  # the rest is inserted

_GREETINGS = (
    "尊敬的领导：您好！",
    "尊敬的书记，您好！感谢您在百忙之中阅读我的来信。",
    "各位领导好，",
)
_CLOSINGS = (
    "请领导重视，盼回复，谢谢！",
    "恳请有关部门尽快处理，还老百姓一个公道。此致敬礼！",
    "以上情况属实，望尽快解决为盼。",
)

_HAN = r"[\u4e00-\u9fff]"
_BEFORE = (
    r"(?:^|[A-Z]\d{0,2}[区县市]|西地省|街道|[^\u4e00-\u9fff]"
    r"|反映|投诉|举报|请问|咨询|建议|希望|关于|恳请|质疑|反对|位于)"
)
_KINDS = {
    "estate": "小区|花园|家园|新村|公寓|山庄|[佳雅美嘉]苑|国际城|新城|之城|华府|公馆|名邸|花都",
    "village": "(?<!新)村",
    "firm": "公司|集团|幼儿园|小学|中学|学院|医院|驾校",
    "road": "大道|路",
}
"""What names end in. A letter's object is its first name in this order."""
_WHOLE = {"estate": f"(?!{_HAN}?(?:小区|花园))"}
"""What may not follow: `阳光花园小区` is one name."""
_NAMED = {
    kind: re.compile(f"{_BEFORE}({_HAN}{{2,6}}?(?:{ends}){_WHOLE.get(kind, '')})")
    for kind, ends in _KINDS.items()
}
_ENDING = re.compile(f"(?:{'|'.join(_KINDS.values())})$")
_WITHIN = re.compile(r"^.*(?:街道|镇|乡|社区|路|区)(?=.{3})")
_NO_NAME = re.compile(
    r"[的了是在有为何没不请个这些各部分多全附近临到与和及被我你他她对于将]|^[市县区省]"
    r"|公交|断头|农村|住房|就读|配套|职业|技术|安置"
)
_DISTRICT = re.compile(r"([A-Z])(\d{1,2})([区县市])")
_BUILDING = re.compile(r"\d{1,3}(?=[栋幢座])")
_LEAST_STEM = 3
_PLACE = re.compile("小区|[苑城村院校园家]|市场|公司|社区|广场|附近|医院|酒店|[0-9]+号")
"""A subject that says such a thing beside a road is about that, not about the road."""


def traditional(letter: Letter, _random: Random) -> Letter:
    return _each(letter, _to_traditional().convert)


def read_badly(rate: float) -> Again:
    """As OCR reads a poor page: this share of signs wrong, most of them for similar ones."""

    def again(letter: Letter, random: Random) -> Letter:
        return _each(letter, lambda text: _misread(text, rate, random))

    return again


def reordered(letter: Letter, random: Random) -> Letter:
    sentences = _SENTENCE.findall(letter.text) or [letter.text]
    random.shuffle(sentences)
    return replace(letter, text="".join(sentences))


def first_half(letter: Letter, _random: Random) -> Letter:
    return replace(letter, text=letter.text[: _share(letter.text, 0.5)])


def last_half(letter: Letter, _random: Random) -> Letter:
    return replace(letter, text=letter.text[-_share(letter.text, 0.5) :])


def middle(letter: Letter, random: Random) -> Letter:
    """60 % of the text in one piece, from anywhere."""
    length = _share(letter.text, 0.6)
    start = random.randint(0, len(letter.text) - length)
    return replace(letter, text=letter.text[start : start + length])


def embellished(letter: Letter, random: Random) -> Letter:
    """Another greeting and closing, and another subject line before the old one."""
    return replace(
        letter,
        subject=f"{random.choice(('再次反映', '请求解决', '关于'))}{letter.subject}的问题",
        text=f"{random.choice(_GREETINGS)}{letter.text}{random.choice(_CLOSINGS)}",
    )


def renumbered(letter: Letter, random: Random) -> Letter:
    """Every number of the text another one of as many digits; the subject keeps its own."""
    return replace(letter, text=_NUMBER.sub(lambda found: _digits(found[0], random), letter.text))


def reset(letter: Letter, random: Random) -> Letter:
    """Full width, other punctuation, line ends as spreadsheets spell them."""
    other = str.maketrans("，。！；：（）“”", ',.!;:()""')
    text = "".join(
        sign + ("_x000D_\n" if sign in "。！？" and random.random() < 0.3 else "")
        for sign in letter.text
    )
    if random.random() < 0.5:
        text = text.translate(other)
    return replace(letter, subject=_wide(letter.subject), text=_wide(text))


def mixed(letter: Letter, random: Random) -> Letter:
    """A scan in Traditional characters, a part left out, greeting and numbers changed."""
    for change in (middle, renumbered, embellished, traditional, read_badly(0.03), reset):
        letter = change(letter, random)
    return letter


AGAIN: Mapping[str, Again] = {
    "traditional": traditional,
    "ocr 3 %": read_badly(0.03),
    "ocr 8 %": read_badly(0.08),
    "reordered": reordered,
    "first half": first_half,
    "last half": last_half,
    "60 %": middle,
    "greeting and closing": embellished,
    "numbers": renumbered,
    "width and marks": reset,
    "mixed": mixed,
}


def names(letters: Iterable[Letter]) -> Names:
    """The names of estates, villages, roads and firms that subjects say and texts repeat."""
    found: dict[str, set[str]] = defaultdict(set)
    for letter in letters:
        for kind, name in _names_of(letter):
            found[kind].add(name)
    return {kind: tuple(sorted(found[kind])) for kind in _KINDS}


def swapped(letter: Letter, known: Names, random: Random) -> dict[str, Letter]:
    """The letter about another object: under the kind of its object with only that name exchanged,
    under `all` with every name, the districts and the numbers of buildings. Empty for a letter
    whose subject names nothing.
    """
    made: dict[str, Letter] = {}
    together: dict[str, str] = {}
    for kind, name in _names_of(letter):
        others = [
            other
            for other in known.get(kind, ())
            if _ending(other) == _ending(name) and not _overlap(name, other, letter)
        ]
        if others:
            together = _exchange(name, random.choice(others)) | together
            if not made:
                made[kind] = _each(letter, _replacing(together))
    if together:
        made["all"] = _rehoused(_each(letter, _replacing(together)), random)
    return made


def _each(letter: Letter, change: Callable[[str], str]) -> Letter:
    return replace(letter, subject=change(letter.subject), text=change(letter.text))


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2t")


def _misread(text: str, rate: float, random: Random) -> str:
    out: list[str] = []
    for sign in text:
        if sign.isspace() or random.random() >= rate:
            out.append(sign)
            continue
        kind = random.random()
        if kind < _SUBSTITUTED:
            out.append(random.choice(_SIMILAR.get(sign) or text.strip()))
        elif kind >= _DELETED:
            out.append(sign + random.choice(text.strip()))
    return "".join(out)


def _share(text: str, share: float) -> int:
    return max(1, round(len(text) * share))


def _digits(number: str, random: Random) -> str:
    return "".join(str(random.randint(1, 9)) for _ in number)


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def _names_of(letter: Letter) -> list[tuple[str, str]]:
    """(kind, name), in the order of `_KINDS`: said in the subject, and by the text as well."""
    subject = unicodedata.normalize("NFKC", letter.subject)
    return [
        (kind, name)
        for kind, pattern in _NAMED.items()
        for name in dict.fromkeys(_WITHIN.sub("", found) for found in pattern.findall(subject))
        if (kind != "road" or not _PLACE.search(subject.replace(name, "")))
        and not _NO_NAME.search(name)
        and (name in letter.text or _stem(name) in letter.text)
    ]


def _stem(name: str) -> str:
    """The name without what kind of thing it is, where enough is left to know it by."""
    stem = _ENDING.sub("", name)
    return stem if len(stem) >= _LEAST_STEM else name


def _ending(name: str) -> str:
    """What it is called to be: a school is exchanged for a school."""
    found = _ENDING.search(name)
    return found[0] if found else ""


def _overlap(name: str, other: str, letter: Letter) -> bool:
    """Whether the other name would be no other object: named already, or spelled much alike."""
    bare, new = _ENDING.sub("", name), _ENDING.sub("", other)
    return other in letter.text or not set(bare).isdisjoint(new)


def _exchange(name: str, other: str) -> dict[str, str]:
    stem, new = _stem(name), _stem(other)
    return {name: other} if stem == name or new == other else {name: other, stem: new}


def _replacing(exchange: Mapping[str, str]) -> Callable[[str], str]:
    longest_first = sorted(exchange, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: pattern.sub(lambda found: exchange[found[0]], text)


def _rehoused(letter: Letter, random: Random) -> Letter:
    """The same places everywhere in other districts, other buildings."""
    districts: dict[str, str] = {}
    buildings: dict[str, str] = {}

    def district(found: re.Match[str]) -> str:
        number = districts.setdefault(found[0], str(1 + (int(found[2]) + random.randint(0, 7)) % 9))
        return f"{found[1]}{number}{found[3]}"

    def building(found: re.Match[str]) -> str:
        return buildings.setdefault(found[0], str(int(found[0]) % 20 + random.randint(1, 9)))

    return _each(letter, lambda text: _BUILDING.sub(building, _DISTRICT.sub(district, text)))
