"""Of the personal data in generated letters and replies, how much is found: in phrases that the
rules were not written with, too."""

from __future__ import annotations

import pytest

from bench.redaction import EXACT, Figures, measured
from cli.sample.personal import PHRASINGS, marked_texts

COUNT = 1200


@pytest.fixture(scope="module", params=PHRASINGS)
def figures(request: pytest.FixtureRequest) -> Figures:
    return measured(marked_texts(COUNT, request.param))


def test_numbers_with_check_digits_are_found(figures: Figures) -> None:
    assert figures.recall(*EXACT) >= 0.99, figures.missed


@pytest.mark.parametrize("what", ["name", "address"])
def test_names_and_addresses_are_found(figures: Figures, what: str) -> None:
    assert figures.recall(what) >= 0.95, figures.missed


def test_every_other_kind_is_found(figures: Figures) -> None:
    numbers = {what for what in figures.told if not what.startswith("name")}
    poor = {what: figures.recall(what) for what in numbers if figures.recall(what) < 0.95}
    assert poor == {}, figures.missed


def test_hardly_anything_else_is_masked(figures: Figures) -> None:
    assert figures.over <= 0.001  # measured: 0.0001


def test_marks_are_where_the_values_are() -> None:
    for one in marked_texts(60, "practice", seed=3):
        assert all(one.text[span.start : span.end].strip() for span in one.spans)
        ends = [0, *(span.end for span in one.spans)]
        assert all(end <= span.start for end, span in zip(ends, one.spans, strict=False))


def test_a_text_that_is_not_redacted_counts_as_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.redaction.redacted_text", lambda text, _: text)
    assert measured(marked_texts(40, "practice")).recall("name", "id_card", "address") == 0.0
