"""What programs and pages share of deciding about repeats."""

from __future__ import annotations

from api.caller import Caller
from api.errors import NotPermitted


def require_decider(caller: Caller) -> None:
    """Raises NotPermitted."""
    if not caller.decides:
        raise NotPermitted("Your role does not decide about repeats.")
