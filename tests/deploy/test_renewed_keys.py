"""Backups, restores and moves of an office whose key was renewed, before, meanwhile and after."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records import audit, renewal
from records.backup import BackupRefused, Manifest, back_up, back_up_keys
from records.database import open_as_it_is, open_database, open_home
from records.errors import BadValue
from records.home import Home, Settings
from records.keys import read_keys
from records.moving import move
from records.renewal import is_unfinished, renew
from records.restore import find_backup, open_backup
from records.restore import restore as restore_office
from records.tables import petition_persons
from tests.records.test_moving import fill, silent

pytestmark = pytest.mark.xdist_group("backup")


def nothing_told(*_: object) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Kept:
    """An office that was renewed, and its backups: in `before`, `meanwhile` and `after`, their keys
    in `keys-before` and so on, and in `safe` those of each backup in turn."""

    home: Home
    folder: Path


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("office")
    url = request.getfixturevalue("new_database")() if request.param == "postgresql" else ""
    home = Home(folder / "home", Settings(database_url=url))
    database = open_home(home)
    fill(database, 5)
    database.close()
    for when in ("before", "meanwhile", "after"):
        if when == "meanwhile":
            break_off(home)
        if when == "after":
            renew(home, "shell", silent)
        backed_up(home, folder / when, folder / f"keys-{when}")
        backed_up(home, folder / "all", folder / "safe")
    return Kept(home, folder)


def backed_up(home: Home, to: Path, keys: Path) -> None:
    database = open_as_it_is(home)
    try:
        back_up_keys(home, keys, to, beside=False)
        back_up(home, database, to, "shell", nothing_told)
    finally:
        database.close()


def break_off(home: Home) -> None:
    """A renewal that reached the facts of persons and no further."""
    real = renewal._lot

    def lot(session: Any, table: Any, after: Any) -> Any:
        if table is petition_persons:
            raise BadValue("broken off")
        return real(session, table, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(renewal, "_lot", lot)
        with pytest.raises(BadValue, match="broken off"):
            renew(home, "shell", silent)


@pytest.fixture
def again(office: Kept, tmp_path: Path, new_database: Callable[..., str]) -> Home:
    """Where a backup may be restored."""
    url = new_database() if office.home.settings.database_url else ""
    return Home(tmp_path / "again", Settings(database_url=url))


def restore(home: Home, source: Path, keys: Path) -> None:
    found = open_backup(find_backup(source), keys)
    assert restore_office(found, home, "shell", nothing_told, leave_damaged=True) is not None


def names(home: Home) -> list[str]:
    database = open_home(home)
    with database.read() as session:
        blobs = session.connection.execute(select(petition_persons.c.name)).scalars()
        found = sorted(session.keys.decrypt("person.name", blob) for blob in blobs if blob)
        assert audit.verify(session).intact
    database.close()
    return found


def unfinished(home: Home) -> bool:
    database = open_home(home)
    with database.read() as session:
        found = is_unfinished(session)
    database.close()
    return found


@pytest.mark.parametrize("when", ["before", "meanwhile", "after"])
def test_each_restores_with_its_own_keys(office: Kept, again: Home, when: str) -> None:
    keys = office.folder / f"keys-{when}"
    restore(again, office.folder / when, keys)
    assert read_keys(again.keys) == read_keys(keys)
    assert names(again) == names(office.home) != []
    assert unfinished(again) == (when == "meanwhile")
    assert renew(again, "shell", silent).finished
    assert names(again) == names(office.home)
    assert not unfinished(again)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_older_ones_restore_with_the_keys_of_later(office: Kept, again: Home, when: str) -> None:
    safe = office.folder / "safe"
    assert read_keys(safe) == read_keys(office.home.keys)
    restore(again, office.folder / when, safe)
    assert names(again) == names(office.home)
    assert unfinished(again)  # its values are under the older key
    assert renew(again, "shell", silent).went_on
    assert not unfinished(again)


def test_newer_ones_are_refused_with_the_older_key_alone(office: Kept, again: Home) -> None:
    keys = office.folder / "keys-before"
    for when in ("meanwhile", "after"):
        with pytest.raises(BackupRefused, match=r"with the columns\.key that is not in") as refused:
            restore(again, office.folder / when, keys)
        assert str(keys) in str(refused.value)
        assert "--keys-from" in str(refused.value)
        assert not again.path.exists()


def test_one_of_meanwhile_is_refused_without_the_older_key(
    office: Kept, again: Home, tmp_path: Path
) -> None:
    keys = tmp_path / "half"
    shutil.copytree(office.folder / "keys-meanwhile", keys)
    (keys / "columns-1.key").unlink()
    with pytest.raises(BackupRefused, match=r"with an older key that is not in .*half"):
        restore(again, office.folder / "meanwhile", keys)


def test_keys_that_are_there_must_be_all_that_are_needed(office: Kept, again: Home) -> None:
    safe = office.folder / "safe"
    shutil.copytree(office.folder / "keys-before", again.keys)
    with pytest.raises(BackupRefused, match="or not all of"):
        restore(again, office.folder / "after", safe)
    shutil.rmtree(again.keys)
    shutil.copytree(safe, again.keys)
    restore(again, office.folder / "before", again.keys)  # as where keys are handed in
    assert names(again) == names(office.home)
    assert read_keys(again.keys) == read_keys(safe)


def test_a_safe_with_younger_keys_is_left_alone(office: Kept, again: Home) -> None:
    restore(again, office.folder / "before", office.folder / "keys-before")
    with pytest.raises(BackupRefused, match="younger than this one's"):
        backed_up(again, again.path.parent / "b", office.folder / "keys-after")
    assert read_keys(office.folder / "keys-after") == read_keys(office.home.keys)


def test_a_manifest_of_the_first_format_is_still_known(
    office: Kept, again: Home, tmp_path: Path
) -> None:
    """As it was written before there were older keys."""
    shutil.copytree(office.folder / "before", tmp_path / "old")
    keys = office.folder / "keys-before"
    (path,) = (tmp_path / "old").glob("*/manifest.json")
    told = json.loads(path.read_text("utf-8"))
    told |= {"lacking": tuple(told["lacking"]), "keys": (), "format": 1}
    sealed = json.loads(Manifest(**told).sealed(read_keys(keys)).text())
    del sealed["keys"]
    path.write_text(json.dumps(sealed), "utf-8")
    restore(again, tmp_path / "old", keys)
    assert names(again) == names(office.home)
    path.write_text(json.dumps({**sealed, "keys": ["x"]}), "utf-8")
    with pytest.raises(BackupRefused, match="is not in"):
        open_backup(path.parent, keys)
    path.write_text(json.dumps({**sealed, "migration": "0001"}), "utf-8")
    with pytest.raises(BackupRefused, match="was changed"):
        open_backup(path.parent, keys)


def test_moving_in_the_middle_and_going_on_there(
    office: Kept, again: Home, tmp_path: Path, new_database: Callable[..., str]
) -> None:
    restore(again, office.folder / "meanwhile", office.folder / "keys-meanwhile")
    there = bool(again.settings.database_url)
    to = f"sqlite:///{tmp_path / 'moved.db'}" if there else new_database()
    old = open_home(again)
    new = open_database(to, old.keys)
    assert move(old, new, "shell", silent, silent).proven
    new.close()
    old.close()
    moved = replace(again, settings=Settings(database_url=to))
    assert unfinished(moved)
    assert names(moved) == names(office.home)
    assert renew(moved, "shell", silent).went_on
    assert names(moved) == names(office.home)
