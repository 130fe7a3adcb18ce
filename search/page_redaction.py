"""What of a scanned page those may see who may not see the scan.

The rule is to show nothing that is not known: of the picture only printed lines that were read
with some certainty, and in them black where the redacted text is masked. What no reader of pages
made out (a signature, a photograph, handwriting) lies in no line and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from analyzers.personal import MASK, aligned, names_in
from records.pages import Line, NewPage, PageRecord
from records.record import PageSummary, PetitionRecord
from records.redaction import redacted_text
from search.answers import Box
from search.boxes import downwards, part_of_line, width

SURE_PAGE = 0.75
"""Pages that were read with less confidence are withheld whole."""

_SURE_LINE = 0.85  # what was read with less, like handwriting, is not shown at all
# A line is covered whole, where any of it is personal, if it was read with less than this, if it is
# shorter (in characters) or if more of it is personal: there the places in it are in doubt.
_CLEAR_LINE, _SHORT_LINE, _MOST_COVERED = 0.93, 14, 0.6
_EVENLY_SET = (0.5, 1.15)  # widths of its characters over its height; a gap in a line is wider
_LONG_NUMBER = re.compile(r"(?:[0-9oli][ \-·.]{0,2}){9,}")
_JOINTS = ("", "\n", " ")  # what a reader of pages puts between two lines
# In line heights: how much of the picture is shown around a line, and covered around what is
# hidden of it. More is covered than shown, so that no edge of a stroke stays.
_SHOWN_AROUND = 0.12
_COVERED_AROUND = 0.3
# How far off a character may stand from where its line's box tells: in widths of a character, and
# as a share of its distance from the nearer end of the line.
_OFF, _OFF_BY_DISTANCE = 0.7, 0.12


@dataclass(frozen=True, slots=True)
class RedactedPage:
    """`shown`, `covered`: boxes in pixels of the page; what is covered lies above what is shown.

    `lines`: those that are shown, with their text as masked.
    """

    shown: tuple[Box, ...]
    covered: tuple[Box, ...]
    lines: tuple[tuple[Line, str], ...]


def can_be_redacted(page: PageSummary) -> bool:
    """Is there a picture, and were its lines read well enough to trust their places?"""
    return page.image_sha256 is not None and (
        page.confidence is None or page.confidence >= SURE_PAGE
    )


def redacted_page(petition: PetitionRecord, record: PageRecord) -> RedactedPage:
    """The parts of a page to show and to cover. Where text and lines don't fit: nothing."""
    page = record.page
    starts = _starts(page)
    if starts is None:
        return RedactedPage((), (), ())
    masked = _masked(petition, record)
    shown: list[Box] = []
    covered: list[Box] = []
    lines: list[tuple[Line, str]] = []
    for line, start in zip(page.lines, starts, strict=True):
        if line.confidence is not None and line.confidence < _SURE_LINE:
            continue
        hidden = masked[start : start + len(line.text)]
        shown.append(_grown(line.box, _SHOWN_AROUND))
        covered += _covers(line, hidden)
        text = zip(line.text, hidden, strict=True)
        lines.append((line, "".join(MASK if hide else sign for sign, hide in text)))
    return RedactedPage(tuple(shown), tuple(covered), tuple(lines))


def _starts(page: NewPage) -> list[int] | None:
    """Where each line begins in the page's text; None where they don't make it up."""
    starts: list[int] = []
    at = 0
    for line in page.lines:
        joint = next((one for one in _JOINTS if page.text.startswith(one + line.text, at)), None)
        if joint is None:
            return None
        starts.append(at + len(joint))
        at = starts[-1] + len(line.text)
    return starts if not page.text[at:].strip() else None


def _masked(petition: PetitionRecord, record: PageRecord) -> list[bool]:
    """For each character of the page's text: is it hidden?"""
    page = record.page
    redacted = _edition(petition, record)
    if redacted is None:
        redacted = redacted_text(page.text, sorted(_names(petition)))
    hidden = [mask == MASK != sign for sign, mask in zip(page.text, redacted, strict=True)]
    if page.confidence is not None:
        plain = aligned(page.text)
        for start, end in (*_misread(plain, _names(petition)), *_long_numbers(plain)):
            hidden[start:end] = [True] * (end - start)
    for number in re.finditer(r"[0-9A-Za-z０-９]+", page.text):
        start, end = number.span()
        if any(hidden[start:end]):  # on paper nothing of a number stays
            hidden[start:end] = [True] * (end - start)
    return hidden


