"""What went well but deserves a look is told at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from typer.testing import Result

Petitions = Callable[..., Result]


def test_a_wrong_name_and_a_blank_page_are_told(petitions: Petitions, tmp_path: Path) -> None:
    scan = tmp_path / "scan.docx"
    Image.new("RGB", (600, 400), "white").save(scan, "PNG")
    letter = tmp_path / "letter.txt"
    letter.write_text("关于路灯的来信\n路灯坏了，请修。", "utf-8")
    told = petitions("ingest", str(scan), str(letter))
    assert told.exit_code == 0, told.output
    assert "scan.docx" in told.stderr
    assert "its content is png" in told.stderr
    assert "no text was read" in told.stderr
    assert "letter.txt" not in told.stderr
    again = json.loads(petitions("ingest", str(scan), "--json").stdout)
    assert [Path(one["item"]).name for one in again["remarks"]] == ["scan.docx"]
    assert again["failures"] == []
