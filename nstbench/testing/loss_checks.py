"""What the conformance kit asks of a loss formula: in NumPy and float64, and of its gradient in a framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.descriptors import BackendInfo, LossInfo
from nstbench.plugin.protocols import Backend, LossTerm, StrideLossTerm
from nstbench.plugin.target import load_target
from nstbench.testing.nonconforming import Nonconforming
from nstbench.testing.parity_checks import BOUNDS, apart
from nstbench.testing.parity_worker import quotients
from nstbench.transfer.namespace import NumpyNamespace

__all__ = ["LOSS_CHECKS", "LossBench"]

Floats = NDArray[np.float64]

BATCH, POSITIONS, CHANNELS = 3, 12, 5
STRIDE = 4
CLOSE = 1e-9
"""Relative; sums in float64 in another order."""


@dataclass(frozen=True, slots=True)
class LossBench:
    """A formula with features (3, 12, 5) and those of other pictures; a style picture has a size of its own."""

    info: LossInfo
    term: LossTerm
    backend: BackendInfo | None
    features: Floats
    other: Floats

    @classmethod
    def open(cls, info: LossInfo, backend: BackendInfo | None) -> LossBench:
        """Import the formula; one that depends on depth is that of a layer of stride 4."""
        term: Any = load_target(info.target)
        random = np.random.RandomState(0)
        positions = POSITIONS if info.role == "content" else POSITIONS + 4
        return cls(
            info,
            term.at(STRIDE) if isinstance(term, StrideLossTerm) else term,
            backend,
            random.normal(1.0, 1.0, (BATCH, POSITIONS, CHANNELS)),
            random.normal(1.0, 1.0, (BATCH, positions, CHANNELS)),
        )

    def losses(self, features: Floats, other: Floats) -> Floats:
        """Return the losses of features against those of other pictures."""
        xp = NumpyNamespace()
        return np.asarray(self.term.loss(xp, features, self.term.target(xp, other)), np.float64)


def zero(bench: LossBench) -> str:
    """One loss for each picture of the batch, finite, and nothing where a picture is its own target."""
    found, own = bench.losses(bench.features, bench.other), bench.losses(bench.features, bench.features)
    if found.shape != (BATCH,):
        raise Nonconforming(
            f"the loss of {BATCH} pictures has shape {found.shape}, not ({BATCH},). Sum or average over positions and "
            "channels, axis=(1, 2), and not over the batch."
        )
    if not np.isfinite(found).all() or not np.any(found):
        raise Nonconforming(f"the losses of three different pictures are {found}. They must be finite, and not all 0.")
    if np.abs(own).max() > CLOSE * np.abs(found).max():
        raise Nonconforming(
            f"the loss of features against themselves is {np.abs(own).max():.1e}, not 0. `target` must reduce the "
            "target's features exactly as `loss` reduces the image's."
        )
    return f"shape ({BATCH},), and 0 at its own target"


def batch(bench: LossBench) -> str:
    """Three pictures at once have the losses that each has alone."""
    together = bench.losses(bench.features, bench.other)
    pairs = zip(bench.features, bench.other, strict=True)
    alone = np.concatenate([np.atleast_1d(bench.losses(one[None], other[None])) for one, other in pairs])
    difference = apart(together, alone)
    if not difference <= CLOSE:
        raise Nonconforming(
            f"three pictures at once and each alone differ by {difference:.1e}. Axis 0 is the batch: no picture may "
            "see another, so reduce over the axes 1 and 2 only."
        )
    return "three at once are three alone"


def gradient(bench: LossBench) -> str:
    """A framework's gradient with respect to the features is finite, and the finite difference in NumPy."""
    random = np.random.RandomState(1)
    directions = [random.normal(size=bench.features.shape) for _ in range(3)]
    slopes, how = _slopes(bench, directions)
    found = [
        quotients(lambda one: bench.losses(one, bench.other), bench.features, direction, slope)
        for direction, slope in zip(directions, slopes, strict=True)
    ]
    difference = apart(np.array(slopes), np.array(found))
    if how and not difference <= BOUNDS["reference gradient"]:
        raise Nonconforming(
            f"the gradient in {how} is off NumPy's finite difference by {difference:.1e}. Write the formula with `xp` "
            "and operators only: NumPy's own functions, integers and branches on values are not differentiated."
        )
    if not np.isfinite(found).all():
        raise Nonconforming("finite differences of the loss are not finite. Look for a root or a quotient at 0.")
    return f"{how}: off by {difference:.1e}" if how else "finite; no framework is installed to differentiate it"


def _slopes(bench: LossBench, directions: list[Floats]) -> tuple[list[Floats], str]:
    """Return each picture's slope along each direction, and the backend that says so."""
    if bench.backend is None:
        return [np.zeros(BATCH) for _ in directions], ""
    backend: Backend = load_target(bench.backend.target)()
    backend.configure(device="cpu", threads=1, precision="float64")
    values = np.asarray(backend.differentiate(bench.term, bench.features, bench.other)[1], np.float64)
    if not np.isfinite(values).all():
        raise Nonconforming(
            f"the gradient in {bench.backend.name} is not finite. Add a small number under a root, and divide by "
            "nothing that can be 0."
        )
    return [np.sum(values * one, axis=(1, 2)) for one in directions], bench.backend.name


LOSS_CHECKS: dict[str, Callable[[LossBench], str]] = {check.__name__: check for check in (zero, batch, gradient)}
"""By name."""
