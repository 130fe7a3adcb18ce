"""A process beside the server that is started again when it dies."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Final

from cli.context import say

FIRST_PAUSE: Final = 2.0  # seconds
LONGEST_PAUSE: Final = 60.0
STOPPED: Final = (0, 128 + signal.SIGINT, -signal.SIGINT, -signal.SIGTERM)
"""How it ends when told to, as with the server by Ctrl-C: nothing to tell of."""


class KeptProcess:
    """Runs from the beginning until `stop`. After each death the next start waits twice as long,
    from 2 seconds to a minute; after a minute's life the count begins anew."""

    def __init__(self, command: Sequence[str], name: str) -> None:
        self._command, self._name = command, name
        self._stopping, self._lock = threading.Event(), threading.Lock()
        self._child = self._begin()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it: asked first, forced after ten seconds."""
        with self._lock:
            self._stopping.set()
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._thread.join()

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = self._child.wait()
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            if self._stopping.is_set():
                return
            if code not in STOPPED:
                say(f"the {self._name} died ({code}): the next starts in {pause:.0f} seconds")
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            with self._lock:
                if self._stopping.is_set():
                    return
                try:
                    self._child = self._begin()
                except OSError as error:  # no memory: the same wait as for one that died
                    say(f"the {self._name} can't be started: {error}")
