"""The device against the CPU, a graph against the plain step, a batch against single cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.testing.parity_checks import BOUNDS, apart, trace_apart
from on_gpu.inputs import GENTLE, layer_sets
from on_gpu.ledger import Row, at_most, figure
from on_gpu.setting import Setting
from on_gpu.transfer import Transfer, opened

__all__ = ["against_cpu", "batch_against_single", "graph_against_eager"]

STEPS = 20
NOISE = 5.0
"""Standard deviation, in grey levels, of the noise on the image at which gradients are taken."""
BATCH_LOSSES, BATCH_GRADIENTS = 1e-6, 1e-4


def against_cpu(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Compare strict float32 here with float64 on the CPU at one image, and with float32 there over a descent."""
    full = layer_sets(network)[-1:]
    for size in setting.small:
        exact = opened(setting, network, "float64", size, full, device="cpu")
        probe = _probe(exact)
        exact_losses, exact_gradient = exact.gradient(probe)
        traces = opened(setting, network, "float32", size, full, device="cpu").descend(STEPS, GENTLE).losses
        here = opened(setting, network, "float32", size, full)
        losses, gradient = here.gradient(probe)
        yield at_most(
            "losses against the CPU in float64", _worst(losses, exact_losses), BOUNDS["losses"], **here.columns
        )
        value = apart(gradient, exact_gradient)
        yield at_most("image gradient against the CPU in float64", value, BOUNDS["image gradient"], **here.columns)
        descent = here.descend(STEPS, GENTLE)
        value, where = trace_apart(descent.losses[:, 0, :3], traces[:, 0, :3])
        what = f"losses of {STEPS} steps against the CPU"
        yield at_most(what, value, BOUNDS["losses"], path=here.session.path, reason=where, **here.columns)


def graph_against_eager(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Compare replays of a CUDA graph with the same steps launched one by one."""
    full, size = layer_sets(network)[-1:], setting.small[-1]
    for precision in setting.precisions:
        graph = opened(setting, network, precision, size, full)
        if not graph.session.path.startswith("CUDA graph"):
            yield figure("graph against eager", None, path=graph.session.path, status="left out", **graph.columns) | {
                "reason": f"{setting.device} has no CUDA graphs"
            }
            continue
        replayed = graph.descend(STEPS, GENTLE)
        plain = opened(setting, network, precision, size, full, graphs=False).descend(STEPS, GENTLE)
        columns = {"path": graph.session.path, **graph.columns}
        captured = graph.session.path.startswith("CUDA graph")
        yield at_most("steps that were not captured", 0.0 if captured else float(STEPS), 0.0, **columns)
        value, where = trace_apart(replayed.losses[:, 0, :3], plain.losses[:, 0, :3])
        yield at_most(f"losses of {STEPS} steps, graph against eager", value, BOUNDS["losses"], reason=where, **columns)
        moved = float(np.abs(replayed.image - plain.image).max())
        yield figure(f"image after {STEPS} steps, graph against eager", moved, "grey levels", **columns)


def batch_against_single(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Compare a batch of the five layer sets with each of them alone, at one and the same image."""
    sets, size = layer_sets(network), setting.small[-1]
    together = opened(setting, network, "float32", size, sets)
    probe = _probe(together)
    losses, gradients = together.gradient(probe)
    worst_loss, worst_gradient = 0.0, 0.0
    for index, one in enumerate(sets):
        alone = opened(setting, network, "float32", size, (one,))
        loss, gradient = alone.gradient(probe)
        worst_loss = max(worst_loss, _worst(losses[index : index + 1, :3], loss[:, :3]))
        worst_gradient = max(worst_gradient, apart(gradients[index : index + 1], gradient))
    yield at_most("losses, batch against single cells", worst_loss, BATCH_LOSSES, **together.columns)
    yield at_most("image gradients, batch against single cells", worst_gradient, BATCH_GRADIENTS, **together.columns)


def _probe(transfer: Transfer) -> NDArray[np.float32]:
    """Return the content with noise: at the content itself the content loss is nothing."""
    noise = np.random.RandomState(0).normal(0.0, NOISE, transfer.start[:1].shape)
    return np.clip(transfer.start[:1] + noise, 0.0, 255.0).astype(np.float32)


def _worst(a: NDArray[Any], b: NDArray[Any]) -> float:
    exact = np.asarray(b, np.float64)
    return float(np.max(np.abs(np.asarray(a, np.float64) - exact) / np.abs(exact)))
