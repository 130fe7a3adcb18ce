"""What went well but deserves a look is told at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import Result

from records.record import PetitionRecord
from search import indexer
from search.documents import documents_of
from search.engine import Document, IndexName

Petitions = Callable[..., Result]


def said(petitions: Petitions, *words: str) -> Any:
    result = petitions(*words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


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


def test_letters_that_no_index_takes_are_told(
    petitions: Petitions, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def documents(petition: PetitionRecord, *rest: object) -> dict[IndexName, Document]:
        if petition.external_id == "X2":
            raise ValueError("cannot be cut")
        return documents_of(petition)

    monkeypatch.setattr(indexer, "documents_of", documents)
    imported = petitions("import", str(export))
    assert imported.exit_code == 1
    assert "id X2" in imported.stderr
    assert "cannot be cut" in imported.stderr
    again = petitions("import", str(export), "--json")
    assert again.exit_code == 1
    assert len(json.loads(again.stdout)["not_indexed"]) == 1
    (failure,) = said(petitions, "status", "--json")["failures"]
    assert "id X2" in failure["item"]
    rebuilt = petitions("reindex", "--json")
    assert (rebuilt.exit_code, json.loads(rebuilt.stdout)) == (1, {"indexed": 2})
    assert "id X2" in rebuilt.stderr

    monkeypatch.undo()
    assert said(petitions, "reindex", "--json") == {"indexed": 3}
    assert said(petitions, "status", "--json")["failures"] == []
    assert said(petitions, "search", "路灯", "--json")["total"] == 3
