"""Roles and what each may see, as data: who reads, which fields, in scope and of own cases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from records.errors import UnknownField, UnknownRole

FIELDS: tuple[str, ...] = (
    "full_text",
    "name",
    "id_no",
    "phone",
    "address",
    "bank_card",
    "scan",
    "leader_notes",
)
"""Field rights: what may be seen beyond the redacted text."""


class Role(StrEnum):
    CLERK = "clerk"
    CASEWORKER = "caseworker"
    REVIEWER = "reviewer"
    LEADER = "leader"
    ARCHIVIST = "archivist"
    STATISTICIAN = "statistician"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class RoleRights:
    """A role's rights unless the user was given others.

    `reads`: may ask for petitions at all. `counts_only`: gets totals, never a letter.
    `published_only`: of them only those that were published.
    """

    label: str
    reads: bool = False
    fields: frozenset[str] = frozenset()
    own_fields: frozenset[str] = frozenset()
    counts_only: bool = False
    published_only: bool = False


_HANDLING = frozenset({"full_text", "name", "phone", "address", "scan"})
_NOTES = frozenset({"leader_notes"})

RIGHTS: dict[Role, RoleRights] = {
    Role.CLERK: RoleRights("登记员", reads=True),
    Role.CASEWORKER: RoleRights("承办人", reads=True, own_fields=_HANDLING),
    Role.REVIEWER: RoleRights("审核人", reads=True, fields=_HANDLING, own_fields=_HANDLING),
    Role.LEADER: RoleRights("领导", reads=True, fields=_NOTES, own_fields=_NOTES),
    Role.ARCHIVIST: RoleRights("档案员", reads=True, fields=_NOTES, own_fields=_NOTES),
    Role.STATISTICIAN: RoleRights("统计员", reads=True, counts_only=True),
    Role.ADMINISTRATOR: RoleRights("系统管理员"),
    Role.AUDITOR: RoleRights("安全审计员"),
    Role.PUBLIC: RoleRights("公众", reads=True, published_only=True),
}

SIGNERS: frozenset[Role] = frozenset({Role.CASEWORKER, Role.REVIEWER, Role.LEADER})
"""The roles that sign replies: of petitions whose full text they see, for nobody signs what they
can't read."""

ALIASES: dict[str, Role] = {
    "intake_clerk": Role.CLERK,
    "intake": Role.CLERK,
    "registrar": Role.CLERK,
    "handler": Role.CASEWORKER,
    "case_worker": Role.CASEWORKER,
    "admin": Role.ADMINISTRATOR,
    "system_administrator": Role.ADMINISTRATOR,
    "security_auditor": Role.AUDITOR,
    "audit": Role.AUDITOR,
    "citizen": Role.PUBLIC,
    "statistics": Role.STATISTICIAN,
} | {rights.label: role for role, rights in RIGHTS.items()}


def role_of(name: str) -> Role:
    """The role of a name, an alias or a Chinese label. Raises UnknownRole."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if plain in ALIASES:
        return ALIASES[plain]
    try:
        return Role(plain)
    except ValueError:
        raise UnknownRole(f"no role {name!r}; use one of {', '.join(Role)}") from None


def roles_of(text: str) -> frozenset[Role]:
    """Roles as a setting names them, separated by commas; `all` of them. Raises UnknownRole."""
    names = [name for name in text.split(",") if name.strip()]
    if [name.strip().lower() for name in names] == ["all"]:
        return frozenset(Role)
    return frozenset(role_of(name) for name in names)


def require_fields(names: frozenset[str]) -> frozenset[str]:
    """The field rights themselves. Raises UnknownField."""
    if unknown := sorted(names - set(FIELDS)):
        raise UnknownField(f"no field right {unknown[0]!r}; use {', '.join(FIELDS)}")
    return names
