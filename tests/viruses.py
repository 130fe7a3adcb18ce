"""A real scanner that knows one harmless thing as a virus."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

INFECTED = b"a file that the scanner of the tests takes for a virus"
NAME = "Test.Harmless"


def scanner_command(folder: Path) -> str:
    """ClamAV with a list of its own, as `PETITIONS_VIRUS_SCANNER` takes it."""
    program = shutil.which("clamscan")
    assert program, "install ClamAV, e.g. Debian's package clamav"
    known = folder / "known.hdb"
    digest = hashlib.md5(INFECTED, usedforsecurity=False).hexdigest()
    known.write_text(f"{digest}:{len(INFECTED)}:{NAME}\n", "utf-8")
    return f"{program} --database={known} --no-summary -"
