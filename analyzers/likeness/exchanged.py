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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from analyzers.likeness.traits import Traits

MOST: Final = 4_000
"""Characters of a letter that are laid beside the other's."""

_GAP = 1  # characters alike between two differences that are one
_NOISY = 0.012  # single characters that differ, of all: more than a person's slips
_LONGEST = 12  # characters of a name
_NUMBERED = re.compile(r"(?:栋|幢|座|号楼|号|单元|室|楼|组|层|弄|巷)")
_CODED = re.compile(r"[a-z]\d{1,2}[区县市]")
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


def exchanged(one: Traits, other: Traits) -> tuple[Exchange, ...]:
    """The objects of one letter that stand for others in the other; empty for the same object.

    Meant for letters that are mostly alike: of others it tells nothing.
    """
    here = (one.subject + one.text)[:MOST]
    there = (other.subject + other.text)[:MOST]
    blocks = _blocks(here, there)
    slips = sum(max(b.end - b.start, b.other_end - b.other_start) == 1 for b in blocks)
    calm = slips < _NOISY * max(len(here), len(there))
    numbers: Counter[tuple[str, str]] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    cued: set[tuple[str, str]] = set()
    amounts = 0
    for block in blocks:
        pair = here[block.start : block.end], there[block.other_start : block.other_end]
        if not all(pair):
            continue
        if numbered := _numbered(here, there, block):
            if numbered[0] not in there and numbered[1] not in here:
                numbers[numbered] += 1
        elif any(sign.isdigit() for sign in "".join(pair)):
            amounts += 1
        elif _differ(*pair) and pair[0] not in there and pair[1] not in here:
            names[pair] += 1
            if _cued(here, block.start, block.end) and _cued(
                there, block.other_start, block.other_end
            ):
                cued.add(pair)
    found = {pair: times for pair, times in names.items() if times > 1 or (calm and pair in cued)}
    if names or not amounts:  # where amounts and dates were changed too, numbers are no object
        found |= {pair: times for pair, times in numbers.items() if times > 1 or calm}
    return tuple(Exchange(*pair, times) for pair, times in found.items())


def _cued(text: str, start: int, end: int) -> bool:
    """Does what stands here name a thing of a known kind?"""
    if end - start > _LONGEST:
        return False
    return _KIND.match(text, end) is not None or _KIND_LAST.search(text[start:end]) is not None


def _blocks(here: str, there: str) -> list[_Block]:
    """The differences, those that hardly anything parts joined."""
    found: list[_Block] = []
    for op in Levenshtein.opcodes(here, there):
        if op.tag == "equal":
            continue
        block = _Block(op.src_start, op.src_end, op.dest_start, op.dest_end)
        if (
            found
            and block.start - found[-1].end <= _GAP
            and not (_counts(here, there, block) or _counts(here, there, found[-1]))
        ):
            last = found.pop()
            block = _Block(last.start, block.end, last.other_start, block.other_end)
        found.append(block)
    return found


def _counts(here: str, there: str, block: _Block) -> bool:
    """Is it about a number? A number stands for itself, whatever differs beside it."""
    differing = here[block.start : block.end] + there[block.other_start : block.other_end]
    return any(sign.isdigit() for sign in differing)


def _differ(here: str, there: str) -> bool:
    """Two names: not one with a character misread, nor one with characters turned round."""
    common = sum((Counter(here) & Counter(there)).values())
    if min(len(here), len(there)) < 2 or common * 2 >= max(len(here), len(there)):
        return False
    return not (_ADDRESSED.search(here) and _ADDRESSED.search(there))


def _numbered(here: str, there: str, block: _Block) -> tuple[str, str] | None:
    """The district or the number of a building that differs here, whole, on both sides."""
    pair = (
        _number_at(here, block.start, block.end),
        _number_at(there, block.other_start, block.other_end),
    )
    if pair[0] is None or pair[1] is None:
        return None
    return pair[0], pair[1]


def _number_at(text: str, start: int, end: int) -> str | None:
    for spelled in _numbers(text, max(0, start - 3), end + 5):
        if spelled[0] <= start and end <= spelled[1]:
            return text[spelled[0] : spelled[1]]
    return None


def _numbers(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for code in _CODED.finditer(text, start, end):
        yield code.span()
    for number in re.finditer(r"\d+", text[start:end]):
        at, until = start + number.start(), start + number.end()
        if (of := _NUMBERED.match(text, until)) is not None:
            yield at, of.end()
