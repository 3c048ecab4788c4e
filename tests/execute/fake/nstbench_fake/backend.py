"""The backend: see ``nstbench.plugin.protocols``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nstbench.errors import PluginError
from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts
from nstbench.plugin.target import load_target
from nstbench.transfer.adam import AdamState, adam_step
from nstbench.transfer.losses import ContentLoss, GramLoss
from nstbench.transfer.namespace import NumpyNamespace
from nstbench.transfer.objective import Objective
from nstbench.weights.weight_set import WeightSet
from nstbench_fake.network import FakeNet
from nstbench_fake.traps import cursed, delay, refuse_batches, spring, spring_curse, tame, tell


class FakeBackend:
    device_memory = None

    def __init__(self) -> None:
        self.xp = NumpyNamespace()
        self._dtype = np.dtype("float32")

    def configure(self, *, device: str, threads: int, precision: str) -> None:
        if device != "cpu":
            raise PluginError(f"fakeframework sees no device {device!r}; use --device cpu.")
        self._dtype = np.dtype(precision)

    def open(self, backbone: BackboneInfo, weights: WeightSet, layers: Sequence[str]) -> FakeNet:
        spring(backbone.name)
        return load_target(backbone.target)(weights, layers)

    def session(self, extractor: FakeNet, objective: Objective) -> FakeSession:
        return FakeSession(extractor, objective, self.xp, self._dtype)

    def count_parameters(self, backbone: BackboneInfo) -> ParameterCounts | None:
        return ParameterCounts(354, 354, 0)

    def differentiate(self, term: Any, features: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        goal = term.target(self.xp, target)
        return term.loss(self.xp, features, goal), _slope(term, features, goal)

    def devices(self) -> Mapping[str, str]:
        return {"cpu": "CPU"}


class State(NamedTuple):
    adam: AdamState
    done: int


class FakeSession:
    path = "NumPy"

    def __init__(self, network: FakeNet, objective: Objective, xp: NumpyNamespace, dtype: np.dtype) -> None:
        self._network, self._objective, self._xp, self._dtype = network, objective, xp, dtype

    def targets(self, content: np.ndarray, style: np.ndarray) -> tuple[np.ndarray, ...]:
        tell(f"targets of {style.shape[1:3]}")
        features = [self._network.features(image.astype(self._dtype)) for image in (content, style)]
        return self._objective.targets(self._xp, *features)

    def stack(self, targets: Sequence[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
        return tuple(np.concatenate(parts) for parts in zip(*targets, strict=True))

    def begin(self, image: np.ndarray) -> State:
        start = image.astype(self._dtype)
        tell(f"batch of {len(image)}")
        nothing, worst = np.zeros_like(start), np.full(len(start), np.inf, self._dtype)
        return State(AdamState(start, nothing, nothing, start, worst), 0)

    def advance(self, state: State, targets: Any, weights: np.ndarray, schedule: np.ndarray) -> tuple[State, Any]:
        tables = []
        for row in schedule.astype(self._dtype):
            self._misbehave(state.done, weights)
            total, table, gradient = self._differentiate(state.adam.image, targets, weights)
            if state.done == 1 and "step-diverge" in self._network.layers and not tame():
                table = np.full_like(table, np.nan)
            if state.done == 1:
                table[cursed(self._content_weights(weights), "diverge")] = np.nan
            tables.append(table)
            state = State(adam_step(self._xp, state.adam, total, gradient, row), state.done + 1)
        return state, np.stack(tables)

    def value_and_gradient(self, image: np.ndarray, targets: Any, weights: np.ndarray) -> tuple[Any, Any]:
        return self._differentiate(image.astype(self._dtype), targets, weights)[1:]

    def image(self, state: State) -> np.ndarray:
        return state.adam.image

    def best(self, state: State) -> np.ndarray:
        return state.adam.best_image

    def _misbehave(self, done: int, weights: np.ndarray) -> None:
        delay()
        refuse_batches(len(weights))
        if done == 1:
            for layer in self._network.layers:
                spring(layer)
            spring_curse(self._content_weights(weights))

    def _content_weights(self, weights: np.ndarray) -> np.ndarray:
        """Return each image's content weight, which is what tells it from the others of a batch."""
        return weights[:, len(self._objective.style_layers)]

    def _differentiate(self, image: np.ndarray, targets: Any, weights: np.ndarray) -> tuple[Any, Any, Any]:
        maps = self._network.forward(image)
        features = self._network.pick(maps)
        total, table = self._objective.losses(self._xp, image, features, targets, weights)
        slopes = {layer: np.zeros_like(one) for layer, one in features.items()}
        terms = [(self._objective.style_loss, layer) for layer in self._objective.style_layers]
        terms += [(self._objective.content_loss, layer) for layer in self._objective.content_layers]
        for i, (term, layer) in enumerate(terms):
            slope = _slope(term, features[layer], targets[i]) * weights[:, i, None, None]
            slopes[layer] += slope.astype(self._dtype)
        gradient = self._network.backward(maps, slopes)
        if self._objective.total_variation:
            gradient = gradient + weights[:, len(terms), None, None, None].astype(self._dtype) * _variation(image)
        return total.astype(self._dtype), table, gradient


def _slope(term: Any, features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the closed form of the term's gradient with respect to the features (batch, M, N)."""
    _, positions, channels = features.shape
    if isinstance(term, GramLoss):
        difference = np.swapaxes(features, 1, 2) @ features / positions - target
        return term.factor(channels) * 4 / (channels**2 * positions) * (features @ difference)
    if isinstance(term, ContentLoss):
        count = positions * channels
        return term.factor(count) * 2 / count * (features - target)
    raise NotImplementedError(f"no gradient of {type(term).__name__}")


def _variation(image: np.ndarray) -> np.ndarray:
    slope = np.zeros_like(image)
    for axis in (1, 2):
        sign = np.sign(np.diff(image, axis=axis))
        ahead, behind = [(0, 0)] * 4, [(0, 0)] * 4
        ahead[axis], behind[axis] = (1, 0), (0, 1)
        slope += np.pad(sign, ahead) - np.pad(sign, behind)
    return slope
