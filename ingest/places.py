"""The office's regions while letters come in: names to codes, new ones added as they are met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzers.regions import Gazetteer, Region, coded_region
from records.errors import BadValue
from records.regions import ROOT, add_region, all_regions

if TYPE_CHECKING:
    from records.database import Session


class Places:
    """What is known of the regions; ask within the transaction that uses the codes."""

    def __init__(self, session: Session) -> None:
        self.read_again(session)

    def read_again(self, session: Session) -> None:
        """Forget what a transaction added that was rolled back."""
        self._codes: dict[str, str] = {}
        self._regions: list[Region] = []
        self._gazetteer: Gazetteer | None = None
        for one in all_regions(session):
            self._know(Region(one.code, one.name, one.parent, one.aliases), one.learned)

    @property
    def gazetteer(self) -> Gazetteer:
        if self._gazetteer is None:
            self._gazetteer = Gazetteer(self.regions)
        return self._gazetteer

    @property
    def regions(self) -> tuple[Region, ...]:
        """Those that are looked for in texts: but the root, and those that letters alone told of.
        Else the region of one letter would tell that there is another from there."""
        return tuple(one for one in self._regions if one.code != ROOT)

    def code(self, session: Session, name: str) -> tuple[str, bool]:
        """The code of a region by code, name or alias, and whether it is new.

        `A市/A3区` names a path, its last part counts. Coded places are put in their place by rule,
        other unknown names under the root. Raises BadValue for what can be no region.
        """
        last = name.replace("／", "/").rstrip("/").rpartition("/")[2].strip()
        if last in self._codes:
            return self._codes[last], False
        if not last or len(last) > 64:
            raise BadValue(f"{name[:40]!r} is no region")
        return self.known(session, last), coded_region(last) is None

    def known(self, session: Session, code: str) -> str:
        """The same code, added first where it is missing (a coded place with those above it)."""
        if code in self._codes:
            return self._codes[code]
        found = coded_region(code) or Region(code, code, None, ())
        parent = self.known(session, found.parent) if found.parent else ROOT
        add_region(session, found.code, found.name, parent, found.aliases, learned=True)
        self._know(Region(found.code, found.name, parent, found.aliases), learned=True)
        return found.code

    def _know(self, region: Region, learned: bool) -> None:
        if not learned:
            self._regions.append(region)
        for name in (region.code, region.name, *region.aliases):
            self._codes.setdefault(name, region.code)
