"""Do what the tests here compare, on one framework: ``on_backend.py numpy|torch|tensorflow OUT.npz [VGG19 WEIGHTS]``.

The two frameworks are never imported in one process. Without weights, only what needs no network.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import AdamState, adam_step, schedule
from nstbench.transfer.losses import content_mean, style_mean, total_variation
from nstbench.transfer.namespace import NumpyNamespace
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Problem
from nstbench.weights import load_weight_set

Arrays = dict[str, np.ndarray]
STEPS = 50


def inputs() -> Arrays:
    """Random, mostly negative somewhere, no NaN; shapes that broadcast."""
    random = np.random.RandomState(0)
    shapes = {"a": (2, 3, 4), "b": (2, 4, 5), "row": (4,), "column": (3, 1), "one": (1, 1, 1), "image": (3, 5, 7, 3)}
    return {name: random.normal(-0.5, 2.0, shape) for name, shape in shapes.items()} | {
        "steep": np.array([[1e-30, 1e30, 0.0, 4.0], [2.0, 3.0, 1e-3, 255.0], [7.0, 7.0, 7.0, 0.25]]),
        "even": np.array([[[5.0, 1.0, 5.0, 2.0], [-3.0, -3.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]]]),
    }


def functions(xp: Any, v: dict[str, Any]) -> dict[str, Any]:
    """Every function of a namespace, in the ways formulas use them; and operators and indexing."""
    a, b, row, column, one = v["a"], v["b"], v["row"], v["column"], v["one"]
    return {
        "abs": xp.abs(a),
        "clip": xp.clip(a, -1.0, 0.5),
        "clip-even": xp.clip(v["even"], 0.0, 3.0),
        "matmul": xp.matmul(a, b),
        "matmul-broadcast": xp.matmul(a[0], b),
        "matmul-transposed": xp.matmul(xp.transpose(a), a),
        "mean-one": xp.mean(a, axis=1),
        "mean-last": xp.mean(a, axis=-1),
        "mean-two": xp.mean(a, axis=(1, 2)),
        "mean-even": xp.mean(v["even"], axis=(0, 2)),
        "reshape": xp.reshape(a, (-1, 2)),
        "reshape-transposed": xp.reshape(xp.transpose(a), (2, 12)),
        "reshape-up": xp.reshape(row, (-1, 1, 1, 1)),
        "sqrt": xp.sqrt(v["steep"]),
        "square": xp.square(a),
        "stack-first": xp.stack([a, a + row], axis=0),
        "stack-middle": xp.stack([a, a * 2.0], axis=1),
        "stack-last": xp.stack((a, -a, a - one), axis=-1),
        "sum-one": xp.sum(a, axis=0),
        "sum-two": xp.sum(a, axis=(0, 2)),
        "sum-image": xp.sum(v["image"], axis=(1, 2, 3)),
        "transpose": xp.transpose(a),
        "transpose-four": xp.transpose(v["image"]),
        "where": xp.where(a > 0.0, a, -a),
        "where-broadcast": xp.where(column < 0.0, a, row),
        "where-batch": xp.where(xp.reshape(row > -0.5, (-1, 1, 1)), one, xp.transpose(b)[:1]),
        "operators": (a + column * row - one) / (xp.square(a) + 1.0),
        "indexing": a[:, 1:] - a[:, :-1],
        "total-variation": total_variation(xp, v["image"]),
    }


def adam_optimizer(placement: str) -> Optimizer:
    """The report's settings."""
    return Optimizer(name="adam", learning_rate=5.0, beta1=0.99, beta2=0.999, epsilon=0.1, epsilon_placement=placement)  # type: ignore[arg-type]


def bowl() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start, minimum and curvature of a quadratic; part of the minimum lies outside 0-255, gradients differ in size."""
    random = np.random.RandomState(1)
    shape = (1, 3, 4, 3)
    return random.uniform(0, 255, shape), random.uniform(-200, 400, shape), 10.0 ** random.uniform(-4, 2, shape)


def own_adam(xp: Any, asarray: Callable[[np.ndarray], Any], rows: np.ndarray) -> np.ndarray:
    """Return the images after 0 ... STEPS steps of ours, (STEPS + 1, 1, 3, 4, 3)."""
    start, middle, curvature = (asarray(one) for one in bowl())
    state = AdamState(start, start * 0.0, start * 0.0, start, asarray(np.array([np.inf])))
    images = [np.asarray(start)]
    for row in rows:
        gradient = curvature * (state.image - middle)
        total = xp.sum(gradient * (state.image - middle), axis=(1, 2, 3))
        state = adam_step(xp, state, total, gradient, asarray(row))
        images.append(np.asarray(state.image))
    return np.stack(images)


def keras_rows() -> np.ndarray:
    """The schedule as Keras works it out: in powers of the betas, and there alone, they are rounded to float32."""
    optimizer = adam_optimizer("tensorflow")
    rounded = msgspec.structs.replace(optimizer, beta1=float(np.float32(0.99)), beta2=float(np.float32(0.999)))
    rows = schedule(optimizer, 0, STEPS)
    rows[:, 4] = schedule(rounded, 0, STEPS)[:, 4]
    return rows


def torch_adam() -> np.ndarray:
    """The same by PyTorch's own."""
    import torch

    start, middle, curvature = (torch.from_numpy(one) for one in bowl())
    image = start.clone().requires_grad_(True)
    library = torch.optim.Adam([image], lr=5.0, betas=(0.99, 0.999), eps=0.1)
    images = [start.numpy()]
    for _ in range(STEPS):
        image.grad = (curvature * (image - middle)).detach()
        library.step()
        with torch.no_grad():
            image.clamp_(0.0, 255.0)
        images.append(image.detach().numpy().copy())
    return np.stack(images)


