"""kill -9 at random moments of an ingest: after the next run every file is there exactly once.

PETITIONS_TEST_KILLS sets how many moments are tried (6 here; 50 before a release).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from records.home import Home
from records.intake_items import State, failures, progress
from records.petitions import all_after
from search.answers import SearchRequest
from search.bootstrap import open_archive
from search.scopes import shell_scope

if TYPE_CHECKING:
    from conftest import Maker

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("PETITIONS_TEST_KILLS", "6"))
PARTS = 2  # so that the moments are shared among test processes
LETTERS = 6


@pytest.fixture
def sent(make: Maker) -> Path:
    for number in range(LETTERS):
        make(f"信{number}.txt", f"柳岸路{number}号的路灯坏了，请派人来修。")
        make(
            f"信{number}-回复.txt", f"您反映的{number}号路灯问题收悉，现回复如下：已修好{number}。"
        )
    attached = make("inner/表.txt", "附件里说的是井盖。")
    make.mail("邮件.eml", "邮件里的树", "柳岸路的树倒了。", attached)
    make.zip(
        "一包.zip", **{"包一.txt": "包里第一封信。".encode(), "包二.txt": "包里第二封信。".encode()}
    )
    attached.unlink()
    return make.folder


def ingest(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "ingest", str(folder)]
    return subprocess.Popen(
        [*command, "--processes", "1"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def require_all_once(home: Path) -> None:
    archive = open_archive(Home(home))
    try:
        with archive.database.read() as session:
            petitions = all_after(session, "", 1000)
            queue = progress(session)
            assert failures(session) == ()
        assert queue.done == queue.total, queue
        assert queue.running == queue.pending == 0
        assert State.DONE == "done"
        subjects = Counter(one.subject for one in petitions)
        wanted = {f"柳岸路{number}号的路灯坏了，请派人来修" for number in range(LETTERS)}
        wanted |= {"邮件里的树", "包里第一封信", "包里第二封信"}
        assert subjects == Counter(wanted)
        for one in petitions:
            assert one.indexed_revision == one.revision
            if one.subject.startswith("柳岸路"):
                number = one.subject[3]
                assert [reply.text[-2] for reply in one.replies] == [number]
                assert sorted(file.role for file in one.files) == ["letter", "reply"]
        hits = archive.library.search(shell_scope(), SearchRequest(text='"柳岸路"'))
        assert hits.total == LETTERS + 1
        assert archive.library.search(shell_scope(), SearchRequest(text="井盖")).total == 1
        left = [one for one in archive.originals.folder.iterdir() if one.name.startswith(".")]
        assert len(left) <= 1  # at most the file that was being copied
    finally:
        archive.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_file_is_there_once(tmp_path: Path, sent: Path, part: int) -> None:
    draw = random.Random(part * 1000 + KILLS)
    began = time.monotonic()
    assert ingest(tmp_path / "whole", sent).wait(120) == 0
    whole = time.monotonic() - began
    require_all_once(tmp_path / "whole")
    for number in range(part, KILLS, PARTS):
        home = tmp_path / f"killed-{number}"
        process = ingest(home, sent)
        time.sleep(draw.uniform(0.2, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        assert ingest(home, sent).wait(120) == 0
        require_all_once(home)
