"""Measure one backend: ``python -m nstbench.testing.parity_worker JOB.json OUT.npz``.

Names of the arrays, each after ``<network>/``:

- ``tap/<layer>``: features (1, M, N) of the content picture, every layer of the layer table;
- ``features/<picture>/<layer>``: features of content, style and probe picture, the layers of the losses;
- ``loss/<role>/<formula>/<layer>`` (1,) and ``gradient/<role>/<formula>/<layer>`` (1, M, N): of the probe picture;
- ``image-gradient/<part>``: gradient (1, H, W, 3) of the report's objective at the probe picture; the parts are
  total, style and content;
- ``slopes/<part>``, ``quotients/<part>`` (directions,): that along random directions, and central differences;
- ``trace/<rate>`` (iterations + 1, 3): total, style, content; ``moved/<rate>``: mean change of a pixel, grey levels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.descriptors import BackboneInfo
from nstbench.plugin.protocols import Backend, Extractor, Session
from nstbench.plugin.target import load_target
from nstbench.suite.cell import Optimizer
from nstbench.testing.parity_job import NetworkJob, ParityJob
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Problem
from nstbench.weights import WeightSet, load_weight_set

__all__ = ["NetworkBench", "main", "open_bench", "quotients"]

Arrays = dict[str, NDArray[Any]]

STEPS = (1e-5, 1e-6, 1e-7)
"""Grey levels from the middle to the ends of a central difference, in the order they are tried."""
CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class NetworkBench:
    """One network on one backend, with the report's objective: all its style layers, alpha and beta, means."""

    job: ParityJob
    backend: Backend
    backbone: BackboneInfo
    weights: WeightSet
    images: Arrays

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return Objective(self.backbone.content_layers, self.backbone.style_layers, content_mean, style_mean)

    @property
    def factors(self) -> NDArray[np.float64]:
        """The weights of its terms, (1, terms)."""
        info = self.backbone
        terms = TermWeights(info.content_layers, info.style_layers, info.content_weight, info.style_weight)
        return self.objective.weight_table([terms])

    def extractor(self) -> Extractor:
        """Open the network cut after the deepest layer of the objective."""
        layers = [layer for layer in self.backbone.layers if layer in self.objective.layers]
        return self.backend.open(self.backbone, self.weights, layers)

    def taps(self) -> Arrays:
        """Look at every layer at once, in the job's precision."""
        every = self.backend.open(self.backbone, self.weights, tuple(self.backbone.layers))
        image = self.images["content"].astype(self.job.precision)
        return {f"tap/{layer}": values for layer, values in every.features(image).items()}

    def formulas(self, features: Arrays) -> Arrays:
        """Differentiate every formula at every layer of its role, the probe picture against its target."""
        found: Arrays = {}
        for name, target in self.job.losses.items():
            role, _, formula = name.partition(":")
            term = load_target(target)
            for layer in {"style": self.backbone.style_layers, "content": self.backbone.content_layers}[role]:
                pair = features[f"features/probe/{layer}"], features[f"features/{role}/{layer}"]
                loss, gradient = self.backend.differentiate(term, *pair)
                found |= {f"loss/{role}/{formula}/{layer}": loss, f"gradient/{role}/{formula}/{layer}": gradient}
        return found

    def parts(self) -> Arrays:
        """Return the factors of the whole objective, and of style and content alone (which may be much smaller)."""
        style = np.arange(self.factors.shape[1]) < len(self.backbone.style_layers)
        return {"total": self.factors, "style": self.factors * style, "content": self.factors * ~style}

    def gradients(self, session: Session) -> Arrays:
        """Differentiate the objective at the probe picture, and check that by differences if that is asked for."""
        targets = session.targets(self.images["content"], self.images["style"])
        probe = self.images["probe"].astype(np.float64)

        def losses(image: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(session.value_and_gradient(image, targets, self.factors)[0][0, :3], np.float64)

        found: Arrays = {}
        for part, factors in self.parts().items():
            found[f"image-gradient/{part}"] = session.value_and_gradient(probe, targets, factors)[1]
        random = np.random.RandomState(self.job.seed + 1)
        directions = [random.normal(size=probe.shape) for _ in range(self.job.directions)]
        gradients = [found[f"image-gradient/{part}"] for part in self.parts()]
        slopes = [np.array([np.sum(gradient * one) for gradient in gradients]) for one in directions]
        ratios = [quotients(losses, probe, one, slope) for one, slope in zip(directions, slopes, strict=True)]
        for i, part in enumerate(self.parts()):
            found[f"slopes/{part}"] = np.array([one[i] for one in slopes])
            found[f"quotients/{part}"] = np.array([one[i] for one in ratios])
        return found

    def descent(self, session: Session, learning_rate: float) -> Arrays:
        """Optimise from the content picture with the report's Adam, its ε smaller where gradients are.

        ε has the gradient's unit, which is 58 times smaller where the preprocessing divides by a deviation: with 0.1
        the image would not move.
        """
        start = self.images["content"]
        targets = session.targets(start, self.images["style"])
        gradient = session.value_and_gradient(start, targets, self.factors)[1]
        adam = Optimizer(
            name="adam",
            learning_rate=learning_rate,
            beta1=0.99,
            beta2=0.999,
            epsilon=min(0.1, 0.1 * float(np.sqrt(np.mean(np.square(gradient, dtype=np.float64))))),
            epsilon_placement="tensorflow",
        )
        outcome = optimise(session, Problem(start, targets, self.factors, adam, self.job.iterations), lambda _: None)
        moved = np.abs(outcome.image - start[0]).mean()
        return {f"trace/{learning_rate:g}": outcome.losses[:, :3], f"moved/{learning_rate:g}": np.array([moved])}


def quotients(
    losses: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    middle: NDArray[np.float64],
    direction: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the central differences of the three losses along a direction, with a step that suits each.

    A ReLU or a maximum that switches between the two ends spoils a difference, and the larger the picture, the more of
    them there are. Then a shorter step is tried. A wrong gradient differs from them all.
    """
    best = np.full_like(slopes, np.inf)
    for step in STEPS:
        quotient = (losses(middle + step * direction) - losses(middle - step * direction)) / (2 * step)
        best = np.where(np.abs(quotient - slopes) < np.abs(best - slopes), quotient, best)
        if np.all(np.abs(best - slopes) <= CLOSE * np.abs(slopes)):
            break
    return best


def _measure(bench: NetworkBench) -> Arrays:
    extractor = bench.extractor()
    session = bench.backend.session(extractor, bench.objective)
    if bench.job.precision == "float64":
        return bench.taps() | bench.gradients(session)
    features = {
        f"features/{picture}/{layer}": values
        for picture, image in bench.images.items()
        for layer, values in extractor.features(image).items()
    }
    found = bench.taps() | features | bench.formulas(features) | bench.gradients(session)
    for learning_rate in bench.job.learning_rates:
        found |= bench.descent(session, learning_rate)
    return found


def open_bench(job: ParityJob, backend: Backend, network: NetworkJob) -> NetworkBench:
    """Return the network with its weights and the job's pictures; nothing is built yet."""
    with np.load(job.images) as images:
        return NetworkBench(job, backend, network.backbone, load_weight_set(Path(network.weights_path)), dict(images))


def main() -> None:
    """Measure the job named on the command line."""
    job = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=ParityJob)
    backend: Backend = load_target(job.backend.target)()
    backend.configure(device=job.device, threads=job.threads, precision=job.precision)
    found: Arrays = {}
    for network in job.networks:
        arrays = _measure(open_bench(job, backend, network))
        found |= {f"{network.backbone.name}/{name}": values for name, values in arrays.items()}
    np.savez(sys.argv[2], **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
