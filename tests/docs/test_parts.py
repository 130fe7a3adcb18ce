"""Other people's parts: each is pinned, and told to programs that know published faults."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = "petitions"
FROM_PYTHON = {"pip"}
"""What `python -m venv` puts there."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    return {normal(one.name): one.version for one in distributions()}


def pinned(*files: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in files:
        for line in (ROOT / file).read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                name, version = line.split("==")
                found[normal(name.split("[")[0])] = version
    return found


def test_every_part_is_pinned() -> None:
    pins = pinned("requirements.txt", "requirements-dev.txt", "constraints.txt")
    there = {
        name: version for name, version in installed().items() if name not in {OURS, *FROM_PYTHON}
    }
    assert there == {name: version for name, version in pins.items() if name in there}


def test_what_is_pinned_is_needed() -> None:
    """By a part, though perhaps not with this Python."""
    needed = {
        normal(re.split(r"[^\w.-]", one)[0])
        for part in distributions()
        for one in part.requires or ()
    }
    assert set(pinned("constraints.txt")) <= needed


def test_the_list_of_parts_holds_them_all(tmp_path: Path) -> None:
    """By the tool and the options of the image (`deploy/Dockerfile`) and of `make sbom`, but for
    its own proof by the schema, which takes fifteen seconds."""
    file = tmp_path / "sbom.cdx.json"
    told = "environment {} --pyproject pyproject.toml --output-reproducible --output-file {}"
    for place in ("deploy/Dockerfile", "Makefile"):
        lines = " ".join((ROOT / place).read_text("utf-8").replace("\\\n", " ").split())
        assert re.search(r"cyclonedx-py " + told.format(r"\S+", r"\S+"), lines), place
    tool = Path(sys.executable).with_name("cyclonedx-py")
    command = [str(tool), *told.format(sys.executable, file).split(), "--no-validate"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    list_ = json.loads(file.read_text("utf-8"))
    assert list_["bomFormat"] == "CycloneDX"
    assert list_["metadata"]["component"]["name"] == OURS
    listed = {normal(one["name"]): one["version"] for one in list_["components"]}
    assert {OURS: "0.1.0", **listed} == installed()


def test_the_image_makes_its_list_by_the_tool_that_is_tested_here() -> None:
    tool = f"cyclonedx-bom=={installed()['cyclonedx-bom']}"
    assert tool in (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
