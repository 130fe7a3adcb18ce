"""Archives are unpacked as if their sender meant harm."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.archives import unpack
from ingest.errors import Damaged, Locked, TooLarge, UnsafeArchive
from records.home import Settings

if TYPE_CHECKING:
    from conftest import Maker


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def test_members_under_numbers_with_their_names(
    make: Maker, into: Path, settings: Settings
) -> None:
    path = make.zip("a.zip", **{"信件/甲.txt": b"one", "b.txt": b"two", "__MACOSX/x": b"-"})
    members = list(unpack(path, into, settings))
    assert [member.name for member in members] == ["信件/甲.txt", "b.txt"]
    assert [member.path.read_bytes() for member in members if member.path] == [b"one", b"two"]
    assert sorted(one.name for one in into.iterdir()) == ["000000", "000001"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_packed_without_a_mark(
    make: Maker, into: Path, settings: Settings, encoding: str
) -> None:
    path = make("a.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("X" * len("关于路灯.txt".encode(encoding))), b"1")
    packed = path.read_bytes()
    raw = "关于路灯.txt".encode(encoding)
    path.write_bytes(packed.replace(b"X" * len(raw), raw))
    assert [member.name for member in unpack(path, into, settings)] == ["关于路灯.txt"]


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:/out.txt"])
def test_paths_that_lead_outside(make: Maker, into: Path, settings: Settings, name: str) -> None:
    with pytest.raises(UnsafeArchive, match="outside"):
        list(unpack(make.zip("a.zip", **{name: b"x"}), into, settings))
    assert list(into.iterdir()) == []


def test_links(make: Maker, into: Path, settings: Settings) -> None:
    path = make("a.zip", b"")
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="link"):
        list(unpack(path, into, settings))


def test_bombs(make: Maker, into: Path, settings: Settings) -> None:
    bomb = make.zip("bomb.zip", x=bytes(50_000_000))
    with pytest.raises(UnsafeArchive, match="bomb") as refused:
        list(unpack(bomb, into, settings))
    assert "PETITIONS_MAX_ARCHIVE_RATIO" in refused.value.remedy
    with pytest.raises(TooLarge) as large:
        list(unpack(bomb, into, Settings(max_archive_bytes=1000)))
    assert "PETITIONS_MAX_ARCHIVE_BYTES" in large.value.remedy


def test_a_directory_that_lies_about_sizes(make: Maker, into: Path, settings: Settings) -> None:
    path = make.zip("lie.zip", x=bytes(20_000_000))
    packed = bytearray(path.read_bytes())
    at = packed.rindex(b"PK\x01\x02") + 24
    packed[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(bytes(packed))
    members = list(unpack(path, into, settings))
    assert isinstance(members[0].error, Damaged)
    assert sum(one.stat().st_size for one in into.iterdir()) <= 1000


def test_overlapping_members(make: Maker, into: Path, settings: Settings) -> None:
    path = make("a.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one", b"1" * 100)
        archive.writestr("two", b"2" * 100)
        archive.infolist()[1].header_offset = 0
    with pytest.raises(UnsafeArchive, match="overlap"):
        list(unpack(path, into, settings))


def test_limits_of_number_and_depth(make: Maker, into: Path) -> None:
    path = make.zip("a.zip", **{str(number): b"x" for number in range(5)})
    with pytest.raises(TooLarge) as many:
        list(unpack(path, into, Settings(max_archive_entries=4)))
    assert "PETITIONS_MAX_ARCHIVE_ENTRIES" in many.value.remedy
    with pytest.raises(TooLarge) as deep:
        list(unpack(path, into, Settings(max_archive_depth=2), depth=3))
    assert "PETITIONS_MAX_ARCHIVE_DEPTH" in deep.value.remedy


def test_one_bad_member_leaves_the_others(make: Maker, into: Path, settings: Settings) -> None:
    path = make("a.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bad", b"A" * 60)
        archive.writestr("good", b"B" * 60)
    path.write_bytes(path.read_bytes().replace(b"A" * 60, b"C" * 60))
    bad, good = unpack(path, into, settings)
    assert isinstance(bad.error, Damaged)
    assert good.path is not None
    assert good.path.read_bytes() == b"B" * 60


def test_member_with_a_password(make: Maker, into: Path, settings: Settings) -> None:
    path = make.zip("a.zip", x=b"secret")
    packed = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + offset] |= 1
    path.write_bytes(bytes(packed))
    (member,) = unpack(path, into, settings)
    assert isinstance(member.error, Locked)
