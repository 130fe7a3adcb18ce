"""Frozen vectors of terms: made of published letters, shipped as whole numbers, read again.

Terms that stand in the same letters lead the same way: a truncated singular value decomposition of
weighted letters by terms (randomised, after Halko, Martinsson and Tropp 2011, with a fixed seed).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

UNIT: Final = 127
"""A vector's largest part, in the whole numbers that are shipped."""

Vectors = npt.NDArray[np.float32]

_SPARE, _ROUNDS = 10, 4  # of the decomposition


def directions(letters: Vectors, dimensions: int) -> Vectors:
    """A row for each term, of a matrix of letters by terms; its rows are brought to length 1."""
    for row in range(len(letters)):
        letters[row] /= np.linalg.norm(letters[row]) or 1.0
    drawn = np.random.default_rng(0).standard_normal((letters.shape[1], dimensions + _SPARE))
    basis = letters @ drawn.astype(np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(letters @ (letters.T @ basis))
    _, _, right = np.linalg.svd(basis.T @ letters, full_matrices=False)
    made: Vectors = right[:dimensions].T.astype(np.float32)
    return made


def whole(made: Vectors) -> bytes:
    """Vectors as they are shipped: a scale for each, then their parts."""
    scales = np.abs(made).max(axis=1).astype("<f2")
    units = np.rint(made / np.maximum(scales.astype(np.float32), 1e-9)[:, None] * UNIT)
    parts: npt.NDArray[np.int8] = np.clip(units, -UNIT, UNIT).astype(np.int8)
    return bytes(scales.tobytes() + parts.tobytes())


def packed(head: Mapping[str, Any], body: bytes) -> bytes:
    """A line of JSON, which tells the terms, and `whole` vectors; the same for the same."""
    line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(line + b"\n" + body, mtime=0)


def unpacked(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The line and the body."""
    line, _, body = gzip.decompress(content).partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    return head, body


def vectors_of(body: bytes, count: int) -> Vectors:
    """So many vectors out of `whole` ones."""
    scales = np.frombuffer(body, dtype="<f2", count=count).astype(np.float32)
    units = np.frombuffer(body, dtype=np.int8, offset=2 * count).reshape(count, -1)
    made: Vectors = units.astype(np.float32) * (scales / np.float32(UNIT))[:, None]
    return made
