"""Letters and replies put into words: facts of a matter in the voice of a writer."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from cli.sample.chance import worded
from cli.sample.matters import Matter
from cli.sample.people import Person
from cli.sample.places import Scene, day

VOICES = ("polite", "angry", "elderly", "lawyerly", "plain", "joint")
OLD = "elderly"
_VOICE_WEIGHTS = (28, 18, 14, 12, 20, 8)
_NUMERALS = "一二三四五六七八九"

Frame = dict[str, list[str]]


@cache
def frames() -> dict[str, Frame]:
    """What stands around the facts, by voice; `reply` for replies."""
    file = Path(__file__).with_name("frames.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Case:
    """One matter as it happened: what letters about it agree in."""

    number: str
    matter: Matter
    second: Matter | None
    scene: Scene


@dataclass(frozen=True, slots=True)
class Letter:
    """`subject` and `text` as written."""

    subject: str
    text: str


def pick_voice(draw: Random) -> str:
    """How somebody writes."""
    return draw.choices(VOICES, _VOICE_WEIGHTS)[0]


def letter(
    draw: Random,
    case: Case,
    writer: Person,
    voice: str,
    written: date,
    *,
    facts: int,
    signed: bool,
    past: str | None = None,
) -> Letter:
    """A letter that tells `facts` facts of the case; one with more than five is told at length.

    `past`: what was tried before; without it that is drawn.
    """
    frame = frames()[voice]
    matter = case.matter

    def say(template: str) -> str:
        return worded(draw, template).format_map(case.scene)

    def one(part: str) -> str:
        return say(draw.choice(frame[part]))

    complaint = voice != "thankful"
    long = complaint and facts > 5
    told = [say(fact) for fact in _some(draw, matter.facts, facts)]
    paragraphs = [one("greetings")] if facts > 1 else []
    opening = one("intros") if facts > 1 or draw.random() < 0.4 else ""
    body = _linked(draw, told, frame["links"], case.scene)
    half = len(body) if len(body) < 4 else draw.randint(2, len(body) - 1)
    told_of = "old_backgrounds" if voice == OLD else "backgrounds"
    opening += _around(draw, told_of, case.scene, 1 if long else 0)
    paragraphs += [opening + "".join(body[:half]), "".join(body[half:])]
    if long:
        paragraphs.append(_chronicle(draw, case.scene, written))
    if case.second is not None and facts > 2:
        others = [say(fact) for fact in _some(draw, case.second.facts, max(2, facts - 2))]
        paragraphs.append(draw.choice(("还有一件事一并反映。", "借此机会再说一件。", "附带一事：")))
        paragraphs[-1] += "".join(others)
    before = past or (one("pasts") if facts > 2 and draw.random() < 0.6 else "")
    feeling = one("feelings") if facts > 2 and draw.random() < 0.7 else ""
    paragraphs.append(before + feeling)
    if complaint and facts > 3:
        paragraphs.append(_around(draw, "effects", case.scene, draw.randint(0, facts - 3)))
    if long or (voice == "lawyerly" and facts > 2):
        count = draw.randint(2, 4) if voice == "lawyerly" else draw.randint(0, 1)
        paragraphs.append(_around(draw, "legal", case.scene, count))
    demands = [say(demand) for demand in _some(draw, matter.demands, 1 if facts < 3 else 3)]
    paragraphs.append(_demands(one("leads"), demands, numbered=voice in {"lawyerly", "joint"}))
    paragraphs.append(one("closings") if facts > 1 else "")
    if signed:
        paragraphs.append(_signature(draw, writer, written, voice))
    return Letter(
        subject=say(draw.choice(matter.subjects)),
        text="\n".join(paragraph for paragraph in paragraphs if paragraph),
    )


def _around(draw: Random, part: str, scene: Scene, count: int) -> str:
    """Sentences that fit any matter."""
    chosen = _some(draw, frames()["common"][part], count)
    return "".join(worded(draw, sentence).format_map(scene) for sentence in chosen)


def _chronicle(draw: Random, scene: Scene, written: date) -> str:
    """What was tried before, day by day."""
    events = _some(draw, frames()["common"]["chronicle"], draw.randint(4, 10), ordered=True)
    backs = sorted(draw.sample(range(4, 260), len(events)), reverse=True)
    return "".join(
        f"{day(written - timedelta(days=back))}，{event.format_map(scene)}"
        for back, event in zip(backs, events, strict=True)
    )


def _some(
    draw: Random, sentences: Sequence[str], count: int, *, ordered: bool = False
) -> list[str]:
    """Some of them, mostly in the order in which they stand."""
    count = min(count, len(sentences))
    places = draw.sample(range(len(sentences)), count)
    if ordered or draw.random() < 0.7:
        places.sort()
    return [sentences[place] for place in places]


def _linked(draw: Random, told: list[str], links: list[str], scene: Scene) -> list[str]:
    body = told[:1]
    unused = draw.sample(links, len(links))
    for sentence in told[1:]:
        link = unused.pop().format_map(scene) if unused and draw.random() < 0.35 else ""
        body.append(link + sentence)
    return body


def _demands(lead: str, demands: list[str], *, numbered: bool) -> str:
    if not numbered or len(demands) == 1:
        return lead + "".join(demands)
    lines = (f"{_NUMERALS[place]}、{demand}" for place, demand in enumerate(demands))
    return "\n".join((lead, *lines))


def _signature(draw: Random, writer: Person, written: date, voice: str) -> str:
    title = {"lawyerly": "信访人", "joint": "代表人", "elderly": "老百姓"}.get(voice, "反映人")
    lines = [f"{title}：{writer.name}"]
    if draw.random() < 0.7:
        lines.append(f"{draw.choice(('电话', '联系电话', '手机'))}：{writer.phone}")
    if draw.random() < 0.35:
        lines.append(f"住址：{writer.address}")
    if voice == "lawyerly" or draw.random() < 0.12:
        lines.append(f"身份证号：{writer.id_no}")
    if draw.random() < 0.04:
        lines.append(f"退款账号：{writer.bank_card}")
    lines.append(day(written))
    return "\n".join(lines)


def reply(draw: Random, case: Case, writer: Person, received: date, *, transfer: bool) -> str:
    """The office's answer. `transfer`: it only says who has the letter now."""
    frame = frames()["reply"]
    scene = {
        **case.scene,
        "surname": writer.surname,
        "title": "女士" if writer.woman else "先生",
        "received": day(received),
        "hotline": f"{draw.randint(2000000, 8999999)}",
        "office": case.matter.office.format_map(case.scene),
    }

    def say(template: str) -> str:
        return worded(draw, template).format_map(scene)

    def one(part: str) -> str:
        return say(draw.choice(frame[part]))

    if transfer:
        return one("transfers")
    findings = _some(draw, case.matter.findings, draw.randint(1, 3))
    outcomes = _some(draw, case.matter.outcomes, draw.randint(1, 3))
    paragraphs = [
        one("greetings"),
        one("heads") + "".join(say(finding) for finding in findings),
        one("middles") + "".join(say(outcome) for outcome in outcomes),
        one("ends"),
    ]
    if draw.random() < 0.5:
        paragraphs.append(scene["office"])
    return "\n".join(paragraphs)
