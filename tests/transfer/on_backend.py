"""Do what the tests here compare, on one framework: ``on_backend.py numpy|torch|tensorflow|jax OUT.npz [VGG19]``.

No two frameworks are ever imported in one process. Without weights of VGG19, only what needs no network.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from adam_on_backend import STEPS, adam_optimizer, keras_adam, keras_adam_on_jax, keras_rows, own_adam, torch_adam
from network_on_backend import Network, every_tap_alone

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.transfer.adam import schedule
from nstbench.transfer.losses import VARIATIONS, total_variation
from nstbench.transfer.namespace import NumpyNamespace

Arrays = dict[str, np.ndarray]


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


def differentiated(backend: Any) -> Arrays:
    """Loss (2,) and gradient (2, 13, 5) of every formula, and those of the total variations (3, 5, 7, 3)."""
    found: Arrays = {}
    for dtype in ("float32", "float64"):
        for key, term in (terms() | {f"variation/{kind}": Variation(kind) for kind in VARIATIONS}).items():
            role = key.partition("/")[0]
            pair = (inputs()["image"],) * 2 if role == "variation" else features(role)
            loss, gradient = backend.differentiate(term, *(one.astype(dtype) for one in pair))
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


def with_framework(name: str, weights: str) -> Arrays:
    """Everything that needs a framework."""
    backend = load_target(load_catalogue().backends[name].target)()
    backend.configure(device="cpu", threads=1, precision="float32")
    found = {"library-adam": {"torch": torch_adam, "tensorflow": keras_adam, "jax": keras_adam_on_jax}[name]()}
    network = Network(name, backend, weights)
    for part in ("batches", "shared_step", "blocks", "looking", "lbfgs", "sorted_features"):
        found |= {f"{part}/{key}": values for key, values in getattr(network, part)().items()}
    found |= differentiated(backend)
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
    if name == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        return xp, jax.numpy.asarray
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
