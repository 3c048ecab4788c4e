"""Do what the tests of batches compare, on one framework: ``batch_on_backend.py BACKEND OUT.npz WEIGHTS``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.suite.cell import Optimizer
from nstbench.testing.parity_job import pictures
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.optimise import optimise_batch
from nstbench.transfer.problem import Diverged, Problem
from nstbench.weights import load_weight_set

Arrays = dict[str, np.ndarray]

ADAM = Optimizer(name="adam", learning_rate=1.0, beta1=0.99, beta2=0.999, epsilon=0.1, epsilon_placement="tensorflow")
SIDE = 32
"""Of the pictures, px: the deepest of the report's layers still has 2 × 2 positions."""


class Bench:
    """VGG19 with the report's layers; four cells that differ in pictures, layer set, weights and start."""

    def __init__(self, name: str, weights: str) -> None:
        backend = load_target(load_catalogue().backends[name].target)()
        backend.configure(device="cpu", threads=1, precision="float32")
        info = load_catalogue().backbones[name, "vgg19"]
        self.objective = Objective(info.content_layers, info.style_layers, content_mean, style_mean)
        layers = tuple(layer for layer in info.layers if layer in self.objective.layers)
        self.session = backend.session(backend.open(info, load_weight_set(Path(weights)), layers), self.objective)
        images = pictures("astronaut", "immunohistochemistry", SIDE, 0)
        content, style = images["content"], images["style"]
        noise = np.random.RandomState(1).uniform(0, 255, content.shape).astype(np.float32)
        self.pairs = [
            (content, style),
            (content, style[:, : 3 * SIDE // 4]),
            (content[:, ::-1], style),
            (content, content[:, :, ::-1]),
        ]
        self.starts = np.concatenate([content, noise, content[:, ::-1], 0.5 * noise + 0.5 * content])
        sets = [TermWeights(info.content_layers, info.style_layers[:n], 1e5 / n, 1e-2 * n) for n in (5, 1, 3, 2)]
        self.weights = self.objective.weight_table(sets)

    def targets(self, which: list[int]) -> Any:
        each = [self.session.targets(*self.pairs[i]) for i in which]
        return self.session.stack(each) if len(each) > 1 else each[0]

    def losses_and_gradients(self) -> Arrays:
        """At one image for all: together, and each alone."""
        probe = np.concatenate([self.starts[3:]] * 4)
        together = self.session.value_and_gradient(probe, self.targets([0, 1, 2, 3]), self.weights)
        alone = [
            self.session.value_and_gradient(probe[i : i + 1], self.targets([i]), self.weights[i : i + 1])
            for i in range(4)
        ]
        found = {"together/losses": together[0], "together/gradient": together[1]}
        found["alone/losses"] = np.concatenate([one[0] for one in alone])
        return found | {"alone/gradient": np.concatenate([one[1] for one in alone])}

    def optimised(self, which: list[int], starts: np.ndarray, steps: int) -> tuple[Any, ...]:
        """In blocks of seven."""
        problem = Problem(starts, self.targets(which), self.weights[which], ADAM, steps, 7)
        return optimise_batch(self.session, problem, lambda _: None)

    def descents(self) -> Arrays:
        """Twenty steps, together and each alone."""
        together = self.optimised([0, 1, 2, 3], self.starts, 20)
        alone = [self.optimised([i], self.starts[i : i + 1], 20)[0] for i in range(4)]
        found = {}
        for name, outcomes in (("together", together), ("alone", alone)):
            found[f"{name}/trace"] = np.stack([one.losses[:, :3] for one in outcomes])
            found[f"{name}/image"] = np.stack([one.image for one in outcomes])
        return found

    def beside_one_that_is_not_finite(self) -> Arrays:
        """The first cell beside one that is well, and beside one whose start has a pixel that is no number."""
        found = {}
        for name, pixel in (("well", 1.0), ("broken", np.nan), ("endless", np.inf)):
            starts = self.starts[:2].copy()
            starts[1, 5, 5, 1] = pixel
            first, second = self.optimised([0, 1], starts, 8)
            found |= {f"{name}/losses": first.losses, f"{name}/image": first.image, f"{name}/best": first.best_image}
            found[f"{name}/diverged"] = np.array([isinstance(second, Diverged)])
        return found


def main(name: str, out: str, weights: str) -> None:
    """Write all arrays of one framework."""
    bench, found = Bench(name, weights), {}
    parts = ["losses_and_gradients", "beside_one_that_is_not_finite"]
    for part in parts if name == "jax" else [*parts, "descents"]:  # XLA would compile for a minute more
        found |= {f"{part}/{key}": values for key, values in getattr(bench, part)().items()}
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
