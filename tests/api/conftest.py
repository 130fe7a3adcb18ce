"""One invented office behind a real server, made once a run; tests sign in over HTTP.

Tests that change the office (registering, rights) add their own users and letters and never
count what others may have added.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image, ImageDraw

from api.app import create_app
from api.serving import server
from records.database import Database
from records.files import add_file
from records.home import Home, Settings
from records.originals import Originals
from records.pages import Line, NewPage, put_pages
from records.petitions import NewPetition, NewReply, add
from records.regions import add_region
from records.users import NewUser, add_user
from search.bootstrap import Archive, open_archive
from search.library import Library

PASSWORD = "three 湖 wide lanterns"
REGIONS = (("A市", None), ("A3区", "A市"), ("A7县", "A市"), ("B市", None))
WIDTH, HEIGHT = 800, 1100
PHONE = "13812345678"
SECRET_WORD = "紫藤巷"

LINES = (
    Line("关于夜间施工噪音扰民的投诉", (200, 90, 590, 120), 0.99),
    Line("小区北侧的工地每天夜间仍在施工,", (100, 200, 580, 230), 0.98),
    Line("噪音很大,孩子无法入睡。", (100, 250, 445, 280), 0.97),
)
"""Each character is 30 pixels wide, so that a word's box can be told beforehand."""


def scan() -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    for line in LINES:
        draw.rectangle(line.box, outline="black")
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@dataclass
class TestOffice:
    __test__ = False

    archive: Archive
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.archive.database

    @property
    def originals(self) -> Originals:
        return self.archive.originals

    @property
    def library(self) -> Library:
        return self.archive.library

    def add(self, name: str, petition: NewPetition) -> str:
        with self.database.write() as session:
            self.ids[name] = add(session, petition).id
        return self.ids[name]

    def index(self) -> None:
        self.archive.catch_up()

    def user(
        self,
        name: str,
        role: str,
        *,
        level: str = "open",
        regions: tuple[str, ...] = (),
        fields: frozenset[str] | None = None,
    ) -> str:
        new = NewUser(name, role, PASSWORD, regions, level, fields, second_factor=False)
        with self.database.write() as session:
            return add_user(session, new).user.id

    def app(self) -> FastAPI:
        return create_app(self.library, self.database, self.originals, self.archive.home.settings)


def make_office(folder: Path, settings: Settings) -> TestOffice:
    office = TestOffice(open_archive(Home(folder, settings)))
    with office.database.write() as session:
        for code, parent in REGIONS:
            add_region(session, code, code, parent)
    return office


def fill(office: TestOffice) -> None:
    office.user("clerk", "clerk", level="restricted")
    office.user("reviewer", "reviewer", level="restricted")
    office.user("north", "reviewer", regions=("B市",))
    office.user("counter", "statistician")
    office.user("root", "administrator")
    handler = office.user("caseworker", "caseworker", regions=("A市",))
    office.add(
        "scanned",
        NewPetition(
            subject="夜间施工噪音扰民",
            text="\n".join(line.text for line in LINES),
            external_id="2574",
            source="older",
            name="王小明",
            phone=PHONE,
            region="A3区",
            category="01",
            status="CLOSED",
            channel="letter",
            received_at=datetime(2019, 4, 12, 2, tzinfo=UTC),
            handler=handler,
            text_source="ocr",
            text_confidence=0.98,
            replies=(NewReply("经核查,已责令工地降低噪音。", body="城管局"),),
        ),
    )
    for number in range(25):
        office.add(
            f"plain {number}",
            NewPetition(
                subject=f"第{number}条路的路灯不亮",
                text=f"A7县第{number}条路的路灯坏了,晚上很暗,噪音倒是没有。",
                region="A7县" if number % 2 else "B市",
                category="12" if number % 3 else "01",
                status="HANDLING",
                channel="web",
                received_at=datetime(2020, 1, 1 + number, tzinfo=UTC),
            ),
        )
    office.add("secret", NewPetition(subject="举报", text=f"{SECRET_WORD}的噪音", level="secret"))
    picture = scan()
    with office.database.write() as session:
        original = office.originals.put(picture)
        file_id = add_file(
            session, office.ids["scanned"], original, "扫描件 一.png", media_type="image/png"
        )
        page = NewPage(
            WIDTH,
            HEIGHT,
            "\n".join(line.text for line in LINES),
            LINES,
            "ocr",
            0.98,
            image_sha256=original.sha256,
            text_start=0,
            text_end=sum(len(line.text) + 1 for line in LINES) - 1,
        )
        put_pages(session, office.ids["scanned"], file_id, [page])
    office.index()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestOffice]:
    made = make_office(tmp_path_factory.mktemp("office") / "home", Settings(code_steps=1))
    fill(made)
    yield made
    made.archive.close()


