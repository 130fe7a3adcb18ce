"""Passwords that became known: found in a list however long, wherever they stand."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import KnownPassword, ListUnreadable
from records.home import Settings
from records.known_passwords import _find, holds
from records.passwords import require_strong
from tests.known_passwords import write_list

STRONG = "seven quiet lanterns 九盏灯"


class Counted(io.BytesIO):
    """A list that counts the lines which are read of it."""

    lines = 0

    def readline(self, size: int | None = -1) -> bytes:
        self.lines += 1
        return super().readline(size)


@given(known=st.sets(st.text(max_size=20), min_size=1, max_size=40), seed=st.integers(0, 2**32))
def test_what_is_in_it_is_found_and_nothing_else(
    known: set[str], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    draw = random.Random(seed)
    hashes = sorted(hashlib.sha1(one.encode()).hexdigest() for one in known)
    ends = draw.choice(["\n", "\r\n"])
    behind = draw.choice(["", ":1", f":{10 ** draw.randrange(140)}"])
    lines = [draw.choice([one, one.upper()]) + behind for one in hashes]
    file = tmp_path_factory.getbasetemp() / "list.txt"
    file.write_bytes((ends.join(lines) + draw.choice(["", ends])).encode())
    assert all(holds(file, one) for one in known)
    assert not any(holds(file, f"{one}{draw.random()}") for one in known)


def test_a_long_list_is_read_in_a_few_places(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    write_list(file, [str(number) for number in range(200_000)])
    for password, there in (("77777", True), ("200000", False)):
        counted = Counted(file.read_bytes())
        assert _find(counted, hashlib.sha1(password.encode()).hexdigest().upper().encode()) is there
        assert 2 <= counted.lines <= 20


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "empty"), (b"password\n123456\n", "hexadecimal"), (b"\0" * 4096, "hexadecimal")],
)
def test_what_is_no_list_is_told_and_takes_no_password(
    content: bytes, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes(content)
    with pytest.raises(ListUnreadable, match=told):
        require_strong(STRONG, settings=Settings(known_passwords=str(file)))


def test_a_list_that_is_not_in_order_is_told(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    write_list(file, [str(number) for number in range(1000)])
    lines = file.read_text().splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    file.write_text("".join(lines))
    with pytest.raises(ListUnreadable, match="not in order"):
        holds(file, STRONG)


def test_a_list_that_is_away_takes_no_password(tmp_path: Path) -> None:
    with pytest.raises(ListUnreadable, match="PETITIONS_KNOWN_PASSWORDS"):
        require_strong(STRONG, settings=Settings(known_passwords=str(tmp_path / "none.txt")))


def test_a_strong_password_that_is_known_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    write_list(file, [STRONG, "123456"])
    settings = Settings(known_passwords=str(file))
    require_strong(STRONG)
    with pytest.raises(KnownPassword):
        require_strong(STRONG, settings=settings)
    require_strong(STRONG + "!", settings=settings)
