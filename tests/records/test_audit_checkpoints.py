"""Checkpoints: made, kept, read strictly, and held against a log."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from records import audit
from records.audit_checkpoints import (
    Checkpoint,
    against,
    keep,
    make_checkpoint,
    origin,
    read_checkpoint,
    read_checkpoints,
)
from records.audit_signer import make_signer, public_key, public_pem, read_public, read_signer
from records.database import Database
from records.errors import BadValue, Damaged, KeysMissing
from records.keys import new_keys

SIGNER = Ed25519PrivateKey.generate()
TRUSTED = {public_key(SIGNER)}


@pytest.fixture
def written(database: Database) -> Database:
    with database.write() as session:
        for number in range(9):
            audit.write(session, "u", "view", details={"n": number})
    return database


def signed(database: Database, entries: int, signer: Ed25519PrivateKey = SIGNER) -> Checkpoint:
    """A checkpoint of the first `entries` of the log, read again."""
    with database.read() as session:
        head = audit.verify(session, {entries}).hashes[entries]
    made = make_checkpoint(signer, origin(database.keys), entries, head)
    return read_checkpoint(made.line(), f"mark {entries}")


def against_log(database: Database, *checkpoints: Checkpoint) -> list[str]:
    with database.read() as session:
        report = audit.verify(session, {one.entries for one in checkpoints})
    return against(report, checkpoints, TRUSTED, origin(database.keys))


def test_checkpoints_of_every_length_fit_and_go_on_fitting(written: Database) -> None:
    marks = [signed(written, entries) for entries in range(10)]
    assert against_log(written, *marks) == []
    with written.write() as session:
        audit.write(session, "u", "view")
    assert against_log(written, *marks) == []


def test_a_log_that_is_shorter_or_other_than_it_was_is_named(
    written: Database, tmp_path: Path
) -> None:
    kept, beyond = signed(written, 4), signed(written, 9)
    lost = make_checkpoint(SIGNER, origin(written.keys), 12, "f" * 64)
    other = make_checkpoint(SIGNER, origin(written.keys), 7, "f" * 64)
    (cut,) = against_log(written, kept, beyond, read_checkpoint(lost.line(), "safe, line 1"))
    assert cut.startswith(f"safe, line 1, of {lost.at}: it covers 12 entries, the log has 9")
    (anew,) = against_log(written, kept, read_checkpoint(other.line(), "safe, line 2"))
    assert "entry 7 is not the one that was signed" in anew
    assert "after entry 4" in anew
    (anew,) = against_log(written, read_checkpoint(other.line(), "safe"))
    assert "from its beginning" in anew


def test_who_signed_and_for_which_office_is_told(written: Database) -> None:
    (fault,) = against_log(written, signed(written, 5, Ed25519PrivateKey.generate()))
    assert "--key" in fault
    mark = signed(written, 5)
    foreign = make_checkpoint(SIGNER, origin(new_keys()), 5, mark.head)
    assert against_log(written, foreign)[0].endswith("it is of another office")


def test_every_flipped_bit_is_found(written: Database) -> None:
    line = signed(written, 9).line()
    with written.read() as session:
        report = audit.verify(session, range(1_000))
    for position in range(8 * len(line)):
        flipped = bytearray(line)
        flipped[position // 8] ^= 1 << position % 8
        try:
            read = read_checkpoint(bytes(flipped), "mark")
        except Damaged:
            continue
        assert against(report, [read], TRUSTED, origin(written.keys)), position


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"at":', b' "at":'), (b"}", b"}\n"), (b'"entries":9', b'"entries":9.0'),
     (b'"entries":9', b'"entries":"9"'), (b'"entries":9', b'"entries":true'),
     (b"}", b',"x":1}'), (b'"origin"', b'"Origin"'), (b'"signature":"', b'"signature":1,"x":"')],
)  # fmt: skip
def test_other_spellings_are_none(written: Database, old: bytes, new: bytes) -> None:
    line = signed(written, 9).line().replace(old, new, 1)
    with pytest.raises(Damaged, match="mark is no checkpoint any more"):
        read_checkpoint(line, "mark")


def test_capitals_and_blanks_in_the_signature_are_found(written: Database) -> None:
    mark = signed(written, 9)
    for spelled in (mark.signature.upper(), mark.signature + " ", mark.signature + "00"):
        changed = mark.line().replace(mark.signature.encode(), spelled.encode())
        assert against_log(written, read_checkpoint(changed, "mark"))


def test_a_file_keeps_them_one_a_line(written: Database, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    marks = [signed(written, entries) for entries in (2, 5, 9)]
    for mark in marks:
        keep(path, mark)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found, faults = read_checkpoints(path)
    assert ([one.line() for one in found], faults) == ([one.line() for one in marks], [])
    assert found[1].where == f"{path}, line 2"
    held = path.read_bytes()
    path.write_bytes(held.replace(b'"at"', b'"aT"', 1))
    found, faults = read_checkpoints(path)
    assert len(found) == 2
    assert faults[0].startswith(f"{path}, line 1 is no checkpoint")
    path.write_bytes(held[:-1])
    assert "ends within a line" in read_checkpoints(path)[1][0]
    with pytest.raises(Damaged, match="ends within a line"):
        keep(path, marks[0])
    with pytest.raises(BadValue, match="can't be written to"):
        keep(tmp_path / "none" / "kept", marks[0])
    with pytest.raises(Damaged, match="can't be read"):
        read_checkpoints(tmp_path / "none")


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.pem"
    with pytest.raises(KeysMissing, match=r"audit key --make.*PETITIONS_AUDIT_SIGNER"):
        read_signer(path)
    made = public_key(make_signer(path))
    assert made == public_key(make_signer(path)) == public_key(read_signer(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    (tmp_path / "public.pem").write_text(public_pem(read_signer(path)), "ascii")
    assert read_public(tmp_path / "public.pem") == made
    with pytest.raises(BadValue, match="can't be made"):
        make_signer(tmp_path / "none" / "audit.pem")


def test_files_that_are_no_such_key_are_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("no key")
    with pytest.raises(BadValue, match="key is no Ed25519 key"):
        read_signer(path)
    with pytest.raises(BadValue, match="key is no public key"):
        read_public(path)
    with pytest.raises(BadValue, match="can't be read"):
        read_public(tmp_path / "none")
    locked = BestAvailableEncryption(b"x")
    path.write_bytes(SIGNER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    with pytest.raises(BadValue, match="without a password"):
        read_signer(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadValue, match="another kind"):
        read_signer(path)
    path.write_bytes(
        other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(BadValue, match="another kind"):
        read_public(path)
