"""The backbones by (backend, name): announced one by one, and families that are opened when a name asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from nstbench.plugin.descriptors import BackboneFamily, BackboneInfo

__all__ = ["Backbones"]

Key = tuple[str, str]
Members = Mapping[str, BackboneInfo]


@dataclass(slots=True, eq=False)
class Backbones(Mapping[Key, BackboneInfo]):
    """A mapping whose keys, if all are asked for, are those of the families, too.

    ``announced`` are those that plugins announce one by one. ``open_family`` returns a family's members and ``admit``
    checks one of them; both return nothing where that fails, and keep the reason.
    """

    open_family: Callable[[BackboneFamily], Members]
    admit: Callable[[BackboneFamily, Members, str], BackboneInfo | None]
    announced: dict[Key, BackboneInfo] = field(default_factory=dict)
    families: dict[Key, BackboneFamily] = field(default_factory=dict)
    _opened: dict[Key, Members] = field(default_factory=dict)
    _made: dict[Key, BackboneInfo | None] = field(default_factory=dict)

    def __getitem__(self, key: Key) -> BackboneInfo:
        if key in self.announced:
            return self.announced[key]
        if key not in self._made:
            self._made[key] = self._make(key)
        found = self._made[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[Key]:
        yield from self.announced
        for family in self.families.values():
            keys = ((family.backend, name) for name in self._members(family))
            yield from (key for key in keys if key not in self.announced)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def family(self, key: Key) -> BackboneFamily | None:
        """Return the family that a backbone's name belongs to, None if there is none; nothing is opened."""
        prefix, colon, _ = key[1].partition(":")
        return self.families.get((key[0], prefix)) if colon and key not in self.announced else None

    def _make(self, key: Key) -> BackboneInfo | None:
        family = self.family(key)
        if family is None or key[1] not in (members := self._members(family)):
            return None
        return self.admit(family, members, key[1])

    def _members(self, family: BackboneFamily) -> Members:
        key = (family.backend, family.name)
        if key not in self._opened:
            self._opened[key] = self.open_family(family)
        return self._opened[key]
