"""VGG19 on one framework, and what is compared of its steps; for ``on_backend.py``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from adam_on_backend import adam_optimizer

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import STAY, schedule
from nstbench.transfer.losses import content_mean, style_mean, style_sliced_wasserstein
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Problem
from nstbench.weights import load_weight_set

Arrays = dict[str, np.ndarray]


class Network:
    """A backend with VGG19 open, and two objectives that share their deepest layer."""

    layers = ("block1_conv1", "block2_conv1")

    def __init__(self, name: str, backend: Any, weights: str) -> None:
        self.info = load_catalogue().backbones[name, "vgg19"]
        self.backend = backend
        self.weights = load_weight_set(Path(weights))
        random = np.random.RandomState(2)
        self.content, self.style = (random.uniform(0, 255, (3, 33, 40, 3)).astype(np.float32) for _ in range(2))

    @cache  # noqa: B019
    def session(
        self, style_layers: tuple[str, ...], content_layer: str, style_loss: Any = style_mean, variation: str = ""
    ) -> tuple[Any, Objective]:
        objective = Objective((content_layer,), style_layers, content_mean, style_loss, variation)
        layers = [layer for layer in self.info.layers if layer in objective.layers]
        return self.backend.session(self.backend.open(self.info, self.weights, layers), objective), objective

    def batches(self) -> Arrays:
        """Four Adam steps on a batch of three with different weights, and on each image alone."""
        session, objective = self.session(self.layers, "block2_conv1")
        sets = [TermWeights(("block2_conv1",), self.layers[:n], 10.0**n, 0.01) for n in (1, 2, 1)]
        rows = schedule(adam_optimizer("tensorflow"), 0, 4)

        def run(part: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            targets = session.targets(self.content[part], self.style[part])
            state = session.begin(self.content[part])
            state, table = session.advance(state, targets, objective.weight_table(sets[part]), rows)
            return session.image(state), session.best(state), table

        found = {}
        together = run(slice(0, 3))
        alone = [run(slice(i, i + 1)) for i in range(3)]
        for i, (name, axis) in enumerate((("image", 0), ("best", 0), ("table", 1))):
            found[f"together/{name}"] = together[i]
            found[f"alone/{name}"] = np.concatenate([one[i] for one in alone], axis=axis)
        return found

    def shared_step(self) -> Arrays:
        """Five steps of the first layer set: in a step that serves both sets, and in a step of its own."""
        found = {}
        for name, layers in (("shared", self.layers), ("own", self.layers[:1])):
            session, objective = self.session(layers, "block2_conv1")
            weights = objective.weight_table([TermWeights(("block2_conv1",), self.layers[:1], 1e3, 0.01)])
            targets = session.targets(self.content[:1], self.style[:1])
            problem = Problem(self.content[:1], targets, weights, adam_optimizer("tensorflow"), 5)
            outcome = optimise(session, problem, lambda _: None)
            found |= {f"{name}/losses": outcome.losses[:, :4], f"{name}/image": outcome.image}
        return found

    def blocks(self) -> Arrays:
        """Nine steps looked at one by one, and in blocks of seven."""
        session, objective = self.session(self.layers, "block2_conv1")
        weights = objective.weight_table([TermWeights(("block2_conv1",), self.layers, 1e3, 0.01)])
        targets = session.targets(self.content[:1], self.style[:1])
        found = {}
        for block in (1, 7):
            problem = Problem(self.content[:1], targets, weights, adam_optimizer("pytorch"), 9, block)
            outcome = optimise(session, problem, lambda _: None)
            found |= {f"block{block}/losses": outcome.losses, f"block{block}/image": outcome.image}
            found |= {f"block{block}/best": outcome.best_image}
        return found

    def looking(self) -> Arrays:
        """One image evaluated by a step, by a step that stays, and by the gradient; after each, the state."""
        session, objective = self.session(self.layers, "block2_conv1", variation="anisotropic")
        weights = objective.weight_table([TermWeights(("block2_conv1",), self.layers, 1e3, 0.01, 1e-3)])
        targets = session.targets(self.content[:1], self.style[:1])
        begun, _ = session.advance(
            session.begin(self.style[1:2]), targets, weights, schedule(adam_optimizer("pytorch"), 0, 3)
        )
        state, stayed = session.advance(begun, targets, weights, STAY)
        _, stepped = session.advance(begun, targets, weights, schedule(adam_optimizer("pytorch"), 3, 1))
        found = {"image/before": session.image(begun), "image/after": session.image(state), "best": session.best(state)}
        return found | {"table/stayed": stayed, "table/stepped": stepped}

    def sorted_features(self) -> Arrays:
        """Five steps of Adam and two iterations of L-BFGS with a loss that sorts, and with isotropic variation."""
        session, objective = self.session(self.layers, "block2_conv1", style_sliced_wasserstein, "isotropic")
        weights = objective.weight_table([TermWeights(("block2_conv1",), self.layers, 1e-2, 1.0, 1e-4)])
        targets = session.targets(self.content[:1], self.style[:1, :29])
        found = {}
        for optimizer, steps in ((adam_optimizer("pytorch"), 5), (Optimizer(name="lbfgs"), 2)):
            outcome = optimise(session, Problem(self.content[:1], targets, weights, optimizer, steps), lambda _: None)
            found |= {f"{optimizer.name}/losses": outcome.losses, f"{optimizer.name}/image": outcome.image}
        return found

    def lbfgs(self) -> Arrays:
        """Three iterations with the report's five layers at 32 px."""
        from nstbench.testing.parity_job import pictures

        images = pictures("astronaut", "immunohistochemistry", 32, 0)
        session, objective = self.session(self.info.style_layers, self.info.content_layers[0])
        weights = objective.weight_table([TermWeights(objective.content_layers, objective.style_layers, 1e5, 1e-2)])
        targets = session.targets(images["content"], images["style"])
        problem = Problem(images["content"], targets, weights, Optimizer(name="lbfgs"), 3)
        outcome = optimise(session, problem, lambda _: None)
        counts = np.array([outcome.evaluations, outcome.best_iteration])
        check = session.value_and_gradient(outcome.image[None], targets, weights)[0]
        return {"losses": outcome.losses, "image": outcome.image, "counts": counts, "again": np.asarray(check)}


def every_tap_alone(network: Network) -> Arrays:
    """For each layer, 1 if the only layer looked at is bit by bit the layer among all; torch only."""
    import torch
    from nstbench_torch.extractor import TorchExtractor
    from nstbench_torch.precision import choose_precision

    from nstbench.weights.random import random_tensors
    from nstbench.weights.weight_set import WeightSet

    found: Arrays = {}
    given, cpu = network.weights, torch.device("cpu")
    for backbone in ("vgg19", "resnet50"):
        info = load_catalogue().backbones["torch", backbone]
        tensors = given.tensors if backbone == "vgg19" else random_tensors(backbone, 0)
        model = load_target(info.target)(WeightSet("some", backbone, "", "keras", given.preprocessing, tensors))

        def look(layers: tuple[str, ...], info: Any = info, model: Any = model) -> Arrays:
            cut = TorchExtractor(model, info, given.preprocessing, layers, cpu, choose_precision("float32", cpu))
            return cut.features(network.content[:1])

        whole = look(tuple(info.layers))
        for layer in info.layers:
            alone = look((layer,))[layer]
            found[f"{backbone}/{layer}"] = np.array([np.array_equal(alone, whole[layer]), alone.min() < 0])
    return found
