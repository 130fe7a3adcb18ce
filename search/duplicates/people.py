"""Whether two letters are of one person, and by which evidence.

Facts are compared exactly, in the form in which their keyed hashes are made, digits that scanners
mistake for letters first set right. Only facts that the asker sees, or may look people up by, are
compared: `comparable` leaves the others empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzers.check_digits import citizen
from analyzers.personal import PersonalKind, find_personal
from records.keys import normal_number, normal_phone, normal_text
from records.record import PetitionRecord
from search.access import FieldRight, Scope
from search.answers import PersonalValue, Shown, VisiblePetition
from search.duplicates.answers import Evidence, Petitioner

SURE = frozenset({Evidence.ID_NO, Evidence.CODE})
STRONG = SURE | {Evidence.NAME_PHONE, Evidence.NAME_ADDRESS, Evidence.PHONE_ADDRESS}
FAIR = STRONG | {Evidence.PHONE, Evidence.PHONE_IN_TEXT}

_MISREAD = str.maketrans("OoQDIl|iZzSsBbGq", "0000111122558869")
_LEAST_DIGITS = 0.5  # of a number's signs: below, it is a word
_PHONES = frozenset({PersonalKind.MOBILE, PersonalKind.LANDLINE})


def facts(people: Iterable[Petitioner]) -> tuple[Petitioner, ...]:
    """People in the form in which they are compared."""
    return tuple(_compared(one) for one in people)


def evidence(
    ours: Sequence[Petitioner], theirs: Sequence[Petitioner], phones: frozenset[str] = frozenset()
) -> Evidence | None:
    """The surest evidence that one person stands on both sides; two valid identity numbers that
    differ speak against it. Both sides by `facts`; `phones`: those that the letter asked about
    tells in its text.
    """
    found = [
        proof
        for one in ours
        for other in theirs
        if (proof := _proof(one, other, phones)) is not None
    ]
    return min(found, key=list(Evidence).index, default=None)


def phones_in(text: str) -> frozenset[str]:
    """The phone numbers in a text, as they are compared."""
    return frozenset(
        normal_phone(text[span.start : span.end])
        for span in find_personal(text)
        if span.kind in _PHONES
    )


def comparable(
    scope: Scope, visible: VisiblePetition, record: PetitionRecord
) -> tuple[Petitioner, ...]:
    """The people of a letter with the facts by which this scope may know them again."""
    finds = bool(scope.finds)
    code = record.petitioner or "" if finds or visible.petitioner else ""
    people = [
        Petitioner(
            name=_allowed(person.name, seen.name, finds=finds),
            id_no=_allowed(person.id_no, seen.id_no, finds=FieldRight.ID_NO in scope.finds),
            phone=_allowed(person.phone, seen.phone, finds=FieldRight.PHONE in scope.finds),
            address=_allowed(person.address, seen.address, finds=finds),
            code=code,
        )
        for seen, person in zip(visible.persons, record.persons, strict=False)
    ]
    return tuple(people or ([Petitioner(code=code)] if code else ()))


def marks(ours: Sequence[Petitioner], theirs: Sequence[Petitioner]) -> dict[str, bool | None]:
    """By fact, whether the people of two letters share it; None where one side doesn't tell."""
    found: dict[str, bool | None] = {}
    for fact in ("name", "id_no", "phone", "address"):
        here, there = (
            {value for one in side if (value := getattr(_compared(one), fact))}
            for side in (ours, theirs)
        )
        found[fact] = bool(here & there) if here and there else None
    return found


def _allowed(value: str | None, seen: PersonalValue, *, finds: bool) -> str:
    allowed = seen.shown is Shown.FULL or (finds and seen.shown is Shown.MASKED)
    return value or "" if allowed else ""


def _compared(one: Petitioner) -> Petitioner:
    return Petitioner(
        name=one.name and normal_text(one.name),
        id_no=one.id_no and mended(one.id_no),
        phone=one.phone and normal_phone(mended(one.phone)),
        address=one.address and normal_text(one.address),
        code=one.code and normal_text(one.code),
        former_name=one.former_name and normal_text(one.former_name),
    )


def mended(number: str) -> str:
    """A number with the letters that stand for misread digits set right; its last X stays."""
    plain = normal_number(number)
    digits = sum(sign.isdigit() for sign in plain)
    if not plain or digits / len(plain) < _LEAST_DIGITS or not plain[:1].isdigit():
        return plain
    return plain[:-1].translate(_MISREAD) + plain[-1:].replace("O", "0")


def _proof(one: Petitioner, other: Petitioner, phones: frozenset[str]) -> Evidence | None:
    if one.id_no and other.id_no:
        if one.id_no == other.id_no:
            return Evidence.ID_NO
        if citizen(one.id_no) and citizen(other.id_no):
            return None
    if other.code and other.code in (one.code, one.name):  # programs have but one field for both
        return Evidence.CODE
    names = {one.name, one.former_name} & {other.name, other.former_name} - {""}
    phone = bool(one.phone) and one.phone == other.phone
    address = bool(one.address) and one.address == other.address
    if names:
        if phone:
            return Evidence.NAME_PHONE
        return Evidence.NAME_ADDRESS if address else Evidence.NAME
    if phone:
        return Evidence.PHONE_ADDRESS if address else Evidence.PHONE
    return Evidence.PHONE_IN_TEXT if other.phone in phones else None
