"""The property that the log is for: whatever is changed in an exported log of 1,000 entries is
found, by the program and by the second verifier, which shares no code with it.

Both follow a log line by line and stop at nothing, so that a change can be shown to be found where
it stands, from the state before it: that whole files give the same is tested beside it.
"""

from __future__ import annotations

import importlib.util
import io
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from records import audit
from records.audit_chain import START, Chain, entry_hash
from records.audit_checkpoints import keep, make_checkpoint, origin, read_checkpoint
from records.audit_export import export_log, verify_export, verify_lines
from records.audit_signer import make_signer, public_key, public_pem
from records.database import Database, open_home
from records.errors import BadValue
from records.home import Home

ENTRIES = 1_000
VERIFIER = Path(__file__).parents[2] / "deploy" / "verify_audit.py"

Finds = Callable[[bytes, int, str], bool]


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_audit", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECOND = loaded()


@dataclass(frozen=True)
class Exported:
    """`lines`: with their ends; `heads[n]`: the hash of entry n."""

    file: Path
    public: Path
    signer: Ed25519PrivateKey
    lines: list[bytes]
    heads: list[str]

    @property
    def key(self) -> str:
        return public_key(self.signer)


def fill(database: Database, entries: int) -> None:
    with database.write() as session:
        for number in range(entries):
            if number % 50:
                audit.write(session, "shell", "view", f"{number:x}")
            else:
                audit.write(session, f"{number:032x}", "search", details={"n": 3}, query="路灯")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """With a log of 999 entries and a key that signs."""
    home = Home(tmp_path_factory.mktemp("office") / "home")
    database = open_home(home)
    fill(database, ENTRIES - 1)
    make_signer(home.audit_signer)
    database.close()
    return home


