"""Texts translated character by character, as whole arrays: faster than `str.translate`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SHORT = 40  # characters; below, `str.translate` is faster
_UNKNOWN, _NOTHING, _SEVERAL = -1, -2, -3
_CODES = 0x110000


class Characters(dict[int, int | str | None]):
    """What each character becomes, as `str.translate` takes it; each is looked up once, so that
    there is at most one entry a code point."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> int | str | None:
        made = self._becomes(chr(code))
        value = ord(made) if len(made) == 1 else (made or None)
        self[code] = value
        return value

    def translated(self, text: str) -> str:
        """The text with every character as it becomes."""
        if len(text) < _SHORT:
            return text.translate(self)
        import numpy as np  # put off: most commands translate nothing long

        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        found = self._ones[codes]
        least = int(found.min())
        if least == _UNKNOWN or (least < 0 and (found == _UNKNOWN).any()):
            self._meet(set(codes[found == _UNKNOWN].tolist()))
            found = self._ones[codes]
            least = int(found.min())
        if least == _SEVERAL:
            return text.translate(self)
        if least == _NOTHING:
            found = found[found >= 0]
        return str(found.tobytes(), "utf-32-le", "surrogatepass")

    @cached_property
    def _ones(self) -> npt.NDArray[np.int32]:
        """The same as an array: codes, or what a code can't say."""
        import numpy as np

        return np.full(_CODES, _UNKNOWN, dtype="<i4")

    def _meet(self, codes: set[int]) -> None:
        for code in codes:
            value = self[code]
            if value is None:
                self._ones[code] = _NOTHING
            else:
                self._ones[code] = value if isinstance(value, int) else _SEVERAL
