from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import threading
from pathlib import Path

import pytest

from records import originals as store
from records.errors import BadValue, Damaged, OriginalMissing, StoreFull
from records.originals import PASSING, Originals

CONTENT = os.urandom(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals")


def everything(originals: Originals) -> list[Path]:
    return [path for path in originals.folder.rglob("*") if path.is_file()]


def test_stored_once_whatever_it_comes_from(originals: Originals, tmp_path: Path) -> None:
    file = tmp_path / "scan.png"
    file.write_bytes(CONTENT)
    for source in (CONTENT, io.BytesIO(CONTENT), file):
        stored = originals.put(source)
        assert (stored.sha256, stored.size) == (SHA256, len(CONTENT))
    (kept,) = everything(originals)
    assert kept == originals.path(SHA256)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert originals.has(SHA256)
    assert originals.read(SHA256) == CONTENT


def test_an_empty_file_is_a_file(originals: Originals) -> None:
    assert originals.read(originals.put(b"").sha256) == b""


def test_one_flipped_bit_is_noticed_and_healed_by_the_sound_file(originals: Originals) -> None:
    originals.put(CONTENT)
    path = originals.path(SHA256)
    path.chmod(0o600)
    changed = bytearray(CONTENT)
    changed[1234] ^= 1
    path.write_bytes(changed)
    with pytest.raises(Damaged, match=SHA256):
        originals.open(SHA256)
    originals.put(CONTENT)
    assert originals.read(SHA256) == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_a_file_that_is_there_is_not_written_again(originals: Originals) -> None:
    originals.put(CONTENT)
    before = originals.path(SHA256).stat()
    originals.put(CONTENT)
    after = originals.path(SHA256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_is_not_there_is_named(originals: Originals) -> None:
    with pytest.raises(OriginalMissing, match=SHA256):
        originals.open(SHA256)
    assert not originals.has(SHA256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "/"])
def test_what_is_no_hash_is_no_path(originals: Originals, name: str) -> None:
    with pytest.raises(BadValue):
        originals.path(name)


@pytest.mark.parametrize("when", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing(
    originals: Originals, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        if when == "write":

            class FullFile(io.FileIO):
                def write(self, _: object) -> int:
                    full()
                    return 0

            patch.setattr(store.os, "fdopen", FullFile)
        elif when == "fsync":
            patch.setattr(store.os, "fsync", full)
        else:
            patch.setattr(Path, "replace", full)
        with pytest.raises(StoreFull, match="free space"):
            originals.put(CONTENT)
    assert everything(originals) == []
    assert originals.put(CONTENT).sha256 == SHA256


def test_a_source_that_breaks_off_leaves_nothing(originals: Originals) -> None:
    class Broken(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            part = super().read(1000)
            if not part:
                raise ConnectionResetError
            return part

    with pytest.raises(ConnectionResetError):
        originals.put(Broken(b"x" * 5000))
    assert everything(originals) == []


def test_what_a_killed_writer_left_is_cleared(originals: Originals) -> None:
    originals.put(CONTENT)
    (originals.folder / f"{PASSING}0123").write_bytes(b"half")
    assert originals.clear_passing() == 1
    assert everything(originals) == [originals.path(SHA256)]


def test_what_is_being_written_is_not_cleared(originals: Originals) -> None:
    cleared: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            cleared.append(originals.clear_passing())
            return super().read(size)

    assert originals.put(Watched(CONTENT)).sha256 == SHA256
    assert set(cleared) == {0}
    assert everything(originals) == [originals.path(SHA256)]


def test_many_writers_of_one_file(originals: Originals) -> None:
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append(originals.put(CONTENT).sha256))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [SHA256] * 8
    assert everything(originals) == [originals.path(SHA256)]
    assert originals.read(SHA256) == CONTENT