@pytest.fixture(scope="module")
def exported(office: Home, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("exported")
    signer = make_signer(office.audit_signer)
    database = open_home(office)
    assert export_log(database, signer, folder / "log", "shell").intact
    database.close()
    (folder / "public.pem").write_text(public_pem(signer), "ascii")
    lines = (folder / "log").read_bytes().splitlines(keepends=True)
    assert len(lines) == ENTRIES + 1
    heads = [START, *(entry_hash(line[:-1]) for line in lines[:-1])]
    return Exported(folder / "log", folder / "public.pem", signer, lines, heads)


def first_finds(lines: bytes, last: int, head: str) -> bool:
    """The program, from the state before these lines."""
    chain = Chain(last=last, head=head)
    for line in lines.removesuffix(b"\n").split(b"\n"):
        chain.follow(line)
        if chain.faults:
            return True
    return False


def second_finds(lines: bytes, last: int, head: str) -> bool:
    found = SECOND.follow(lines.removesuffix(b"\n").split(b"\n"), last, head)
    return not all(fits for _, _, fits in found)


def first_finds_at_end(exported: Exported, lines: bytes, last: int, head: str) -> bool:
    """The last entry with the checkpoint behind it."""
    chain = Chain(last=last, head=head)
    report, faults = verify_lines(io.BytesIO(lines), "log", [], {exported.key}, chain)
    return not report.intact or bool(faults)


def second_finds_at_end(exported: Exported, lines: bytes, last: int, head: str) -> bool:
    *entries, end = lines[:-1].split(b"\n")
    found = list(SECOND.follow(entries, last, head))
    heads = {last: head} | {number: one for number, one, _ in found}
    count = last + len(entries)
    key = bytes.fromhex(exported.key)
    ends = lines.endswith(b"\n") and SECOND.agrees(end, key, {count: heads[count]})
    return not ends or not all(fits for _, _, fits in found)


def first_refuses(file: Path, exported: Exported, *anchors: Path) -> bool:
    found = [
        read_checkpoint(line, str(path)) for path in anchors for line in path.read_bytes().split()
    ]
    report, faults = verify_export(file, found, {exported.key})
    return not report.intact or bool(faults)


def second_refuses(file: Path, exported: Exported, *anchors: Path) -> bool:
    with pytest.raises(SystemExit) as ended:
        SECOND.main(str(file), str(exported.public), *map(str, anchors))
    return ended.value.code is not None


BOTH = pytest.mark.parametrize("refuses", [first_refuses, second_refuses])
Refuses = Callable[..., bool]


def flips(content: bytes, size: int) -> Iterator[bytes]:
    """The content with each bit of its first `size` bytes flipped."""
    held = bytearray(content)
    for position in range(size):
        byte = held[position]
        for bit in range(8):
            held[position] = byte ^ 1 << bit
            yield bytes(held)
        held[position] = byte


@BOTH
def test_the_log_as_it_is_is_intact(exported: Exported, refuses: Refuses) -> None:
    assert not refuses(exported.file, exported)


@pytest.mark.slow
@pytest.mark.parametrize("finds", [first_finds, second_finds])
def test_every_flipped_bit_of_the_entries_is_found(exported: Exported, finds: Finds) -> None:
    lines, heads, missed, tried = exported.lines, exported.heads, [], 0
    for number in range(ENTRIES - 1):
        line = lines[number]
        for flipped in flips(line + lines[number + 1], len(line)):
            tried += 1
            if not finds(flipped, number, heads[number]):
                missed.append(flipped)
    assert missed == []
    assert tried == 8 * sum(map(len, lines[:-2]))


@pytest.mark.parametrize("finds", [first_finds_at_end, second_finds_at_end])
def test_every_flipped_bit_of_the_end_is_found(
    exported: Exported, finds: Callable[[Exported, bytes, int, str], bool]
) -> None:
    end = b"".join(exported.lines[-2:])
    state = ENTRIES - 1, exported.heads[ENTRIES - 1]
    assert not finds(exported, end, *state)
    assert [one for one in flips(end, len(end)) if not finds(exported, one, *state)] == []


@BOTH
def test_a_whole_file_with_a_flipped_bit_is_refused(
    exported: Exported, refuses: Refuses, tmp_path: Path
) -> None:
    content, dice = exported.file.read_bytes(), random.Random(3)
    for _ in range(60):
        changed = bytearray(content)
        changed[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        (tmp_path / "log").write_bytes(changed)
        assert refuses(tmp_path / "log", exported)


@pytest.mark.parametrize("finds", [first_finds, second_finds])
def test_every_dropped_doubled_or_swapped_entry_is_found(exported: Exported, finds: Finds) -> None:
    lines, heads = exported.lines, exported.heads
    for number in range(ENTRIES - 1):
        this, following = lines[number], lines[number + 1]
        for changed in (following, this + this, following + this):
            assert finds(changed, number, heads[number]), number


@BOTH
def test_whole_files_with_changed_lines_are_refused(
    exported: Exported, refuses: Refuses, tmp_path: Path
) -> None:
    file = tmp_path / "log"
    for number in (0, 1, 500, ENTRIES - 2, ENTRIES - 1, ENTRIES):
        before, this, after = (
            exported.lines[:number], exported.lines[number], exported.lines[number + 1 :]
        )  # fmt: skip
        for changed in (
            [*before, *after],
            [*before, this, this, *after],
            [*before, this[:-1] + b"\r\n", *after],
            [*before, b" " + this, *after],
            [*before, b"\n", this, *after],
            [*before, *after[:1], this, *after[1:]],
        ):
            if changed != exported.lines:
                file.write_bytes(b"".join(changed))
                assert refuses(file, exported), number
    content = exported.file.read_bytes()
    for left in (0, 1, 100, len(content) // 2, len(content) - 500, len(content) - 1):
        file.write_bytes(content[:left])
        assert refuses(file, exported), left
    file.write_bytes(content + b"\n")
    assert refuses(file, exported)
    for count in (0, 1, ENTRIES - 1):  # the checkpoint of all under a part
        file.write_bytes(b"".join([*exported.lines[:count], exported.lines[-1]]))
        assert refuses(file, exported), count


@BOTH
def test_a_log_signed_by_another_key_is_refused(
    exported: Exported, refuses: Refuses, tmp_path: Path
) -> None:
    end = read_checkpoint(exported.lines[-1][:-1], "")
    other = make_checkpoint(Ed25519PrivateKey.generate(), end.origin, end.entries, end.head)
    (tmp_path / "log").write_bytes(b"".join(exported.lines[:-1]) + other.line() + b"\n")
    assert refuses(tmp_path / "log", exported)


@BOTH
def test_an_end_that_covers_a_part_is_refused(
    exported: Exported, refuses: Refuses, tmp_path: Path
) -> None:
    """A genuine checkpoint, also given as an anchor, but of a log that was shorter."""
    end = read_checkpoint(exported.lines[-1][:-1], "")
    early = make_checkpoint(exported.signer, end.origin, 500, exported.heads[500])
    keep(tmp_path / "anchor", early)
    assert not refuses(exported.file, exported, tmp_path / "anchor")
    (tmp_path / "log").write_bytes(b"".join(exported.lines[:-1]) + early.line() + b"\n")
    assert refuses(tmp_path / "log", exported, tmp_path / "anchor")
    assert refuses(tmp_path / "log", exported)


@pytest.fixture
def rolled(office: Home, exported: Exported, tmp_path: Path) -> tuple[Path, Path, Path]:
    """A checkpoint kept elsewhere; an older genuine log; and one that was written anew from there
    and has grown longer, all signed by the office's own key."""
    old, forked = tmp_path / "old", tmp_path / "forked"
    database = open_home(copied(office, tmp_path / "now"))
    export_log(database, exported.signer, old, "shell")
    database.close()
    database = open_home(copied(office, tmp_path / "other"))
    fill(database, 30)
    export_log(database, exported.signer, forked, "intruder")
    database.close()
    database = open_home(Home(tmp_path / "now"))
    fill(database, 20)
    with database.read() as session:
        report = audit.verify(session)
    keep(
        tmp_path / "anchor",
        make_checkpoint(exported.signer, origin(database.keys), report.entries, report.head),
    )
    database.close()
    return tmp_path / "anchor", old, forked


def copied(office: Home, to: Path) -> Home:
    shutil.copytree(office.path, to)
    return Home(to)


@BOTH
def test_an_older_genuine_log_is_refused_against_a_newer_checkpoint(
    exported: Exported, refuses: Refuses, rolled: tuple[Path, Path, Path]
) -> None:
    anchor, old, _ = rolled
    assert not refuses(old, exported)  # it and its own checkpoint are genuine
    assert refuses(old, exported, anchor)


@BOTH
def test_a_log_written_anew_is_refused_against_a_checkpoint(
    exported: Exported, refuses: Refuses, rolled: tuple[Path, Path, Path]
) -> None:
    anchor, _, forked = rolled
    assert not refuses(forked, exported)
    assert refuses(forked, exported, anchor)


def test_the_signatures_of_the_second_verifier_are_those_of_the_library() -> None:
    """RFC 8032, 7.1, and random ones; neither accepts what is not canonical."""
    for key, message, signature in (
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ):  # fmt: skip
        told = [bytes.fromhex(one) for one in (key, message, signature)]
        assert SECOND.signed(*told)
        assert not SECOND.signed(told[0], told[1] + b"x", told[2])
        assert not SECOND.signed(told[0], told[1], told[2] + b"\0")
        beyond = int.from_bytes(told[2][32:], "little") + SECOND.L  # the same point, written anew
        assert not SECOND.signed(told[0], told[1], told[2][:32] + beyond.to_bytes(32, "little"))
    for length in range(20):
        signer, message = Ed25519PrivateKey.generate(), os.urandom(length)
        key, signature = bytes.fromhex(public_key(signer)), signer.sign(message)
        assert SECOND.signed(key, message, signature)
        assert not SECOND.signed(key, message, bytes(32) + signature[32:])


def test_the_second_verifier_is_short_and_needs_python_alone() -> None:
    source = VERIFIER.read_text("utf-8")
    assert len(source.splitlines()) <= 100
    imports = {
        line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imports == {"base64", "hashlib", "json", "sys", "pathlib"}


def test_an_export_stands_in_the_log_and_overwrites_nothing(
    office: Home, exported: Exported, tmp_path: Path
) -> None:
    assert b'"audit_export"' in exported.lines[-2]
    database = open_home(copied(office, tmp_path / "home"))
    (tmp_path / "there").write_text("mine")
    with pytest.raises(BadValue, match="there can't be made"):
        export_log(database, exported.signer, tmp_path / "there", "shell")
    assert (tmp_path / "there").read_text() == "mine"
    with database.write() as session:
        session.connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit_entries "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(Exception, match="no"):
        export_log(database, exported.signer, tmp_path / "new", "shell")
    assert not (tmp_path / "new").exists()
    database.close()


def test_a_log_that_is_not_intact_is_exported_but_never_signed(
    office: Home, exported: Exported, tmp_path: Path
) -> None:
    database = open_home(copied(office, tmp_path / "home"))
    with database.write() as session:
        for statement in (
            "DROP TRIGGER audit_entries_kept",
            "DELETE FROM audit_entries WHERE seq = 17",
        ):
            session.connection.exec_driver_sql(statement)
    report = export_log(database, exported.signer, tmp_path / "log", "shell")
    database.close()
    assert (18, "entries from number 17 on are missing before it") in report.faults
    assert b'"signature"' not in (tmp_path / "log").read_bytes()
    for refuses in (first_refuses, second_refuses):
        assert refuses(tmp_path / "log", exported)
