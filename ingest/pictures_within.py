"""The pictures of a Word document that holds nothing else: letters that were scanned into it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ingest.archives import unpack
from ingest.errors import IngestError
from ingest.kinds import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from records.home import Settings

_DOCUMENT, _RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
# A picture is embedded by the id of a relation, which names the picture's own part. Read as text:
# what these marks say is all that is asked of the XML, and it is a stranger's.
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_SHOWN = re.compile(rb"<(?:\w+:)?(?:blip|imagedata)\s[^>]*?\br:(?:embed|id)\s*=\s*[\"']([^\"']+)")


def pictures_within(path: Path, into: Path, settings: Settings) -> list[Path]:
    """The pictures that a .docx shows, in the order of its text, each once, unpacked to `into`.

    Drawings (EMF, WMF) are left out. Raises UnsafeArchive, TooLarge or Damaged.
    """
    parts = {member.name: member.path for member in unpack(path, into, settings) if member.path}
    if _DOCUMENT not in parts or _RELATIONS not in parts:
        return []
    targets = dict(_targets(parts[_RELATIONS].read_bytes()))
    shown = _SHOWN.findall(parts[_DOCUMENT].read_bytes())
    names = dict.fromkeys(targets[each] for each in shown if each in targets)
    return [parts[name] for name in names if name in parts and _is_picture(parts[name])]


def _targets(relations: bytes) -> Iterator[tuple[bytes, str]]:
    """Ids of relations and the names of the parts that they lead to."""
    for relation in _RELATION.findall(relations):
        found = _attributes(relation)
        if b"Id" in found and b"Target" in found and found.get(b"TargetMode") != b"External":
            target = found[b"Target"].decode("utf-8", "replace")
            yield found[b"Id"], posixpath.normpath(posixpath.join("/word", target)).lstrip("/")


def _attributes(element: bytes) -> Mapping[bytes, bytes]:
    return {
        name: double or single
        for name, double, single in re.findall(
            rb"\b(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element
        )
    }


def _is_picture(path: Path) -> bool:
    try:
        return kind_of(path).kind is Kind.IMAGE
    except IngestError:
        return False
