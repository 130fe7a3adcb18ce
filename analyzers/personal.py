"""Personal data in a text, and the text with it masked.

The rules of what is personal and what of it may stay readable are those of the office's guide to
privacy: numbers with check digits are certain, what only looks like one is redacted where its
context says what it is, names come from the record's own fields, from cue words and signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from analyzers.characters import Characters
from analyzers.fold import fold_text
from analyzers.personal_numbers import Found, PersonalKind, numbers
from analyzers.personal_words import homes, people
from analyzers.segment import known_word
from analyzers.surnames import surname_length

__all__ = [
    "PersonalKind",
    "PersonalSpan",
    "aligned",
    "find_personal",
    "mask_names",
    "mask_value",
    "names_in",
    "redact",
]

MASK = "*"

# Characters that stay readable: at the beginning, at the end.
_KEPT: dict[PersonalKind, tuple[int, int]] = {
    PersonalKind.ID_CARD: (3, 4),
    PersonalKind.ID_CARD_15: (3, 0),
    PersonalKind.TAIWAN_ID: (2, 3),
    PersonalKind.HONG_KONG_ID: (3, 0),
    PersonalKind.MACAU_ID: (3, 0),
    PersonalKind.PASSPORT: (0, 3),
    PersonalKind.MOBILE: (3, 4),
    PersonalKind.LANDLINE: (0, 4),
    PersonalKind.BANK_CARD: (0, 4),
    PersonalKind.PLATE: (2, 2),
    PersonalKind.EMAIL: (2, 0),
    PersonalKind.ACCOUNT: (2, 0),
    PersonalKind.ADDRESS: (0, 0),
}


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """Half-open span of code points in the text as given.

    `certain`: a check digit, an unmistakable form or the record's own field proves it.
    """

    kind: PersonalKind
    start: int
    end: int
    certain: bool


def _align(character: str) -> str:
    """The folding of a character where it is one character, else itself."""
    if character.isspace():
        return character if character == "\n" else " "
    folded = fold_text(character)
    return folded if len(folded) == 1 else character


_TABLE = Characters(_align)


@lru_cache(maxsize=16)  # each text of a petition is asked for three times in a row
def aligned(text: str) -> str:
    """Half width, lower case, simplified; every character at its own position."""
    return _TABLE.translated(text)


def find_personal(text: str, names: Sequence[str] = ()) -> tuple[PersonalSpan, ...]:
    """The personal data of a text: disjoint, in order.

    `names`: those in the fields of the record that the text belongs to.
    """
    plain = aligned(text)
    known = [aligned(name.strip()) for name in names]
    return _disjoint([*numbers(plain), *homes(plain), *people(plain, known)])


def names_in(text: str) -> frozenset[str]:
    """The names that a text announces, as they are compared (`aligned`); without those of two
    characters that are words too."""
    plain = aligned(text)
    names = {plain[start:end] for start, end, _, _ in people(plain, ())}
    return frozenset(name for name in names if len(name) > 2 or not known_word(name))


def mask_names(text: str, redacted: str, names: Iterable[str]) -> str:
    """`redacted`, the masked form of `text`, with these names masked too wherever they stand."""
    plain, masked = aligned(text), redacted
    for name in {aligned(name.strip()) for name in names}:
        at = plain.find(name) if len(name) > 1 else -1
        while at >= 0:
            end = at + len(name)
            value = mask_value(PersonalKind.NAME, text[at:end])
            both = zip(masked[at:end], value, strict=True)
            kept = "".join(MASK if MASK in pair else pair[0] for pair in both)
            masked = masked[:at] + kept + masked[end:]
            at = plain.find(name, end)
    return masked


def _disjoint(found: Iterable[Found]) -> tuple[PersonalSpan, ...]:
    """Overlapping spans become one, of the kind that begins first (the longer of two)."""
    spans: list[PersonalSpan] = []
    for start, end, kind, certain in sorted(found, key=lambda one: (one[0], -one[1], not one[3])):
        if spans and start < spans[-1].end:
            last = spans[-1]
            if end > last.end:
                spans[-1] = PersonalSpan(last.kind, last.start, end, last.certain and certain)
            continue
        spans.append(PersonalSpan(kind, start, end, certain))
    return tuple(spans)


def redact(text: str, spans: Iterable[PersonalSpan]) -> str:
    """The text with the spans masked; as long as before, so that positions stay valid."""
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += (text[done : span.start], mask_value(span.kind, text[span.start : span.end]))
        done = span.end
    parts.append(text[done:])
    return "".join(parts)


def mask_value(kind: PersonalKind, value: str) -> str:
    """One value masked, as long as before. Separators stay; so does what `kind` lets be read."""
    signs = [at for at, character in enumerate(value) if character.isalnum()]
    if kind is PersonalKind.NAME:
        before, behind = max(1, surname_length(aligned(value))), 0
    else:
        before, behind = _KEPT[kind]
    if kind is PersonalKind.EMAIL and "@" in value:
        signs = [at for at in signs if at < value.index("@")]
    if before + behind >= len(signs):
        before = behind = 0  # too short to keep anything
    masked = set(signs[before : len(signs) - behind])
    return "".join(MASK if at in masked else sign for at, sign in enumerate(value))
