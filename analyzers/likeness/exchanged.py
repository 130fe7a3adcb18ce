"""Whether two letters of one wording speak of different objects: a template sent about each estate
of a town, or a copy in which the village, firm, person or building was changed.

No measure of what is shared can tell that (all but a few characters are shared). It is told from
what differs: where the texts are laid side by side, the same words stand in place of the same
others again and again, or a name or number stands once in place of another while all around is
equal. Misread characters, turned ones (地绿, 绿地) and changed dates and amounts are no exchange.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap
from typing import Final

from rapidfuzz.distance import Levenshtein

from analyzers.likeness.rarity import codes_of, pair_codes, rarities
from analyzers.likeness.traits import Normal

MOST: Final = 4_000
"""Characters of a letter that are laid beside the other's."""

_GAP = 1  # characters alike between two differences that are one
_NOISY = 0.012  # single characters that differ, of all: more than a person's slips
_LONGEST = 12  # characters of a name
_RARE = 4.0  # weight of a name's rarest pair at least: every seventh letter holds lighter ones
_SAID = re.compile("[的了是在有为何没不请个这些各被和与及从向据对将于我你您他她它]")  # no name
_SIGNS = 0xE000, 0xF8FF  # of private use: no letter holds them in its normal form
_SIGN = re.compile("[\ue000-\uf8ff]")
_PAIRS_KEPT = 20_000  # weights: the same pairs come again and again
_WHOLE = re.compile(
    r"(?P<district>[a-z]\d{1,2}[区县市])"
    r"|(?P<building>\d+(?:栋|幢|座|号楼|号|单元|室|楼|组|层|弄|巷))|(?P<amount>\d+)"
)
_KIND = re.compile(
    r"小区|社区|花园|家园|新村|公寓|山庄|[苑府湾城郡庭邸村镇乡路街巷校院厂店]|大道|街道|广场|大厦"
    r"|公司|集团|物业|幼儿园|[小中大]学|医院|银行|市场|酒店|某"
)
_KIND_LAST = re.compile(f"(?:{_KIND.pattern})$")
_ADDRESSED = re.compile("(?:长|书记|领导|主任)$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """`here` stands in one letter where `there` stands in the other, `times` times."""

    here: str
    there: str
    times: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Where two texts differ: half-open places in each."""

    start: int
    end: int
    other_start: int
    other_end: int

    @property
    def length(self) -> int:
        return max(self.end - self.start, self.other_end - self.other_start)


class _Signs:
    """Districts, numbers of buildings and amounts as one sign each, so that they differ whole."""

    def __init__(self) -> None:
        self._by_spelling: dict[str, str] = {}
        self.spelled: dict[str, tuple[str, str]] = {}  # sign -> kind, spelling

    def put(self, text: str) -> str:
        return _WHOLE.sub(self._sign, text)

    def _sign(self, found: re.Match[str]) -> str:
        spelling, kind = found.group(), found.lastgroup or ""
        if spelling not in self._by_spelling:
            first, last = _SIGNS
            sign = chr(min(first + len(self.spelled), last))
            self._by_spelling[spelling] = sign
            self.spelled[sign] = kind, spelling
        return self._by_spelling[spelling]


def exchanged(one: Normal, other: Normal) -> tuple[Exchange, ...]:
    """The objects of one letter that stand for others in the other; empty for the same object.

    Meant for letters that are mostly alike: of others it tells nothing. The order makes no
    difference, but for what is called here and there.
    """
    texts = one.text, other.text
    if one.subject and other.subject:
        texts = one.subject + one.text, other.subject + other.text
    longer, shorter = sorted(texts, key=lambda text: (-len(text), text))
    found = _exchanged(longer, shorter)  # laid beside each other the other way, ties fall otherwise
    if texts[0] is longer:
        return found
    return tuple(Exchange(each.there, each.here, each.times) for each in found)


def _exchanged(one: str, other: str) -> tuple[Exchange, ...]:
    signs = _Signs()
    here, there = signs.put(one[:MOST]), signs.put(other[:MOST])
    blocks = _blocks(here, there)
    numbers: Counter[tuple[str, str]] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    cued: set[tuple[str, str]] = set()
    amounts = slips = apart = 0
    for block in blocks:
        pair = here[block.start : block.end], there[block.other_start : block.other_end]
        for sign, its in zip(*map(_only, pair), strict=False):
            kinds = {signs.spelled[sign][0], signs.spelled[its][0]}
            if "amount" in kinds:
                amounts += 1
            elif len(kinds) == 1 and sign not in there and its not in here:
                numbers[signs.spelled[sign][1], signs.spelled[its][1]] += 1
        name, its_name = map(_without, pair)
        slips += block.length == 1 and bool(name or its_name)
        apart += max(len(name), len(its_name))
        if name and its_name:
            names[name, its_name] += 1
            if _cued(here, block.end, name) and _cued(there, block.other_end, its_name):
                cued.add((name, its_name))
    length = max(len(here), len(there))
    calm, still = slips <= _NOISY * length, apart <= _NOISY * length

    def may_be(pair: tuple[str, str], times: int) -> bool:
        gone = pair[0] not in there and pair[1] not in here
        if times > 1:  # where a thing is named again and again, its short name may still stand
            return gone or pair in cued
        return calm and gone and pair in cued and not any(map(_SAID.search, pair))

    # Whether two names differ costs most to tell.
    found = {pair: times for pair, times in names.items() if may_be(pair, times) and _differ(*pair)}
    # Where amounts and dates were changed too, numbers are no object.
    if numbers and (not amounts or any(starmap(_differ, names))):
        found |= {pair: times for pair, times in _paired(numbers).items() if times > 1 or still}
    return tuple(Exchange(*pair, times) for pair, times in found.items())


def _only(text: str) -> list[str]:
    return _SIGN.findall(text)


def _without(text: str) -> str:
    return _SIGN.sub("", text)


def _paired(numbers: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Those that always stand for the same one, and no other does."""
    here, there = (Counter(side) for side in zip(*numbers, strict=True)) if numbers else ({}, {})
    return {pair: n for pair, n in numbers.items() if here[pair[0]] == there[pair[1]] == 1}


def _cued(text: str, end: int, name: str) -> bool:
    """Does what ends here name a thing of a known kind?"""
    if len(name) > _LONGEST:
        return False
    return _KIND.match(text, end) is not None or _KIND_LAST.search(name) is not None


def _blocks(here: str, there: str) -> list[_Block]:
    """The differences, those that hardly anything parts joined."""
    found: list[_Block] = []
    for op in Levenshtein.opcodes(here, there):
        if op.tag == "equal":
            continue
        block = _Block(op.src_start, op.src_end, op.dest_start, op.dest_end)
        if found and block.start - found[-1].end <= _GAP:
            last = found.pop()
            block = _Block(last.start, block.end, last.other_start, block.other_end)
        found.append(block)
    return found


def _common(here: str, there: str) -> int:
    return sum(min(here.count(sign), there.count(sign)) for sign in set(here))


def _pairs(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)}


@lru_cache(_PAIRS_KEPT)
def _weight(pair: str) -> float:
    return float(rarities().weigh(pair_codes(codes_of(pair)))[0])


def _differ(here: str, there: str) -> bool:
    """Two names: not one with a character misread or left out, nor one with characters turned
    round, nor one among other words, nor words that any letter says."""
    common = _common(here, there)
    shorter, longer = sorted((here, there), key=len)
    least = len(shorter)
    if least < 2 or common * 2 >= len(longer) or _common(shorter, longer[-least:]) * 2 >= least:
        return False
    pairs, its_pairs = _pairs(here), _pairs(there)
    if any(_weight(pair) >= _RARE for pair in pairs & its_pairs):
        return False
    if not all(any(_weight(pair) >= _RARE for pair in part) for part in (pairs, its_pairs)):
        return False
    return not (_ADDRESSED.search(here) and _ADDRESSED.search(there))
