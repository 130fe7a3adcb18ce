"""Text files without a word about their encoding, and what text looks like."""

from __future__ import annotations

import re
import unicodedata

# The characters that run through any Chinese text, both scripts. In ordinary letters every second
# character is one of them; in text decoded wrongly, hardly any is.
_EVERYDAY = frozenset(
    "的一是不了在人有我他这中大来上个国和地到为以说时要就出会可也你对生能而子那得于着下自之年过后作里"
    "用道行所然家事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因从想日"
    "意力它与长把十民第公此已工使情明性全三又关点正业外将两高间由问很最重并物手应向头文体政相见被利"
    "什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任常先海通教原东提及比员解水名真论处"
    "走各入几口认条平系气题活更打女四总何电数安少报才结反受目再感建务做接必场件计管期市直山指许区保至"
    "形社便空决治住房路车请没们希望领导反映村镇县居小区"
    "這來個國為說時會對於著過後裡樣現當沒動還進長與關點業間問並應頭體見產話論處幾認條氣題"
    "總電數報結務場計區開發機費學經實車門縣鎮鄉書請導領員"
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_BETWEEN_HAN = re.compile(
    r"(?<=[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uff65])[ \t\u00a0\u3000]+"
    r"(?=[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uff65])"
)
_CANDIDATES = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
_LIKELY = 0.1  # below this, bytes that happen to decode are taken for binary


def decode(data: bytes) -> tuple[str, str] | None:
    """The text and the name of its encoding, or None where it is no text.

    A byte order mark decides; then UTF-8 if it holds; else whichever of GB18030, Big5 and UTF-16
    without a mark gives the most everyday text, for they accept nearly any bytes.
    """
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return _accepted(data, name)
    return _accepted(data, "utf-8") or _best(data)


def everyday_share(text: str) -> float:
    """Share of the Han characters that are everyday ones; 0.0 where there is none."""
    han = _HAN.findall(text)
    return sum(character in _EVERYDAY for character in han) / len(han) if han else 0.0


def han_count(text: str) -> int:
    return len(_HAN.findall(text))


def oddity(text: str) -> float:
    """Share of characters that no text has: controls, private use, unassigned, U+FFFD."""
    if not text:
        return 0.0
    odd = sum(
        character == "\ufffd"
        or (
            unicodedata.category(character) in {"Cc", "Co", "Cn", "Cs"}
            and character not in "\t\n\r\f"
        )
        for character in text
    )
    return odd / len(text)


def tidy(text: str) -> str:
    """As it is stored: no blanks between Han characters, one line feed a line, few empty lines.

    Tesseract and some PDF writers set blanks between Han characters; nobody typed them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\x00", "")
    text = _BETWEEN_HAN.sub("", text)
    lines = [line.strip(" \t\u00a0\u3000\ufeff") for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _accepted(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return (text.lstrip("\ufeff"), encoding) if oddity(text[:20_000]) < 0.01 else None


def _best(data: bytes) -> tuple[str, str] | None:
    readings = [found for name in _CANDIDATES if (found := _accepted(data, name))]
    likely, best = max(
        ((_plausibility(found[0][:20_000]), found) for found in readings),
        key=lambda rated: rated[0],
        default=(0.0, None),
    )
    return best if likely >= _LIKELY else None


def _plausibility(text: str) -> float:
    """How much like writing: everyday characters and usual marks, of all that isn't ASCII."""
    foreign = [character for character in text if ord(character) > 127]
    if not foreign:
        return 1.0
    usual = sum(
        character in _EVERYDAY or character in "，。、：；？！（）「」“”《》\u3000"
        for character in foreign
    )
    return usual / len(foreign)
