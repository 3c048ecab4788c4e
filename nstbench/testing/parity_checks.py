"""Compare what the backends measured, with each other and with float64 references; every comparison is one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.testing.closed_form import FORMULAS, loss_and_gradient

__all__ = ["BOUNDS", "Check", "apart", "compare", "trace_apart"]

Arrays = Mapping[str, NDArray[Any]]

BOUNDS = {
    "features": 1e-5,
    "formula": 1e-4,
    "image gradient": 2e-3,
    "reference gradient": 1e-5,
    "losses": 1e-3,
    "image moved": 1.0,
}
"""Largest relative difference allowed; ``image moved`` is the smallest mean change of a pixel, in grey levels."""
ITERATIONS = 20
"""Steps after which the image must have moved."""
PARTS = ("total", "style", "content")
BOUNDED_RATE = 1.0
"""The learning rate, grey levels per step, at which losses must agree. At the report's 5 the descent is chaotic."""


@dataclass(frozen=True, slots=True)
class Check:
    """The worst value of one comparison and where it was found; ``bound`` is None if it is only to be known."""

    name: str
    network: str
    worst: float
    where: str = ""
    bound: float | None = None
    at_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether the bound holds; not-a-number breaks every bound."""
        if self.bound is None:
            return True
        return self.worst >= self.bound if self.at_least else self.worst <= self.bound


def apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return ||a - b|| / ||b|| in float64; infinite if shapes differ, or if b is nothing and a is not."""
    if a.shape != b.shape:
        return np.inf
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    difference, size = float(np.linalg.norm(first - second)), float(np.linalg.norm(second))
    if size == 0.0:
        return np.inf if difference else 0.0
    return difference / size


def trace_apart(a: NDArray[Any], b: NDArray[Any]) -> tuple[float, str]:
    """Return the largest |a - b| / |b| of two tables (iterations + 1, 3) of total, style and content, and where.

    A loss that starts at nothing, the content loss of the content picture, is compared with its later size there.
    """
    if a.shape != b.shape:
        return np.inf, "number of iterations"
    size = np.maximum(np.abs(b), 1e-6 * np.abs(b).max(axis=0))
    ratios = np.abs(a - b) / np.where(size == 0.0, 1.0, size)
    row, column = np.unravel_index(np.argmax(ratios), ratios.shape)
    return float(ratios[row, column]), f"{PARTS[column]}, iteration {row}"


def compare(network: str, backends: Mapping[str, Arrays], reference: tuple[str, Arrays]) -> Iterator[Check]:
    """Yield the checks of one network; arrays are named as in ``parity_worker``, after the network's name.

    The first backend is what the others are compared with; ``reference`` is a backend's name and its float64 arrays.
    The features of a backend that is alone are compared with float64 instead.
    """
    (first, base), *others = backends.items()
    for name, arrays in others:
        yield _features(f"features: {name} - {first}", network, arrays, base)
    if not others:
        yield _features(f"features: {first} - {reference[0]} in float64", network, base, reference[1])
    for name, arrays in backends.items():
        yield from _formulas(name, network, arrays)
    for name, arrays in backends.items():
        yield _gradients(f"image gradient: {name}", network, arrays, *reference)
    yield _differences(network, *reference)
    for name, arrays in others:
        yield from _losses(f"{name} - {first}", network, arrays, base)
    for name, arrays in backends.items():
        yield from _moved(name, network, arrays)


def _features(name: str, network: str, a: Arrays, b: Arrays) -> Check:
    taps = [key for key in b if key.startswith("tap/")]
    values = {key: apart(a[key], b[key]) if key in a else np.inf for key in taps}
    worst = _worst(values)
    return Check(name, network, values[worst], f"{worst[4:]}, of {len(taps)} layers", BOUNDS["features"])


def _formulas(backend: str, network: str, arrays: Arrays) -> Iterator[Check]:
    """Compare with the closed form, evaluated on the very features that the backend got."""
    for role, names in FORMULAS.items():
        values: dict[str, dict[str, float]] = {"loss": {}, "gradient": {}}
        for key in [key for key in arrays if key.startswith(f"loss/{role}/") and key.split("/")[2] in names]:
            _, _, formula, layer = key.split("/")
            pair = arrays[f"features/probe/{layer}"], arrays[f"features/{role}/{layer}"]
            closed = loss_and_gradient(role, formula, *pair)
            for kind, exact in zip(values, closed, strict=True):
                values[kind][f"{formula} {layer}"] = apart(arrays[f"{kind}/{role}/{formula}/{layer}"], exact)
        for kind, found in values.items():
            name = f"{role} {kind} of features: {backend}"
            worst = _worst(found)
            yield Check(name, network, found[worst], worst, BOUNDS["formula"])


def _gradients(name: str, network: str, arrays: Arrays, backend: str, exact: Arrays) -> Check:
    values = {part: apart(arrays[f"image-gradient/{part}"], exact[f"image-gradient/{part}"]) for part in PARTS}
    worst = _worst(values)
    return Check(name, network, values[worst], f"{worst}, against {backend} in float64", BOUNDS["image gradient"])


def _differences(network: str, backend: str, arrays: Arrays) -> Check:
    values = {part: apart(arrays[f"slopes/{part}"], arrays[f"quotients/{part}"]) for part in PARTS}
    worst, count = _worst(values), len(arrays["slopes/total"])
    where = f"{worst}, central differences in {count} directions"
    return Check(f"float64 gradient: {backend}", network, values[worst], where, BOUNDS["reference gradient"])


def _losses(names: str, network: str, a: Arrays, b: Arrays) -> Iterator[Check]:
    for key in [key for key in b if key.startswith("trace/")]:
        rate = float(key.removeprefix("trace/"))
        bound = BOUNDS["losses"] if rate == BOUNDED_RATE else None
        yield Check(f"losses at rate {rate:g}: {names}", network, *trace_apart(a[key], b[key]), bound)


def _moved(backend: str, network: str, arrays: Arrays) -> Iterator[Check]:
    """A network whose losses are too small for the optimiser's epsilon agrees perfectly, as nothing happens."""
    for key in [key for key in arrays if key.startswith("moved/")]:
        rate = float(key.removeprefix("moved/"))
        enough = rate == BOUNDED_RATE and len(arrays[f"trace/{rate:g}"]) > ITERATIONS
        bound = BOUNDS["image moved"] if enough else None
        where = "mean change of a pixel, grey levels"
        yield Check(f"image moved at rate {rate:g}: {backend}", network, float(arrays[key][0]), where, bound, True)


def _worst(values: Mapping[str, float]) -> str:
    """Return where the largest value is, or the first that is not a number."""
    return max(values, key=lambda key: np.inf if np.isnan(values[key]) else values[key])
