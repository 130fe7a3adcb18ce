"""The command as people call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

Petitions = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "office"


@pytest.fixture
def petitions(home: Path) -> Petitions:
    """Runs a command on an office of its own, in this process."""
    runner = CliRunner()

    def run(*words: str, stdin: str | None = None) -> Result:
        return runner.invoke(app, ["--home", str(home), *words], input=stdin)

    return run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    lines: list[dict[str, Any]] = [
        {
            "id": f"X{number}",
            "petitioner": "P",
            "subject": f"柳岸路{number}号路灯不亮",
            "submitted_at": f"2019-0{number}-05",
            "text": f"B2区柳岸路{number}号的路灯坏了，电话13812345678。",
            "reply": "已修好。" if number == 1 else None,
            "region": "B2区" if number < 3 else "C3县",
            "category": "城乡建设",
        }
        for number in (1, 2, 3)
    ]
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in lines), "utf-8")
    return path
