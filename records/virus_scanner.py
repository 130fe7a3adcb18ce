"""The office's own virus scanner, asked about every file before it is kept.

Any program will do that reads a file from its standard input and ends with 0 where it is clean and
with 1 where it isn't, as `clamdscan -` and `clamscan -` do; any other end means that it can't tell.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from records.errors import ScannerDown, VirusFound
from records.home import Settings, environment_name

_CLEAN, _INFECTED = 0, 1
_MOST_TOLD = 300  # characters of what the scanner says


def scanner(settings: Settings) -> Callable[[Path], None] | None:
    """Looks at a file; raises VirusFound, ScannerDown. None where the office has set no scanner."""
    if not settings.virus_scanner:
        return None
    return partial(_ask, settings.virus_scanner, settings.virus_scanner_seconds)


def _ask(command: str, seconds: int, path: Path) -> None:
    name = environment_name("virus_scanner")
    try:
        with path.open("rb") as file:
            ended = subprocess.run(  # noqa: S603 - the operator's own command
                shlex.split(command),
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise ScannerDown(f"the virus scanner gave no answer in {seconds} s ({name})") from error
    except (OSError, ValueError) as error:
        raise ScannerDown(f"the virus scanner can't be run: {error} ({name})") from error
    told = " ".join(ended.stdout.decode(errors="replace").split())[:_MOST_TOLD]
    if ended.returncode == _INFECTED:
        raise VirusFound(f"the virus scanner says: {told}")
    if ended.returncode != _CLEAN:
        raise ScannerDown(f"the virus scanner ended with {ended.returncode}: {told} ({name})")
