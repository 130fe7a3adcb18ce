"""The facets, filters, order and pages of an answer as links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.pages.questions import KINDS, Question
from search.answers import Answer, FacetValue
from search.engine import MAX_DEPTH, Sort

FIRST: Final = 10
"""How many values of a facet are shown before the rest folds away."""

Link = Callable[[Question], str]
Label = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True)
class ValueLink:
    """A value of a facet; pressing it narrows to it, or lets it go where it is active."""

    label: str
    count: int
    depth: int
    active: bool
    href: str


@dataclass(frozen=True, slots=True)
class FacetView:
    kind: str
    title: str
    values: tuple[ValueLink, ...]

    @property
    def first(self) -> tuple[ValueLink, ...]:
        return self.values[:FIRST] if len(self.values) > FIRST + 2 else self.values

    @property
    def more(self) -> tuple[ValueLink, ...]:
        return self.values[len(self.first) :]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force; pressing it lets it go."""

    kind: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """`number` None: a gap."""

    number: int | None
    href: str = ""


def facet_views(
    question: Question, answer: Answer, titles: Mapping[str, str], label: Label, link: Link
) -> list[FacetView]:
    views = []
    for kind in KINDS:
        found = answer.facets.get(kind, ())
        given = question.values(kind)
        if kind == "level" and len(found) < 2 and not given:
            continue  # nothing to choose
        values = tuple(
            ValueLink(
                label(kind, value.value, value.label),
                value.count,
                value.depth,
                value.value in given,
                link(
                    question.without(kind, value.value)
                    if value.value in given
                    else question.with_values(kind, (value.value,))
                ),
            )
            for value in unfolded(found, given)
        )
        views.append(FacetView(kind, titles[kind], values))
    return views


def unfolded(found: Sequence[FacetValue], given: Sequence[str]) -> list[FacetValue]:
    """Of a tree only what helps: roots, what lies below chosen values, below those over them, and
    below lone ones."""
    known = {value.value: value for value in found}
    below: dict[str | None, list[FacetValue]] = {}
    for value in found:
        below.setdefault(value.parent if value.parent in known else None, []).append(value)
    opened = set[str]()
    for code in given:
        step = known.get(code)
        while step is not None and step.value not in opened:
            opened.add(step.value)
            step = known.get(step.parent or "")
    shown: list[FacetValue] = []

    def unfold(parent: str | None, depth: int) -> None:
        values = below.get(parent, [])
        for value in values:
            shown.append(replace(value, depth=depth))
            if value.value in opened or len(values) == 1:
                unfold(value.value, depth + 1)

    unfold(None, 0)
    return shown


def roots(views: list[FacetView], most: int) -> list[FacetView]:
    """Only the upper values of each facet, for the start page: a lone root gives its children."""
    return [FacetView(view.kind, view.title, _upper(view.values)[:most]) for view in views]


def _upper(values: tuple[ValueLink, ...]) -> tuple[ValueLink, ...]:
    depths = sorted({value.depth for value in values})
    for depth in depths:
        level = tuple(value for value in values if value.depth == depth)
        if len(level) > 1:
            break
    else:
        return values
    return tuple(replace(value, depth=0) for value in level)


def chips(
    question: Question, answer: Answer, titles: Mapping[str, str], label: Label, link: Link
) -> Iterator[Chip]:
    for kind in KINDS:
        names = {one.value: one.label for one in _values(answer, kind)}
        for value in question.values(kind):
            name = label(kind, value, names.get(value, ""))
            yield Chip(titles[kind], name, link(question.without(kind, value)))
    since, until = question.filters.since, question.filters.until
    if since or until:
        days = f"{since or '…'} – {until or '…'}"
        yield Chip(titles["received"], days, link(question.between(None, None)))


def _values(answer: Answer, kind: str) -> tuple[FacetValue, ...]:
    return answer.facets.get(kind, ())


def sort_links(
    question: Question, answer: Answer, names: Mapping[Sort, str], link: Link
) -> list[dict[str, object]]:
    return [
        {
            "label": names[sort],
            "active": sort is answer.sort,
            "href": link(question.sorted_by(sort)),
        }
        for sort in Sort
        if sort is not Sort.RELEVANCE or question.text.strip()
    ]


def last_page(answer: Answer) -> int:
    """The last page that can be asked for."""
    reachable = min(answer.total, MAX_DEPTH)
    return max(1, -(-reachable // answer.size))


def page_links(question: Question, answer: Answer, link: Link) -> list[PageLink]:
    """The first, the last and those around the present one; nothing for a single page."""
    last = last_page(answer)
    if last < 2:
        return []
    around = range(answer.page - 2, answer.page + 3)
    shown = sorted({1, last} | {page for page in around if 1 <= page <= last})
    links: list[PageLink] = []
    for before, page in zip([0, *shown], shown, strict=False):
        if page > before + 1:
            links.append(PageLink(None))
        links.append(PageLink(page, link(question.on_page(page))))
    return links
