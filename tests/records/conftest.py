"""One office a test: copied from one that is made once a run, since making tables takes a while."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from records.database import Database, open_home
from records.home import Home
from records.petitions import NewPetition, NewReply

Petition = Callable[..., NewPetition]
Reply = Callable[..., NewReply]


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("office") / "home")
    open_home(home).close()
    return home.path


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Home:
    shutil.copytree(made_home, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    opened = open_home(home)
    yield opened
    opened.close()


@pytest.fixture
def petition() -> Petition:
    """Makes a petition; redacted texts are those given, else the text itself."""

    def make(text: str = "楼下夜间施工,噪声很大。", **fields: Any) -> NewPetition:
        values: dict[str, Any] = {"subject": "夜间施工", "text": text, **fields}
        values.setdefault("subject_redacted", values["subject"])
        values.setdefault("text_redacted", text)
        return NewPetition(**values)

    return make


@pytest.fixture
def reply() -> Reply:
    def make(text: str = "已责令停工。", **fields: Any) -> NewReply:
        fields.setdefault("text_redacted", text)
        return NewReply(text, **fields)

    return make
