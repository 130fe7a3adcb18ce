from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

import pytest

from records.errors import BadValue
from records.home import Home, Settings, environment_name


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment(
        {
            "PETITIONS_MAX_PAGES": "7",
            "PETITIONS_SECURE_COOKIES": "yes",
            "PETITIONS_TIME_ZONE": "UTC",
        }
    )
    assert (settings.max_pages, settings.secure_cookies, settings.time_zone) == (7, True, "UTC")
    assert settings.max_pixels == Settings().max_pixels


@pytest.mark.parametrize("text", ["many", "-1", "1.5"])
def test_a_number_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadValue, match="PETITIONS_MAX_PAGES"):
        Settings.from_environment({"PETITIONS_MAX_PAGES": text})


def test_a_choice_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(BadValue, match="PETITIONS_SECURE_COOKIES"):
        Settings.from_environment({"PETITIONS_SECURE_COOKIES": "perhaps"})


def test_every_setting_can_be_set_and_says_how() -> None:
    for setting in fields(Settings):
        given = {environment_name(setting.name): "1"}
        value = getattr(Settings.from_environment(given), setting.name)
        assert value in (1, True, "1"), setting.name
        assert environment_name(setting.name) in Settings().remedy(setting.name)


def test_a_remedy_names_the_present_limit() -> None:
    assert Settings(max_pages=3).remedy("max_pages") == "set PETITIONS_MAX_PAGES (now 3)"


def test_a_file_holds_the_value(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://office:secret@database/petitions\n")
    (tmp_path / "pages").write_text(" 7\n")
    settings = Settings.from_environment(
        {
            "PETITIONS_DATABASE_URL_FILE": str(tmp_path / "url"),
            "PETITIONS_MAX_PAGES_FILE": str(tmp_path / "pages"),
            "PETITIONS_TIME_ZONE_FILE": "",
        }
    )
    assert settings.database_url == "postgresql+psycopg://office:secret@database/petitions"
    assert (settings.max_pages, settings.time_zone) == (7, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"\n", "is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"many", "PETITIONS_MAX_PAGES is 'many'"),
    ],
)
def test_a_file_that_gives_no_value_is_refused_by_name(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "pages").write_bytes(content)
    with pytest.raises(BadValue, match="PETITIONS_MAX_PAGES") as refused:
        Settings.from_environment({"PETITIONS_MAX_PAGES_FILE": str(tmp_path / "pages")})
    assert told in str(refused.value)


def test_a_value_and_a_file_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("7")
    both = {
        "PETITIONS_MAX_PAGES": "7",
        "PETITIONS_MAX_PAGES_FILE": str(tmp_path / "pages"),
    }
    with pytest.raises(BadValue, match="both PETITIONS_MAX_PAGES and PETITIONS_MAX_PAGES_FILE"):
        Settings.from_environment(both)


def test_folders_are_for_the_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "office")
    home.make()
    home.make()
    for folder in (home.path, home.originals, home.indexes, home.keys, home.work):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_database_is_in_the_home_unless_set(tmp_path: Path) -> None:
    assert Home(tmp_path).database_url == f"sqlite:///{tmp_path.resolve()}/petitions.db"
    elsewhere = Settings(database_url="postgresql://office@host/petitions")
    assert Home(tmp_path, elsewhere).database_url == "postgresql://office@host/petitions"


def test_the_home_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PETITIONS_HOME", raising=False)
    assert Home.from_environment().path == Path("var")
    monkeypatch.setenv("PETITIONS_HOME", str(tmp_path))
    assert Home.from_environment().path == tmp_path
    assert Home.from_environment("other").path == Path("other")
