"""How much personal data redaction finds, and how much it masks that is none.

    python -m bench.redaction

Found: the redacted text shows no more signs of a value than its kind lets be read. Measured on
generated letters and replies in two sets of phrases (`cli.sample.personal`): one that the rules
were written with, and one that they were not. On the published letters, which hold hardly any
personal data, the masked share is told.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analyzers.personal import MASK, find_personal, mask_value, redact
from bench.corpus import SHARED, source_letters
from cli.sample.personal import PHRASINGS, MarkedSpan, MarkedText, marked_texts
from records.redaction import redacted_text

COUNT = 4_000
EXACT = frozenset({"id_card", "taiwan_id", "hong_kong_id", "bank_card"})
"""What has a check digit."""


@dataclass(slots=True)
class Figures:
    """`found` and `told` count values by the way in which they are told; `masked` of `plain`
    signs are no personal data. `missed`: some values that stayed readable, with what is around."""

    found: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    masked: int = 0
    plain: int = 0
    missed: list[str] = field(default_factory=list)

    def recall(self, *whats: str) -> float:
        """Of all values told in these ways, or whose way begins so; 0.0 to 1.0."""
        ways = [way for way in self.told if way.startswith(whats)]
        return sum(self.found[way] for way in ways) / sum(self.told[way] for way in ways)

    @property
    def over(self) -> float:
        """Share of signs masked that are no personal data."""
        return self.masked / self.plain


def measured(texts: Iterable[MarkedText]) -> Figures:
    """Redact the texts and compare with what is known to stand in them."""
    figures = Figures()
    for one in texts:
        redacted = redacted_text(one.text, one.names)
        for span in one.spans:
            figures.told[span.what] += 1
            if _shown(redacted, span) <= _allowed(one.text, span):
                figures.found[span.what] += 1
            else:
                around = one.text[max(0, span.start - 12) : span.end + 8]
                figures.missed.append(
                    f"{span.what}: {around!r} -> {redacted[span.start : span.end]}"
                )
        personal = {at for span in one.spans for at in range(span.start, span.end)}
        signs = [at for at, sign in enumerate(one.text) if sign.isalnum() and at not in personal]
        figures.plain += len(signs)
        figures.masked += sum(redacted[at] == MASK for at in signs)
    return figures


def _shown(redacted: str, span: MarkedSpan) -> int:
    return sum(map(str.isalnum, redacted[span.start : span.end]))


def _allowed(text: str, span: MarkedSpan) -> int:
    return sum(map(str.isalnum, mask_value(span.kind, text[span.start : span.end])))


def published() -> Iterator[str]:
    """Published letters and replies, or generated ones."""
    for letter in source_letters():
        yield str(letter["text"])
        if letter.get("reply"):
            yield str(letter["reply"])


def main() -> None:
    for phrasing in PHRASINGS:
        figures = measured(marked_texts(COUNT, phrasing))
        print(f"{phrasing}: masked that is no personal data {figures.over:.3%}")
        print(f"  {'all with check digits':24}{figures.recall(*EXACT):8.4f}")
        for what in ("name", "address"):
            print(f"  {'all ' + what:24}{figures.recall(what):8.4f}")
        for what, told in sorted(figures.told.items()):
            print(f"  {what:24}{figures.found[what] / told:8.4f} of {told}")
    texts = list(published())
    start = time.process_time()
    masks = [redact(text, find_personal(text)) for text in texts]
    spent = time.process_time() - start
    signs = sum(map(len, texts))
    masked = sum(
        sign != other
        for text, mask in zip(texts, masks, strict=True)
        for sign, other in zip(text, mask, strict=True)
    )
    source = "published" if (SHARED / "petitions.jsonl").exists() else "generated"
    print(f"{source} letters: masked {masked / signs:.3%}, {spent / len(texts) * 1e3:.3f} ms each")


if __name__ == "__main__":
    main()
