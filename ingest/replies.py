"""Official replies: is it one, to which petition, and does it answer anything."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。！!？?\n；;]+")
_PASSED_ON = re.compile(
    r"(?:已|现|將|将|业经|予以|报告)[^。，,]{0,24}?(?<![左右商周])(?:[转轉](?![乘移贷入账让弯达])|移[交送]|交由|交办"
    r"|交[^。，,]{1,14}(?:办理|处理|研究|處理|辦理))"
    r"|并[转轉][^。，,]{1,16}(?:办理|处理|研究|處理|辦理)"
)
_ANSWERS = re.compile(r"如下")
_COURTESY = re.compile(
    r"感谢|谢谢|祝[您你]|收悉|收到|已阅|关注|督促|反馈|您好|你好|感謝|謝謝|敬祝|[再特此]此?(?:回复|答复|告知)"
)
# What is left of a salutation or a date line says nothing by itself.
_EMPTY = re.compile(
    r"^[“”\"'\s　]*(?:尊敬的)?"
    r"(?:网友|市民|[A-Z]{0,2}\d{4,}|[^，,]{0,12}(?:网友|先生|女士|同志))?"
    r"[“”\"'\w]{0,14}[：:，,\s　]*$"
    r"|^[\s　]*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日[\s　]*$"
)
_OPENING = re.compile(
    r"(?:现|現)?(?:将|將|就)?[^。\n]{0,40}(?:回复|答复|回覆|答覆|函复)如下"
    r"|^[^\n]{0,40}(?:答复|答覆|回复|回复函|复函|處理情形)(?:意见书|意見書|函|书)?\s*$"
    r"|[您你](?:好[！!，,。]\s*)?(?:[您你])?(?:所)?(?:反映|反應|来信|來信|提出)的?[^。\n]{0,20}(?:收悉|回复如下|答复如下)",
    re.M,
)
_QUOTED = re.compile(
    r"(?:编号|編號|信访件号|收件号|收件號|受理号|登记号|文号)(?:为|為|是)?\s*[：:]?\s*[“\"（(]?"
    r"([A-Za-z0-9][A-Za-z0-9\-_/]{3,38}[A-Za-z0-9])"
)
_OUR_NUMBER = re.compile(r"(?<![A-Za-z0-9])XF\d{4}[2-9A-HJ-NP-Z]{10}(?![A-Za-z0-9])")


def is_reply(text: str) -> bool:
    """Whether a document answers a petition, by how its first lines speak."""
    return bool(_OPENING.search(text[:300]))


def quoted_numbers(text: str) -> tuple[str, ...]:
    """Numbers of petitions that a text names, ours first, each once."""
    found = [hit.group() for hit in _OUR_NUMBER.finditer(text)]
    found += [hit.group(1) for hit in _QUOTED.finditer(text)]
    return tuple(dict.fromkeys(found))


def transfer_only(text: str) -> bool:
    """Whether a reply says no more than that the matter was passed on."""
    if _ANSWERS.search(text):
        return False
    passed_on = False
    for sentence in _SENTENCE.findall(text):
        if _PASSED_ON.search(sentence) and len(sentence) <= 80:
            passed_on = True
        elif not (_COURTESY.search(sentence) and len(sentence) <= 60) and not _EMPTY.match(
            sentence
        ):
            return False
    return passed_on
