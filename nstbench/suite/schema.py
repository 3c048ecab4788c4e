"""The shape of a suite. Where a list is allowed and not said otherwise, it is one more axis of the grid."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nstbench.suite import terms

__all__ = [
    "Entry",
    "ImageSource",
    "Images",
    "LossOverride",
    "LossSpec",
    "OptimizerOverride",
    "OptimizerSpec",
    "Prefixes",
    "RefereeEntry",
    "StyleLayers",
    "SuiteSpec",
]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a suite share."""


class ImageSource(_Part, frozen=True, kw_only=True):
    """Where an image comes from and whose it is.

    Without ``path`` and ``url`` it must come from ``--images-dir``. A ``path`` is relative to the suite, or
    ``skimage:NAME`` for a sample image of scikit-image. ``file`` is the title of the file on Wikimedia Commons.
    """

    path: Annotated[terms.Text | None, Meta(description="A file, relative to the suite, or skimage:NAME.")] = None
    url: Annotated[terms.Url | None, Meta(description="Where the image can be downloaded.")] = None
    sha256: Annotated[terms.Sha256 | None, Meta(description="Of the download; it is refused if it differs.")] = None
    title: Annotated[terms.Text | None, Meta(description="For the report, as the two below.")] = None
    author: Annotated[terms.Text | None, Meta(description="Whose it is.")] = None
    license: Annotated[terms.Text | None, Meta(description="On what terms.")] = None
    file: Annotated[terms.Text | None, Meta(description="The title it has on Wikimedia Commons.")] = None


Source = Annotated[
    Annotated[str, Meta(min_length=1, max_length=4096)] | ImageSource,
    Meta(
        description="A path relative to the suite, skimage:NAME, or a mapping.",
        extra={"allowed": "skimage:NAME, a path, or a mapping (path, url, title, author, license, ...)"},
    ),
]
Sources = Annotated[
    dict[terms.Slug, Source],
    Meta(min_length=1, extra={"allowed": "a mapping of at least one name to where the image comes from"}),
]


class Images(_Part, frozen=True, kw_only=True):
    """The pictures; ``--images-dir`` finds them by these names."""

    content: Annotated[Sources, Meta(description="What is shown, by names that appear in the tables.")]
    style: Annotated[Sources, Meta(description="How it is painted, by names that appear in the tables.")]


_Layer = Annotated[str, Meta(min_length=1, max_length=200)]
Layers = Annotated[tuple[_Layer, ...], Meta(min_length=1)]
_Prefixes = Annotated[Layers, terms.allow("a list of layers")]


class Prefixes(_Part, frozen=True, kw_only=True):
    """The first 1, 2, ... n of these layers: n layer sets, the rows of the report's Table 1."""

    prefixes: Annotated[_Prefixes, Meta(description="In order of depth.")]


StyleLayers = Annotated[
    _Layer | Annotated[tuple[_Layer | Layers, ...], Meta(min_length=1)] | Prefixes,
    Meta(
        description="One set (a flat list), several sets (a list of lists), or prefixes of a list.",
        extra={"allowed": "a list of layers, a list of such lists, or {prefixes: [...]}"},
    ),
]
LayerSet = Annotated[
    _Layer | Layers,
    terms.allow("a layer or a list of layers"),
    Meta(description="One set of layers."),
]

_ContentLoss = Annotated[terms.NameOrNames, Meta(description="The formula for content layers.")]
_StyleLoss = Annotated[terms.NameOrNames, Meta(description="The formula for style layers.")]
_TotalVariation = Annotated[terms.TotalVariation, Meta(description="Matters where total_variation_weight is not 0.")]


class LossSpec(_Part, frozen=True, kw_only=True):
    """Names of loss formulas."""

    content: _ContentLoss = "mean"
    style: _StyleLoss = "mean"
    total_variation: _TotalVariation = "anisotropic"


class LossOverride(_Part, frozen=True, kw_only=True):
    """Loss formulas of one backbone; what is left out comes from the suite's ``loss``."""

    content: _ContentLoss | UnsetType = UNSET
    style: _StyleLoss | UnsetType = UNSET
    total_variation: _TotalVariation | UnsetType = UNSET


_Optimizer = Annotated[terms.OptimizerName, Meta(description="Adam, or L-BFGS with bounds.")]
_LearningRate = Annotated[terms.Positive, Meta(description="In grey levels (0-255).")]
_Beta1 = Annotated[terms.Fraction, Meta(description="Decay of the mean of gradients.")]
_Beta2 = Annotated[terms.Fraction, Meta(description="Decay of the mean of squared gradients.")]
_Epsilon = Annotated[terms.NonNegative, Meta(description="In units of loss per grey level.")]
_Placement = Annotated[
    terms.Placement,
    Meta(description="Added to the corrected root of v (pytorch) or the uncorrected one (tensorflow)."),
]


class OptimizerSpec(_Part, frozen=True, kw_only=True):
    """The optimiser; all but the name is for Adam."""

    name: _Optimizer = "adam"
    learning_rate: _LearningRate = 1.0
    beta1: _Beta1 = 0.9
    beta2: _Beta2 = 0.999
    epsilon: _Epsilon = 1e-8
    epsilon_placement: _Placement = "pytorch"


