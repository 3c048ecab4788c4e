"""Which runs the reproduction takes on this machine, and running them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nstbench.execute.options import Options
from nstbench.execute.plan import make_plan
from nstbench.execute.runner import Watcher, run_suite
from nstbench.measure.device import has_nvidia
from nstbench.results.freeze import freeze
from nstbench.suite import load_suite

__all__ = ["NETWORKS", "PARTS", "Part", "parts_here", "run_part", "weights_missing"]

NETWORKS = ("vgg19", "resnet50")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one network on one backend at one size (long side in pixels): one run folder.

    ``style_weight`` is given where it is not the suite's.
    """

    network: str
    backend: str
    image_size: int
    rows: tuple[int, ...] = (1, 2, 3, 4, 5)
    style_weight: float | None = None

    @property
    def name(self) -> str:
        """The name of the run folder."""
        printed = "" if self.style_weight is None else "-as-printed"
        return f"{self.network}-{self.backend}-{self.image_size}{printed}"

    @property
    def only(self) -> str:
        """The part's cells, as ``--only`` spells them."""
        return ",".join(f"{self.network}/{self.backend}/*/{row}" for row in self.rows)

    @property
    def overrides(self) -> list[str]:
        """What differs from the suite, as ``--set`` spells it."""
        size = [f"image_size={self.image_size}"]
        changed = self.style_weight is not None
        return size + ([f"backbones.{self.network}.style_weight={self.style_weight:g}"] if changed else [])


def _on_cpu(network: str) -> tuple[Part, ...]:
    """A step costs in proportion to the pixels: rows at half the size take a quarter of the time."""
    return (
        Part(network, "torch", 256),
        Part(network, "tensorflow", 128, (1, 2, 3, 4)),
        Part(network, "tensorflow", 256, (5,)),
    )


def _on_gpu(network: str) -> tuple[Part, ...]:
    return (Part(network, "torch", 512), Part(network, "tensorflow", 512))


_CONTROL = Part("vgg19", "torch", 128, (5,), style_weight=1e2)
"""The printed style weight, as a negative control."""

PARTS = (*(part for make in (_on_gpu, _on_cpu) for network in NETWORKS for part in make(network)), _CONTROL)
"""Every part that some machine runs: the folders that the document looks into."""


def parts_here() -> tuple[Part, ...]:
    """Return what this machine runs: 512 px, as the report, where there is a GPU; else what two cores can bear."""
    make = _on_gpu if has_nvidia() else _on_cpu
    return (*(part for network in NETWORKS for part in make(network)), _CONTROL)


def weights_missing(part: Part, images: Path, weights: Path | None) -> str:
    """Return why the part's weights are not at hand, a sentence; empty if they are. Nothing is downloaded."""
    plan = make_plan(load_suite("reproduction", part.overrides), _options(part, Path("reports"), images, weights))
    found = [plan.sources.weights(one.cell) for one in plan.cells]
    problems = [one if isinstance(one, str) else "" if one.located.here else one.located.problem for one in found]
    return next((problem for problem in problems if problem), "")


def run_part(part: Part, work: Path, target: Path, images: Path, weights: Path | None, watcher: Watcher) -> int:
    """Run what is not done of the part in ``work``, then publish its records and traces in ``target``.

    Pictures are left out: they carry the licence of the photograph they are made from. Return the exit code of the run.
    """
    suite = load_suite("reproduction", part.overrides)
    result = run_suite(suite, _options(part, work / part.name, images, weights), watcher)
    freeze(work / part.name, target / part.name, pictures=False)
    return result.exit_code


def _options(part: Part, out: Path, images: Path, weights: Path | None) -> Options:
    return Options(out=out, only=part.only, images_dir=images, weights_dir=weights, command="make reproduction")
