"""How this process keeps the memory that it gave back."""

from __future__ import annotations

import ctypes
import gc

_M_ARENA_MAX = -8  # of glibc's malloc.h


def share_one_heap() -> None:
    """Let all threads take memory from one heap; call it before any is started.

    glibc gives each thread a heap of its own and keeps what is freed there for it. The engine's
    writers start threads all the time: taking in 100,000 letters kept 620 MB instead of 280.
    Where there is another C library, nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def collect_seldom() -> None:
    """Look for cycles a tenth as often, and never again among what is there now: what comes in
    has none, and looking costs a twentieth of an import's time."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
