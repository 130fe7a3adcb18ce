"""The gate: which slices a scope gets, and that `rights` and `slices` are one rule."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.access import (
    WHOLE,
    Allowed,
    FieldRight,
    Scope,
    Slice,
    readers_of,
    restrict,
    rights,
    slices,
    user_reader,
)
from search.engine import Edition, IndexName, Level
from search.query import And, Attribute, Everything, Is, Not, Or, Phrase, Query

REGIONS = ("0", "0A", "0A1", "0B")
CATEGORIES = ((), ("01",), ("01", "0103"), ("02",))
PATHS = (("0",), ("0", "0A"), ("0", "0A", "0A1"), ("0", "0B"))
USERS = ("ann", "bob")

scopes = st.builds(
    Scope,
    user_id=st.sampled_from(USERS),
    regions=st.frozensets(st.sampled_from(REGIONS), max_size=2),
    level=st.sampled_from(Level),
    fields=st.frozensets(st.sampled_from([FieldRight.FULL_TEXT, FieldRight.NAME])),
    own_fields=st.frozensets(st.sampled_from([FieldRight.FULL_TEXT, FieldRight.SCAN])),
    reads=st.booleans(),
    counts_only=st.booleans(),
    categories=st.frozensets(st.sampled_from(["01", "0103", "02"]), max_size=2),
)


def holds(within: Query, readers: tuple[str, ...], category: tuple[str, ...] = ()) -> bool:
    """A second, naive reading of a slice's filter."""
    match within:
        case Is(Attribute.READER, values):
            return bool(values & set(readers))
        case Is(Attribute.CATEGORY, values):
            return bool(values & set(category))
        case And(parts):
            return all(holds(part, readers, category) for part in parts)
        case Or(parts):
            return any(holds(part, readers, category) for part in parts)
        case Not(part):
            return not holds(part, readers, category)
        case _:
            raise AssertionError(within)


@given(
    scopes,
    st.sampled_from(Level),
    st.sampled_from(PATHS),
    st.sampled_from(CATEGORIES),
    st.frozensets(st.sampled_from(USERS)),
    st.booleans(),
    st.booleans(),
)
def test_a_petition_lies_in_the_one_slice_that_its_rights_say(
    scope: Scope,
    level: Level,
    path: tuple[str, ...],
    category: tuple[str, ...],
    named: frozenset[str],
    sealed: bool,
    whole: bool,
) -> None:
    """`whole`: it holds no personal data, so that its one edition is found with any rights."""
    named_users = tuple(sorted(named))
    readers = readers_of(region_path=path, named_users=named_users, sealed=sealed)
    editions = [Edition.REDACTED] if whole else list(Edition)
    readers = (*readers, WHOLE) if whole else readers
    within = [
        s.index
        for s in slices(scope)
        if s.index.level is level
        and s.index.edition in editions
        and holds(s.within, readers, category)
    ]
    allowed = rights(
        scope,
        level=level,
        region_path=path,
        category_path=category,
        named_users=named_users,
        sealed=sealed,
    )
    if allowed is None:
        assert within == []
    else:
        full = FieldRight.FULL_TEXT in allowed and not whole
        edition = Edition.FULL if full else Edition.REDACTED
        assert [index.edition for index in within] == [edition]


