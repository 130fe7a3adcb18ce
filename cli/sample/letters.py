"""The invented office's letters: the same `count` and `seed` always give the same ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from cli.sample.chance import chance
from cli.sample.course import course
from cli.sample.matters import Matter, all_matters
from cli.sample.people import full_name, person
from cli.sample.petition import HANDLER, NOW, SampleLetter, in_traditional
from cli.sample.places import address, setting
from cli.sample.wording import OLD, Case, Letter, letter, pick_voice, reply

_DAYS_BACK = 1100
_REPEATS = 0.08
_TRANSFERS = 0.08
_TRADITIONAL = 0.06
_CHANNELS = {"web": 44, "letter": 26, "call": 13, "visit": 10, "forwarded": 5, "leader": 2}
_ALIKE = 0.28  # trigrams shared with an earlier letter of the same kind: draw again above it
_REMEMBERED = 16
_DRAWS = 16
_SHORTEST = 80


_Earlier = dict[str, deque[tuple[str, frozenset[str]]]]
"""By kind of matter: case numbers and trigrams of the letters so far."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an earlier letter leaves for those that repeat it."""

    letter: SampleLetter
    case: Case
    voice: str


def letters(count: int, seed: int = 1) -> Iterator[SampleLetter]:
    """The first `count` letters; a larger count begins with the same ones.

    About 8 % repeat an earlier one and say so in `repeat_of`. Any two others share less than 0.35
    of their character trigrams (Jaccard) for counts of some hundreds.
    """
    origins: deque[_Origin] = deque(maxlen=300)
    earlier: _Earlier = {}
    for index in range(count):
        draw = chance("letter", seed, index)
        if len(origins) > 8 and draw.random() < _REPEATS:
            yield _repeated(draw, index, draw.choice(origins), earlier)
            continue
        origin = _new(draw, index, earlier)
        if origin.case.matter.voice is None:
            origins.append(origin)
        yield origin.letter


