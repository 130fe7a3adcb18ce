"""Ranking: how high the letter stands that a question was made from. Ours, ours with live
statistics, plain BM25.

    python -m bench.ranking [FILE.jsonl …]

Letters are the published ones at `../shared/data` where they are, or those of the files named. 400
letters are put in without their subject; the questions are those subjects, as they are, in
Traditional characters, with two characters replaced by others, and four words of a sentence of
the letter. The figure is nDCG@10 with that one letter as the right answer. `live` is our own recipe
with what these letters tell: their document frequencies and lengths, nothing rounded, no term left
out; what is lost to it is the price of scores that tell nothing of hidden letters. `plain` is
Tantivy's BM25 over jieba's words of the folded text, subject and text as two fields.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import tantivy
from opencc import OpenCC

from analyzers.fold import fold_text
from analyzers.segment import words
from search import ranking
from search.access import FieldRight, Scope, region_reader, restrict
from search.engine import Document, Edition, FieldText, IndexName, Level, Sort
from search.engines.tantivy import TantivyEngine
from search.expansion import expanded
from search.expansion.synonyms import shipped
from search.parse import parse, relax
from search.query import Query
from search.ranking_table.build import WORD_SHARE

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "petitions.jsonl"
QUESTIONS = 400
DEPTH = 10
BESIDE = ("as typed", "live", "plain")
READER = Scope("bench", frozenset({"all"}), fields=frozenset({FieldRight.FULL_TEXT}), reads=True)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    text: str
    answer: int


Ranker = Callable[[str], Sequence[int]]
"""A typed question -> the places of the best letters, best first."""


def letters(files: Sequence[Path]) -> list[Letter]:
    """The letters of the files."""
    records = [json.loads(line) for file in files for line in file.open(encoding="utf-8")]
    return [Letter(record["subject"], record["text"]) for record in records]


def questions(shelf: Sequence[Letter], chosen: Sequence[int], seed: int = 5) -> list[Question]:
    """Four questions for each of the chosen letters, less where it has no sentence."""
    dice = random.Random(seed)
    traditional = OpenCC("s2t")
    others = sorted({c for letter in shelf for c in letter.subject if c.isalnum()})
    made: list[Question] = []
    for at in chosen:
        subject = shelf[at].subject
        made.append(Question("subject", subject, at))
        made.append(Question("traditional", traditional.convert(subject), at))
        misspelt = list(subject)
        for place in dice.sample(range(len(subject)), min(2, len(subject))):
            misspelt[place] = dice.choice(others)
        made.append(Question("misspelt", "".join(misspelt), at))
        sentences = [s for s in re.split("[。！？；]", shelf[at].text) if 12 <= len(s) <= 80]
        if sentences:
            cut = [word for word in words(fold_text(dice.choice(sentences))) if len(word) > 1]
            if len(cut) >= 4:
                made.append(Question("four words", " ".join(dice.sample(cut, 4)), at))
    return made


def ours(shelf: Sequence[Letter], folder: Path) -> tuple[TantivyEngine, Ranker, Ranker]:
    """Our engine with these letters, asked as the library asks it, and without the words beside
    those that were typed."""
    engine = TantivyEngine(folder)
    index = IndexName(Level.OPEN, Edition.FULL)
    engine.put(index, [_document(at, letter) for at, letter in enumerate(shelf)])
    engine.commit()

    def ranked(query: Query) -> list[int]:
        for asked in (query, relax(query)):
            if asked is None:
                continue
            found = engine.search(
                restrict(asked, READER), limit=DEPTH, offset=0, sort=Sort.RELEVANCE, facets=()
            )
            if found.total:
                return [int(match.id) for match in found.page]
        return []

    return (
        engine,
        lambda typed: ranked(expanded(parsed(typed), shipped())),
        lambda typed: ranked(parsed(typed)),
    )


def parsed(typed: str) -> Query:
    """A plain question: its signs are no operators."""
    return parse(re.sub('["“”「」『』()（）|&-]', " ", typed))


def _document(at: int, letter: Letter) -> Document:
    return Document(
        id=str(at),
        order=at,
        subject=_field(letter.subject),
        text=_field(letter.text),
        reply=FieldText("", ()),
        received=0,
        year="2019",
        regions=("all",),
        categories=(),
        status="REGISTERED",
        channel="web",
        level=Level.OPEN,
        numbers=(),
        readers=(region_reader("all"),),
    )


def _field(text: str) -> FieldText:
    folded = fold_text(text)
    return FieldText(folded, tuple(words(folded)))


def live(shelf: Sequence[Letter]) -> Ranker:
    """Our recipe with live statistics (`search.ranking` tells it with frozen ones)."""
    fields = [(fold_text(letter.subject), fold_text(letter.text)) for letter in shelf]
    texts = ["\n".join(both) for both in fields]
    weighed = [
        _weighed([[*filter(str.isalnum, text)] for text in both] for both in fields),
        _weighed([[*filter(_ranks, words(text))] for text in both] for both in fields),
    ]

    def ranked(typed: str) -> list[int]:
        query = parsed(typed)
        folded = fold_text(typed)
        scores: defaultdict[int, float] = defaultdict(float)
        for terms, held, share in zip(
            (filter(str.isalnum, folded), filter(_ranks, words(folded))),
            weighed,
            (1.0, WORD_SHARE),
            strict=True,
        ):
            for term in dict.fromkeys(terms):
                for at, weight in held.get(term, ()):
                    scores[at] += share * weight
        wanted = [phrase.text for phrase in ranking.all_words(query)]
        for at in scores:
            if wanted and all(word in texts[at] for word in wanted):
                scores[at] += ranking.TIER
        return sorted(scores, key=lambda at: (-scores[at], at))[:DEPTH]

    return ranked


def standard(shelf: Sequence[Letter]) -> Ranker:
    """BM25 over single characters, nothing folded but case: what Elasticsearch's standard analysis
    does to Chinese, subject and text as two fields."""
    held = _weighed(
        [[*filter(str.isalnum, text.lower())] for text in (letter.subject, letter.text)]
        for letter in shelf
    )

    def ranked(typed: str) -> list[int]:
        scores: defaultdict[int, float] = defaultdict(float)
        for term in dict.fromkeys(filter(str.isalnum, typed.lower())):
            for at, weight in held.get(term, ()):
                scores[at] += weight
        return sorted(scores, key=lambda at: (-scores[at], at))[:DEPTH]

    return ranked


def _ranks(word: str) -> bool:
    return len(word) > 1


def _weighed(letters: Iterable[Sequence[Sequence[str]]]) -> dict[str, list[tuple[int, float]]]:
    """Of each term the letters that hold it, and its BM25 in them, the fields added."""
    counted = [[Counter(terms) for terms in fields] for fields in letters]
    averages = [
        sum(lengths) / max(sum(map(bool, lengths)), 1)
        for lengths in zip(*([one.total() for one in fields] for fields in counted), strict=True)
    ]
    held: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for at, fields in enumerate(counted):
        for counts, average in zip(fields, averages, strict=True):
            k = ranking.K1 * (1 - ranking.B + ranking.B * counts.total() / max(average, 1.0))
            for term, times in counts.items():
                held[term][at] = held[term].get(at, 0.0) + times / (times + k)
    return {
        term: [(at, part * math.log(1 + (len(counted) - len(in_) + 0.5) / (len(in_) + 0.5)))
               for at, part in in_.items()]
        for term, in_ in held.items()
    }  # fmt: skip


def plain(shelf: Sequence[Letter], folder: Path) -> Ranker:
    """Tantivy alone, on the words that jieba cuts."""
    builder = tantivy.SchemaBuilder()
    for field in ("subject", "text"):
        builder.add_text_field(field, tokenizer_name="blanks", index_option="freq")
    builder.add_unsigned_field("place", fast=True)
    schema = builder.build()
    index = tantivy.Index(schema, str(folder))
    blanks = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("blanks", blanks)
    writer = index.writer(48_000_000, 1)
    for at, letter in enumerate(shelf):
        document = tantivy.Document()
        document.add_text("subject", " ".join(words(fold_text(letter.subject))))
        document.add_text("text", " ".join(words(fold_text(letter.text))))
        document.add_unsigned("place", at)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ranked(typed: str) -> list[int]:
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, field, word, "freq"))
            for word in dict.fromkeys(words(fold_text(typed)))
            for field in ("subject", "text")
        ]
        if not clauses:
            return []
        hits = searcher.search(tantivy.Query.boolean_query(clauses), limit=DEPTH).hits
        addresses = [address for _, address in hits]
        return [int(at or 0) for at in searcher.fast_field_values("place", addresses)]

    return ranked


def gain(ranked: Sequence[int], answer: int) -> float:
    """nDCG@10 where one letter is the right answer."""
    return 1 / math.log2(2 + ranked.index(answer)) if answer in ranked else 0.0


def run(files: Sequence[Path] = (PUBLISHED,)) -> dict[str, float]:
    """nDCG@10 by kind of question, ours and the baseline's, and the ratio over all."""
    shelf = letters(files)
    chosen = random.Random(7).sample(range(len(shelf)), min(QUESTIONS, len(shelf)))
    asked = questions(shelf, chosen)
    for at in chosen:
        shelf[at] = Letter("", shelf[at].text)
    gains: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        plain_folder = Path(folder) / "plain"
        plain_folder.mkdir()
        engine, our_ranker, as_typed = ours(shelf, Path(folder) / "ours")
        with closing(engine):
            rankers = {
                "ours": our_ranker,
                "as typed": as_typed,
                "live": live(shelf),
                "plain": plain(shelf, plain_folder),
            }
            for name, ranker in rankers.items():
                for question in asked:
                    value = gain(ranker(question.text), question.answer)
                    gains.setdefault((name, question.kind), []).append(value)
                    gains.setdefault((name, "all"), []).append(value)
    figures = {f"{name}: {kind}": sum(all_) / len(all_) for (name, kind), all_ in gains.items()}
    ratios = {f"ours / {name}": figures["ours: all"] / figures[f"{name}: all"] for name in BESIDE}
    return figures | ratios


def main() -> None:
    """Print the figures."""
    files = [Path(name) for name in sys.argv[1:]] or [PUBLISHED]
    for name, figure in run(files).items():
        print(f"{name:24}{figure:8.4f}")


if __name__ == "__main__":
    main()
