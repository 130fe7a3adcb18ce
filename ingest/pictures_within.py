"""The pictures of a Word document that holds nothing else: letters that were scanned into it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from ingest.archives import unpack
from ingest.errors import IngestError
from ingest.kinds import Kind, kind_of

if TYPE_CHECKING:
    from pathlib import Path

    from records.home import Settings

_DOCUMENT, _RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
_VML_PICTURE = "{urn:schemas-microsoft-com:vml}imagedata"


def pictures_within(path: Path, into: Path, settings: Settings) -> list[Path]:
    """The pictures that a .docx shows, in the order of its text, each once, unpacked to `into`.

    Drawings (EMF, WMF) are left out. Raises UnsafeArchive, TooLarge or Damaged.
    """
    parts = {member.name: member.path for member in unpack(path, into, settings) if member.path}
    if _DOCUMENT not in parts or _RELATIONS not in parts:
        return []
    names = _shown(parts[_DOCUMENT].read_bytes(), parts[_RELATIONS].read_bytes())
    return [parts[name] for name in names if name in parts and _is_picture(parts[name])]


def _shown(document: bytes, relations: bytes) -> dict[str, None]:
    """Names of the parts that the document embeds, by way of its relations; none where it can't be
    parsed (the parser resolves no entities)."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    try:
        body, related = parse_xml(document), parse_xml(relations)
    except SyntaxError:
        return {}
    targets = {
        one.get("Id"): posixpath.normpath(posixpath.join("/word", target)).lstrip("/")
        for one in related
        if one.get("Id") and (target := one.get("Target")) and one.get("TargetMode") != "External"
    }
    embedded = (
        one.get(qn("r:embed")) or one.get(qn("r:id"))
        for one in body.iter(qn("a:blip"), _VML_PICTURE)
    )
    return dict.fromkeys(targets[id_] for id_ in embedded if id_ in targets)


def _is_picture(path: Path) -> bool:
    try:
        return kind_of(path).kind is Kind.IMAGE
    except IngestError:
        return False
