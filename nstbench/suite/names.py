"""Names in a suite that only plugins can explain: backends, backbones, weights, layers, losses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import UnsetType

from nstbench.errors import SuiteError
from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, LossInfo, WeightsInfo
from nstbench.suite.layers import named_layers
from nstbench.suite.load import Suite
from nstbench.suite.referees import Referee, requested
from nstbench.suite.schema import Entry, RefereeEntry
from nstbench.suite.suggest import suggestion
from nstbench.suite.tree import Path, shorten

__all__ = ["Catalogue", "as_tuple", "backbone_infos", "backbone_name", "check_names"]

_RANDOM = re.compile(r"random:(0|[1-9][0-9]{0,17})")


class Catalogue(Protocol):
    """The part of ``nstbench.plugin.catalogue.Catalogue`` that a suite needs."""

    @property
    def backends(self) -> Mapping[str, BackendInfo]:
        """Backends by name."""

    @property
    def backbones(self) -> Mapping[tuple[str, str], BackboneInfo]:
        """Backbones by (backend, name)."""

    @property
    def weights(self) -> Mapping[str, WeightsInfo]:
        """Weights by name."""

    @property
    def losses(self) -> Mapping[tuple[str, str], LossInfo]:
        """Losses by (role, name)."""

    @property
    def problems(self) -> Sequence[object]:
        """Plugins that are broken."""


def as_tuple(value: str | tuple[str, ...] | UnsetType) -> tuple[str, ...]:
    """Return a list of names, each once; one name is a list of one."""
    if isinstance(value, UnsetType):
        return ()
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def backbone_name(label: str, entry: Entry) -> str:
    """Return the network an entry names, which is its label unless it says otherwise."""
    return label if isinstance(entry.backbone, UnsetType) else entry.backbone


def backbone_infos(catalogue: Catalogue, name: str) -> dict[str, BackboneInfo]:
    """Return what each backend that has the backbone says about it."""
    found = ((backend, catalogue.backbones.get((backend, name))) for backend in catalogue.backends)
    return {backend: info for backend, info in found if info is not None}


def check_names(suite: Suite, catalogue: Catalogue) -> None:
    """Raise ``SuiteError``, with the place and the nearest match, at the first name that nothing explains.

    A backbone, or weights for it, that only some of the backends have is no error here: those cells are unavailable.
    """
    checker = _Checker(suite, catalogue)
    checker.names(("backends",), as_tuple(suite.spec.backends), "backend", catalogue.backends)
    checker.losses((), suite.spec.loss.content, suite.spec.loss.style)
    for label, entry in suite.spec.backbones.items():
        checker.entry(label, entry)
    for i, referee in enumerate(requested(suite.spec.referee) or ()):
        checker.referee(i, referee)


class _Checker:
    """Checks names at their places in one suite."""

    def __init__(self, suite: Suite, catalogue: Catalogue) -> None:
        self._suite = suite
        self._catalogue = catalogue

    def names(self, path: Path, names: Sequence[str], what: str, known: Collection[str]) -> None:
        for i, name in enumerate(names):
            self._name((*path, i), name, what, known, known)

    def _name(self, path: Path, name: str, what: str, known: Collection[str], offered: Collection[str]) -> None:
        if name not in known:
            text = f"there is no {what} {shorten(name)}{suggestion(name, offered)}"
            raise self._error(path, text + self._broken())

    def losses(self, path: tuple[str, ...], *chosen: str | tuple[str, ...] | UnsetType) -> None:
        for role, names in zip(("content", "style"), chosen, strict=True):
            known = [name for known_role, name in self._catalogue.losses if known_role == role]
            self.names((*path, "loss", role), as_tuple(names), f"{role} loss", known)

    def entry(self, label: str, entry: Entry) -> None:
        path = ("backbones", label)
        self.names((*path, "backends"), as_tuple(entry.backends), "backend", self._catalogue.backends)
        self.losses(path, entry.loss.content, entry.loss.style)
        name = backbone_name(label, entry)
        infos = backbone_infos(self._catalogue, name)
        if not infos:
            self.names((*path, "backbone"), (name,), "backbone", {known for _, known in self._catalogue.backbones})
        used = [backend for backend in self._backends(entry) if backend in infos]
        self._weights(path, entry, name, [infos[backend] for backend in used or infos])
        for backend in used or infos:
            self._layers(path, entry, infos[backend])

    def referee(self, number: int, referee: Referee) -> None:
        written = isinstance(self._suite.spec.referee, dict)
        path: Path = ("referee", referee.label) if written else ("referee", number)
        infos = backbone_infos(self._catalogue, referee.backbone)
        if not infos:
            known = {name for _, name in self._catalogue.backbones}
            # Of a word that stands alone, auto and none are meant as often as a backbone.
            words = {"auto", "none"} if isinstance(self._suite.spec.referee, str) else set()
            self._name((*path, "backbone"), referee.backbone, "backbone", known, known | words)
        entry = referee.entry
        if referee.backend:
            self.names((*path, "backend"), (referee.backend,), "backend", self._catalogue.backends)
        used = [infos[referee.backend]] if referee.backend in infos else list(infos.values())
        self._weights(path, entry, referee.backbone, used)
        for info in used:
            self._layers(path, entry, info)

    def _backends(self, entry: Entry) -> tuple[str, ...]:
        narrowed = as_tuple(entry.backends)
        return tuple(name for name in as_tuple(self._suite.spec.backends) if not narrowed or name in narrowed)

    def _weights(self, path: Path, entry: Entry | RefereeEntry, backbone: str, infos: Sequence[BackboneInfo]) -> None:
        accepted = {name for info in infos for name in info.weights}
        forms = [{"random": "random:0", "file": "file:PATH"}.get(name, name) for name in accepted]
        for i, name in enumerate(as_tuple(entry.weights)):
            where: Path = (*path, "weights", i)
            form = self._form(name, where)
            if form in accepted:
                continue
            known = form in ("random", "file") or form in self._catalogue.weights
            text = f"{backbone} takes no weights {shorten(name)}" if known else f"there are no weights {shorten(name)}"
            raise self._error(where, text + suggestion(name, forms) + ("" if known else self._broken()))

    def _form(self, name: str, where: Path) -> str:
        """Return ``random`` or ``file`` for the names that carry a value, else the name."""
        form, colon, value = name.partition(":")
        if form == "random" and not _RANDOM.fullmatch(name):
            raise self._error(where, f"{shorten(name)} must be random:SEED with a whole number, such as random:0")
        if form == "file" and not value.strip():
            raise self._error(where, f"{shorten(name)} must be file:PATH")
        return form if colon and form in ("random", "file") else name

    def _layers(self, path: Path, entry: Entry | RefereeEntry, info: BackboneInfo) -> None:
        for where, i, layer in _each_layer(entry):
            if layer not in info.layers:
                on = f" on {info.backend}" if self._known_elsewhere(info.name, layer) else ""
                text = f"{info.name} has no layer {shorten(layer)}{on}{suggestion(layer, info.layers)}"
                raise self._error((*path, *where, i), text)

    def _known_elsewhere(self, backbone: str, layer: str) -> bool:
        return any(layer in info.layers for info in backbone_infos(self._catalogue, backbone).values())

    def _broken(self) -> str:
        count = len(self._catalogue.problems)
        return (
            f" ({count} {'plugin is' if count == 1 else 'plugins are'} broken: see `nstbench plugins`)" if count else ""
        )

    def _error(self, path: Path, text: str) -> SuiteError:
        return SuiteError(f"{self._suite.place(*path)}: {text}")


def _each_layer(entry: Entry | RefereeEntry) -> Iterator[tuple[Path, int, str]]:
    for where, names in named_layers(entry):
        yield from ((where, i, name) for i, name in enumerate(names))