class Served:
    """An application on a port of its own, in a thread."""

    def __init__(self, app: FastAPI, settings: Settings | None = None) -> None:
        self._server = server(app, "127.0.0.1", 0, settings or Settings())
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> str:
        self._thread.start()
        ends = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < ends, "the server does not start"
            assert self._thread.is_alive(), "the server died"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)


@pytest.fixture(scope="session")
def address(office: TestOffice) -> Iterator[str]:
    with Served(office.app()) as address:
        yield address


@pytest.fixture(scope="session", name="make_office")
def office_maker() -> Callable[[Path, Settings], TestOffice]:
    """For tests with an office of their own that need no server."""
    return make_office


@pytest.fixture(scope="session")
def behind_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestOffice, str]]:
    """An office with the settings it has behind a TLS proxy, one user and one letter."""
    settings = Settings(secure_cookies=True, max_file_bytes=1000)
    made = make_office(tmp_path_factory.mktemp("tls") / "home", settings)
    made.user("walker", "clerk")
    made.add("letter", NewPetition(subject="路灯不亮", text="第一条路的路灯坏了。"))
    made.index()
    with Served(made.app(), settings) as address:
        yield made, address
    made.archive.close()


@pytest.fixture
def another_office(tmp_path: Path) -> Iterator[Callable[[Settings], tuple[TestOffice, str]]]:
    """Makes an empty office with settings of its own and serves it."""
    with ExitStack() as stack:

        def make(settings: Settings) -> tuple[TestOffice, str]:
            made = make_office(tmp_path / "home", settings)
            stack.callback(made.archive.close)
            return made, stack.enter_context(Served(made.app(), settings))

        yield make


@pytest.fixture
def own_office(
    another_office: Callable[[Settings], tuple[TestOffice, str]],
) -> tuple[TestOffice, str]:
    """The filled office for a test that breaks it, and its address."""
    made, address = another_office(Settings())
    fill(made)
    return made, address


@pytest.fixture
def stranger(address: str) -> Iterator[httpx.Client]:
    """A client that never signed in."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def signed_in(address: str) -> Callable[[str], httpx.Response]:
    """The answer to a user's sign-in, once a run."""
    kept: dict[str, httpx.Response] = {}

    def begin(name: str) -> httpx.Response:
        if name not in kept:
            asked = {"username": name, "password": PASSWORD}
            answer = httpx.post(f"{address}/api/session", json=asked, trust_env=False)
            assert answer.status_code == 200, answer.text
            kept[name] = answer
        return kept[name]

    return begin


@pytest.fixture(scope="session")
def tokens(signed_in: Callable[[str], httpx.Response]) -> Callable[[str], str]:
    """The bearer token of a user."""
    return lambda name: str(signed_in(name).json()["token"])


Client = Callable[[str], httpx.Client]


@pytest.fixture
def client(address: str, tokens: Callable[[str], str]) -> Iterator[Client]:
    """A client of a signed-in user, by bearer token."""
    opened: list[httpx.Client] = []

    def open_client(name: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {tokens(name)}"}
        opened.append(httpx.Client(base_url=address, headers=headers, trust_env=False))
        return opened[-1]

    yield open_client
    for one in opened:
        one.close()


@pytest.fixture
def browser_of(address: str, signed_in: Callable[[str], httpx.Response]) -> Iterator[Client]:
    """A client that holds the sign-in as a cookie, as a browser does."""
    opened: list[httpx.Client] = []

    def open_client(name: str) -> httpx.Client:
        cookies = signed_in(name).cookies
        opened.append(httpx.Client(base_url=address, cookies=cookies, trust_env=False))
        return opened[-1]

    yield open_client
    for one in opened:
        one.close()
