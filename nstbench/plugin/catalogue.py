"""Everything that plugins announce, checked, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nstbench.plugin.backbones import Backbones
from nstbench.plugin.checks import check_apart, checked_item
from nstbench.plugin.descriptors import (
    BackboneFamily,
    BackboneInfo,
    BackendInfo,
    LossInfo,
    MetricInfo,
    Provided,
    ReporterInfo,
    WeightsInfo,
)
from nstbench.plugin.discovery import Discovery, Problem, Provider, discover
from nstbench.plugin.observers import lacking
from nstbench.plugin.tables import Family
from nstbench.plugin.target import load_target

__all__ = ["KINDS", "Catalogue", "load_catalogue"]

KINDS: dict[str, type[Provided]] = {
    "backends": BackendInfo,
    "backbones": BackboneInfo,
    "backbone_families": BackboneFamily,
    "weights": WeightsInfo,
    "losses": LossInfo,
    "metrics": MetricInfo,
    "reporters": ReporterInfo,
}
"""What plugins announce; ``nstbench_<kind>`` is its hook."""


@dataclass(slots=True)
class Catalogue:
    """What can be named in a suite. Backbones and their families are keyed by (backend, name), losses by (role, name).

    ``owners`` maps (kind, key) to the plugin that announced it; networks of a family are not in it.
    """

    discovery: Discovery
    backends: dict[str, BackendInfo] = field(default_factory=dict)
    weights: dict[str, WeightsInfo] = field(default_factory=dict)
    losses: dict[tuple[str, str], LossInfo] = field(default_factory=dict)
    metrics: dict[str, MetricInfo] = field(default_factory=dict)
    reporters: dict[str, ReporterInfo] = field(default_factory=dict)
    owners: dict[tuple[str, Any], str] = field(default_factory=dict)
    backbones: Backbones = field(init=False)

    def __post_init__(self) -> None:
        self.backbones = Backbones(self._open_family, self._admit_member)

    @property
    def problems(self) -> list[Problem]:
        """What is broken, in the order it was found."""
        return self.discovery.problems

    def provider(self, kind: str, key: Any) -> Provider | None:
        """Return the distribution behind one announced thing, None for what is built in."""
        return self.discovery.providers.get(self.owner(kind, key) or "")

    def owner(self, kind: str, key: Any) -> str | None:
        """Return the plugin that announced a thing, or the family it belongs to; None if nobody did."""
        if kind == "backbones" and (family := self.backbones.family(key)) is not None:
            return self.owners["backbone_families", (family.backend, family.name)]
        return self.owners.get((kind, key))

    def _table(self, kind: str) -> dict[Any, Any]:
        if kind == "backbones":
            return self.backbones.announced
        table: dict[Any, Any] = self.backbones.families if kind == "backbone_families" else getattr(self, kind)
        return table

    def _open_family(self, family: BackboneFamily) -> Mapping[str, BackboneInfo]:
        plugin = self.owners["backbone_families", (family.backend, family.name)]
        with self.discovery.guarded(plugin, f"family {family.name}"):
            members = load_target(family.target)()
            if not isinstance(members, Mapping) or not all(isinstance(name, str) for name in members):
                raise TypeError(f"{family.target} must return a mapping of names")
            return members
        return {}

    def _admit_member(
        self, family: BackboneFamily, members: Mapping[str, BackboneInfo], name: str
    ) -> BackboneInfo | None:
        plugin = self.owners["backbone_families", (family.backend, family.name)]
        with self.discovery.guarded(plugin, f"family {family.name}"):
            checked = checked_item(BackboneInfo, members[name], plain=isinstance(members, Family))
            if _key(checked) != (family.backend, name):
                raise ValueError(f"{name!r} calls itself {checked.name!r}, or is for another backend")
            return checked
        return None

    def notify(self, hook: str, **payload: object) -> list[Problem]:
        """Call one observer hook of every plugin that has what it requires; return (and list) what they raised."""
        before = len(self.problems)
        for implementation in self.discovery.implementations(hook):
            with self.discovery.guarded(implementation.plugin_name, hook):
                if not lacking(self.discovery, implementation.plugin_name):
                    implementation.function(*(payload[name] for name in implementation.argnames))
        return self.problems[before:]


def load_catalogue() -> Catalogue:
    """Discover plugins and collect what they announce; nothing that is announced gets imported."""
    catalogue = Catalogue(discover())
    for kind in KINDS:
        hook = f"nstbench_{kind}"
        for implementation in catalogue.discovery.implementations(hook):
            with catalogue.discovery.guarded(implementation.plugin_name, hook):
                # One at a time, iterated here: generators raise late, and one failure must not stop the others.
                announced: Any = implementation.function()
                for item in announced or ():
                    _admit(catalogue, kind, item, implementation.plugin_name)
    _check_references(catalogue)
    return catalogue


def _admit(catalogue: Catalogue, kind: str, item: object, plugin: str) -> None:
    with catalogue.discovery.guarded(plugin, f"nstbench_{kind}"):
        checked = checked_item(KINDS[kind], item)
        table = catalogue._table(kind)
        key = _key(checked)
        if key in table:
            owner = catalogue.owners[kind, key]
            raise ValueError(f"{checked.name!r} is already announced by plugin {owner!r}")
        if isinstance(checked, ReporterInfo):
            check_apart(checked, catalogue.reporters.values())
        table[key] = checked
        catalogue.owners[kind, key] = plugin


def _key(item: Provided) -> Any:
    if isinstance(item, BackboneInfo | BackboneFamily):
        return (item.backend, item.name)
    if isinstance(item, LossInfo):
        return (item.role, item.name)
    return item.name


def _check_references(catalogue: Catalogue) -> None:
    """Take out what is for a backend that is not there."""
    for kind, what in (("backbones", "backbone"), ("backbone_families", "family")):
        table = catalogue._table(kind)
        for backend, name in [key for key in table if key[0] not in catalogue.backends]:
            owner = catalogue.owners.pop((kind, (backend, name)))
            del table[backend, name]
            text = f"{what} {name!r} is for backend {backend!r}, which no working plugin announces"
            catalogue.problems.append(Problem(owner, f"nstbench_{kind}", text))
