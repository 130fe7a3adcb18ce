"""Files as they came, kept once under their SHA-256 and never changed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from records.errors import BadValue, Damaged, OriginalMissing, StoreFull
from records.syncing import sync_folder

BLOCK = 1024 * 1024
PASSING = ".coming-"
"""Files being written begin with this; one that stays behind was never stored."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Original:
    """`size` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Originals:
    """The store in one folder: `ab/cd/abcd…`. Safe for many processes at once."""

    folder: Path

    def put(
        self, source: BinaryIO | Path | bytes, check: Callable[[Path], None] | None = None
    ) -> Original:
        """Store a file; durable when this returns. The same content again changes nothing, except
        that a copy damaged meanwhile is replaced by the sound one.

        `check` looks at the copy before it is kept. Raises what that raises, and StoreFull when the
        disk is full; then nothing is left behind.
        """
        if isinstance(source, Path):
            with source.open("rb") as stream:
                return self._put(stream, check)
        return self._put(io.BytesIO(source) if isinstance(source, bytes) else source, check)

    def path(self, sha256: str) -> Path:
        """Where a file of this hash lies or would lie. Raises BadValue for what is no hash."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise BadValue(f"{sha256!r} is not a SHA-256 in small hexadecimal digits")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The file, verified before it is handed out, at its beginning; close it after use.

        Raises OriginalMissing, or Damaged when its content is no longer that of its hash.
        """
        path = self.path(sha256)
        try:
            stream = path.open("rb")
        except FileNotFoundError as error:
            raise OriginalMissing(
                f"the original {sha256} is not in {self.folder}: restore it from a backup"
            ) from error
        try:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != sha256:
                raise Damaged(
                    f"the original {sha256} was changed on disk (it now has {found}): "
                    f"restore {path} from a backup"
                )
            stream.seek(0)
        except BaseException:
            stream.close()
            raise
        return stream

    def read(self, sha256: str) -> bytes:
        """The whole file, verified. Raises as `open`."""
        with self.open(sha256) as stream:
            return stream.read()

    def clear_passing(self) -> int:
        """Remove what killed writers left behind; how many. Others may store meanwhile."""
        return sum(_removed_if_left(path) for path in self.folder.glob(f"{PASSING}*"))

    def _put(self, stream: BinaryIO, check: Callable[[Path], None] | None) -> Original:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        passing = self.folder / f"{PASSING}{secrets.token_hex(8)}"
        try:
            with _begun(passing) as file:
                original = _copy(stream, file)
                if check is not None:
                    check(passing)
                self._keep(passing, original)
        except OSError as error:
            if error.errno in _FULL:
                raise StoreFull(
                    f"no room left in {self.folder}: free space and try again; nothing was stored"
                ) from error
            raise
        finally:
            passing.unlink(missing_ok=True)
        return original

    def _keep(self, passing: Path, original: Original) -> None:
        path = self.path(original.sha256)
        for folder in (path.parent.parent, path.parent):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True, mode=0o700)
                sync_folder(folder.parent)
        if path.exists():
            try:
                self.open(original.sha256).close()
                return
            except Damaged:
                pass  # the sound copy takes its place
        passing.replace(path)
        sync_folder(path.parent)


@contextmanager
def _begun(path: Path) -> Iterator[BinaryIO]:
    """A new file, locked while it is written: a lock tells a writer's file from a dead one's."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink:  # not removed between making and locking it
                yield file
                return


def _removed_if_left(path: Path) -> bool:
    """Remove the file of a writer that is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (FileNotFoundError, BlockingIOError):
        return False
    return True


def _copy(stream: BinaryIO, file: BinaryIO) -> Original:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(BLOCK):
        digest.update(block)
        size += len(block)
        file.write(block)
    file.flush()
    os.fsync(file.fileno())
    return Original(digest.hexdigest(), size)
