"""Texts translated character by character, as whole arrays: faster than `str.translate`."""

from __future__ import annotations

from codecs import utf_32_le_decode, utf_32_le_encode
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SHORT = 40  # characters; below, `str.translate` is faster
_CODES = 0x110000
# What one code can't say, as the last three codes, which are no characters.
_SEVERAL, _NOTHING, _UNKNOWN = map(chr, range(_CODES - 3, _CODES))


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
        found = self._looked_up(text)
        if _UNKNOWN in found:
            self._meet({text[at] for at in _places(found, _UNKNOWN)})
            found = self._looked_up(text)
        if _SEVERAL in found:
            return self._spelled_out(text, found)
        return found.replace(_NOTHING, "")

    def translated_together(self, texts: Sequence[str]) -> list[str]:
        """Each text with every character as it becomes: many short ones cost one look-up."""
        import numpy as np

        joined = "".join(texts)
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        found = self._as_codes(joined)
        if (unknown := found == ord(_UNKNOWN)).any():
            self._meet({joined[at] for at in np.flatnonzero(unknown).tolist()})
            found = self._as_codes(joined)
        several = np.flatnonzero(found == ord(_SEVERAL))
        kept = found != ord(_NOTHING)
        text = utf_32_le_decode(found[kept].data, "surrogatepass")[0]
        to = np.concatenate(([0], np.cumsum(kept)))[ends].tolist()
        parts = [text[start:end] for start, end in pairwise([0, *to])]
        for at in np.unique(np.searchsorted(ends, several, side="right")).tolist():
            parts[at] = self.translated(texts[at])
        return parts

    def _looked_up(self, text: str) -> str:
        return utf_32_le_decode(self._as_codes(text).data, "surrogatepass")[0]

    def _as_codes(self, text: str) -> npt.NDArray[np.uint32]:
        import numpy as np  # put off: most commands translate nothing long

        codes = np.frombuffer(utf_32_le_encode(text, "surrogatepass")[0], dtype="<u4")
        found: npt.NDArray[np.uint32] = self._ones[codes]
        return found

    @cached_property
    def _ones(self) -> npt.NDArray[np.uint32]:
        """The same as an array."""
        import numpy as np

        return np.full(_CODES, ord(_UNKNOWN), dtype="<u4")

    def _spelled_out(self, text: str, found: str) -> str:
        """With what one code can't say."""
        parts, done = [], 0
        for at in _places(found, _SEVERAL):
            value = self[ord(text[at])]
            parts.append(found[done:at].replace(_NOTHING, ""))
            parts.append(value if isinstance(value, str) else chr(value or 0))
            done = at + 1
        return "".join(parts) + found[done:].replace(_NOTHING, "")

    def _meet(self, characters: set[str]) -> None:
        for code in map(ord, characters):
            value = self[code]
            if value is None:
                self._ones[code] = ord(_NOTHING)
            elif isinstance(value, str) or value >= ord(_SEVERAL):
                self._ones[code] = ord(_SEVERAL)
            else:
                self._ones[code] = value


def _places(text: str, sign: str) -> Iterator[int]:
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)
