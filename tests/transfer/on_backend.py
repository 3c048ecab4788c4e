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
from nstbench.testing.autodiff import differentiator
from nstbench.transfer.adam import STAY, AdamState, adam_step, schedule
from nstbench.transfer.losses import VARIATIONS, content_mean, style_mean, style_sliced_wasserstein, total_variation
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
        "constant": xp.constant(np.arange(4) / 3.0, a) * a,
        "exp": xp.exp(a),
        "exp-steep": xp.exp(v["steep"][1] - 255.0),
        "matmul": xp.matmul(a, b),
        "matmul-broadcast": xp.matmul(a[0], b),
        "matmul-transposed": xp.matmul(xp.transpose(a), a),
        "gram": xp.gram(a),
        "gram-one": xp.gram(a[0]),
        "max-one": xp.max(a, axis=1),
        "max-two": xp.max(a, axis=(1, 2)),
        "max-even": xp.max(v["even"], axis=(2,)),
        "mean-one": xp.mean(a, axis=1),
        "mean-last": xp.mean(a, axis=-1),
        "mean-two": xp.mean(a, axis=(1, 2)),
        "mean-even": xp.mean(v["even"], axis=(0, 2)),
        "reshape": xp.reshape(a, (-1, 2)),
        "reshape-transposed": xp.reshape(xp.transpose(a), (2, 12)),
        "reshape-up": xp.reshape(row, (-1, 1, 1, 1)),
        "sort": xp.sort(a),
        "sort-even": xp.sort(v["even"]),
        "sort-image": xp.sort(v["image"]),
        "sqrt": xp.sqrt(v["steep"]),
        "square": xp.square(a),
        "stack-first": xp.stack([a, a + row], axis=0),
        "stack-middle": xp.stack([a, a * 2.0], axis=1),
        "stack-last": xp.stack((a, -a, a - one), axis=-1),
        "sum-one": xp.sum(a, axis=0),
        "sum-two": xp.sum(a, axis=(0, 2)),
        "sum-image": xp.sum(v["image"], axis=(1, 2, 3)),
        "take": xp.take(a, np.array([3, 0, 0, 2, 1])),
        "take-image": xp.take(v["image"], np.array([2, 1])),
        "transpose": xp.transpose(a),
        "transpose-four": xp.transpose(v["image"]),
        "where": xp.where(a > 0.0, a, -a),
        "where-broadcast": xp.where(column < 0.0, a, row),
        "where-batch": xp.where(xp.reshape(row > -0.5, (-1, 1, 1)), one, xp.transpose(b)[:1]),
        "operators": (a + column * row - one) / (xp.square(a) + 1.0),
        "indexing": a[:, 1:] - a[:, :-1],
        "total-variation": total_variation(xp, v["image"]),
    }


def terms() -> dict[str, Any]:
    """Every announced formula, at a shallow and at a deep layer where that makes a difference."""
    announced = {f"{role}/{name}": load_target(info.target) for (role, name), info in load_catalogue().losses.items()}
    found = {key: term for key, term in announced.items() if not hasattr(term, "at")}
    deep = {key: term for key, term in announced.items() if hasattr(term, "at")}
    return found | {f"{key}@{stride}": term.at(stride) for key, term in deep.items() for stride in (8, 32)}


def features(role: str) -> tuple[np.ndarray, np.ndarray]:
    """Features of an image, (2, 13, 5), and of the picture that it is compared with; styles have their own size."""
    random = np.random.RandomState(4)
    return random.normal(0.2, 2.0, (2, 13, 5)), random.normal(-0.3, 1.5, (2, 13 if role == "content" else 17, 5))


def differentiated(name: str, backend: Any) -> Arrays:
    """Loss (2,) and gradient (2, 13, 5) of every formula, and those of the total variations (3, 5, 7, 3)."""
    differentiate = differentiator(name, backend)
    assert differentiate is not None
    found: Arrays = {}
    for dtype in ("float32", "float64"):
        for key, term in (terms() | {f"variation/{kind}": Variation(kind) for kind in VARIATIONS}).items():
            role = key.partition("/")[0]
            pair = (inputs()["image"],) * 2 if role == "variation" else features(role)
            loss, gradient = differentiate(term, *(one.astype(dtype) for one in pair))
            found |= {f"terms-{dtype}/{key}/loss": loss, f"terms-{dtype}/{key}/gradient": gradient}
    return found


def by_differences() -> Arrays:
    """The same by NumPy in float64: losses, and central differences in the place of gradients."""
    xp, step, found = NumpyNamespace(), 1e-5, {}
    for key, term in (terms() | {f"variation/{kind}": Variation(kind) for kind in VARIATIONS}).items():
        role = key.partition("/")[0]
        values, other = (inputs()["image"],) * 2 if role == "variation" else features(role)
        target, quotients = term.target(xp, other), np.zeros_like(values)
        for index in np.ndindex(values.shape):
            ends = [values.copy(), values.copy()]
            ends[0][index] += step
            ends[1][index] -= step
            after, before = (term.loss(xp, end, target)[index[0]] for end in ends)
            quotients[index] = (after - before) / (2 * step)
        found |= {f"terms-float64/{key}/loss": term.loss(xp, values, target)}
        found |= {f"terms-float64/{key}/gradient": quotients}
    return found


class Variation:
    """A total variation as if it were a formula over features."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def target(self, xp: Any, features: Any) -> Any:
        return features

    def loss(self, xp: Any, features: Any, target: Any) -> Any:
        return VARIATIONS[self.kind](xp, features)


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
    from nstbench_torch.precision import choose_precision

    from nstbench.weights.random import random_tensors
    from nstbench.weights.weight_set import WeightSet

    found: Arrays = {}
    given, cpu = network.weights, torch.device("cpu")
    for backbone in ("vgg19", "resnet50"):
        info = load_catalogue().backbones["torch", backbone]
        tensors = given.tensors if backbone == "vgg19" else random_tensors(backbone, 0)
        model = load_target(info.target)(WeightSet("some", "", "keras", given.preprocessing, tensors))

        def look(layers: tuple[str, ...], info: Any = info, model: Any = model) -> Arrays:
            cut = TorchExtractor(model, info, given.preprocessing, layers, cpu, choose_precision("float32", cpu))
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
    for part in ("batches", "shared_step", "blocks", "looking", "lbfgs", "sorted_features"):
        found |= {f"{part}/{key}": values for key, values in getattr(network, part)().items()}
    found |= differentiated(name, backend)
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
    found = with_framework(name, weights) if weights else by_differences()
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
