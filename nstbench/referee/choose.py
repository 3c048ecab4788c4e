"""Who judges a suite's pictures: what the suite asks for, or every trained network at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nstbench.errors import WeightsError
from nstbench.execute.availability import absent_packages
from nstbench.execute.devices import Devices
from nstbench.execute.sources import Sources, WeightsChoice
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, MetricInfo
from nstbench.suite import without_folder
from nstbench.suite.layers import content_layers, style_sets
from nstbench.suite.names import as_tuple, backbone_infos
from nstbench.suite.referees import Referee, requested
from nstbench.suite.schema import RefereeEntry

__all__ = ["Judge", "choose_judges"]

_PREFERRED = "torch"
"""The backend of a referee, where there is a choice: it starts faster, and which one runs makes no difference."""
_ANY_VALUE = ("random", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A referee with what was found for it; the one without a backend and label judges by the pictures alone.

    ``problem`` says why it cannot judge; it is empty if it can.
    """

    label: str = ""
    backend: BackendInfo | None = None
    backbone: BackboneInfo | None = None
    weights: WeightsChoice | None = None
    content_layers: tuple[str, ...] = ()
    style_layers: tuple[str, ...] = ()
    metrics: tuple[MetricInfo, ...]
    device: str = "cpu"
    problem: str = ""

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers that its metrics look at, in order of depth."""
        if self.backbone is None:
            return ()
        extra = {layer for metric in self.metrics for layer in metric.layers.get(self.backbone.name, ())}
        wanted = {*self.content_layers, *self.style_layers, *extra}
        return tuple(layer for layer in self.backbone.layers if layer in wanted)

    @property
    def precision(self) -> str:
        """Precision of its network: double where one of its metrics needs that."""
        return "float64" if any(metric.precision == "float64" for metric in self.metrics) else "float32"

    @property
    def weights_name(self) -> str:
        """Name of the weights, without a user's folder; empty if there are none."""
        return without_folder(self.weights.info.name) if self.weights else ""

    @property
    def title(self) -> str:
        """What tells it from other judges: ``vgg19 (vgg19, torch, keras-imagenet-8bit)``."""
        if self.backend is None:
            return self.label or "pictures alone"
        backbone = self.backbone.name if self.backbone and self.backbone.name != self.label else ""
        return f"{self.label} ({', '.join(filter(None, (backbone, self.backend.name, self.weights_name)))})"


def choose_judges(sources: Sources, devices: Devices) -> tuple[Judge, ...]:
    """Return the judges of a suite, the one that needs no network first; none if the suite wants none.

    ``auto`` takes each backbone that is announced by itself (none of a family's many) once, with the first of its
    announced weights that are here, without a download. A referee that the suite names is there even if it cannot
    judge, with its ``problem``.
    """
    wanted = requested(sources.suite.spec.referee)
    finder = _Finder(sources, devices)
    found = finder.at_hand() if wanted is None else [finder.find(referee) for referee in wanted]
    if wanted == ():
        return ()
    pictures = tuple(one for one in sources.catalogue.metrics.values() if one.kind == "picture")
    return (*((Judge(metrics=pictures),) if pictures else ()), *found)


@dataclass(frozen=True, slots=True)
class _Finder:
    sources: Sources
    devices: Devices

    def at_hand(self) -> list[Judge]:
        names = dict.fromkeys(name for _, name in self.sources.catalogue.backbones.announced)
        found = [self.find(Referee(name, RefereeEntry())) for name in names]
        return [judge for judge in found if not judge.problem and judge.weights and judge.weights.located.here]

    def find(self, referee: Referee) -> Judge:
        metrics = _metrics(self.sources.catalogue, referee.backbone)
        problems = []
        for info in self._infos(referee):
            device, problem = self.devices.choose(info.backend)
            weights = self._weights(referee, info)
            problem = (
                absent_packages(self.sources.catalogue, info)
                or problem
                or (weights if isinstance(weights, str) else "")
            )
            if not problem and isinstance(weights, WeightsChoice):
                return _judge(self.sources.catalogue, referee, info, weights, metrics, device)
            problems.append(problem)
        where = f" to {referee.backend}" if referee.backend else ""
        problem = problems[0] if problems else f"no plugin brings {referee.backbone}{where}"
        return Judge(label=referee.label, metrics=metrics, problem=problem)

    def _infos(self, referee: Referee) -> Iterator[BackboneInfo]:
        """Yield the backbone as each backend that may run it has it, the preferred one first."""
        infos = backbone_infos(self.sources.catalogue, referee.backbone)
        order = [referee.backend] if referee.backend else sorted(infos, key=lambda name: name != _PREFERRED)
        yield from (infos[name] for name in order if name in infos)

    def _weights(self, referee: Referee, info: BackboneInfo) -> WeightsChoice | str:
        named = as_tuple(referee.entry.weights)
        known = self.sources.catalogue.weights
        names = named or tuple(name for name in info.weights if name not in _ANY_VALUE and name in known)
        if not names:
            return f"{info.name} has no trained weights that a plugin announces"
        try:
            return self.sources.choose(names, info.name)
        except WeightsError as error:
            return str(error)


def _judge(
    catalogue: Catalogue,
    referee: Referee,
    info: BackboneInfo,
    weights: WeightsChoice,
    metrics: tuple[MetricInfo, ...],
    device: str,
) -> Judge:
    return Judge(
        label=referee.label,
        backend=catalogue.backends[info.backend],
        backbone=info,
        weights=weights,
        content_layers=content_layers(referee.entry, info.content_layers),
        style_layers=style_sets(referee.entry, info.style_layers)[0],
        metrics=metrics,
        device=device,
    )


def _metrics(catalogue: Catalogue, backbone: str) -> tuple[MetricInfo, ...]:
    """Return the metrics that a network's features allow."""
    every = (one for one in catalogue.metrics.values() if one.kind == "features")
    return tuple(one for one in every if not one.layers or backbone in one.layers)