class OptimizerOverride(_Part, frozen=True, kw_only=True):
    """The optimiser of one backbone; what is left out comes from the suite's ``optimizer``."""

    name: _Optimizer | UnsetType = UNSET
    learning_rate: _LearningRate | UnsetType = UNSET
    beta1: _Beta1 | UnsetType = UNSET
    beta2: _Beta2 | UnsetType = UNSET
    epsilon: _Epsilon | UnsetType = UNSET
    epsilon_placement: _Placement | UnsetType = UNSET


class Entry(_Part, frozen=True, kw_only=True):
    """One column of the comparison: a backbone with its weights and layers, under a label.

    Layers and weights of the losses that are left out are the network's own, backends the suite's.
    """

    weights: Annotated[terms.NameOrNames, Meta(description="A name, or a list in order of preference.")]
    backbone: Annotated[
        Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType,
        Meta(description="The network, if it is not the label.", extra={"allowed": "the name of a backbone"}),
    ] = UNSET
    backends: Annotated[
        terms.NameOrNames | UnsetType, Meta(description="Narrows the suite's backends; the others are skipped.")
    ] = UNSET
    content_layers: LayerSet | UnsetType = UNSET
    style_layers: StyleLayers | UnsetType = UNSET
    content_weight: Annotated[terms.NonNegative | UnsetType, Meta(description="Alpha, of the content loss.")] = UNSET
    style_weight: Annotated[terms.NonNegative | UnsetType, Meta(description="Beta, of the style loss.")] = UNSET
    total_variation_weight: Annotated[terms.NonNegative, Meta(description="Of the smoothness of the picture.")] = 0.0
    loss: Annotated[LossOverride, Meta(description="Its own formulas.")] = LossOverride()
    optimizer: Annotated[OptimizerOverride, Meta(description="Its own optimiser.")] = OptimizerOverride()


Entries = Annotated[
    dict[terms.Slug, Entry],
    Meta(min_length=1, extra={"allowed": "a mapping of at least one label to a backbone's settings"}),
]


class RefereeEntry(_Part, frozen=True, kw_only=True):
    """A network that judges every picture, under a label; what is left out is the network's own or what is at hand."""

    backbone: Annotated[
        Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType,
        Meta(description="The network, if it is not the label.", extra={"allowed": "the name of a backbone"}),
    ] = UNSET
    weights: Annotated[terms.NameOrNames | UnsetType, Meta(description="A name, or a list in order of preference.")] = (
        UNSET
    )
    backend: Annotated[
        Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType,
        Meta(description="What runs it; torch if it can.", extra={"allowed": "the name of a backend"}),
    ] = UNSET
    content_layers: LayerSet | UnsetType = UNSET
    style_layers: LayerSet | UnsetType = UNSET


Referees = Annotated[
    Annotated[str, Meta(min_length=1, max_length=200)]
    | tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...]
    | Annotated[dict[terms.Slug, RefereeEntry], Meta(min_length=1)],
    Meta(
        description="Networks that judge every stylised picture: auto is every trained backbone at hand.",
        extra={"allowed": "auto, none, a backbone, a list of backbones, or a mapping of labels to settings"},
    ),
]


class SuiteSpec(_Part, frozen=True, kw_only=True):
    """A question about style transfer: which images, backbones, backends and settings to compare."""

    name: Annotated[terms.Slug, Meta(description="Results go to reports/NAME.")]
    images: Annotated[
        Images, terms.allow("a mapping with the keys content and style"), Meta(description="Each pair of them is run.")
    ]
    backends: Annotated[terms.NameOrNames, Meta(description="The frameworks to compare.")]
    backbones: Annotated[Entries, Meta(description="What to compare, by labels that appear in the tables.")]
    image_size: Annotated[terms.ImageSize, Meta(description="Long side of both images in pixels.")] = 512
    loss: Annotated[LossSpec, Meta(description="The formulas.")] = LossSpec()
    optimizer: Annotated[OptimizerSpec, Meta(description="What moves the picture.")] = OptimizerSpec()
    iterations: Annotated[terms.Iterations, Meta(description="Steps of the optimiser.")] = 300
    init: Annotated[terms.Init, Meta(description="The image to start from; a file's path is the suite's.")] = "content"
    seed: Annotated[terms.Seed, Meta(description="Of the noise to start from, and of the order of repeats.")] = 0
    repeats: Annotated[terms.Repeats, Meta(description="Times each cell runs, in a fresh process each.")] = 1
    init_noise: Annotated[
        terms.GreyLevels | UnsetType,
        Meta(description="Standard deviation of noise added to the start; if absent, 1 with repeats, else 0."),
    ] = UNSET
    batch: Annotated[
        terms.BatchSize,
        Meta(description="Cells optimised at once in one tensor; auto is as many as the device gains from."),
    ] = 1
    threads: Annotated[terms.Threads, Meta(description="CPU threads of every framework; all cores if absent.")] = None
    timeout: Annotated[terms.Timeout, Meta(description="Seconds a cell may take.")] = 21600.0
    referee: Referees = "auto"
    precision: Annotated[
        terms.Precision,
        Meta(description="Of the network's products: tf32, bf16, winograd are faster on some devices, less exact."),
    ] = "float32"
    rounding_probe: Annotated[
        bool,
        Meta(
            description="Run each cell that several backends share three times more, from start images off by a "
            "rounding, and mark backends that differ by more than that explains.",
            extra={"allowed": "true or false"},
        ),
    ] = False
    snapshots: Annotated[
        terms.Snapshots,
        Meta(
            description="Iterations between two pictures that are kept on the way, and shown in motion; 0 keeps none. "
            "No result depends on it: cells that are done stay done, and have none.",
        ),
    ] = 0
