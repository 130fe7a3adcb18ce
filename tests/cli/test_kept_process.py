"""A process that dies is started again, later each time, and not once it was told to end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli import kept_process
from cli.kept_process import KeptProcess
from tests.servers import wait_for


def dying(path: Path) -> list[str]:
    """Leaves a line and dies."""
    code = f"open({str(path)!r}, 'a').write('here\\n'); raise SystemExit(3)"
    return [sys.executable, "-c", code]


def starts(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines()) if path.exists() else 0


def test_one_that_dies_is_started_again_until_told_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kept_process, "FIRST_PAUSE", 0.4)
    kept = KeptProcess(dying(tmp_path / "lines"), "reader")
    wait_for(lambda: starts(tmp_path / "lines") >= 3, 60)
    kept.stop()
    after = starts(tmp_path / "lines")
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "the reader died (3): the next starts in 0 seconds"  # 0.4
    assert told[1] == "the reader died (3): the next starts in 1 seconds"  # 0.8
    time.sleep(4)  # longer than the pause in which it was told
    assert starts(tmp_path / "lines") == after


def test_one_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, refused = subprocess.Popen, [OSError("no memory")]

    def popen(*given: Any, **others: Any) -> subprocess.Popen[bytes]:
        if starts(tmp_path / "lines") and refused:
            raise refused.pop()
        return begin(*given, **others)

    monkeypatch.setattr(kept_process, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(kept_process.subprocess, "Popen", popen)
    kept = KeptProcess(dying(tmp_path / "lines"), "reader")
    wait_for(lambda: starts(tmp_path / "lines") >= 2, 60)
    kept.stop()
    assert "the reader can't be started: no memory" in capsys.readouterr().err
