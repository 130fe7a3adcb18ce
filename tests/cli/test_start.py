"""The command starts quickly: what is costly is loaded by the command that needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COSTLY = (
    "sqlalchemy", "tantivy", "fastapi", "pydantic", "rich", "rjieba", "jieba", "opencc", "numpy",
    "cv2", "onnxruntime", "extractous", "pypdfium2", "PIL", "httpx", "uvicorn", "records", "search",
)  # fmt: skip


def test_help_loads_nothing_costly() -> None:
    code = "import sys; import cli.main; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint(COSTLY), loaded & set(COSTLY)


def test_help_costs_under_half_a_second() -> None:
    """Processor time of the whole command, which a busy machine doesn't lengthen."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'cli.main', '--help'], check=True,"
        " stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 0.5
