"""Pairs of offices that look the same to one user and differ at random in all that is hidden.

What a user sees is written here a second time, naively and from the table of rights alone, so that
a mistake in `search.access` or `search.projection` isn't repeated in its own test.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

LEVELS = ("open", "restricted", "secret")
PARENTS = {
    "A市": None,
    "A3区": "A市",
    "A7县": "A市",
    "B市": None,
    "B2区": "B市",
    "青石镇": None,
    "白塔镇": None,
}
DECLARED = ("A市", "A3区", "A7县", "B市", "B2区")
"""The others are known from letters alone."""

CANARY = "鸑鷟"
"""Stands in what is hidden, and is never asked for: wherever it is answered, something leaked."""

OPEN_WORDS = ("路灯", "噪音", "施工", "拆迁", "补偿", "物业", "停水", "公交")
RARE_WORDS = (
    "湘妃竹", "紫云英", "白头翁", "鹅掌楸", "木芙蓉", "虞美人", "夹竹桃", "龙舌兰", "枸杞子",
)  # fmt: skip
"""Stand in few letters or in none: their statistics tell most."""

GIVEN = "安宁康泰平顺"
BEGIN = datetime(2019, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class User:
    """As the table of rights has it (`records.roles`, written again)."""

    name: str
    role: str
    regions: tuple[str, ...] = ()  # none: every region
    categories: tuple[str, ...] = ()  # none: every category
    level: str = "open"
    full: bool = False  # of all letters in scope
    own: bool = False  # of own cases
    id_no: bool = False
    counts_only: bool = False
    published_only: bool = False
    reads: bool = True
    notes: bool = False  # sees what leaders noted, addressed to whomever
    asks: bool = False  # finds people by a number, or looks at masked values


USERS = (
    User("clerk", "clerk", ("A市",), level="restricted", asks=True),
    User("specialist", "leader", ("A市", "B市"), ("0103", "12"), "restricted", notes=True),
    User("caseworker", "caseworker", ("A市",), ("01", "02"), own=True, asks=True),
    User("reviewer", "reviewer", ("A3区", "B市"), (), "restricted", full=True, own=True, asks=True),
    User("leader", "leader", level="restricted", notes=True),
    User("archivist", "archivist", ("B市",), level="secret", notes=True, asks=True),
    User("statistician", "statistician", ("A市",), level="restricted", counts_only=True),
    User("public", "public", published_only=True),
    User("administrator", "administrator", reads=False),
    User("security", "security", reads=False),
    User("auditor", "auditor", reads=False),
)
ACTOR = User("actor", "reviewer", level="secret", full=True, own=True)
"""Sees everything that isn't sealed, and acts between the questions."""


@dataclass(frozen=True)
class Letter:
    """A letter as drawn. `key`: its id and number follow from it alone."""

    key: int
    subject: str
    body: str
    reply: str
    region: str | None
    category: str | None
    status: str
    channel: str
    level: str
    sealed: bool
    published: bool
    handler: str | None
    named: tuple[str, ...]
    day: int
    surname: str
    given: str = "安"
    phone: str = "13812345678"
    address: str = "12号3栋401室"
    id_no: str = "110101000000001234"  # of no day of birth, so that all but three digits are masked
    bank_card: str = "6222020000001234"
    scan: int | None = None  # which picture
    reason: str = ""
    extra: str = ""
    note: str = ""  # a leader's
    was_open: bool = False  # reclassified after it was indexed
    repeats: int | None = None  # the key of a letter whose matter it joins

    @property
    def name(self) -> str:
        return self.surname + self.given

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.name, self.phone, self.address, self.id_no, self.bank_card)

    @property
    def text(self) -> str:
        return f"{self.body}\n本人姓名：{self.name}，电话{self.phone}。"

    @property
    def answer(self) -> str:
        """The reply, which names the petitioner."""
        return f"{self.name}您好。{self.reply}"

    @property
    def signed(self) -> bool:
        """Somebody signed the reply."""
        return bool(self.reply) and self.key % 4 != 0

    @property
    def addressed(self) -> bool:
        """The note is to those who handle it too."""
        return self.key % 2 == 0

    @property
    def received_at(self) -> datetime:
        return BEGIN + timedelta(days=self.day)

    @property
    def readers(self) -> frozenset[str]:
        return frozenset(filter(None, (self.handler, *self.named)))


