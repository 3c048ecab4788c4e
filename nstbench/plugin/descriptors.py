"""What a plugin announces: frozen data, plus a ``"module:attribute"`` target that only the worker imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "API",
    "BackboneFamily",
    "BackboneInfo",
    "BackendInfo",
    "LayerCost",
    "LossInfo",
    "MetricInfo",
    "ParameterCounts",
    "Preprocessing",
    "Provided",
    "ReporterInfo",
    "WeightsFile",
    "WeightsInfo",
]

API = (1, 0)

_EVERY_KIND = ("cpu", "cuda")


@dataclass(frozen=True, slots=True)
class Provided:
    """The part all descriptors share.

    ``requires`` names distributions that must be installed (checked by metadata, nothing is imported). Results
    depend on the source of the plugin's package and of the target's; ``code`` names packages they depend on besides.
    """

    name: str
    target: str
    requires: tuple[str, ...] = field(default=(), kw_only=True)
    code: tuple[str, ...] = field(default=(), kw_only=True)
    api: tuple[int, int] = field(default=API, kw_only=True)


@dataclass(frozen=True, slots=True)
class BackendInfo(Provided):
    """A framework; ``target`` is a factory without arguments of a ``nstbench.plugin.protocols.Backend``.

    ``frameworks`` are the distributions whose versions decide the numbers (``("torch", "torchvision")``).
    ``precisions`` maps those it offers to the kinds of devices that have them: ``{"tf32": ("cuda",), ...}``.
    """

    frameworks: tuple[str, ...] = field(default=(), kw_only=True)
    devices: tuple[str, ...] = field(default=("cpu",), kw_only=True)
    precisions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"float32": _EVERY_KIND}, kw_only=True)


@dataclass(frozen=True, slots=True)
class LayerCost:
    """Work to reach one layer, per input pixel.

    ``macs``: multiply-accumulates of everything up to and including the layer;
    ``activations``: numbers kept for the backward pass.
    """

    macs: float
    activations: float


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """Parameters of the whole native model, classifier included."""

    total: int
    trainable: int
    non_trainable: int


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """From RGB 0-255 to what the network was trained on: reorder channels, then ``(x - mean) / std``.

    ``mean`` and ``std`` are in grey levels (0-255) and in the order of ``channels``.
    """

    channels: Literal["RGB", "BGR"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @classmethod
    def of_unit_range(cls, mean: Iterable[float], std: Iterable[float]) -> Preprocessing:
        """Return what a library gives for RGB from 0 to 1."""
        low, scale = (tuple(round(255 * float(value), 3) for value in values) for values in (mean, std))
        return cls("RGB", low, scale)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Where one backbone's parameters come from.

    ``digest`` is ``"md5:<hex>"`` or ``"sha256:<hex>"``; a shorter hex string is a prefix of the digest.
    ``distribution``: the file ships inside that installed package as ``filename`` (relative to site-packages).
    ``preprocessing`` is that of these parameters, where it is not the weight set's or the backbone's.
    """

    filename: str
    url: str | None = None
    digest: str | None = None
    distribution: str | None = None
    preprocessing: Preprocessing | None = None


@dataclass(frozen=True, slots=True)
class BackboneInfo(Provided):
    """A network as named layers of one backend; ``target`` builds the native model from a ``WeightSet``.

    ``layers`` maps canonical layer names to native ones, in order of depth (a layer comes after all it needs).
    ``weights`` are the names of weight sets it accepts; ``"random"`` stands for ``random:<seed>``, ``"file"`` for
    ``file:PATH``. Layers and weights of the losses are the defaults of a suite that says nothing.

    ``files`` adds this network's files to those of the weight sets of these names; ``reader`` reads them, where it is
    not the set's target that does. ``preprocessing`` is the network's
    own, whatever the weights; without it, it is the weights'. ``tensors`` is a target, called with the backbone's name,
    that returns the ``nstbench.weights.Initial`` of every parameter by name: what ``random:<seed>`` is made of.
    ``smallest_side`` of a picture, in pixels, is what the network can be run on.
    """

    backend: str = field(kw_only=True)
    layers: Mapping[str, str] = field(kw_only=True)
    content_layers: tuple[str, ...] = field(kw_only=True)
    style_layers: tuple[str, ...] = field(kw_only=True)
    weights: tuple[str, ...] = field(kw_only=True)
    content_weight: float = field(default=1.0, kw_only=True)
    style_weight: float = field(default=1.0, kw_only=True)
    parameters: ParameterCounts | None = field(default=None, kw_only=True)
    costs: Mapping[str, LayerCost] = field(default_factory=dict, kw_only=True)
    files: Mapping[str, WeightsFile] = field(default_factory=dict, kw_only=True)
    reader: str = field(default="", kw_only=True)
    preprocessing: Preprocessing | None = field(default=None, kw_only=True)
    tensors: str = field(default="", kw_only=True)
    smallest_side: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class BackboneFamily(Provided):
    """Many networks called ``<family>:<network>``, each looked at only when it is asked for.

    ``target`` is a function without arguments that returns ``{full name: BackboneInfo}``, a mapping that may make its
    values when they are asked for. It is called in the parent process: it must import no framework.
    """

    backend: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class WeightsInfo(Provided):
    """A named set of parameters; ``target`` reads a file: ``(path, backbone name) -> {canonical name: array}``.

    ``architecture`` names the variant of the network these parameters belong to (``"keras"``, ``"torchvision"``).
    """

    files: Mapping[str, WeightsFile] = field(kw_only=True)
    architecture: str = field(kw_only=True)
    preprocessing: Preprocessing = field(kw_only=True)
    source: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class LossInfo(Provided):
    """A loss formula; ``target`` is an object with ``target`` and ``loss`` (see ``protocols.LossTerm``).

    ``relative``: each layer's loss is divided by what it is at the start image.
    """

    role: Literal["content", "style"] = field(kw_only=True)
    source: str = field(kw_only=True)
    relative: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class MetricInfo(Provided):
    """A judgement of a stylised picture; ``target`` is a function of an ``Exhibit`` (see ``protocols.Metric``).

    ``kind``: a ``picture`` metric looks at pictures alone, a ``features`` metric at a referee's features. ``meaning``
    is one sentence for the report, ``source`` the paper and equation. ``layers`` maps a backbone to layers that the
    metric needs of it, beside those the referee looks at anyway; where it names backbones, only these are asked.
    ``requires`` are distributions that the formula uses: without them the value is empty, with the reason.
    ``precision`` is that of the network: a metric that counts (which patch is nearest?) needs ``float64``, or two
    backends disagree where it is a near thing.
    """

    kind: Literal["picture", "features"] = field(kw_only=True)
    unit: str = field(kw_only=True)
    direction: Literal["higher", "lower"] = field(kw_only=True)
    meaning: str = field(kw_only=True)
    source: str = field(kw_only=True)
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    precision: Literal["float32", "float64"] = field(default="float32", kw_only=True)


@dataclass(frozen=True, slots=True)
class ReporterInfo(Provided):
    """Something made of a run beside its report; ``target`` is a function of a run (see ``protocols.Reporter``).

    ``files`` are its own at the top of the run folder: files, and folders for whatever it puts there
    (``("gallery.html", "gallery")``). It writes nothing else, and each run removes what it does not write any more.
    ``requires`` are distributions that it uses: without them it is not asked, and the user is told.
    """

    files: tuple[str, ...] = field(kw_only=True)
