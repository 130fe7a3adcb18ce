"""Who wrote about this before: the same letter, the same person, the same matter.

`finding` asks the engine and the register of people for candidates, all through the gate, and
judges each: `judging` (verdict and score, from `analyzers.likeness`), `people` (same person, by
which evidence), `reasons` (why, in words). `answers` holds the values. What the `Library` offers of
it: `repeats` (of one letter, and what was decided) and `matters` (that many letters are about).
"""