def _edition(petition: PetitionRecord, record: PageRecord) -> str | None:
    """The page's part of the redacted letter or reply, if that is where its text stands."""
    start, end, text = record.page.text_start, record.page.text_end, record.page.text
    if start is None or end is None:
        return None
    if record.role == "reply":
        editions = [(reply.text, reply.text_redacted) for reply in petition.replies]
    else:
        editions = [(petition.text, petition.text_redacted)]
    for full, redacted in editions:
        if full[start:end] == text and len(redacted) == len(full):
            return redacted[start:end]
    return None


def _names(petition: PetitionRecord) -> frozenset[str]:
    texts = (petition.subject, petition.text, *(reply.text for reply in petition.replies))
    stated = {aligned(person.name.strip()) for person in petition.persons if person.name}
    return frozenset(stated).union(*(names_in(text) for text in texts))


def _misread(plain: str, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where a name of three or more characters stands with one of them read for another."""
    for name in names:
        if len(name) < 3:
            continue
        forms = (
            re.escape(name[:at]) + r"[^\s:：,，。]" + re.escape(name[at + 1 :])
            for at in range(len(name))
        )
        for found in re.finditer("|".join(forms), plain):
            if found.group() != name:  # what is read rightly follows the redacted text
                yield found.span()


def _long_numbers(plain: str) -> Iterator[tuple[int, int]]:
    """Numbers as long as those of people: one with a digit misread passes no check."""
    for found in _LONG_NUMBER.finditer(plain):
        if sum(map(str.isdigit, found.group())) * 2 > len(found.group().strip(" -·.")):
            yield found.span()


def _covers(line: Line, hidden: Sequence[bool]) -> Iterator[Box]:
    """The parts of a line to cover; all of it where the places in it are in doubt."""
    if any(hidden) and (sum(hidden) > _MOST_COVERED * len(hidden) or _doubtful(line)):
        yield _grown(line.box, _COVERED_AROUND)
        return
    at = 0
    for hide, run in groupby(hidden):
        length = len(list(run))
        if hide:
            yield _cover(line, at, at + length)
        at += length


def _doubtful(line: Line) -> bool:
    """Is it in doubt where in the box the characters of a line stand?"""
    if line.confidence is not None and line.confidence < _CLEAR_LINE:
        return True
    left, top, right, bottom = line.box
    long, high = right - left, bottom - top
    if downwards(line.text, line.box):
        long, high = high, long
    least, most = _EVENLY_SET
    spread = long / (width(line.text) * high) if high > 0 and width(line.text) else 0.0
    return len(line.text) <= _SHORT_LINE or " " in line.text or not least <= spread <= most


def _cover(line: Line, first: int, last: int) -> Box:
    left, top, right, bottom = part_of_line(line.text, line.box, first, last)
    begins_x, begins_y, ends_x, ends_y = line.box
    if downwards(line.text, line.box):
        around = _COVERED_AROUND * (ends_x - begins_x)
        top -= _off(top, begins_y, ends_y, ends_x - begins_x)
        bottom += _off(bottom, begins_y, ends_y, ends_x - begins_x)
        return left - around, top, right + around, bottom
    around = _COVERED_AROUND * (ends_y - begins_y)
    left -= _off(left, begins_x, ends_x, ends_y - begins_y)
    right += _off(right, begins_x, ends_x, ends_y - begins_y)
    return left, top - around, right, bottom + around


def _off(place: float, begins: float, ends: float, character: float) -> float:
    """How far off a place within a line may be."""
    return _OFF * character + _OFF_BY_DISTANCE * max(0.0, min(place - begins, ends - place))


def _grown(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    around = share * min(right - left, bottom - top)
    return left - around, top - around, right + around, bottom + around
