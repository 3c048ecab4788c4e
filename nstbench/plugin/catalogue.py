"""Everything that plugins announce, checked, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from nstbench.plugin.descriptors import API, BackboneInfo, BackendInfo, LossInfo, MetricInfo, Provided, WeightsInfo
from nstbench.plugin.discovery import Discovery, Problem, Provider, discover

__all__ = ["Catalogue", "load_catalogue"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._:-]*")
_KINDS: dict[str, type[Provided]] = {
    "backends": BackendInfo,
    "backbones": BackboneInfo,
    "weights": WeightsInfo,
    "losses": LossInfo,
    "metrics": MetricInfo,
}


@dataclass(slots=True)
class Catalogue:
    """What can be named in a suite. Backbones are keyed by (backend, name), losses by (role, name).

    ``owners`` maps (kind, key) to the plugin that announced it.
    """

    discovery: Discovery
    backends: dict[str, BackendInfo] = field(default_factory=dict)
    backbones: dict[tuple[str, str], BackboneInfo] = field(default_factory=dict)
    weights: dict[str, WeightsInfo] = field(default_factory=dict)
    losses: dict[tuple[str, str], LossInfo] = field(default_factory=dict)
    metrics: dict[str, MetricInfo] = field(default_factory=dict)
    owners: dict[tuple[str, Any], str] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """What is broken, in the order it was found."""
        return self.discovery.problems

    def provider(self, kind: str, key: Any) -> Provider | None:
        """Return the distribution behind one announced thing, None for what is built in."""
        return self.discovery.providers.get(self.owners[kind, key])

    def notify(self, hook: str, **payload: object) -> list[Problem]:
        """Call one observer hook of every plugin; return (and list) what they raised."""
        before = len(self.problems)
        for implementation in self.discovery.implementations(hook):
            with self.discovery.guarded(implementation.plugin_name, hook):
                implementation.function(*(payload[name] for name in implementation.argnames))
        return self.problems[before:]


def load_catalogue() -> Catalogue:
    """Discover plugins and collect what they announce; nothing that is announced gets imported."""
    catalogue = Catalogue(discover())
    for kind in _KINDS:
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
        checked = _check(kind, item)
        table: dict[Any, Any] = getattr(catalogue, kind)
        key = _key(checked)
        if key in table:
            owner = catalogue.owners[kind, key]
            raise ValueError(f"{checked.name!r} is already announced by plugin {owner!r}")
        table[key] = checked
        catalogue.owners[kind, key] = plugin


def _check(kind: str, item: object) -> Provided:
    expected = _KINDS[kind]
    if not isinstance(item, expected):
        raise TypeError(f"expected {expected.__name__}, got {type(item).__name__}")
    if item.api[0] != API[0] or item.api[1] > API[1]:
        raise ValueError(f"{item.name!r} is written for plugin API {item.api}, this is {API}")
    if not _NAME.fullmatch(item.name) or not re.fullmatch(r"[\w.]+:\w+", item.target):
        raise ValueError(f"bad name or target: {item.name!r} -> {item.target!r}")
    checked = _plain(item, expected)
    if isinstance(checked, BackboneInfo):
        _check_layers(checked)
    if isinstance(checked, MetricInfo):
        _check_column(checked.name)
    return checked


def _check_column(metric: str) -> None:
    """Refuse a name that cannot be a column of results.csv: there it is ``<judge>:<metric>`` from a referee."""
    from nstbench.results.record import result_columns  # here: whoever imports a marker needs no results

    if ":" in metric or metric in result_columns():
        raise ValueError(f"a metric cannot be called {metric!r}: ':' is not allowed, nor a column of results.csv")


def _plain(item: Provided, expected: type[Provided]) -> Provided:
    """Return the same as plain data of the declared types: it goes to the workers as a file."""
    try:
        return msgspec.convert(msgspec.to_builtins(item, enc_hook=_as_dict), expected)
    except msgspec.ValidationError as error:
        raise TypeError(f"{item.name!r}: {error}") from error


def _as_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a descriptor holds plain data only, not {type(value).__name__}")


def _check_layers(backbone: BackboneInfo) -> None:
    named = (*backbone.content_layers, *backbone.style_layers)
    if not backbone.layers or not backbone.content_layers or not backbone.style_layers:
        raise ValueError(f"{backbone.name!r} needs a layer table and default content and style layers")
    for layer in named:
        if layer not in backbone.layers:
            raise ValueError(f"default layer {layer!r} of {backbone.name!r} is not in its layer table")


def _key(item: Provided) -> Any:
    if isinstance(item, BackboneInfo):
        return (item.backend, item.name)
    if isinstance(item, LossInfo):
        return (item.role, item.name)
    return item.name


def _check_references(catalogue: Catalogue) -> None:
    for (backend, name), _ in list(catalogue.backbones.items()):
        if backend not in catalogue.backends:
            owner = catalogue.owners.pop(("backbones", (backend, name)))
            del catalogue.backbones[backend, name]
            text = f"backbone {name!r} is for backend {backend!r}, which no working plugin announces"
            catalogue.problems.append(Problem(owner, "nstbench_backbones", text))
