"""The office's virus scanner looks at a file before it is kept; where it can't tell, nothing is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from records.errors import ScannerDown, VirusFound
from records.home import Settings
from records.originals import Originals
from records.virus_scanner import scanner
from tests.viruses import INFECTED, NAME, scanner_command


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals")


def kept(originals: Originals) -> list[Path]:
    return [path for path in originals.folder.rglob("*") if path.is_file()]


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("信.txt", content)
    return stream.getvalue()


def test_a_clean_file_is_kept_and_another_is_not(originals: Originals, tmp_path: Path) -> None:
    check = scanner(Settings(virus_scanner=scanner_command(tmp_path)))
    for bad in (INFECTED, zipped(INFECTED)):
        with pytest.raises(VirusFound, match=NAME):
            originals.put(bad, check)
        assert kept(originals) == []
    for good in (b"", b"x" * 3_000_000, zipped(b"x")):
        stored = originals.put(good, check)
        assert originals.read(stored.sha256) == good


def test_an_office_without_a_scanner_asks_none() -> None:
    assert scanner(Settings()) is None


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/nowhere/clamdscan -", "can't be run"),
        ("sh -c 'echo no list of viruses; exit 2'", "ended with 2: no list of viruses"),
        ("sh -c 'kill -9 $$'", "ended with -9"),
        ("sleep 60", "no answer in 1 s"),
        ("clamdscan 'one", "can't be run"),
    ],
)
def test_one_that_cannot_tell_keeps_nothing(originals: Originals, command: str, told: str) -> None:
    check = scanner(Settings(virus_scanner=command, virus_scanner_seconds=1))
    with pytest.raises(ScannerDown, match=told) as down:
        originals.put(b"x" * 1_000_000, check)  # more than a pipe holds, and nobody reads it
    assert "PETITIONS_VIRUS_SCANNER" in str(down.value)
    assert kept(originals) == []
