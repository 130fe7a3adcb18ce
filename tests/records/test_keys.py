from __future__ import annotations

import stat
from pathlib import Path

import pytest

from records.errors import BadValue, Damaged, KeysMissing
from records.keys import (
    Keys,
    make_keys,
    new_keys,
    normal_number,
    normal_phone,
    normal_text,
    read_keys,
)


def test_what_was_encrypted_is_read_again() -> None:
    keys = new_keys()
    blob = keys.encrypt("person.phone", "13800000000 张")
    assert keys.decrypt("person.phone", blob) == "13800000000 张"
    assert blob != keys.encrypt("person.phone", "13800000000 张")  # equal values don't show


def test_any_changed_bit_is_noticed() -> None:
    keys = new_keys()
    blob = keys.encrypt("person.phone", "138")
    for position in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << (position % 8)
        with pytest.raises(Damaged):
            keys.decrypt("person.phone", bytes(changed))


def test_a_value_moved_to_another_column_or_office_is_noticed() -> None:
    keys = new_keys()
    blob = keys.encrypt("person.phone", "138")
    with pytest.raises(Damaged):
        keys.decrypt("person.id_no", blob)
    with pytest.raises(Damaged):
        new_keys().decrypt("person.phone", blob)
    with pytest.raises(Damaged):
        keys.decrypt("person.phone", b"")


def test_hashes_differ_by_purpose_and_office() -> None:
    keys = new_keys()
    assert keys.hash("a", "x") == keys.hash("a", "x")
    assert len({keys.hash("a", "x"), keys.hash("b", "x"), new_keys().hash("a", "x")}) == 3


def test_keys_are_made_once_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "keys")
    assert make_keys(tmp_path / "keys") == made == read_keys(tmp_path / "keys")
    files = sorted((tmp_path / "keys").iterdir())
    assert [file.name for file in files] == ["columns.key", "lookup.key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o400}


def test_missing_and_broken_keys_are_named(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=str(tmp_path)):
        read_keys(tmp_path)
    with pytest.raises(BadValue, match="32 bytes"):
        Keys(b"short", b"short")


def test_keys_are_never_printed() -> None:
    keys = new_keys()
    assert keys.columns.hex() not in repr(keys)
    assert str(keys.columns) not in repr(keys)


def test_values_are_compared_in_a_normal_form() -> None:
    assert normal_number(" 1101011990010100２x ") == "1101011990010100" + "2X"
    assert normal_number("1101-0119 9001") == "110101199001"
    for spelling in (
        "13800000000",
        "+86 138-0000-0000",
        "１３８００００００００",
        "0086 13800000000",
    ):
        assert normal_phone(spelling) == "13800000000"
    assert normal_phone("0731-85550000") == "073185550000"
    assert normal_text(" Ａ市　某路 1号") == "a市某路1号"
