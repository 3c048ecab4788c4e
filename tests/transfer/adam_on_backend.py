"""Adam on one framework: ours through its namespace, and the library's own; for ``on_backend.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import AdamState, adam_step, schedule

STEPS = 50


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


def keras_adam_on_jax() -> np.ndarray:
    """The same by Keras' own, in float64, which JAX has to be asked for."""
    import jax

    with jax.enable_x64(True):
        return keras_adam()


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
