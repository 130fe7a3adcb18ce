"""Whose rights: from a user of the records, or of the operator at the shell, to a `Scope`."""

from __future__ import annotations

from records.regions import ROOT
from records.users import User
from search.access import FieldRight, Scope
from search.engine import Level

SHELL = "shell"
"""The actor under which the operator at the shell stands in the audit."""


def scope_of(user: User) -> Scope:
    """The rights of a user as they stand now; read the user anew for each request."""
    return Scope(
        user_id=user.id,
        regions=frozenset(user.regions),
        categories=frozenset(user.categories),
        level=Level(user.level),
        fields=frozenset(FieldRight(field) for field in user.fields),
        own_fields=frozenset(FieldRight(field) for field in user.own_fields),
        reveals=frozenset(FieldRight(field) for field in user.reveals),
        own_reveals=frozenset(FieldRight(field) for field in user.own_reveals),
        finds=frozenset(FieldRight(field) for field in user.finds),
        decides=user.decides,
        notes=user.notes,
        reads=user.reads and not user.disabled,
        counts_only=user.counts_only,
    )


def shell_scope() -> Scope:
    """The operator at the shell: every region, level and field; what is sealed stays so."""
    return Scope(
        user_id=SHELL,
        regions=frozenset({ROOT}),
        level=Level.SECRET,
        fields=frozenset(FieldRight),
        own_fields=frozenset(FieldRight),
        finds=frozenset({FieldRight.ID_NO, FieldRight.PHONE}),
        reads=True,
    )
