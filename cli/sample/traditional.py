"""Our letters in Traditional characters, as people in Taiwan write them.

OpenCC takes the longest phrase of its list from the left, wherever words end: in 好干部 it finds
好干 and writes 好乾部. So a text is cut into words, and each is converted for itself. What a word
alone doesn't tell (井水干了 is dry, 一干就是 is done) stands in a list.
"""

from __future__ import annotations

import re
from functools import cache

from opencc import OpenCC

from analyzers.segment import cut
from cli.sample.words import words

_CONFIGURATION = "s2tw"
_AS_WRITTEN = {
    "井水干": "井水乾",
    "老井先后干": "老井先後乾",
    "是干的": "是乾的",
    "一干就": "一幹就",
    "松了": "鬆了",
    "签": "簽",  # OpenCC takes every lone one for a lot drawn
    "冲村": "沖村",
    "冲奶粉": "沖奶粉",
    "几斗": "幾斗",
}
_SURNAMES = {"于": "于", "范": "范", "余": "余"}


def traditional(text: str) -> str:
    """The text in Traditional characters; one for one, so that places in it stay."""
    written: list[str] = []
    done = 0
    for special in _special().finditer(text):
        written += map(_converted, cut(text[done : special.start()]))
        surname, given = special["surname"], special["given"]
        if surname:
            written += _SURNAMES.get(surname) or _converted(surname), _converted(given)
        else:
            written.append(_AS_WRITTEN[special[0]])
        done = special.end()
    written += map(_converted, cut(text[done:]))
    return "".join(written)


@cache
def _special() -> re.Pattern[str]:
    """People's names, which are no words, and what is listed."""
    lists = words("people")
    surnames, given = (
        "|".join(part for name in names for part in lists[name])
        for names in (("compound", "surnames"), ("men", "women", "single"))
    )
    return re.compile(f"(?P<surname>{surnames})(?P<given>{given})|{'|'.join(_AS_WRITTEN)}")


@cache
def _opencc() -> OpenCC:
    return OpenCC(_CONFIGURATION)


@cache
def _converted(word: str) -> str:
    return str(_opencc().convert(word))
