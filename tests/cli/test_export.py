"""`petitions export`, `verify` and `signing`, as people call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Petitions

PASSWORD = "路灯不亮-2019-柳岸路-井盖"


@pytest.fixture
def office(petitions: Petitions, export: Path) -> Petitions:
    assert petitions("init").exit_code == 0
    added = petitions("user", "add", "li", "--role", "leader", "--no-second-factor",
                      "--password-stdin", stdin=PASSWORD + "\n")  # fmt: skip
    assert added.exit_code == 0, added.output
    assert petitions("import", str(export)).exit_code == 0
    return petitions


def test_an_export_is_verified_here_and_elsewhere(office: Petitions, tmp_path: Path) -> None:
    file, key = tmp_path / "one.json", tmp_path / "office.pem"
    made = office("export", "X1", str(file))
    assert made.exit_code == 0, made.output
    assert "13812345678" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    told = office("verify", str(file))
    assert told.exit_code == 0, told.output
    assert "genuine" in told.stdout
    key.write_text(office("signing", "key").stdout, "ascii")
    elsewhere = office("--home", str(tmp_path / "none"), "verify", str(file), "--key", str(key))
    assert elsewhere.exit_code == 0, elsewhere.output


def test_what_is_exported_is_what_that_user_sees(office: Petitions, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    assert office("export", "X1", str(file), "--as", "li").exit_code == 0
    assert "13812345678" not in file.read_text("utf-8")
    nobody = office("export", "X9", str(tmp_path / "two.json"), "--as", "li")
    assert nobody.exit_code == 1
    assert not (tmp_path / "two.json").exists()


def test_a_changed_file_is_told_with_its_reasons(office: Petitions, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    assert office("export", "X1", str(file)).exit_code == 0
    file.write_bytes(file.read_bytes().replace("已修好".encode(), "未修好".encode()))
    told = office("verify", "--json", str(file))
    assert told.exit_code == 1
    found = json.loads(told.stdout)
    assert found["sound"] is False
    assert "signature does not fit" in found["faults"][0]["fault"]
    assert "NOT GENUINE" in office("verify", str(file)).stdout


def test_files_are_never_replaced_and_what_is_none_is_told(
    office: Petitions, tmp_path: Path
) -> None:
    file = tmp_path / "one.json"
    file.write_text("mine")
    taken = office("export", "X1", str(file))
    assert (taken.exit_code, file.read_text()) == (2, "mine")
    assert office("verify", str(tmp_path / "none.json")).exit_code == 2
    assert office("verify", str(file)).exit_code == 1


def test_keys_are_listed_renewed_and_revoked(office: Petitions, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    assert office("export", "X1", str(file)).exit_code == 0
    renewed = office("signing", "renew")
    assert renewed.exit_code == 0, renewed.output
    first, second = json.loads(office("signing", "list", "--json").stdout)
    assert (first["ended_by"], second["ended_by"]) == ("replaced", None)
    assert second["key"] == renewed.stdout.strip()
    assert office("verify", str(file)).exit_code == 0
    assert office("signing", "revoke", second["key"]).exit_code == 0
    again = office("signing", "revoke", second["key"])
    assert again.exception is not None
    assert "signing list" in str(again.exception)
    assert "revoked" in office("signing", "list").stdout
