"""What the objects behind a descriptor's target can do; only worker processes ever hold one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts
    from nstbench.report.contents import Section
    from nstbench.report.grid import Grid
    from nstbench.results import Manifest, RunFolder
    from nstbench.transfer.namespace import Namespace
    from nstbench.transfer.objective import Objective
    from nstbench.weights.weight_set import WeightSet

    Floats = NDArray[np.float32] | NDArray[np.float64]
    Pixels = NDArray[np.uint8]

__all__ = [
    "Backend",
    "Content",
    "DeviceMemory",
    "Exhibit",
    "Extractor",
    "LossTerm",
    "Metric",
    "Reporter",
    "RunFigure",
    "Session",
    "StoredRun",
    "StrideLossTerm",
]

Array = Any
"""An array of some framework."""


class LossTerm(Protocol):
    """A formula over feature arrays shaped (batch, positions M, channels N); see ``nstbench.transfer.losses``."""

    def target(self, xp: Namespace, features: Array) -> Array:
        """Reduce the target image's features, once, to what ``loss`` compares with."""

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the raw loss of each image of the batch, shape (batch,)."""


@runtime_checkable
class StrideLossTerm(LossTerm, Protocol):
    """A formula that is another one on deep layers than on shallow ones."""

    def at(self, stride: int) -> LossTerm:
        """Return the formula for a layer that has one position for ``stride`` pixels of height and of width."""


class Extractor(Protocol):
    """A backbone opened with its weights, cut after the deepest layer asked for."""

    layers: tuple[str, ...]

    def features(self, image: Floats) -> dict[str, Floats]:
        """Return ``{canonical layer: (batch, M, N)}`` of an RGB 0-255 image shaped (batch, H, W, 3)."""


class Session(Protocol):
    """One objective on one extractor: the compiled step. States and targets are the backend's own objects.

    Tables of losses have shape (..., batch, columns), columns as in ``Objective.columns``.
    ``weights`` is what ``Objective.weight_table`` returns: (batch, columns) factors of the raw losses.
    """

    @property
    def path(self) -> str:
        """What runs the step (``"eager, channels last"``), for the record; known from the start."""

    def targets(self, content: Floats, style: Floats) -> Any:
        """Reduce the two images, (batch, H, W, 3), to the targets of every term."""

    def stack(self, targets: Sequence[Any]) -> Any:
        """Join what ``targets`` returned for several pairs of images into the targets of one batch, in this order."""

    def begin(self, image: Floats) -> Any:
        """Return the state at step 0 for a start image (batch, H, W, 3)."""

    def advance(self, state: Any, targets: Any, weights: Floats, schedule: Floats) -> tuple[Any, Floats]:
        """Take one Adam step per row of ``schedule``; row i of the table belongs to the image before step i."""

    def value_and_gradient(self, image: Floats, targets: Any, weights: Floats) -> tuple[Floats, Floats]:
        """Return the losses of an image and the gradient of their totals with respect to it."""

    def image(self, state: Any) -> Floats:
        """Return the state's image, (batch, H, W, 3), RGB 0-255."""

    def best(self, state: Any) -> Floats:
        """Return the image with the smallest total evaluated so far, (batch, H, W, 3)."""


class DeviceMemory(Protocol):
    """The allocator of a device that has memory of its own."""

    def reset(self) -> None:
        """Start a new peak."""

    def peak_mb(self) -> float | None:
        """Return the peak since the reset in MiB; None where the allocator cannot tell it from an earlier one."""


