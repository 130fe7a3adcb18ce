"""Ranking on judged letters: 48 needs of caseworkers, each asked in five forms.

    python -m bench.judged [--unjudged]

`needs.json` holds the needs and how they are typed: as keywords, those in Traditional characters,
as a sentence, in everyday words, misspelt. `grades.csv` says of published letters how well they
answer a need, 0 to 3: the best ten of each ranking for each form were read, without knowing which
ranking they came from. The figure is nDCG@10 with the grades as gains; letters that nobody judged
count as 0 (`--unjudged` lists those among our best). `standard` is BM25 over single characters, as
Elasticsearch's standard analysis makes them, `plain` Tantivy's BM25 over jieba's words, `as typed`
our ranking without the words beside the typed ones. Told besides: how many phrases of letters,
which are right as they stand, are led to another word of the same sound.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from opencc import OpenCC

from bench.ranking import DEPTH, PUBLISHED, Ranker, letters, ours, parsed, plain, standard
from search.expansion import expanded
from search.expansion.synonyms import shipped
from search.query import Why, beside

HERE: Final = Path(__file__).parent
READ: Final = 600
_SIGNS: Final = re.compile(r"[^\w]+")
FORMS: Final = ("keywords", "traditional", "sentence", "everyday", "misspelt")
Grades = Mapping[str, Mapping[str, int]]
"""Need -> letter -> grade."""


def needs() -> list[dict[str, str]]:
    """Each with its name, what is needed, and its forms."""
    found: list[dict[str, str]] = json.loads((HERE / "needs.json").read_text(encoding="utf-8"))
    traditional = OpenCC("s2t")
    return [need | {"traditional": traditional.convert(need["keywords"])} for need in found]


def grades() -> Grades:
    """What was judged."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    with (HERE / "grades.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found[row["need"]][row["letter"]] = int(row["grade"])
    return found


def gain(ranked: Sequence[str], graded: Mapping[str, int]) -> float:
    """nDCG@10: gains, each divided by the logarithm of its place, to those of the best order."""
    best = sorted(graded.values(), reverse=True)
    return _summed([graded.get(one, 0) for one in ranked]) / _summed(best)


def _summed(gains: Sequence[int]) -> float:
    return sum(one / math.log2(2 + place) for place, one in enumerate(gains[:DEPTH]))


def run() -> tuple[dict[str, dict[str, float]], dict[str, set[str]]]:
    """nDCG@10 by ranking and form, and the letters of each need that nobody judged."""
    shelf, judged = letters([PUBLISHED]), grades()
    ids = [json.loads(line)["id"] for line in PUBLISHED.open(encoding="utf-8")]
    figures: dict[str, dict[str, float]] = {}
    unjudged: defaultdict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        plain_folder = Path(folder) / "plain"
        plain_folder.mkdir()
        engine, wider, as_typed = ours(shelf, Path(folder) / "ours")
        with closing(engine):
            rankers: dict[str, Ranker] = {
                "ours": wider,
                "as typed": as_typed,
                "standard": standard(shelf),
                "plain": plain(shelf, plain_folder),
            }
            for name, ranker in rankers.items():
                gains: defaultdict[str, list[float]] = defaultdict(list)
                for need in needs():
                    for form in FORMS:
                        ranked = [ids[at] for at in ranker(need[form])]
                        gains[form].append(gain(ranked, judged[need["name"]]))
                        if name == "ours":
                            unjudged[need["name"]].update({*ranked} - judged[need["name"]].keys())
                found = {form: sum(all_) / len(all_) for form, all_ in gains.items()}
                figures[name] = found | {"all": sum(found.values()) / len(found)}
    return figures, unjudged


def corrected() -> tuple[int, int]:
    """Phrases between signs, of 4 to 24 characters, of the first `READ` letters; those of them that
    lead to a word of the same sound."""
    texts = (letter.text for letter in letters([PUBLISHED])[:READ])
    phrases = [phrase for text in texts for phrase in _SIGNS.split(text) if 4 <= len(phrase) <= 24]
    led = sum(
        any(
            one.why is Why.SOUND and one.leads
            for one in beside(expanded(parsed(phrase), shipped()))
        )
        for phrase in phrases
    )
    return len(phrases), led


def main() -> None:
    """Print the figures."""
    figures, unjudged = run()
    print(f"{'':12}" + "".join(f"{form:>13}" for form in (*FORMS, "all")))
    for name, found in figures.items():
        print(f"{name:12}" + "".join(f"{found[form]:13.3f}" for form in (*FORMS, "all")))
    print(f"not judged: {sum(map(len, unjudged.values()))}")
    print("phrases of letters: {}, led elsewhere: {}".format(*corrected()))
    if "--unjudged" in sys.argv:
        for need, ids in unjudged.items():
            print(need, *sorted(ids))
