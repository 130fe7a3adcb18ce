"""The invented office's letters: the same `count` and `seed` always give the same ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from cli.sample.chance import chance
from cli.sample.course import Step, course
from cli.sample.matters import Matter, all_matters
from cli.sample.people import Person, full_name, person
from cli.sample.places import address, setting
from cli.sample.wording import Case, Letter, letter, pick_voice, reply

OFFICE_TIME = timezone(timedelta(hours=8))
NOW = datetime(2026, 6, 30, 17, 30, tzinfo=OFFICE_TIME)
"""The invented office's last day: nothing is later."""
_DAYS_BACK = 1100
SOURCE = "汀澜市信访局"
HANDLER = "caseworker"
"""Name of the demo's caseworker, who handles about one letter in six."""

_REPEATS = 0.08
_TRANSFERS = 0.08
_TRADITIONAL = 0.06
_CHANNELS = {"web": 44, "letter": 26, "call": 13, "visit": 10, "forwarded": 5, "leader": 2}
_ALIKE = 0.30  # trigrams shared with an earlier letter of the same kind: draw again above it
_REMEMBERED = 24
_DRAWS = 6


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """One invented petition, with what an office knows about it. Times carry UTC+8.

    `case`: letters about the same matter share it. `repeat_of`: number of the earlier letter that
    this one repeats; `repeat`: `rewritten` by the same person, `reposted` word for word, or
    `copied` by a neighbour. `history` ends in `status`. `handler` is a user name of the demo.
    """

    number: str
    case: str
    subject: str
    text: str
    reply: str | None
    transfer_only: bool
    received_at: datetime
    replied_at: datetime | None
    category: str
    region: str
    status: str
    history: tuple[Step, ...]
    channel: str
    level: str
    sealed: bool
    people: tuple[Person, ...]
    people_count: int
    handler: str | None
    traditional: bool
    repeat_of: str | None
    repeat: str | None

    @property
    def person(self) -> Person:
        """Who wrote it."""
        return self.people[0]


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
    earlier: dict[str, deque[frozenset[str]]] = {}
    for index in range(count):
        draw = chance("letter", seed, index)
        if len(origins) > 8 and draw.random() < _REPEATS:
            yield _repeated(draw, index, draw.choice(origins))
            continue
        origin = _new(draw, index, earlier)
        origins.append(origin)
        yield origin.letter


def trigrams(text: str) -> frozenset[str]:
    """All runs of three characters."""
    return frozenset(text[place : place + 3] for place in range(len(text) - 2))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard: what two sets share, 0.0 to 1.0."""
    return len(one & other) / (len(one | other) or 1)


def _new(draw: Random, index: int, earlier: dict[str, deque[frozenset[str]]]) -> _Origin:
    matters = all_matters()
    matter = matters[(index * 17 + draw.randrange(3)) % len(matters)]
    received = _received(draw)
    place = setting(draw, received.date(), rural=matter.rural)
    scene = {
        **place.scene,
        "office": matter.office.format_map(place.scene),
        "other_surname": full_name(draw, woman=False)[0],
    }
    case = Case(matter, _second(draw, matter), scene)
    channel = draw.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
    voice = pick_voice(draw)
    writer = person(draw, address(draw))
    written = _distinct(draw, case, writer, voice, received, channel, earlier)
    level = "open" if draw.random() < 0.87 else "restricted"
    if matter.accusing:
        level = draw.choice(("restricted", "restricted", "secret"))
    others = tuple(person(draw, address(draw)) for _ in range(draw.randint(2, 5)))
    made = _registered(
        draw,
        SampleLetter(
            number=_number(received, index),
            case=f"case-{index:06d}",
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
        made = replace(
            made,
            subject=_to_traditional(made.subject),
            text=_to_traditional(made.text),
            traditional=True,
        )
    return _Origin(made, case, voice)


def _distinct(
    draw: Random,
    case: Case,
    writer: Person,
    voice: str,
    received: datetime,
    channel: str,
    earlier: dict[str, deque[frozenset[str]]],
) -> Letter:
    """A letter unlike the earlier ones of its kind: of some draws the first, or the least alike."""
    known = earlier.setdefault(case.matter.name, deque(maxlen=_REMEMBERED))
    facts = draw.choices((1, 2, 3, 4, 5, 7), (8, 18, 28, 24, 14, 8))[0]
    signed = channel in {"letter", "visit", "forwarded"} and draw.random() < 0.8
    best: tuple[float, Letter, frozenset[str]] | None = None
    for _ in range(_DRAWS):
        one = letter(draw, case, writer, voice, received.date(), facts=facts, signed=signed)
        grams = trigrams(one.text)
        worst = max((alike(grams, other) for other in known), default=0.0)
        if len(one.text) < 80:
            worst, facts = worst + 1.0, facts + 1
        if best is None or worst < best[0]:
            best = (worst, one, grams)
        if worst < _ALIKE:
            break
    assert best is not None
    known.append(best[2])
    return best[1]


def _second(draw: Random, matter: Matter) -> Matter | None:
    """Sometimes a second matter of the same top class in the same letter."""
    near = [one for one in all_matters() if one.category[:2] == matter.category[:2] != "11"]
    near = [one for one in near if one is not matter and one.accusing == matter.accusing]
    return draw.choice(near) if near and draw.random() < 0.07 else None


def _repeated(draw: Random, index: int, origin: _Origin) -> SampleLetter:
    first = origin.letter
    room = max(1, (NOW - first.received_at).days)
    received = min(first.received_at + timedelta(days=draw.randint(1, min(room, 40))), NOW)
    writer, text, subject = first.person, first.text, first.subject
    kind = draw.choices(("rewritten", "copied", "reposted"), (5, 4, 2))[0]
    if kind == "rewritten":
        again = letter(
            draw,
            origin.case,
            writer,
            origin.voice if draw.random() < 0.6 else "angry",
            received.date(),
            facts=draw.randint(3, 5),
            signed=first.channel == "letter",
            past=f"此事我在{_month(first.received_at)}已经反映过一次，编号{first.number}，现再次反映。",
        )
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


def _month(when: datetime) -> str:
    return f"{when.year}年{when.month}月"


def _to_traditional(text: str) -> str:
    from opencc import OpenCC  # loads its tables, only when the first such letter is made

    return str(OpenCC("s2t").convert(text))


def import_record(made: SampleLetter) -> dict[str, object]:
    """The letter as one object of a file for `petitions import`; what is unknown is left out."""
    known: dict[str, object | None] = {
        "id": made.number,
        "petitioner": made.person.id_no[-6:],
        "subject": made.subject,
        "text": made.text,
        "submitted_at": made.received_at.astimezone(UTC).isoformat(),
        "reply": made.reply,
        "replied_at": made.replied_at.astimezone(UTC).isoformat() if made.replied_at else None,
        "category": made.category,
        "region": made.region,
        "status": made.status,
        "channel": made.channel,
        "level": made.level,
        "sealed": made.sealed or None,
        "handler": made.handler,
        "name": made.person.name,
        "phone": made.person.phone,
        "id_no": made.person.id_no,
        "address": made.person.address,
        "people_count": made.people_count,
    }
    return {name: value for name, value in known.items() if value is not None}
