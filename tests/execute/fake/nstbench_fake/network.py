"""Four layers with a hand-written reverse pass; images and maps are (batch, height, width, channels)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nstbench.weights.weight_set import WeightSet

CHANNELS = {"mix1": (3, 6), "mix2": (6, 8), "mix3": (8, 8), "mix4": (8, 10)}
SHIFTED = ("mix2", "mix4")


def read_weights(path: str, backbone: str) -> dict[str, np.ndarray]:
    random = np.random.RandomState(json.loads(Path(path).read_text())["seed"])
    shapes = {f"{name}/kernel": shape for name, shape in CHANNELS.items()}
    shapes |= {f"{name}/shifted": CHANNELS[name] for name in SHIFTED}
    return {name: random.normal(0.0, 0.6, shape).astype(np.float32) for name, shape in shapes.items()}


class FakeNet:
    """mix1: tanh of a 1x1 mixture; mix2: ReLU of a mixture with the left neighbour; 2x2 mean; mix3, mix4: as 1 and 2.

    A layer named after a trap is mix4.
    """

    def __init__(self, weights: WeightSet, layers: Sequence[str]) -> None:
        self.layers = tuple(layers)
        self._preprocessing, self._tensors = weights.preprocessing, weights.tensors
        depth = max(list(CHANNELS).index(_native(layer)) for layer in layers)
        self._run = tuple(CHANNELS)[: depth + 1]

    def forward(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Return the map of every layer that runs, with the input of each under ``"<layer> input"``."""
        mean, std = (np.asarray(one, image.dtype) for one in (self._preprocessing.mean, self._preprocessing.std))
        below, maps = (image - mean) / std, {}
        for name in self._run:
            below = _pool(below) if name == "mix3" else below
            maps[f"{name} input"] = below
            mixed = below @ self._tensors[f"{name}/kernel"]
            if name in SHIFTED:
                mixed = mixed + np.roll(below, 1, axis=2) @ self._tensors[f"{name}/shifted"]
            below = maps[name] = np.maximum(mixed, 0) if name == "mix2" else np.tanh(mixed)
        return maps

    def features(self, image: np.ndarray) -> dict[str, np.ndarray]:
        return self.pick(self.forward(image))

    def pick(self, maps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return ``{layer: (batch, positions, channels)}``."""
        chosen = {layer: maps[_native(layer)] for layer in self.layers}
        return {layer: one.reshape(len(one), -1, one.shape[-1]) for layer, one in chosen.items()}

    def backward(self, maps: dict[str, np.ndarray], gradients: dict[str, np.ndarray]) -> np.ndarray:
        """Return the gradient with respect to the image from those with respect to the features."""
        at = {name: np.zeros_like(maps[name]) for name in self._run}
        for layer, gradient in gradients.items():
            at[_native(layer)] += gradient.reshape(maps[_native(layer)].shape)
        passed = np.zeros_like(maps["mix1 input"])
        for name in reversed(self._run):
            slope = (maps[name] > 0) if name == "mix2" else 1 - maps[name] ** 2
            mixed = at[name] * slope
            passed = mixed @ self._tensors[f"{name}/kernel"].T
            if name in SHIFTED:
                passed = passed + np.roll(mixed @ self._tensors[f"{name}/shifted"].T, -1, axis=2)
            if name == "mix3":
                passed = _unpool(passed, maps["mix2"].shape)
            if name != "mix1":
                at[self._run[self._run.index(name) - 1]] += passed
        return passed / np.asarray(self._preprocessing.std, passed.dtype)


def _native(layer: str) -> str:
    return layer if layer in CHANNELS else "mix4"


def _pool(maps: np.ndarray) -> np.ndarray:
    even = maps[:, : maps.shape[1] // 2 * 2, : maps.shape[2] // 2 * 2]
    return (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / 4


def _unpool(gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, gradient.dtype)
    spread = gradient.repeat(2, axis=1).repeat(2, axis=2) / 4
    whole[:, : spread.shape[1], : spread.shape[2]] = spread
    return whole
