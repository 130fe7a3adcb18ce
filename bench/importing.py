"""Taking in an export: whole command and engine + analysis alone, against plain jieba + Tantivy.

    python -m bench.importing [FILE.jsonl]

Each figure is of a process of its own, start-up included but for analysis and engine alone. Memory
is the peak of resident memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.corpus import SHARED, recombined

COUNT = 4_326
PORTION = 200
PACKAGES = ("analyzers", "records", "search", "ingest", "api", "cli")


def source_file(folder: Path, count: int = COUNT) -> Path:
    """The published letters where this machine has them, else as many recombined ones."""
    published = SHARED / "petitions.jsonl"
    if published.exists() and count == COUNT:
        return published
    file = folder / f"letters-{count}.jsonl"
    if not file.exists():
        with file.open("w", encoding="utf-8") as lines:
            for letter in recombined(count):
                lines.write(json.dumps(letter, ensure_ascii=False) + "\n")
    return file


def measured(command: Sequence[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak megabytes of a command and its children."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with status {status}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def petitions(home: Path, *words: str) -> list[str]:
    """A `petitions` command on this home."""
    return [sys.executable, "-m", "cli.main", "--home", str(home), *words]


def _itself(part: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "bench.importing", part, *words]


def _plain(folder: str, file: str) -> None:
    from bench import plain

    plain.fill(plain.opened(Path(folder)), Path(file))


def _indexed(home: str, folder: str) -> None:
    """Analysis and engine alone: every record read, and the dictionary loaded, before the clock
    starts; how long the latter takes is told."""
    from analyzers.segment import words
    from cli.memory import collect_seldom
    from records import petitions as records
    from records.database import open_home
    from records.home import Home
    from search.documents import documents_of
    from search.engine import INDEXES
    from search.engines.tantivy import TantivyEngine
    from search.query import OFFICE_ZONE

    database = open_home(Home(Path(home)))
    with database.read() as session:
        letters = records.findable_after(session, "", 10_000_000)
    database.close()
    engine = TantivyEngine(Path(folder))
    start = time.perf_counter()
    words("热身")
    loading = time.perf_counter() - start
    collect_seldom()  # as the commands do
    start, cpu = time.perf_counter(), time.process_time()
    for at in range(0, len(letters), PORTION):
        made = [documents_of(letter, OFFICE_ZONE) for letter in letters[at : at + PORTION]]
        for index in INDEXES:
            if held := [one[index] for one in made if index in one]:
                engine.put(index, held)
    engine.commit()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    engine.close()
    told = {"letters": len(letters), "wall": wall, "cpu": cpu, "peak": peak, "loading": loading}
    print(json.dumps(told))


def run(file: Path | None = None) -> dict[str, float]:
    """Letters a second (wall, CPU), megabytes, ratios to the baseline."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = file or source_file(folder)
        with source.open(encoding="utf-8") as lines:
            letters = sum(1 for _ in lines)
        plain_wall, plain_cpu, plain_peak = measured(
            _itself("_plain", str(folder / "plain"), str(source))
        )
        home = folder / "home"
        # as the image has it: compiled, also where Python keeps nothing (PYTHONDONTWRITEBYTECODE)
        subprocess.run([sys.executable, "-m", "compileall", "-q", *PACKAGES], check=False)
        measured(petitions(home, "init"))
        wall, cpu, peak = measured(petitions(home, "import", str(source)))
        alone = json.loads(
            subprocess.run(
                _itself("_indexed", str(home), str(folder / "alone")),
                check=True,
                capture_output=True,
            ).stdout
        )
    return {
        "letters": letters,
        "import_per_second": letters / wall,
        "import_cpu_seconds": cpu,
        "import_peak_mb": peak,
        "analysis_and_engine_per_second": alone["letters"] / alone["wall"],
        "analysis_and_engine_per_cpu_second": alone["letters"] / alone["cpu"],
        "dictionary_loading_seconds": alone["loading"],
        "analysis_and_engine_peak_mb_with_all_records_held": alone["peak"],
        "plain_per_second": letters / plain_wall,
        "plain_cpu_seconds": plain_cpu,
        "plain_peak_mb": plain_peak,
        "import_rate_to_plain": plain_wall / wall,
        "analysis_and_engine_rate_to_plain": plain_wall
        / letters
        * alone["letters"]
        / alone["wall"],
    }


def main() -> None:
    parts: dict[str, Callable[..., None]] = {"_plain": _plain, "_indexed": _indexed}
    if sys.argv[1:2] and sys.argv[1] in parts:
        parts[sys.argv[1]](*sys.argv[2:])
        return
    named = Path(sys.argv[1]) if sys.argv[0].endswith("importing.py") and sys.argv[1:] else None
    for name, value in run(named).items():
        print(f"{name:52} {value:10.2f}")


if __name__ == "__main__":
    main()
