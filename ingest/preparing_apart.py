"""Long exports made ready in a process of their own, beside the one that registers.

It starts while the other still opens the office, is told the file and the rules on its input, and
writes batch after batch to its output, as far ahead as the pipe holds.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.preparing import Batch, Rules

_LONG = 1_000_000  # bytes; below, another process costs more than it saves
_AHEAD = 1 << 20  # bytes that the pipe holds, where the system lets us choose
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux


class Apart:
    """The process. It ends with its last batch, or with the one that started it."""

    def __init__(self) -> None:
        path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.preparing_apart"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )

    def batches(self, path: Path, rules: Rules) -> Iterator[Batch]:
        """The batches of a file. What the process does not give, killed or broken, is made here."""
        from ingest.preparing import made_ready

        done = 0
        for batch in self._given(path, rules):
            yield batch
            done += 1
        if self._process.wait():
            yield from made_ready(path, rules, begin=done)

    def _given(self, path: Path, rules: Rules) -> Iterator[Batch]:
        told, given = self._process.stdin, self._process.stdout
        assert told is not None
        assert given is not None
        try:
            pickle.dump((path.absolute(), rules), told)
            told.close()
            while True:
                yield pickle.load(given)  # noqa: S301 (written by ourselves)
        except (EOFError, OSError, pickle.UnpicklingError):
            return

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # by what it was not told yet
                    pipe.close()
        self._process.wait()


@contextmanager
def reading_apart(path: Path) -> Iterator[Apart | None]:
    """A process for a file that is worth one, from now to the end of the block."""
    if path.stat().st_size < _LONG:
        yield None
        return
    apart = Apart()
    try:
        yield apart
    finally:
        apart.close()


def main() -> None:
    """The process itself: warm up, be told, write."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody reads on: then that is all
    from analyzers.category_figures import figures
    from analyzers.segment import cut
    from ingest.preparing import made_ready

    figures()
    cut("")
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a batch has no cycles: they are looked for seldom
    _widen()
    try:
        path, rules = pickle.load(sys.stdin.buffer)  # noqa: S301 (written by ourselves)
    except EOFError:
        return  # nobody tells it any more
    for batch in made_ready(path, rules):
        pickle.dump(batch, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()


def _widen() -> None:
    import fcntl

    with suppress(OSError):  # another system, or no more for this user: then it is less far ahead
        fcntl.fcntl(sys.stdout.fileno(), _SET_PIPE_SIZE, _AHEAD)


if __name__ == "__main__":
    main()
