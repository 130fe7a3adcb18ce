"""Real offices for the worlds: records on a database, an engine, the application; one clock and
one source of chance for both offices of a pair."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

import records.codes
import records.ids
import records.signin
import records.times
from api.app import create_app
from api.office import Office as AppOffice
from api.rate import Rate
from ingest.places import Places
from records import signin
from records.administration import Rights, proposal_for, propose
from records.changes import change_status, set_level
from records.clocks import AWAITED
from records.database import Database, open_home
from records.decisions import Kind, NewDecision, decide
from records.entries import NewPetition, NewReply
from records.files import add_file
from records.home import Home, Settings
from records.notes import add_note
from records.originals import Originals
from records.pages import Line, NewPage, put_pages
from records.petitions import all_after, read_one
from records.regions import add_region
from records.registration import add
from records.signatures import sign
from records.signing_keys import Signer, person_signer
from records.users import NewUser, add_user, require_user
from search.answers import SearchRequest
from search.duplicates.linking import bring_links_up_to_date
from search.engine import INDEXES, Engine
from search.indexer import bring_up_to_date
from search.library import Library
from search.scopes import scope_of
from tests.proof.worlds import ACTOR, DECLARED, PARENTS, USERS, Letter, User

PASSWORD = "three 湖 wide lanterns"
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class Chance:
    """In place of `secrets`: the same letter or request draws the same in both offices, as far as
    both draw as often: what is shown has to be drawn before what depends on hidden letters."""

    def __init__(self) -> None:
        self._dice = random.Random(0)

    def begin(self, what: str) -> None:
        self._dice = random.Random(what)

    def token_hex(self, size: int) -> str:
        return self._dice.randbytes(size).hex()

    def token_urlsafe(self, size: int) -> str:
        return self._dice.randbytes(size).hex()

    def randbelow(self, end: int) -> int:
        return self._dice.randrange(end)

    def choice(self, values: Sequence[Any]) -> Any:
        return self._dice.choice(values)


CHANCE = Chance()


class _Clock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW.timestamp(), tz)


def stand_still(patch: pytest.MonkeyPatch) -> None:
    """Stop the clock, and draw ids, numbers and tokens from `CHANCE`."""
    patch.setattr(records.times, "datetime", _Clock)
    patch.setattr(records.ids, "secrets", CHANCE)
    patch.setattr(records.codes, "secrets", CHANCE)
    patch.setattr(records.signin, "secrets", CHANCE)


@dataclass(frozen=True)
class Template:
    """An office without letters: its folder, its users' ids, their sign-ins, rights of
    `specialist` that wait to be confirmed, and the key of somebody who signs replies."""

    folder: Path
    ids: Mapping[str, str]
    begun: Mapping[str, signin.SignIn]
    proposal: str
    signer: Signer


def make_template(folder: Path, settings: Settings) -> Template:
    home = Home(folder, settings)
    database = open_home(home)
    ids, begun = {}, {}
    with database.write() as session:
        for code in DECLARED:
            add_region(session, code, code, PARENTS[code])
        for user in (*USERS, ACTOR):
            CHANCE.begin(user.name)
            regions = user.regions if user.regions or user.published_only else ("ALL",)
            new = NewUser(
                user.name,
                user.role,
                PASSWORD,
                regions,
                user.level,
                second_factor=False,
                categories=user.categories,
            )
            added = add_user(session, new).user
            ids[user.name] = added.id
            signer = person_signer(session, added, PASSWORD)  # the same keys in both offices
            begun[user.name] = signin.begin(session, added, settings)
        proposer = require_user(session, ids["administrator"])
        wanted = Rights("leader", "secret", ("B2区",), ("12",), ("full_text",))
        propose(session, proposer, ids["specialist"], wanted)
        waiting = proposal_for(session, ids["specialist"])
        assert waiting is not None
    database.close()
    return Template(folder, ids, begun, waiting.id, signer)


def letter_id(letter: Letter) -> str:
    return _id_of(letter.key)


def _id_of(key: int) -> str:
    CHANCE.begin(f"letter {key}")
    return records.ids.new_id()


class Client:
    """Asks an application in this process; keeps no cookie.

    The application is made for the first office and turned to the next: making one takes longer
    than ten requests, and what it knows of an office is in its state (if it kept more, the offices
    of a pair, whose earlier ones differ, would answer differently).
    """

    def __init__(self) -> None:
        self._loop = asyncio.Runner()
        self.app: FastAPI | None = None

    def turn_to(
        self, library: Library, database: Database, originals: Originals, settings: Settings
    ) -> None:
        if self.app is None:
            self.app = create_app(library, database, originals, settings)
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            self._client = httpx.AsyncClient(transport=transport, base_url="http://office")
        rate = Rate(settings.searches_per_minute)
        self.app.state.office = AppOffice(library, database, originals, settings, rate)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        self._client.cookies.clear()
        return self._loop.run(self._client.request(method, path, **given))

    def close(self) -> None:
        if self.app is not None:
            self._loop.run(self._client.aclose())
        self._loop.close()


class Office:
    """One office of a pair. Letters are added as ingestion adds them, and indexed at once."""

    def __init__(
        self,
        template: Template,
        folder: Path,
        settings: Settings,
        engine: Engine,
        client: Client,
    ) -> None:
        shutil.copytree(template.folder, folder, dirs_exist_ok=True)
        home = Home(folder, settings)
        self.template = template
        self.engine = engine
        self.database: Database = open_home(home)
        self.originals = Originals(home.originals)
        self.library = Library(self.database, engine, self.originals)
        self.client = client
        client.turn_to(self.library, self.database, self.originals, settings)

    def take_in(self, letter: Letter) -> None:
        self.take_in_all([letter])

    def take_in_all(self, letters: Sequence[Letter]) -> None:
        """In this order; some are indexed before they are reclassified."""
        with self.database.write() as session:
            places = Places(session)
            for letter in letters:
                self._register(session, places, letter)
            for letter in letters:
                if letter.repeats is not None:
                    self._join(session, letter, letter.repeats)
        self.index()
        later = [letter for letter in letters if letter.was_open]
        if later:
            with self.database.write() as session:
                for letter in later:
                    set_level(session, letter_id(letter), letter.level)
            self.index()

    def reclassify(self, letter: Letter, level: str) -> None:
        with self.database.write() as session:
            set_level(session, letter_id(letter), level)
        self.index()

    def ask_as(self, user: str, text: str) -> None:
        with self.database.read() as session:
            found = require_user(session, self.template.ids[user])
        self.library.search(scope_of(found), SearchRequest(text, facets=("region", "category")))

    def fail_to_sign_in(self, user: str) -> None:
        given = {"username": user, "password": "wrong words here"}
        self.client.request("POST", "/api/session", json=given)

    def index(self) -> None:
        while bring_up_to_date(self.database, self.engine):
            pass
        bring_links_up_to_date(self.database)

    def empty(self) -> None:
        """Take all letters out of the engine, which the next office uses."""
        with self.database.read() as session:
            ids = [one.id for one in all_after(session, "", 10_000)]
        for index in INDEXES:
            self.engine.remove(index, ids)
        self.engine.commit()
        self.database.close()

    def _register(self, session: Any, places: Places, letter: Letter) -> None:
        region = places.code(session, letter.region)[0] if letter.region else None
        who = self.template.ids
        CHANCE.begin(f"letter {letter.key}")
        added = add(
            session,
            NewPetition(
                subject=letter.subject,
                text=letter.text,
                source="older",
                external_id=f"old{letter.key}",
                petitioner=letter.name + letter.extra,
                name=letter.name,
                phone=letter.phone,
                id_no=letter.id_no,
                address=f"柳岸路{letter.address}",
                bank_card=letter.bank_card,
                region=region,
                category=letter.category,
                status=letter.status,
                channel=letter.channel,
                level="open" if letter.was_open else letter.level,
                sealed=letter.sealed,
                published=letter.published,
                received_at=letter.received_at,
                handler=who[letter.handler] if letter.handler else None,
                registrar=who[ACTOR.name],
                named=tuple(who[name] for name in letter.named),
                replies=(NewReply(letter.answer, replied_at=NOW),) if letter.reply else (),
                extra={"note": letter.extra} if letter.extra else {},
            ),
        )
        assert added.id == letter_id(letter)
        change_status(session, added.id, letter.status, "desk", letter.reason, imported=True)
        if letter.signed:
            record = read_one(session, added.id)
            assert record is not None
            sign(session, record, 1, self.template.signer)
        if letter.note:
            add_note(session, added.id, who["leader"], letter.note, addressed=letter.addressed)
        if letter.scan is not None:
            self._hang(session, added.id, letter.scan)

    def _join(self, session: Any, letter: Letter, key: int) -> None:
        """Decided by somebody who sees both; who handles the other is urged."""
        one, other, who = letter_id(letter), _id_of(key), self.template.ids[ACTOR.name]
        CHANCE.begin(f"matter {letter.key}")
        decide(session, who, NewDecision(one, other, Kind.REPEAT, letter.status))
        record, urged = read_one(session, one), read_one(session, other)
        assert record is not None
        assert urged is not None
        if urged.status in AWAITED:
            again = NewDecision(one, other, Kind.URGE, record.status, f"请答复{letter.name}")
            decide(session, who, again)

    def _hang(self, session: Any, id_: str, which: int) -> None:
        image = Image.new("RGB", (60, 80), (255, 90 * which, 255))  # differs where nothing is read
        image.paste("white", (2, 2, 48, 18))
        stream = BytesIO()
        image.save(stream, "PNG")
        original = self.originals.put(stream.getvalue())
        name = f"扫描件{which}.png"
        file_id = add_file(session, id_, original, name, media_type="image/png")
        line = Line("路灯坏了", (5, 5, 45, 15), 0.9)
        put_pages(
            session,
            id_,
            file_id,
            [NewPage(60, 80, line.text, (line,), "ocr", 0.9, image_sha256=original.sha256)],
        )


@dataclass(frozen=True)
class Ground:
    """What pairs of offices are made of: `settings` for an office of its own; engines and clients
    are used by one pair after another."""

    template: Template
    folder: Path
    settings: Callable[[], Settings]
    engines: tuple[Engine, Engine]
    clients: tuple[Client, Client]


@contextmanager
def offices(ground: Ground, name: str) -> Iterator[tuple[Office, Office]]:
    """Two empty offices, whose engines are empty again afterwards."""
    folder = ground.folder / name
    one, other = (
        Office(ground.template, folder / part, ground.settings(), engine, client)
        for part, engine, client in zip(
            ("first", "second"), ground.engines, ground.clients, strict=True
        )
    )
    try:
        yield one, other
    finally:
        one.empty()
        other.empty()
        shutil.rmtree(folder, ignore_errors=True)


def begun(office: Office, user: User) -> signin.SignIn:
    return office.template.begun[user.name]
