"""Questions sealed into addresses, marks, names of files, pages of results."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from string import printable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.filenames import attachment, base_name
from api.pages.facets import unfolded
from api.pages.marks import joined, pieces
from api.pages.questions import Question, SealBroken, seal_of
from search.answers import FacetValue, Filters
from search.engine import Sort

values = st.lists(st.text(max_size=10), max_size=3).map(tuple)
days = st.none() | st.dates()
questions = st.builds(
    Question,
    text=st.text(max_size=60),
    filters=st.builds(
        Filters,
        category=values,
        region=values,
        status=values,
        channel=values,
        level=values,
        year=values,
        since=days,
        until=days,
    ),
    sort=st.none() | st.sampled_from(Sort),
    page=st.integers(1, 500),
)


@given(questions)
@settings(max_examples=150, deadline=None)
def test_a_sealed_question_opens_to_itself_and_only_with_its_key(question: Question) -> None:
    sealed = seal_of("one sign-in").close(question)
    assert set(sealed) <= set(printable) - set("/?#&%=+ ")
    assert seal_of("one sign-in").open(sealed) == question
    with pytest.raises(SealBroken):
        seal_of("another sign-in").open(sealed)


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SealBroken):
        seal_of("one sign-in").open(text)


def test_a_changed_seal_is_refused() -> None:
    sealed = seal_of("token").close(Question("王小明"))
    for at in range(len(sealed)):
        other = "A" if sealed[at] != "A" else "B"
        changed = sealed[:at] + other + sealed[at + 1 :]
        try:
            opened = seal_of("token").open(changed)
        except SealBroken:
            continue
        assert opened == Question("王小明"), at  # a spare bit of the last character


def test_filters_are_chosen_and_let_go() -> None:
    question = Question("路灯", page=3).with_values("region", ["A市"])
    assert (question.page, question.filters.region) == (1, ("A市",))
    assert question.adding("region", "A市").filters.region == ("A市",)
    assert question.adding("region", "B市").without("region", "A市").filters.region == ("B市",)
    assert question.between(date(2020, 1, 1), None).narrowed
    assert not Question("路灯").narrowed


spans = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=8)


@given(st.text(max_size=30), spans)
def test_pieces_are_the_text_and_mark_what_the_spans_cover(
    text: str, given_spans: list[tuple[int, int]]
) -> None:
    found = list(pieces(text, given_spans))
    assert "".join(piece.text for piece in found) == text
    assert all(piece.text for piece in found)
    marked = [piece.marked for piece in found for _ in piece.text]
    assert marked == [
        any(start <= at < end for start, end in given_spans) for at in range(len(text))
    ]
    borders = joined(given_spans, len(text))
    assert all(before[1] < after[0] for before, after in pairwise(borders))


@given(st.text())
def test_names_of_files_cannot_leave_their_header_or_folder(name: str) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    kept = base_name(name)
    assert kept
    assert "/" not in kept
    assert "\\" not in kept
    assert kept not in (".", "..")


def tree(*rows: tuple[str, str | None]) -> list[FacetValue]:
    return [FacetValue(code, code, 1, 0, parent) for code, parent in rows]


def test_a_facet_tree_unfolds_only_where_it_helps() -> None:
    found = tree(
        ("省", None),
        ("A市", "省"),
        ("A1区", "A市"),
        ("A2区", "A市"),
        ("街", "A1区"),
        ("B市", "省"),
        ("B1区", "B市"),
    )

    def shown(*given: str) -> list[tuple[str, int]]:
        return [(value.value, value.depth) for value in unfolded(found, given)]

    assert shown() == [("省", 0), ("A市", 1), ("B市", 1)]
    assert shown("A市") == [("省", 0), ("A市", 1), ("A1区", 2), ("A2区", 2), ("B市", 1)]
    assert ("街", 3) in shown("A1区")
    assert shown("unknown") == shown()
