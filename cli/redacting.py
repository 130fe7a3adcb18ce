"""`petitions redact`: a person corrects what redaction found."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import SOME_FAILED, WRONG_USAGE, HomeOption, globals_of, opened, say, stop
from cli.finding import AsUser, id_of, scope_as

Words = Annotated[list[str] | None, typer.Option(help="Words; may be given again.")]


def redact(
    context: typer.Context,
    petition: Annotated[str, typer.Argument(metavar="ID", help="Our id or number, or the older.")],
    mask: Words = None,
    unmask: Words = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the log, so name nobody.")] = "",
    as_user: AsUser = None,
    home: HomeOption = None,
) -> None:
    """Mask words of a petition wherever they stand in it, or show them again."""
    given = globals_of(context, home, as_json=False)
    from records.corrections import Correction
    from search.errors import NotFound

    corrections = [Correction(words, masked=True) for words in mask or ()]
    corrections += [Correction(words, masked=False) for words in unmask or ()]
    if not corrections or not all(correction.text.strip() for correction in corrections):
        stop("nothing to correct: give --mask WORDS or --unmask WORDS", WRONG_USAGE)
    if not reason.strip():
        stop("say why with --reason: it stands in the log", WRONG_USAGE)
    with opened(given) as archive:
        scope = scope_as(archive, as_user)
        try:
            id_ = id_of(archive, scope, petition)
            archive.library.redaction.correct(scope, id_, corrections, reason.strip())
        except NotFound:
            stop(f"there is no petition {petition!r} whose full text may be seen", SOME_FAILED)
        archive.catch_up()
    say(f"{petition}: {len(corrections)} corrections are kept; texts, pictures and indexes follow")
