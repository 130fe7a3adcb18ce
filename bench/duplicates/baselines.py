"""What a counter could do without this product, to hold its figures against.

Each is made for the letters that lie in the archive and then asked about any letter.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from analyzers.fold import fold_text
from analyzers.segment import words
from bench.duplicates.letters import Letter, Verdict

Answer = tuple[str, Verdict, float]
"""External id, verdict, score: the larger, the surer. No score of one verdict is compared with one
of another."""

_MARKS = re.compile(r"_x000d_|[\W_]+")
_GRAM = 3
_NEAR, _SAME_MATTER, _RELATED = 0.5, 0.1, 0.03


class Trigrams:
    """Jaccard overlap of character trigrams of the folded texts: near from 0.5, as is usual."""

    def __init__(self, letters: Iterable[Letter]) -> None:
        self._folded: dict[str, str] = {}
        self._size: dict[str, int] = {}
        self._holders: dict[str, list[str]] = defaultdict(list)
        for letter in letters:
            grams = _grams(letter.text)
            self._folded[letter.external_id] = _folded(letter.text)
            self._size[letter.external_id] = len(grams)
            for gram in grams:
                self._holders[gram].append(letter.external_id)

    def __call__(self, letter: Letter) -> Sequence[Answer]:
        grams = _grams(letter.text)
        shared: Counter[str] = Counter()
        for gram in grams:
            shared.update(self._holders.get(gram, ()))
        shared.pop(letter.external_id, None)
        text = _folded(letter.text)
        answers = []
        for other, count in shared.items():
            overlap = count / (len(grams) + self._size[other] - count)
            if overlap >= _RELATED:
                answers.append((other, self._verdict(text, other, overlap), overlap))
        return sorted(answers, key=lambda answer: -answer[2])

    def _verdict(self, text: str, other: str, overlap: float) -> Verdict:
        if text == self._folded[other]:
            return Verdict.EXACT
        if overlap >= _NEAR:
            return Verdict.NEAR
        return Verdict.SAME_MATTER if overlap >= _SAME_MATTER else Verdict.RELATED


class PersonCode:
    """Who has written before repeats the matter: what systems do that look up an identity."""

    def __init__(self, letters: Iterable[Letter]) -> None:
        self._letters: dict[str, list[str]] = defaultdict(list)
        for letter in letters:
            self._letters[letter.petitioner].append(letter.external_id)

    def __call__(self, letter: Letter) -> Sequence[Answer]:
        return [
            (other, Verdict.REPEAT, 1.0)
            for other in self._letters.get(letter.petitioner, ())
            if other != letter.external_id
        ]


class WordVectors:
    """Cosine of tf-idf over words of subject and text, the subject twice. Near from 0.8, the same
    matter from 0.3: a repeat where the person is the same.
    """

    def __init__(self, letters: Iterable[Letter]) -> None:
        letters = tuple(letters)
        counts = {letter.external_id: _counted(letter) for letter in letters}
        self._petitioner = {letter.external_id: letter.petitioner for letter in letters}
        holders = Counter(word for count in counts.values() for word in count)
        self._rarity = {word: math.log(len(counts) / held) for word, held in holders.items()}
        self._weights: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for external_id, count in counts.items():
            for word, weight in self._vector(count).items():
                self._weights[word].append((external_id, weight))

    def __call__(self, letter: Letter) -> Sequence[Answer]:
        cosines: dict[str, float] = defaultdict(float)
        for word, weight in self._vector(_counted(letter)).items():
            if self._rarity[word] > 1.0:
                for other, its in self._weights[word]:
                    cosines[other] += weight * its
        cosines.pop(letter.external_id, None)
        best = sorted(cosines.items(), key=lambda one: -one[1])[:200]
        return [(other, self._verdict(letter, other, cosine), cosine) for other, cosine in best]

    def _verdict(self, letter: Letter, other: str, cosine: float) -> Verdict:
        if cosine >= 0.8:
            return Verdict.NEAR
        if cosine < 0.3:
            return Verdict.RELATED
        same = letter.petitioner == self._petitioner[other]
        return Verdict.REPEAT if same else Verdict.SAME_MATTER

    def _vector(self, count: Counter[str]) -> dict[str, float]:
        raw = {
            word: (1 + math.log(times)) * self._rarity[word]
            for word, times in count.items()
            if word in self._rarity
        }
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {word: weight / length for word, weight in raw.items()}


def _folded(text: str) -> str:
    return _MARKS.sub("", fold_text(text))


def _grams(text: str) -> set[str]:
    folded = _folded(text)
    return {folded[start : start + _GRAM] for start in range(len(folded) - _GRAM + 1)}


def _counted(letter: Letter) -> Counter[str]:
    return Counter(words(fold_text(f"{letter.subject}。{letter.subject}。{letter.text}")))