def path(region: str | None) -> tuple[str, ...]:
    found: list[str] = []
    while region is not None:
        found.append(region)
        region = PARENTS[region]
    return tuple(found)


def sees(user: User, letter: Letter) -> bool:
    """May this user know that the letter exists?"""
    if not user.reads or LEVELS.index(letter.level) > LEVELS.index(user.level):
        return False
    if user.name in letter.readers:
        return True
    if letter.sealed:
        return False
    if user.published_only:
        return letter.published
    if user.categories and not (letter.category or "").startswith(user.categories):
        return False
    return not user.regions or not set(user.regions).isdisjoint(path(letter.region))


def reads_whole(user: User, letter: Letter) -> bool:
    return user.full or (user.own and user.name in letter.readers)


def sees_note(user: User, letter: Letter) -> bool:
    if user.notes:
        return True
    return letter.addressed and user.name in letter.readers and reads_whole(user, letter)


@dataclass(frozen=True)
class World:
    """Letters in the order in which they came in, and what others do between the questions."""

    letters: tuple[Letter, ...]
    acts: tuple[Callable[[Office], None], ...] = field(default=(), compare=False)


class Office(Protocol):
    """What acts are done to (`offices.py`)."""

    def take_in(self, letter: Letter) -> None: ...

    def reclassify(self, letter: Letter, level: str) -> None: ...

    def ask_as(self, user: str, text: str) -> None: ...

    def fail_to_sign_in(self, user: str) -> None: ...


def letter(dice: random.Random, key: int) -> Letter:
    words = dice.choices(OPEN_WORDS, k=dice.randint(1, 5)) + dice.choices(
        RARE_WORDS, k=dice.choice((0, 0, 1))
    )
    region = dice.choice((*DECLARED, *DECLARED, None, "青石镇", "白塔镇"))
    return Letter(
        key=key,
        subject="".join(dice.choices(words, k=2)),
        body="，".join(words) + dice.choice(("。", "，请尽快处理。", f"，在{region or '本市'}。")),
        reply=dice.choice(("", "", "您好，已派人修好路灯。", f"已转{dice.choice(OPEN_WORDS)}科。")),
        region=region,
        category=dice.choice((None, "01", "0103", "02", "12")),
        status=dice.choice(("REGISTERED", "HANDLING", "CLOSED")),
        channel=dice.choice(("letter", "web", "visit")),
        level=dice.choices(LEVELS, (6, 2, 2))[0],
        sealed=dice.random() < 0.1,
        published=dice.random() < 0.2,
        handler=dice.choice((None, None, "caseworker", "reviewer", "actor")),
        named=dice.choice(((), (), (), ("leader",), ("clerk",))),
        day=dice.randint(0, 60),  # few days: ties
        surname=dice.choice(("王", "李", "赵")),
        phone=f"138{dice.randrange(12):04}5678",  # few enough that people write twice
        id_no=f"1101010000000{dice.randrange(12):05}",
        bank_card=f"622202{dice.randrange(12):06}1234",
        scan=dice.choice((None, None, 1)),
        note=dice.choice(("", "", "请本周内核实。")),
    )


def hidden(drawn: Letter) -> Letter:
    """The same with canaries in all that a reader of redacted texts doesn't see."""
    return replace(
        drawn, subject=drawn.subject + CANARY, body=drawn.body + CANARY, extra=CANARY, note=CANARY
    )