def trigrams(text: str) -> frozenset[str]:
    """All runs of three characters."""
    return frozenset(text[place : place + 3] for place in range(len(text) - 2))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard: what two sets share, 0.0 to 1.0."""
    return len(one & other) / (len(one | other) or 1)


def _new(draw: Random, index: int, earlier: _Earlier) -> _Origin:
    matters = all_matters()
    matter = matters[(index * 17 + draw.randrange(3)) % len(matters)]
    received = _received(draw)
    place = setting(draw, received.date(), rural=matter.rural)
    scene = {
        **place.scene,
        "office": matter.office.format_map(place.scene),
        "other_surname": full_name(draw, woman=False)[0],
    }
    case = Case(f"case-{index:06d}", matter, _second(draw, matter), scene)
    channel = draw.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
    voice = matter.voice or pick_voice(draw)
    writer = person(draw, address(draw), old=voice == OLD)
    paper = channel in {"letter", "visit", "forwarded"}

    def write(facts: int) -> Letter:
        signed = paper and draw.random() < 0.8
        return letter(draw, case, writer, voice, received.date(), facts=facts, signed=signed)

    facts = draw.choices((1, 2, 3, 4, 5, 8), (8, 20, 28, 20, 12, 12))[0]
    written = _distinct(write, facts, case, earlier)
    level = "open" if draw.random() < 0.87 else "restricted"
    if matter.accusing:
        level = draw.choice(("restricted", "restricted", "secret"))
    others = tuple(person(draw, address(draw)) for _ in range(draw.randint(2, 5)))
    made = _registered(
        draw,
        SampleLetter(
            number=_number(received, index),
            case=case.number,
            subject=written.subject,
            text=written.text,
            reply=None,
            transfer_only=False,
            received_at=received,
            replied_at=None,
            category=matter.category,
            region=place.region,
            status="REGISTERED",
            history=(),
            channel=channel,
            level=level,
            sealed=matter.accusing,
            people=(writer, *others) if voice == "joint" else (writer,),
            people_count=int(scene["people"]) if voice == "joint" else 1,
            handler=HANDLER if draw.random() < 0.17 else None,
            traditional=False,
            repeat_of=None,
            repeat=None,
        ),
        case,
    )
    if draw.random() < _TRADITIONAL:
        made = in_traditional(made)
    return _Origin(made, case, voice)


def _distinct(write: Callable[[int], Letter], facts: int, case: Case, earlier: _Earlier) -> Letter:
    """A letter unlike the earlier ones of its kind: of some draws the first, or the least alike."""
    known = earlier.setdefault(case.matter.name, deque(maxlen=_REMEMBERED))
    best: tuple[float, Letter, frozenset[str]] | None = None
    for _ in range(_DRAWS):
        one = write(facts)
        grams = trigrams(one.text)
        worst = max((alike(grams, other) for of, other in known if of != case.number), default=0.0)
        if len(one.text) < _SHORTEST:
            worst, facts = worst + 1.0, facts + 1
        if best is None or worst < best[0]:
            best = (worst, one, grams)
        if worst < _ALIKE:
            break
        if len(one.text) > 150:
            facts = max(6 if facts > 5 else 2, facts - 1)
    assert best is not None
    known.append((case.number, best[2]))
    return best[1]


def _second(draw: Random, matter: Matter) -> Matter | None:
    """Sometimes a second matter of the same top class in the same letter."""
    near = [one for one in all_matters() if one.category[:2] == matter.category[:2]]
    near = [one for one in near if one is not matter and one.accusing == matter.accusing]
    near = [one for one in near if one.voice is None]
    return draw.choice(near) if near and not matter.voice and draw.random() < 0.15 else None


def _repeated(draw: Random, index: int, origin: _Origin, earlier: _Earlier) -> SampleLetter:
    first = origin.letter
    room = max(1, (NOW - first.received_at).days)
    received = min(first.received_at + timedelta(days=draw.randint(1, min(room, 40))), NOW)
    writer, text, subject = first.person, first.text, first.subject
    kind = draw.choices(("rewritten", "copied", "reposted"), (5, 4, 2))[0]
    if kind == "rewritten":
        voice = origin.voice if draw.random() < 0.6 else "angry"
        when = f"{first.received_at.year}年{first.received_at.month}月"
        past = f"此事我在{when}已经反映过一次，编号{first.number}，现再次反映。"
        day, signed = received.date(), first.channel == "letter"

        def write(facts: int) -> Letter:
            return letter(
                draw, origin.case, writer, voice, day, facts=facts, signed=signed, past=past
            )

        again = _distinct(write, draw.randint(3, 5), origin.case, earlier)
        text, subject = again.text, again.subject
    elif kind == "copied":
        writer = person(draw, address(draw))
        text = text.replace(first.person.name, writer.name).replace(
            first.person.phone, writer.phone
        )
        text = text.replace(first.person.id_no, writer.id_no)
        text = text.replace(first.person.bank_card, writer.bank_card)
        text = text.replace(first.person.address, writer.address)
        text += draw.choice(
            ("\n我家也是这个情况。", "\n同楼住户附议。", "\n以上情况属实，我也有份。")
        )
    return _registered(
        draw,
        replace(
            first,
            number=_number(received, index),
            subject=subject,
            text=text,
            reply=None,
            transfer_only=False,
            received_at=received,
            replied_at=None,
            channel=first.channel if kind == "copied" else draw.choice(("web", "call", "letter")),
            people=(writer, *first.people[1:]),
            traditional=first.traditional and kind != "rewritten",
            repeat_of=first.number,
            repeat=kind,
        ),
        origin.case,
    )


def _registered(draw: Random, made: SampleLetter, case: Case) -> SampleLetter:
    """With its way through the office, and the reply if it came so far."""
    history = course(draw, made.received_at, NOW, repeated=made.repeat_of is not None)
    answered = next((step.at for step in history if step.status == "REPLIED"), None)
    made = replace(made, history=history, status=history[-1].status)
    if answered is None:
        return made
    transfer = draw.random() < _TRANSFERS
    text = reply(draw, case, made.person, made.received_at.date(), transfer=transfer)
    return replace(made, reply=text, transfer_only=transfer, replied_at=answered)


def _received(draw: Random) -> datetime:
    back = int(_DAYS_BACK * draw.random() ** 1.3)
    day = (NOW - timedelta(days=back)).replace(hour=8, minute=0)
    return min(day + timedelta(minutes=draw.randint(0, 860), seconds=draw.randint(0, 59)), NOW)


def _number(received: datetime, index: int) -> str:
    return f"TL{received:%Y%m}{index:06d}"
