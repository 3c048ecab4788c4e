"""Run captured steps without a GPU: ``cuda_graph.py OUT.npz``.

In place of a CUDA graph stands a recording of the operators that ran between the beginning and the end of a capture. A
replay runs them again on the very same tensors and puts results where the first ones were, as a graph's fixed addresses
do; no Python of the step runs. What a GPU adds (streams, the ban on waiting, its memory) is not imitated.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from nstbench_torch.cuda_graph import GraphedStep
from nstbench_torch.extractor import TorchExtractor
from nstbench_torch.imports import import_torchvision
from nstbench_torch.namespace import TorchNamespace, gram_in_parts
from nstbench_torch.precision import choose_precision
from nstbench_torch.session import TorchSession
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nstbench.plugin.descriptors import BackboneInfo, Preprocessing
from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import STAY, schedule
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights

ADAM = Optimizer(name="adam", learning_rate=2.0, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")


class Recording(TorchDispatchMode):
    """Stands for ``torch.cuda.CUDAGraph``."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any, list[torch.Tensor]]] = []
        self.replays = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = {one.untyped_storage().data_ptr() for one in _tensors((args, kwargs))}
        made = [one for one in _tensors(result) if one.untyped_storage().data_ptr() not in given]
        self.calls.append((func, args, kwargs or {}, made))  # what is no view, and not written in place, is new
        return result

    def replay(self) -> None:
        self.replays += 1
        with torch._C._AutoDispatchBelowAutograd():
            for func, args, kwargs, made in self.calls:
                if made:
                    for old, new in zip(made, _tensors(func(*args, **kwargs)), strict=True):
                        old.copy_(new)
                elif func._schema.is_mutable:
                    func(*args, **kwargs)


def _tensors(tree: Any) -> list[torch.Tensor]:
    return [one for one in tree_leaves(tree) if isinstance(one, torch.Tensor)]


class Stream:
    def wait_stream(self, other: Stream) -> None:
        assert isinstance(other, Stream)


