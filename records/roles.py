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
    SECURITY = "security"
    AUDITOR = "auditor"
    PUBLIC = "public"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoleRights:
    """A role's rights unless the user was given others.

    `reads`: may ask for petitions at all. `counts_only`: gets totals, never a letter.
    `published_only`: of them only those that were published. `reveals`: facts of a person that
    are masked for this role and may be looked at one at a time, with a reason, so many a day;
    `own_reveals`: those of own cases besides. `finds`: facts by which a person may be looked up,
    exactly and whole. `decides`: says whether a letter repeats another one. `notes`: writes notes
    on petitions (批示).
    """

    label: str
    reads: bool = False
    fields: frozenset[str] = frozenset()
    own_fields: frozenset[str] = frozenset()
    reveals: frozenset[str] = frozenset()
    own_reveals: frozenset[str] = frozenset()
    finds: frozenset[str] = frozenset()
    counts_only: bool = False
    published_only: bool = False
    decides: bool = False
    notes: bool = False


_HANDLING = frozenset({"full_text", "name", "phone", "address", "scan"})
_NOTES = frozenset({"leader_notes"})
_CONTACT = frozenset({"name", "phone", "address"})
_PERSON = _CONTACT | {"id_no", "bank_card"}
_NUMBERS = frozenset({"id_no", "phone"})

RIGHTS: dict[Role, RoleRights] = {
    Role.CLERK: RoleRights("登记员", reads=True, finds=_NUMBERS, decides=True),
    Role.CASEWORKER: RoleRights(
        "承办人",
        reads=True,
        own_fields=_HANDLING,
        reveals=_CONTACT,
        own_reveals=_PERSON,
        finds=_NUMBERS,
        decides=True,
    ),
    Role.REVIEWER: RoleRights(
        "审核人",
        reads=True,
        fields=_HANDLING,
        own_fields=_HANDLING,
        reveals=_PERSON,
        finds=_NUMBERS,
        decides=True,
    ),
    Role.LEADER: RoleRights("领导", reads=True, fields=_NOTES, own_fields=_NOTES, notes=True),
    Role.ARCHIVIST: RoleRights(
        "档案员", reads=True, fields=_NOTES, own_fields=_NOTES, reveals=_PERSON, finds=_NUMBERS
    ),
    Role.STATISTICIAN: RoleRights("统计员", reads=True, counts_only=True),
    Role.ADMINISTRATOR: RoleRights("系统管理员"),
    Role.SECURITY: RoleRights("安全管理员"),
    Role.AUDITOR: RoleRights("安全审计员"),
    Role.PUBLIC: RoleRights("公众", reads=True, published_only=True),
    Role.NONE: RoleRights("未授权"),
}
"""The administrator makes accounts, the security administrator confirms their rights, the auditor
reads the log: three people, none of whom sees a petition. `NONE`: an account whose rights nobody
has confirmed."""


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
    "security_administrator": Role.SECURITY,
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
    """Roles as a setting names them, separated by commas; `all` of them; an empty text: none.
    Raises UnknownRole."""
    names = [name for name in text.split(",") if name.strip()]
    if text and not names:
        raise UnknownRole(f"no role in {text!r}; use all, or some of {', '.join(Role)}")
    if [name.strip().lower() for name in names] == ["all"]:
        return frozenset(Role)
    return frozenset(role_of(name) for name in names)


def require_fields(names: frozenset[str]) -> frozenset[str]:
    """The field rights themselves. Raises UnknownField."""
    if unknown := sorted(names - set(FIELDS)):
        raise UnknownField(f"no field right {unknown[0]!r}; use {', '.join(FIELDS)}")
    return names
