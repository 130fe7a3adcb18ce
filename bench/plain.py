"""The baseline: plain jieba and plain Tantivy with BM25, nothing of ours.

What a developer would write in an afternoon: one index, every letter visible to everybody, text and
subject cut by jieba, the words of a question joined by OR, three facets counted.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

import jieba
import tantivy

FACETS = ("category", "region", "status")
_TEXTS = ("subject", "text")


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for name in _TEXTS:
        builder.add_text_field(name, stored=True, tokenizer_name="plain")
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw")
    return builder.build()


def opened(folder: Path) -> tantivy.Index:
    jieba.setLogLevel(logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(schema(), str(folder))
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("plain", words)
    return index


def fill(index: tantivy.Index, file: Path) -> int:
    """Index an export; how many letters."""
    writer = index.writer(128_000_000, 1)
    count = 0
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            letter = json.loads(line)
            document = tantivy.Document()
            document.add_text("id", str(letter["id"]))
            for name in _TEXTS:
                document.add_text(name, " ".join(jieba.cut(letter[name])))
            for name in FACETS:
                if letter.get(name):
                    document.add_text(name, str(letter[name]))
            writer.add_document(document)
            count += 1
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return count


def ask(index: tantivy.Index, question: str, size: int = 10) -> int:
    """The first page, the total and three facets; the total."""
    words = [word for word in jieba.cut(question) if word.strip()]
    shape = index.schema
    query = tantivy.Query.boolean_query(
        [
            (tantivy.Occur.Should, tantivy.Query.term_query(shape, name, word))
            for word in words
            for name in _TEXTS
        ]
    )
    searcher = index.searcher()
    found = searcher.search(query, size)
    for _, address in found.hits:
        searcher.doc(address)
    counts = {name: {"terms": {"field": name, "size": 1000}} for name in FACETS}
    searcher.aggregate(query, counts)
    return int(found.count)  # type: ignore[attr-defined]  # missing in the stub