class Cuda:
    """The few entry points of ``torch.cuda`` that a capture needs."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.default = Stream()
        self.now, self.refusal = self.default, refusal
        self.graphs: list[Recording] = []

    def install(self) -> None:
        for name in ("current_stream", "set_stream", "stream", "graph"):
            setattr(torch.cuda, name, getattr(self, name))
        torch.cuda.Stream, torch.cuda.CUDAGraph = Stream, Recording

    def current_stream(self) -> Stream:
        return self.now

    def set_stream(self, stream: Stream) -> None:
        self.now = stream

    @contextlib.contextmanager
    def stream(self, stream: Stream) -> Iterator[None]:
        before, self.now = self.now, stream
        yield
        self.now = before

    @contextlib.contextmanager
    def graph(self, graph: Recording, capture_error_mode: str) -> Iterator[None]:
        """Like torch's own, leave the capture's stream behind where ending the capture fails."""
        assert capture_error_mode == "thread_local"
        before, self.now = self.now, Stream()
        self.graphs.append(graph)
        try:
            with graph:
                yield
                if self.refusal is not None:
                    raise self.refusal
        finally:
            if self.refusal is not None:
                raise RuntimeError("operation failed due to a previous error during capture")
        self.now = before


def session() -> tuple[TorchSession, np.ndarray, Any, np.ndarray]:
    """Return a session on a small network, with a batch of two images, targets and weights."""
    import_torchvision()
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU(inplace=True), torch.nn.Conv2d(8, 8, 3, padding=1)
    )
    layers = {"a": "1", "b": "2"}
    backbone = BackboneInfo(
        "small", "", backend="torch", layers=layers, content_layers=("b",), style_layers=("a",), weights=()
    )
    preprocessing, device = Preprocessing("BGR", (120.0, 120.0, 120.0)), torch.device("cpu")
    extractor = TorchExtractor(
        network, backbone, preprocessing, ["a", "b"], device, choose_precision("float32", device)
    )
    objective = Objective(("b",), ("a", "b"), content_mean, style_mean, "isotropic")
    weights = objective.weight_table([TermWeights(("b",), one, 1.0, 1e-2, 1e-3) for one in (("a",), ("a", "b"))])
    images = np.random.default_rng(0).uniform(0, 255, (4, 12, 10, 3)).astype(np.float32)
    made = TorchSession(extractor, objective, TorchNamespace())
    return made, images[:2], made.targets(images[2:3], images[3:]), weights


def run(made: TorchSession, start: np.ndarray, targets: Any, weights: np.ndarray, blocks: list[int]) -> dict[str, Any]:
    state, tables, done = made.begin(start), [], 0
    for count in blocks:
        state, table = made.advance(state, targets, weights, schedule(ADAM, done, count))
        tables.append(table)
        done += count
    state, table = made.advance(state, targets, weights, STAY)
    return {"losses": np.concatenate([*tables, table]), "image": made.image(state), "best": made.best(state)}


def main(out: str) -> None:
    found: dict[str, Any] = {}

    def keep(name: str, arrays: dict[str, Any]) -> None:
        found.update({f"{name}/{key}": value for key, value in arrays.items()})

    made, start, targets, weights = session()
    keep("eager", run(made, start, targets, weights, [1, 6, 3]))

    cuda = Cuda()
    cuda.install()
    made._graphed = GraphedStep(made._step)
    keep("graph", run(made, start, targets, weights, [1, 6, 3]))
    keep("single steps", run(made, start, targets, weights, [1] * 10))
    found["captures"], found["replays"] = len(cuda.graphs), cuda.graphs[0].replays
    found["path"] = made.path

    # A state that was handed out is nobody's buffer, and another cell's weights and targets are taken as they come.
    first, _ = made.advance(made.begin(start), targets, weights, schedule(ADAM, 0, 3))
    kept = made.image(first).copy()
    other = made.targets(start[1:], start[:1])
    keep("other cell, graph", run(made, start[::-1], other, weights[[1, 0]], [4]))
    found["kept"] = np.array_equal(kept, made.image(first))
    keep("continued, graph", {"image": made.image(made.advance(first, targets, weights, schedule(ADAM, 3, 2))[0])})
    keep("one image, graph", run(made, start[:1], targets, weights[:1], [4]))
    found["captures after another shape"] = len(cuda.graphs)
    lost = start.copy()
    lost[0, 0, 0, 0] = np.nan
    keep("a lost image, graph", run(made, lost, targets, weights, [3]))

    made._graphed = None
    keep("other cell, eager", run(made, start[::-1], other, weights[[1, 0]], [4]))
    keep(
        "continued, eager",
        {"image": made.image(made.advance(made.begin(start), targets, weights, schedule(ADAM, 0, 5))[0])},
    )
    keep("one image, eager", run(made, start[:1], targets, weights[:1], [4]))
    keep("a lost image, eager", run(made, lost, targets, weights, [3]))

    cuda = Cuda(RuntimeError("operation not permitted when stream is capturing\nand more"))
    cuda.install()
    made._graphed = GraphedStep(made._step)
    keep("refused", run(made, start, targets, weights, [1, 6, 3]))
    found["refused path"], found["stream restored"] = made.path, cuda.now is cuda.default
    cuda = Cuda(torch.cuda.OutOfMemoryError("CUDA out of memory"))
    cuda.install()
    made._graphed = GraphedStep(made._step)
    try:
        run(made, start, targets, weights, [1])
    except torch.cuda.OutOfMemoryError as error:
        found["out of memory"] = str(error)
    for positions in (100, 1024, 2500):
        features = np.random.default_rng(positions).normal(2.0, 1.0, (2, positions, 5))
        found[f"features/{positions}"] = features
        found[f"gram/{positions}"] = gram_in_parts(torch.from_numpy(features)).numpy()
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