@pytest.mark.parametrize(
    ("scope", "level", "path", "named", "sealed", "expected"),
    [
        # Written by hand from the table "who may see what".
        (Scope("ann"), Level.OPEN, ("0",), ("ann",), False, None),
        (Scope("ann", reads=True), Level.OPEN, ("0",), (), False, None),
        (Scope("ann", reads=True), Level.OPEN, ("0",), ("ann",), False, frozenset()),
        (
            Scope("ann", frozenset({"0"}), reads=True),
            Level.OPEN,
            ("0", "0A"),
            (),
            False,
            frozenset(),
        ),
        (Scope("ann", frozenset({"0A"}), reads=True), Level.OPEN, ("0",), (), False, None),
        (Scope("ann", frozenset({"0"}), reads=True), Level.RESTRICTED, ("0",), (), False, None),
        (
            Scope("ann", frozenset({"0"}), reads=True),
            Level.RESTRICTED,
            ("0",),
            ("ann",),
            False,
            None,
        ),
        (Scope("ann", frozenset({"0"}), reads=True), Level.OPEN, ("0",), (), True, None),
        (Scope("ann", frozenset({"0"}), reads=True), Level.OPEN, ("0",), ("bob",), True, None),
        (
            Scope("ann", frozenset({"0"}), reads=True),
            Level.OPEN,
            ("0",),
            ("ann",),
            True,
            frozenset(),
        ),
        (
            Scope("ann", frozenset({"0"}), Level.SECRET, frozenset({FieldRight.NAME}), reads=True),
            Level.SECRET,
            ("0", "0B"),
            (),
            False,
            frozenset({FieldRight.NAME}),
        ),
        (
            Scope("ann", own_fields=frozenset({FieldRight.FULL_TEXT}), reads=True),
            Level.OPEN,
            ("0B",),
            ("bob", "ann"),
            True,
            frozenset({FieldRight.FULL_TEXT}),
        ),
    ],
)
def test_rights_by_hand(
    scope: Scope,
    level: Level,
    path: tuple[str, ...],
    named: tuple[str, ...],
    sealed: bool,
    expected: frozenset[FieldRight] | None,
) -> None:
    found = rights(
        scope, level=level, region_path=path, category_path=(), named_users=named, sealed=sealed
    )
    assert found == expected


@pytest.mark.parametrize(
    ("categories", "category", "named", "expected"),
    [
        ((), (), (), True),
        ((), ("01",), (), True),
        (("01",), ("01",), (), True),
        (("01",), ("01", "0103"), (), True),
        (("0103",), ("01",), (), False),
        (("01",), ("02",), (), False),
        (("01",), (), (), False),
        (("01", "02"), ("02",), (), True),
        (("01",), ("02",), ("ann",), True),
    ],
)
def test_categories_by_hand(
    categories: tuple[str, ...], category: tuple[str, ...], named: tuple[str, ...], expected: bool
) -> None:
    scope = Scope("ann", frozenset({"0"}), reads=True, categories=frozenset(categories))
    found = rights(
        scope,
        level=Level.OPEN,
        region_path=("0",),
        category_path=category,
        named_users=named,
        sealed=False,
    )
    assert (found is not None) is expected


def test_an_empty_scope_has_no_slices() -> None:
    assert slices(Scope("ann")) == ()
    assert slices(Scope("ann", frozenset(REGIONS), Level.SECRET, frozenset(FieldRight))) == ()


def test_slices_are_disjoint() -> None:
    choices = product((False, True), (False, True), ((), ("0",)), ((), ("01",)))
    for full, own_full, regions, categories in choices:
        text = frozenset({FieldRight.FULL_TEXT})
        scope = Scope(
            "ann",
            frozenset(regions),
            Level.SECRET,
            text if full else frozenset(),
            text if own_full else frozenset(),
            reads=True,
            categories=frozenset(categories),
        )
        for path, named, category in product(PATHS, ((), ("ann",), ("bob",)), CATEGORIES):
            readers = readers_of(region_path=path, named_users=named, sealed=False)
            for level, edition in product(Level, Edition):
                index = IndexName(level, edition)
                for tokens in (readers, (*readers, WHOLE)):
                    inside: list[Slice] = [
                        s
                        for s in slices(scope)
                        if s.index == index and holds(s.within, tokens, category)
                    ]
                    assert len(inside) <= 1


def test_only_restrict_makes_an_allowed_question() -> None:
    with pytest.raises(TypeError, match=r"only search\.access.restrict makes"):
        Allowed(Everything(), (), object())


FORGED = Is(Attribute.READER, frozenset({user_reader("bob")}))


@pytest.mark.parametrize(
    "forged",
    [FORGED, And((Phrase("路"), FORGED)), Or((Phrase("路"), Not(FORGED)))],
    ids=["bare", "and", "or-not"],
)
def test_a_question_that_names_readers_is_refused(forged: Query) -> None:
    with pytest.raises(ValueError, match="by reader"):
        restrict(forged, Scope("ann", reads=True))


def test_readers_of_a_sealed_petition_are_only_those_named() -> None:
    readers = readers_of(region_path=("0", "0A"), named_users=("ann",), sealed=True)
    assert readers == (user_reader("ann"),)
