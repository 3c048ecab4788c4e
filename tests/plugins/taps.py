"""Write every layer of a network on one framework: ``taps.py torch|tensorflow|jax BACKBONE [WEIGHTS OUT.npz]...``.

No two frameworks are ever imported in one process. Output arrays are (height, width, channels).
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np

from nstbench.weights import WeightSet, load_weight_set

SIZE = (65, 97)
"""Odd, so that every kind of padding shows."""


def image(weights: WeightSet) -> np.ndarray:
    """A smooth, coloured picture with noise, preprocessed; (1, height, width, 3)."""
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    waves = [np.sin(rows / a) + np.cos(columns / b) for a, b in ((7, 5), (11, 3), (4, 13))]
    picture = 127.5 + 50 * np.stack(waves, axis=-1) + np.random.default_rng(1).normal(0, 8, (*SIZE, 3))
    given = weights.preprocessing
    picture = np.clip(picture, 0, 255)[..., :: -1 if given.channels == "BGR" else 1]
    return ((picture - np.array(given.mean)) / np.array(given.std)).astype(np.float32)[None]


def torch_taps(backbone: str, weights: WeightSet) -> dict[str, np.ndarray]:
    """All layers at once: a tap that is overwritten by a later layer would show."""
    import torch
    from nstbench_torch import networks
    from nstbench_torch.backbones import BACKBONES
    from nstbench_torch.imports import import_torchvision

    native = next(info for info in BACKBONES if info.name == backbone).layers
    model = getattr(networks, f"build_{backbone}")(weights)
    assert not model.training and not any(parameter.requires_grad for parameter in model.parameters())
    tracing = import_torchvision("torchvision.models.feature_extraction")
    cut = tracing.create_feature_extractor(model, list(native.values()))
    with torch.no_grad():
        found = cut(torch.from_numpy(image(weights)).permute(0, 3, 1, 2).contiguous())
    return {layer: found[node][0].permute(1, 2, 0).numpy() for layer, node in native.items()}


def keras_taps(framework: str, backbone: str, weights: WeightSet) -> dict[str, np.ndarray]:
    """All layers at once."""
    importlib.import_module(f"nstbench_{framework}.backend")  # tells Keras what computes it
    import keras
    from nstbench_keras import networks
    from nstbench_keras.backbones import backbones

    native = next(info for info in backbones(framework) if info.name == backbone).layers
    model = getattr(networks, f"build_{backbone}")(weights)
    assert model.trainable_variables == []
    cut = keras.Model(model.inputs, {layer: model.get_layer(name).output for layer, name in native.items()})
    return {layer: np.asarray(values[0]) for layer, values in cut(image(weights)).items()}


def main(framework: str, backbone: str, *files: str) -> None:
    """Write the taps of one network, once per file of weights."""
    for path, out in zip(files[::2], files[1::2], strict=True):
        weights = load_weight_set(Path(path))
        found = torch_taps(backbone, weights) if framework == "torch" else keras_taps(framework, backbone, weights)
        np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
