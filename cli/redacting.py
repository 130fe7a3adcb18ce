"""`petitions redact`: a person corrects what redaction found."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import WRONG_USAGE, HomeOption, globals_of, say, stop
from cli.finding import AsUser, OnePetition, opened_at

Words = Annotated[list[str] | None, typer.Option(help="Words; may be given again.")]


def redact(
    context: typer.Context,
    petition: OnePetition,
    mask: Words = None,
    unmask: Words = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the log, so name nobody.")] = "",
    as_user: AsUser = None,
    home: HomeOption = None,
) -> None:
    """Mask words of a petition wherever they stand in it, or show them again."""
    given = globals_of(context, home, as_json=False)
    from records.corrections import Correction

    corrections = [Correction(words, masked=True) for words in mask or ()]
    corrections += [Correction(words, masked=False) for words in unmask or ()]
    if not corrections or not all(correction.text.strip() for correction in corrections):
        stop("nothing to correct: give --mask WORDS or --unmask WORDS", WRONG_USAGE)
    if not reason.strip():
        stop("say why with --reason: it stands in the log", WRONG_USAGE)
    wanted = "whose full text may be seen"
    with opened_at(given, petition, as_user, wanted) as (archive, scope, id_):
        archive.library.redaction.correct(scope, id_, corrections, reason.strip())
        archive.catch_up()
    say(f"{petition}: {len(corrections)} corrections are kept; texts, pictures and indexes follow")
