"""Small invented offices: letters made from templates by a seed, users of every role."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from records.database import Database, open_home
from records.home import Home
from records.originals import Originals
from records.petitions import NewPetition, NewReply, add_many
from records.regions import add_region
from records.users import NewUser, add_user
from search.access import Scope
from search.answers import Answer, Filters, SearchRequest
from search.engines.memory import MemoryEngine
from search.indexer import bring_up_to_date
from search.library import Library
from search.scopes import scope_of, shell_scope

REGIONS = (("A市", None), ("A3区", "A市"), ("A7县", "A市"), ("B市", None), ("B2区", "B市"))
PLACES = ("湘源路", "滨河西路", "A3区金桂园小区", "K8公交站", "第三中学", "东塘镇", "朝阳 Plaza")
MATTERS = (
    ("夜间施工噪音扰民", "工地每晚十一点以后还在打桩，噪音很大，老人孩子都睡不着", "03"),
    ("拆迁补偿款迟迟不到位", "拆迁协议签了两年，补偿款一直没有发下来，过渡费也停了", "0103"),
    ("物业费乱涨价", "物业公司没有公示，就把物业费从１２元涨到15元，业委会也不管", "01"),
    ("公交线路调整不合理", "K8路公交车改道以后，上学要转两趟车，站台连个雨棚都没有", "12"),
    ("房產證辦不下來", "樓盤交房五年，開發商說資料不全，房產證到現在辦不下來", "0102"),
    ("拖欠农民工工资", "项目经理电话不接，三十多人的工资拖到了年底，合计 230,000 元", "05"),
    ("路灯损坏无人维修", "整条路一到晚上漆黑一片，上个月已经摔伤了两个人", None),
)
ENDINGS = ("请领导尽快处理！", "望有关部门给个答复。", "盼复,谢谢。", "恳请查处 ABC 公司。")
REPLIES = (
    "网友您好，您反映的问题已转交街道办事处调查处理。经核实情况属实，已责令整改。",
    "您好！来信收悉。经住建局现场核查，该项目已完成验收，预计年底前办结。",
    "經查，您所反映的拆遷問題屬於歷史遺留，請耐心等待。",
)
NAMES = ("欧阳建国", "王小明", "李秀英")
STATUSES = ("REGISTERED", "HANDLING", "REPLIED", "CLOSED")
CHANNELS = ("letter", "visit", "call", "web")
BEGIN = datetime(2018, 12, 31, 15, 0, tzinfo=UTC)
PASSWORD = "correct horse 电池 staple"


@dataclass(frozen=True)
class Office:
    """An office whose indexes are in memory."""

    database: Database
    engine: MemoryEngine
    originals: Originals
    library: Library

    def add(self, *petitions: NewPetition) -> list[str]:
        """Register and index; their ids."""
        with self.database.write() as session:
            added = [result.id for result in add_many(session, petitions)]
        self.index()
        return added

    def index(self) -> None:
        while bring_up_to_date(self.database, self.engine):
            pass

    def user(
        self,
        role: str,
        *,
        regions: tuple[str, ...] = (),
        level: str = "open",
        fields: frozenset[str] | None = None,
        categories: tuple[str, ...] = (),
    ) -> Scope:
        """A new user's rights."""
        with self.database.write() as session:
            count = len(regions) + random.getrandbits(60)
            new = NewUser(
                f"{role}{count}",
                role,
                PASSWORD,
                regions,
                level,
                fields,
                second_factor=False,
                categories=categories,
            )
            return scope_of(add_user(session, new).user)

    def ids(self, scope: Scope, text: str, filters: Filters | None = None) -> list[str]:
        """Every id found, over all pages, in order."""
        found: list[str] = []
        page = 1
        while True:
            answer = self.ask(scope, text, filters, page=page)
            found += [hit.id for hit in answer.hits]
            if len(answer.hits) < answer.size:
                return found
            page += 1

    def ask(
        self,
        scope: Scope,
        text: str = "",
        filters: Filters | None = None,
        *,
        facets: tuple[str, ...] = (),
        page: int = 1,
        size: int = 50,
    ) -> Answer:
        request = SearchRequest(text, filters or Filters(), facets, page=page, size=size)
        return self.library.search(scope, request)


def letters(count: int, seed: int = 7, levels: Sequence[str] = ("open",)) -> list[NewPetition]:
    """Invented letters, no two the same; some with replies, some naming their writer."""
    dice = random.Random(seed)
    made: list[NewPetition] = []
    for number in range(count):
        subject, body, category = dice.choice(MATTERS)
        place, name = dice.choice(PLACES), dice.choice(NAMES)
        region = dice.choice([code for code, _ in REGIONS] + [None])
        filler = "".join(chr(dice.randint(0x4E00, 0x9FA0)) for _ in range(dice.randint(0, 25)))
        text = f"{region or '本市'}{place}：{body}。{filler}\n{number}号，{dice.choice(ENDINGS)}"
        if number % 5 == 0:
            text += f"联系人{name}，电话139{number:08}。"
        replies = tuple(
            NewReply(dice.choice(REPLIES), BEGIN + timedelta(days=number + 9 + i), body="住建局")
            for i in range(dice.choice((0, 0, 1, 2)))
        )
        made.append(
            NewPetition(
                subject=f"{place}{subject}",
                text=text,
                external_id=f"OLD-{number}",
                source="test",
                name=name if number % 5 == 0 else None,
                phone=f"139{number:08}" if number % 5 == 0 else None,
                received_at=BEGIN + timedelta(hours=7 * number),
                region=region,
                category=category,
                status=dice.choice(STATUSES),
                channel=dice.choice(CHANNELS),
                level=dice.choice(levels),
                replies=replies,
            )
        )
    return made


def _opened(folder: Path) -> Office:
    home = Home(folder)
    database = open_home(home)
    with database.write() as session:
        for code, parent in REGIONS:
            add_region(session, code, code, parent, [f"{code}人民政府"])
    engine = MemoryEngine()
    originals = Originals(home.originals)
    return Office(database, engine, originals, Library(database, engine, originals))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An empty office."""
    opened = _opened(tmp_path)
    yield opened
    opened.library.close()


@pytest.fixture(scope="session")
def full_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with 120 letters of three levels; for reading only."""
    opened = _opened(tmp_path_factory.mktemp("office"))
    opened.add(*letters(120, levels=("open", "open", "open", "restricted", "secret")))
    yield opened
    opened.library.close()


@pytest.fixture(scope="session")
def made_letters() -> Callable[..., list[NewPetition]]:
    return letters


@pytest.fixture(scope="session")
def everything() -> Scope:
    """The operator at the shell."""
    return shell_scope()