def keras_adam() -> np.ndarray:
    """The same by Keras' own."""
    import keras

    keras.config.set_floatx("float64")
    start, middle, curvature = bowl()
    image = keras.Variable(start, dtype="float64")
    library = keras.optimizers.Adam(learning_rate=5.0, beta_1=0.99, beta_2=0.999, epsilon=0.1)
    images = [start]
    for _ in range(STEPS):
        library.apply([keras.ops.convert_to_tensor(curvature * (np.asarray(image) - middle))], [image])
        image.assign(np.clip(np.asarray(image), 0.0, 255.0))
        images.append(np.asarray(image))
    keras.config.set_floatx("float32")
    return np.stack(images)


class Network:
    """A backend with VGG19 open, and two objectives that share their deepest layer."""

    layers = ("block1_conv1", "block2_conv1")

    def __init__(self, name: str, backend: Any, weights: str) -> None:
        self.info = load_catalogue().backbones[name, "vgg19"]
        self.backend = backend
        self.weights = load_weight_set(Path(weights))
        random = np.random.RandomState(2)
        self.content, self.style = (random.uniform(0, 255, (3, 33, 40, 3)).astype(np.float32) for _ in range(2))

    def session(self, style_layers: tuple[str, ...], content_layer: str) -> tuple[Any, Objective]:
        objective = Objective((content_layer,), style_layers, content_mean, style_mean)
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

    def lbfgs(self) -> Arrays:
        """Three iterations with the report's five layers at 48 px."""
        from nstbench.testing.parity_job import pictures

        images = pictures("astronaut", "immunohistochemistry", 48, 0)
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

    from nstbench.weights.random import random_tensors
    from nstbench.weights.weight_set import WeightSet

    found: Arrays = {}
    given = network.weights
    for backbone in ("vgg19", "resnet50"):
        info = load_catalogue().backbones["torch", backbone]
        tensors = given.tensors if backbone == "vgg19" else random_tensors(backbone, 0)
        model = load_target(info.target)(WeightSet("some", "", "keras", given.preprocessing, tensors))

        def look(layers: tuple[str, ...], info: Any = info, model: Any = model) -> Arrays:
            cut = TorchExtractor(model, info, given.preprocessing, layers, torch.device("cpu"), torch.float32)
            return cut.features(network.content[:1])

        whole = look(tuple(info.layers))
        for layer in info.layers:
            alone = look((layer,))[layer]
            found[f"{backbone}/{layer}"] = np.array([np.array_equal(alone, whole[layer]), alone.min() < 0])
    return found


def with_framework(name: str, weights: str) -> Arrays:
    """Everything that needs a framework."""
    backend = load_target(load_catalogue().backends[name].target)()
    backend.configure(device="cpu", threads=1, precision="float32")
    found = {"library-adam": torch_adam() if name == "torch" else keras_adam()}
    network = Network(name, backend, weights)
    for part in ("batches", "shared_step", "blocks", "lbfgs"):
        found |= {f"{part}/{key}": values for key, values in getattr(network, part)().items()}
    if name == "torch":
        found |= {f"tap/{key}": values for key, values in every_tap_alone(network).items()}
    return found


def adapter(name: str) -> tuple[Any, Callable[[np.ndarray], Any]]:
    """Return a namespace and what turns NumPy arrays into its own."""
    if name == "numpy":
        return NumpyNamespace(), np.asarray
    xp = load_target(load_catalogue().backends[name].target)().xp
    if name == "torch":
        import torch

        return xp, torch.from_numpy
    import tensorflow as tf

    return xp, tf.constant


def main(name: str, out: str, weights: str = "") -> None:
    """Write all arrays of one framework."""
    found = with_framework(name, weights) if weights else {}
    xp, asarray = adapter(name)
    for dtype in ("float32", "float64"):
        values = {key: asarray(value.astype(dtype)) for key, value in inputs().items()}
        found |= {f"{dtype}/{key}": np.asarray(value) for key, value in functions(xp, values).items()}
    for placement in ("tensorflow", "pytorch"):
        found[f"adam/{placement}"] = own_adam(xp, asarray, schedule(adam_optimizer(placement), 0, STEPS))
    found["adam/keras"] = own_adam(xp, asarray, keras_rows())
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
