"""What people are told of a refusal, in their language."""

from __future__ import annotations

from typing import Any

from api.errors import Refusal, TooFast, refusal_headers
from api.pages.catalogue import Catalogue
from records.errors import SignInRefused, TooManyAttempts, UsedUp
from records.home import environment_name


def refused_text(texts: Catalogue, refusal: Refusal) -> str:
    """Of what is free again later, with the time when that is."""
    wait = refusal.retry_after
    if refusal.code == UsedUp.code and wait is not None:
        return texts.text(
            "You have used up what is allowed in a day. "
            "The next is free after midnight, in {hours} h {minutes} min.",
            hours=wait // 3600,
            minutes=wait % 3600 // 60 + 1,
        )
    if refusal.code == TooFast.code:
        return texts.text(
            "More searches than a minute may hold. Wait {seconds} seconds, then load the page "
            "again. The administrator can allow more ({setting}).",
            seconds=wait,
            setting=environment_name("searches_per_minute"),
        )
    if refusal.code == TooManyAttempts.code:
        return texts.text("Too many wrong attempts. Wait {seconds} seconds.", seconds=wait)
    if refusal.code == SignInRefused.code:
        return texts.text("User name, password or code is wrong.")
    return texts.known(f"error.{refusal.code}", refusal.detail)


def mistaken(texts: Catalogue, refusal: Refusal | None) -> dict[str, Any]:
    """A page's `mistake` (None: there is none), and with one its status and headers."""
    if refusal is None:
        return {"mistake": None}
    return {
        "mistake": refused_text(texts, refusal),
        "status": refusal.status,
        "headers": refusal_headers(refusal),
    }