class Backend(Protocol):
    """A framework in a worker process; made once per process."""

    xp: Namespace

    @property
    def device_memory(self) -> DeviceMemory | None:
        """The chosen device's; None where it works in the memory of the process, whose peak is then taken (CPU)."""

    def configure(self, *, device: str, threads: int, precision: str) -> None:
        """Fix device (``cpu``, ``cuda:0``), threads and precision (``float32``, ``float64``) before any work.

        Raises ``nstbench.errors.PluginError`` if the device is not there.
        """

    def open(self, backbone: BackboneInfo, weights: WeightSet, layers: Sequence[str]) -> Extractor:
        """Build the native model, load the weights, cut it after the deepest of ``layers`` (canonical names)."""

    def session(self, extractor: Extractor, objective: Objective) -> Session:
        """Prepare the step; compilation may be put off until the first call."""

    def differentiate(self, term: LossTerm, features: Floats, target: Floats) -> tuple[Floats, Floats]:
        """Return a formula's losses (batch,) of ``features`` and the gradient of their sum, shaped like ``features``.

        ``target`` are features, too, (batch, M, N); computed in the precision of what is given, without a network.
        """

    def count_parameters(self, backbone: BackboneInfo) -> ParameterCounts | None:
        """Count the whole stock model of the framework's library, classifier included; None if it has none."""

    def devices(self) -> Mapping[str, str]:
        """Return the devices at hand, ``{"cpu": "...", "cuda:0": "NVIDIA ..."}``."""


class Exhibit(Protocol):
    """One stylised picture before one judge, with the pictures it was made of; all RGB uint8, (height, width, 3).

    ``content_layers`` and ``style_layers`` are those the judge looks at; a judge of pictures alone has none.
    """

    image: Pixels
    content: Pixels
    style: Pixels
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]

    def features(self, picture: Literal["image", "content", "style"]) -> Mapping[str, NDArray[np.float64]]:
        """Return ``{layer: (positions, channels)}`` of one of the three, as float64, whatever backend made them."""


class Metric(Protocol):
    """A formula in NumPy. A value that is not finite is stored as empty, with the reason."""

    def __call__(self, exhibit: Exhibit) -> float | Mapping[str, float]:
        """Return the value, or ``{"": value, "<layer>": ...}`` where its parts are worth a column each.

        Raises ``nstbench.errors.NotApplicable`` where this picture has none, with the reason.
        """


Content = str | bytes | Callable[[Path], object]
"""A file's text (stored as UTF-8), its bytes, or a function that writes it at the path it is given: a large one."""


class RunFigure(Protocol):
    """A figure of the report."""

    @property
    def kind(self) -> str:
        """``triptych``, ``layers``, ``loss``, ``tradeoff`` or ``referee``."""

    @property
    def path(self) -> str:
        """Where it is, relative to the run folder."""

    @property
    def caption(self) -> str:
        """What it shows, in plain text."""


class StoredRun(Protocol):
    """A run as its stored records say it is, however much of it has run; ``report.md`` and its tables are written.

    All texts are as they were found: names, reasons and credits may hold anything, ``<script>`` too.
    """

    @property
    def folder(self) -> RunFolder:
        """Where every file of the run is: ``folder.image(cell)``, ``folder.trace(cell)``; none of them need exist."""

    @property
    def manifest(self) -> Manifest:
        """``run.json``: the suite, its cells in the order of the grid (run or not), environment, credits, command."""

    @property
    def results(self) -> pd.DataFrame:
        """One row per cell that has a record, failures with ``status`` and ``reason``: as ``nstbench.read_results``."""

    @property
    def table1(self) -> pd.DataFrame:
        """``table1.csv``: one row per image pair and layer set, columns ``<network> | <quantity>``."""

    @property
    def grid(self) -> Grid:
        """The records as Table 1 has them: a block per image pair, rows of layer sets, columns of networks."""

    @property
    def sections(self) -> Sequence[Section]:
        """The parts of ``report.md``, in markdown that no text of the run can break (see ``nstbench.pages``)."""

    @property
    def figures(self) -> Sequence[RunFigure]:
        """The report's figures."""

    @property
    def undrawn(self) -> str:
        """A sentence, in markdown, where some image pairs have no figures; empty where all have."""

    @property
    def problems(self) -> Sequence[str]:
        """Sentences about records that could not be read."""

    def link(self, path: Path) -> str | None:
        """Return a file of the run as an address for a page at the top of the run folder, None if it is not there."""


class Reporter(Protocol):
    """What makes files of a run, in the process that writes the report; it never needs a framework."""

    def __call__(self, run: StoredRun) -> Mapping[str, Content]:
        """Return ``{file: contents}``, names with ``/`` and relative to the run folder; ``{}``: nothing to say.

        Nothing is written before it returns, each file whole or not at all. The same run gives the same files. What it
        raises is told to the user, and its earlier files are removed: they are of another state of the run.
        """
