"""One batch of cells on the device: opened, differentiated, descended, timed; the session is nstbench's own."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from nstbench_torch.backend import TorchBackend
from nstbench_torch.session import TorchSession
from numpy.typing import NDArray

from contest.arithmetic import step_arithmetic
from nstbench.measure.clock import StepClock, StepTimes
from nstbench.suite.cell import Optimizer
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.optimise import optimise_batch
from nstbench.transfer.problem import Block, Diverged, Outcome, Problem
from nstbench.weights.architecture import layer_costs, layers
from on_gpu.inputs import backbone, pictures, weights
from on_gpu.setting import Setting

__all__ = ["Descent", "Transfer", "free", "opened"]

BLOCK = 50
"""Steps between two looks at the losses, as in a worker on a GPU."""


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """``losses`` (steps + 1, batch, columns), ``image`` (batch, H, W, 3), and the most memory taken in MiB, or None."""

    times: StepTimes
    losses: NDArray[Any]
    image: NDArray[Any]
    peak_mb: float | None

    @property
    def totals(self) -> NDArray[np.float64]:
        """The final total of each image of the batch."""
        return np.asarray(self.losses[-1, :, 0], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """A session with what it works on. ``start`` is (batch, H, W, 3); ``flop`` is the arithmetic of a step of all."""

    setting: Setting
    backend: TorchBackend
    session: TorchSession
    targets: Any
    table: NDArray[np.float64]
    start: NDArray[np.float32]
    columns: dict[str, Any]
    flop: float

    def gradient(self, image: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return losses (batch, columns) and gradient of an image (1, H, W, 3), given to every cell of the batch."""
        batch = np.repeat(image, len(self.table), axis=0)
        return self.session.value_and_gradient(batch, self.targets, self.table)

    def only(self, index: int) -> Transfer:
        """Return one cell of the batch alone, on the same session."""
        flop = self.flop / len(self.table)
        here = slice(index, index + 1)
        targets = tuple(target[here] for target in self.targets)
        table, start, columns = self.table[here], self.start[here], self.columns | {"batch": 1}
        return replace(self, targets=targets, table=table, start=start, columns=columns, flop=flop)

    def descend(self, iterations: int, optimizer: Optimizer, *, cold: bool = True) -> Descent:
        """Take ``iterations`` steps, the first apart, since it compiles; losses come back in blocks."""
        memory = self.backend.device_memory
        if memory is not None:
            memory.reset()
        clock = StepClock(cold=cold)

        def watch(block: Block) -> None:
            clock.add(block.seconds, len(block.losses))
            self.setting.check_time()

        problem = Problem(self.start, self.targets, self.table, optimizer, iterations, BLOCK)
        outcomes = [_whole(one) for one in optimise_batch(self.session, problem, watch)]
        losses, images = (np.stack([getattr(one, name) for one in outcomes]) for name in ("losses", "image"))
        peak = None if memory is None else memory.peak_mb()
        return Descent(clock.times(), losses.swapaxes(0, 1), images, peak)


def opened(
    setting: Setting,
    network: str,
    precision: str,
    size: int,
    sets: Sequence[tuple[str, ...]],
    *,
    device: str = "",
    graphs: bool = True,
) -> Transfer:
    """Open a network for a batch of layer sets. The precision is global: it holds until the next is opened."""
    info, given, images = backbone(network), weights(network), pictures(size)
    free()
    backend = TorchBackend()
    backend.configure(device=device or setting.device, threads=setting.threads, precision=precision)
    union = max(sets, key=len)
    objective = Objective(tuple(info.content_layers), union, content_mean, style_mean)
    extractor = backend.open(info, given, sorted(objective.layers, key=list(info.layers).index))
    session = TorchSession(extractor, objective, backend.xp, graphs=graphs)
    terms = [TermWeights(objective.content_layers, one, info.content_weight, info.style_weight) for one in sets]
    flop = len(sets) * _flop(network, images.content.shape[1:3], union, objective.content_layers[0])
    start = np.repeat(images.content, len(sets), axis=0)
    columns = {"network": network, "precision": precision, "size": size, "batch": len(sets)}
    targets = session.stack([session.targets(images.content, images.style)] * len(sets))
    return Transfer(setting, backend, session, targets, objective.weight_table(terms), start, columns, flop)


def _whole(outcome: Outcome | Diverged) -> Outcome:
    if isinstance(outcome, Diverged):
        raise outcome
    return outcome


def free() -> None:
    """Give memory that is no longer needed back to the device, so that the next measurement is not charged with it."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _flop(network: str, shape: tuple[int, ...], style_layers: Sequence[str], content_layer: str) -> float:
    """Count a step's operations for one image: VGG19's exactly, ResNet50's per pixel of the image."""
    height, width = shape
    if network == "vgg19":
        return float(step_arithmetic(height, width, style_layers, content_layer).total)
    costs, pixels = layer_costs(network), height * width
    macs = max(costs[layer].macs for layer in (*style_layers, content_layer))
    gram = sum(2 * one.channels**2 / one.stride**2 for one in layers(network) if one.name in style_layers)
    return 2.0 * pixels * (2 * macs + gram)
