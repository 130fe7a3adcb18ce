"""Backups, restores and moves of an office whose key was renewed, before, meanwhile and after."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records import renewal
from records.backup import Manifest
from records.database import open_home
from records.errors import BadValue
from records.keys import read_keys
from records.tables import petition_persons
from tests.deploy.offices import Place, fill

pytestmark = pytest.mark.xdist_group("backup")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[..., str],
) -> Place:
    """Before a renewal, with one backup in `before` and its keys in `keys-before`; then renewed,
    with one in `after`, keys in `keys-after`, and in `safe` those of each backup in turn."""
    folder = tmp_path_factory.mktemp("office")
    place = Place(folder / "home", "" if request.param == "sqlite" else new_database())
    fill(place, folder / "given", 3)
    for when in ("before", "meanwhile", "after"):
        if when == "meanwhile":
            break_off(place)
        if when == "after":
            place.run("keys", "renew")
        place.run("backup", folder / when, "--keys-to", folder / f"keys-{when}")
        place.run("backup", folder / "all", "--keys-to", folder / "safe")
    return place


def break_off(place: Place) -> None:
    """A renewal that reached the facts of persons and no further."""
    real = renewal._lot

    def lot(session: Any, table: Any, after: Any) -> Any:
        if table is petition_persons:
            raise BadValue("broken off")
        return real(session, table, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(renewal, "_lot", lot)
        place.run("keys", "renew", code=2)


@pytest.fixture
def again(office: Place, tmp_path: Path, new_database: Callable[..., str]) -> Place:
    """Where a backup may be restored."""
    return Place(tmp_path / "again", new_database() if office.url else "")


def names(place: Place) -> list[str]:
    database = open_home(place.office)
    with database.read() as session:
        blobs = session.connection.execute(select(petition_persons.c.name)).scalars()
        found = sorted(session.keys.decrypt("person.name", blob) for blob in blobs if blob)
    database.close()
    return found


def unfinished(place: Place) -> bool:
    database = open_home(place.office)
    with database.read() as session:
        found = renewal.is_unfinished(session)
    database.close()
    return found


@pytest.mark.parametrize("when", ["before", "meanwhile", "after"])
def test_each_restores_with_its_own_keys(office: Place, again: Place, when: str) -> None:
    folder = office.home.parent
    again.run("restore", folder / when, "--keys-from", folder / f"keys-{when}")
    assert read_keys(again.home / "keys") == read_keys(folder / f"keys-{when}")
    assert names(again) == names(office) != []
    assert unfinished(again) == (when == "meanwhile")
    assert again.json("audit", "verify")["intact"]
    again.run("keys", "renew")
    assert names(again) == names(office)
    assert not unfinished(again)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_older_ones_restore_with_the_keys_of_later(office: Place, again: Place, when: str) -> None:
    folder = office.home.parent
    assert read_keys(folder / "safe") == read_keys(office.home / "keys")
    again.run("restore", folder / when, "--keys-from", folder / "safe")
    assert names(again) == names(office)
    assert unfinished(again)  # its values are under the older key
    assert again.json("keys", "renew")["went_on"]
    assert not unfinished(again)


def test_newer_ones_are_refused_with_the_older_key_alone(office: Place, again: Place) -> None:
    folder = office.home.parent
    for when in ("meanwhile", "after"):
        _, said = again.run("restore", folder / when, "--keys-from", folder / "keys-before", code=2)
        assert f"with the columns.key that is not in {folder / 'keys-before'}" in said
        assert "--keys-from" in said
        assert not again.home.exists()


def test_one_of_meanwhile_is_refused_without_the_older_key(
    office: Place, again: Place, tmp_path: Path
) -> None:
    folder = office.home.parent
    keys = tmp_path / "half"
    shutil.copytree(folder / "keys-meanwhile", keys)
    (keys / "columns-1.key").unlink()
    _, said = again.run("restore", folder / "meanwhile", "--keys-from", keys, code=2)
    assert f"with an older key that is not in {keys}" in said


def test_keys_that_are_there_must_be_all_that_are_needed(office: Place, again: Place) -> None:
    folder = office.home.parent
    shutil.copytree(folder / "keys-before", again.home / "keys")
    _, said = again.run("restore", folder / "after", "--keys-from", folder / "safe", code=2)
    assert "or not all of" in said
    shutil.rmtree(again.home / "keys")
    shutil.copytree(folder / "safe", again.home / "keys")
    again.run("restore", folder / "before")  # as where keys are handed in
    assert names(again) == names(office)
    assert read_keys(again.home / "keys") == read_keys(folder / "safe")


def test_a_safe_with_younger_keys_is_left_alone(office: Place, again: Place) -> None:
    folder = office.home.parent
    again.run("restore", folder / "before", "--keys-from", folder / "keys-before")
    _, said = again.run(
        "backup", again.home.parent / "b", "--keys-to", folder / "keys-after", code=2
    )
    assert "younger than this one's" in said
    assert read_keys(folder / "keys-after") == read_keys(office.home / "keys")


def test_a_manifest_of_the_first_format_is_still_known(
    office: Place, again: Place, tmp_path: Path
) -> None:
    """As it was written before there were older keys."""
    folder = office.home.parent
    shutil.copytree(folder / "before", tmp_path / "old")
    (path,) = (tmp_path / "old").glob("*/manifest.json")
    told = json.loads(path.read_text("utf-8"))
    told |= {"lacking": tuple(told["lacking"]), "keys": (), "format": 1}
    sealed = json.loads(Manifest(**told).sealed(read_keys(folder / "keys-before")).text())
    del sealed["keys"]
    path.write_text(json.dumps(sealed), "utf-8")
    again.run("restore", tmp_path / "old", "--keys-from", folder / "keys-before")
    assert names(again) == names(office)
    sealed["petitions"] = 1
    path.write_text(json.dumps(sealed), "utf-8")
    _, said = again.run("restore", tmp_path / "old", "--check", code=2)
    assert "manifest.json is damaged or was changed" in said


def test_moving_in_the_middle_and_going_on_there(
    office: Place, again: Place, tmp_path: Path, new_database: Callable[..., str]
) -> None:
    folder = office.home.parent
    again.run("restore", folder / "meanwhile", "--keys-from", folder / "keys-meanwhile")
    to = f"sqlite:///{tmp_path / 'moved.db'}" if again.url else new_database()
    again.run("move", "--to", to)
    moved = Place(again.home, to)
    assert unfinished(moved)
    assert names(moved) == names(office)
    assert moved.json("keys", "renew")["went_on"]
    assert names(moved) == names(office)
    assert moved.json("audit", "verify")["intact"]
