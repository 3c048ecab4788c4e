"""Which networks can be checked on this machine, on which backends, with which weights; and the check of them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nstbench.errors import NstbenchError, PluginError, RunError, WeightsError
from nstbench.measure.environment import absent_distributions
from nstbench.plugin import Catalogue
from nstbench.suite.names import backbone_infos
from nstbench.suite.suggest import suggestion
from nstbench.testing.parity import ParityOptions, parity
from nstbench.testing.parity_checks import Check
from nstbench.weights import locate, weights_info

__all__ = ["Network", "Verdict", "networks_here", "verify", "weights_at_hand"]

SIZE = 48
"""Long side, px, of the pictures: quick, and deep enough for every layer of the known networks."""

REFERENCE = "torch"
"""The backend that others are compared with, and that runs in float64, where it has the network."""


@dataclass(frozen=True, slots=True)
class Network:
    """A backbone to be checked: its weights, and the installed backends that have it, the reference first."""

    backbone: str
    weights: str
    backends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checks made, and a sentence for everything that was not or could not be checked."""

    networks: tuple[Network, ...]
    checks: tuple[Check, ...]
    remarks: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks whose bound does not hold."""
        return tuple(check for check in self.checks if not check.ok)

    @property
    def exit_code(self) -> int:
        """0 if every bound holds, 1 if one is broken, 2 if something could not be measured."""
        return 1 if self.broken else 2 if self.failures else 0


def networks_here(
    catalogue: Catalogue, backbone: str | None = None, weights_dir: Path | None = None
) -> tuple[list[Network], list[str]]:
    """Return what can be checked, and a sentence for each backbone that cannot; ``backbone`` narrows it to one.

    Weights are the first of a backbone's own list that are here. Raises ``PluginError`` for a name nobody announces,
    and ``RunError`` if nothing at all can be checked.
    """
    names = list(dict.fromkeys(name for _, name in catalogue.backbones.announced))
    if backbone is not None and not backbone_infos(catalogue, backbone):
        known = {name for _, name in catalogue.backbones}
        raise PluginError(f"there is no backbone {backbone[:60]!r}{suggestion(backbone, known)}")
    networks: list[Network] = []
    remarks: list[str] = []
    for name in [backbone] if backbone is not None else names:
        try:
            networks.append(_network(catalogue, name, weights_dir))
        except NstbenchError as error:
            remarks.append(f"{name}: {error}")
    if not networks:
        raise RunError(remarks[0] if remarks else "no plugin announces a backbone.")
    return networks, remarks


def verify(
    catalogue: Catalogue, backbone: str | None = None, weights_dir: Path | None = None, size: int = SIZE
) -> Verdict:
    """Check every backbone that is here, or one. Raises as ``networks_here`` does."""
    networks, remarks = networks_here(catalogue, backbone, weights_dir)
    remarks += [
        f"{one.backbone}: only {one.backends[0]} has it, so it was checked against its own float64, closed forms and "
        "finite differences, not against another backend."
        for one in networks
        if len(one.backends) == 1
    ]
    checks: list[Check] = []
    failures: list[str] = []
    for group in _by_backends(networks):
        found, failed = _measure(catalogue, group, weights_dir, size)
        checks += found
        failures += failed
    return Verdict(tuple(networks), tuple(checks), tuple(remarks), tuple(failures))


def _network(catalogue: Catalogue, name: str, weights_dir: Path | None) -> Network:
    backends = list(backbone_infos(catalogue, name))
    absent = {backend: _absent(catalogue, backend, name) for backend in backends}
    installed = [backend for backend in backends if not absent[backend]]
    if not installed:
        lacking = list(dict.fromkeys(package for packages in absent.values() for package in packages))
        raise RunError(f"none of its backends is installed. Run pip install {' '.join(lacking)}.")
    weights = weights_at_hand(catalogue, installed[0], name, weights_dir)
    form = weights.partition(":")[0]
    takers = [backend for backend in installed if form in catalogue.backbones[backend, name].weights]
    return Network(name, weights, tuple(sorted(takers, key=lambda backend: (backend != REFERENCE, backend))))


def _absent(catalogue: Catalogue, backend: str, backbone: str) -> list[str]:
    if backend not in catalogue.backends:
        return [backend]
    required = (*catalogue.backends[backend].requires, *catalogue.backbones[backend, backbone].requires)
    return absent_distributions(required)


def weights_at_hand(catalogue: Catalogue, backend: str, backbone: str, weights_dir: Path | None) -> str:
    """Return the first of a backbone's own list of weights that is here. Raises ``WeightsError`` if none is."""
    problems, info = [], catalogue.backbones[backend, backbone]
    for name in info.weights:
        if name == "file":
            continue
        chosen = "random:0" if name == "random" else name
        located = locate(weights_info(chosen, catalogue.weights, info), backbone, weights_dir)
        if located.here:
            return chosen
        problems.append(located.problem)
    raise WeightsError(problems[0] if problems else "it has no weights but the user's own files.")


def _by_backends(networks: Sequence[Network]) -> Iterator[list[Network]]:
    """Group networks that the same backends have: they share processes, as starting one takes seconds."""
    for backends in dict.fromkeys(network.backends for network in networks):
        yield [network for network in networks if network.backends == backends]


def _measure(
    catalogue: Catalogue, group: Sequence[Network], weights_dir: Path | None, size: int
) -> tuple[list[Check], list[str]]:
    """Check networks together; if that fails, one by one, so that one that cannot run does not hide the others."""
    backends = group[0].backends
    options = ParityOptions(
        networks=tuple((network.backbone, network.weights) for network in group),
        backends=backends,
        reference=backends[0],
        size=size,
        weights_dir=weights_dir,
    )
    try:
        return parity(options, catalogue), []
    except NstbenchError as error:
        if len(group) == 1:
            return [], [f"{group[0].backbone}: {error}"]
    parts = [_measure(catalogue, [network], weights_dir, size) for network in group]
    return [check for checks, _ in parts for check in checks], [text for _, texts in parts for text in texts]