def twin(dice: random.Random, user: User, drawn: Letter, *, same_facts: bool = False) -> Letter:
    """The letter as this user sees it, with other hidden parts. Masks keep the surname, the first
    three and the last four digits of a phone number, the first three of an identity number, the
    last four of a bank card, and every length. That there is a scan is seen from its redacted copy,
    not what no line on it says; but the public sees none. `same_facts`: of persons; they may then
    be asked for."""
    if not sees_note(user, drawn):
        drawn = replace(drawn, note=dice.choice(("", "已阅" + CANARY)))
    if reads_whole(user, drawn):
        return drawn
    if same_facts:
        return replace(drawn, reason=dice.choice(("", "已核实" + CANARY)))
    copied = not user.published_only or user.name in drawn.readers
    scans = (1, 2) if drawn.scan else (None,)
    return replace(
        drawn,
        given=dice.choice(GIVEN),
        phone=f"138{dice.randrange(10_000):04}5678",
        address=f"{dice.randint(10, 99)}号{dice.randint(1, 9)}栋{dice.randint(100, 999)}室",
        id_no=f"110101000000{dice.randrange(10**6):06}",
        bank_card=f"622202{dice.randrange(10**6):06}1234",
        scan=dice.choice(scans if copied else (None, 1, 2)),
        reason=dice.choice(("", "已核实" + CANARY)),
        extra=dice.choice(("", CANARY)),
    )


def pair(dice: random.Random, user: User, count: int = 14) -> tuple[World, World]:
    """Two worlds with the same view. Hidden letters are kept, dropped or replaced."""
    worlds: tuple[list[Letter], list[Letter]] = ([], [])
    seen = 0
    key = 0
    all_same = dice.random() < 0.5
    while key < count or (seen < 4 and key < 60 and user.reads):
        key += 1
        drawn = letter(dice, key)
        if sees(user, drawn):
            seen += 1
            same = user.asks and (all_same or dice.random() < 0.5)
            for letters in worlds:
                letters.append(twin(dice, user, drawn, same_facts=same))
            continue
        for letters in worlds:
            letters.extend(_hidden_version(dice, user, drawn))
    for letters in worlds:
        _join(dice, user, letters)
        dice.shuffle(letters)  # they came in another order
    first, second = (World(tuple(letters), _acts(dice, user, letters)) for letters in worlds)
    return first, second


def _join(dice: random.Random, user: User, letters: list[Letter]) -> None:
    """Some hidden letters belong to the matters of letters that are seen."""
    known = [one.key for one in letters if sees(user, one)]
    for place, one in enumerate(letters):
        if known and not sees(user, one) and dice.random() < 0.3:
            letters[place] = replace(one, repeats=dice.choice(known))


def _hidden_version(dice: random.Random, user: User, drawn: Letter) -> list[Letter]:
    match dice.choice(("keep", "drop", "replace", "more")):
        case "keep":
            return [hidden(replace(drawn, was_open=dice.random() < 0.3))]
        case "drop":
            return []
        case "replace":
            return [_another(dice, user, 1000 + drawn.key)]
        case _:
            return [_another(dice, user, key + drawn.key) for key in (1000, 2000, 3000)]


def _another(dice: random.Random, user: User, key: int) -> Letter:
    while sees(user, found := letter(dice, key)):
        pass
    return hidden(found)


def _acts(
    dice: random.Random, user: User, letters: Iterable[Letter]
) -> tuple[Callable[[Office], None], ...]:
    """What others do; nothing of it touches what the user sees."""
    unseen = [one for one in letters if not sees(user, one)]

    def arrival(key: int) -> Callable[[Office], None]:
        new = _another(dice, user, key)
        return lambda office: office.take_in(new)

    def reclassified() -> Callable[[Office], None]:
        one = dice.choice(unseen)
        levels = [level for level in LEVELS if not sees(user, replace(one, level=level))]
        level = dice.choice(levels)
        return lambda office: office.reclassify(one, level)

    def question() -> Callable[[Office], None]:
        texts = dice.sample((*OPEN_WORDS, *RARE_WORDS), 6)

        def ask(office: Office) -> None:
            for text in texts:
                office.ask_as(ACTOR.name, text)

        return ask

    def refused() -> Callable[[Office], None]:
        return lambda office: office.fail_to_sign_in(ACTOR.name)

    made: list[Callable[[Office], None]] = []
    for number in range(dice.randint(0, 3)):
        kinds = [lambda number=number: arrival(5000 + number), question, refused]
        made.append(dice.choice([*kinds, reclassified] if unseen else kinds)())
    return tuple(made)
