"""How closely backends agree, measured: what ``nstbench verify`` runs.

On identical weights it compares, per network: every layer of the layer table between the backends; loss formulas and
their gradients with respect to the features with a closed form; gradients of the image with the reference backend in
float64, and that one with finite differences; and the losses of the first iterations. Each backend and precision runs
in a process of its own; this one imports no framework.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nstbench.errors import RunError
from nstbench.measure.environment import usable_cores
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.testing.closed_form import FORMULAS
from nstbench.testing.parity_checks import BOUNDED_RATE, Check, compare
from nstbench.testing.parity_job import NetworkJob, ParityJob, measured, pictures, weights_file

__all__ = ["REPORT_RATE", "ParityOptions", "parity"]

REPORT_RATE = 5.0
"""The report's learning rate, at which the descent is chaotic: no bound holds there."""


@dataclass(frozen=True, slots=True)
class ParityOptions:
    """What to compare, and at what size (px, long side). ``networks`` are (backbone, weights); 0 threads are all.

    The first of ``backends`` is what the others are compared with; ``reference`` is the one that runs in float64.
    """

    networks: tuple[tuple[str, str], ...]
    backends: tuple[str, ...] = ("torch", "tensorflow")
    reference: str = "torch"
    size: int = 64
    iterations: int = 20
    learning_rates: tuple[float, ...] = (BOUNDED_RATE,)
    content: str = "astronaut"
    style: str = "immunohistochemistry"
    device: str = "cpu"
    threads: int = 0
    directions: int = 3
    seed: int = 0
    weights_dir: Path | None = None


def parity(options: ParityOptions, catalogue: Catalogue | None = None) -> list[Check]:
    """Measure every backend, one after the other, and compare.

    Raises ``NstbenchError`` if a name is unknown, weights cannot be had, or a process fails.
    """
    catalogue = catalogue or load_catalogue()
    with tempfile.TemporaryDirectory(prefix="nstbench-parity-") as name:
        folder = Path(name)
        found = pictures(options.content, options.style, options.size, options.seed)
        np.savez(folder / "images.npz", **found)  # type: ignore[arg-type]
        files = {
            network: weights_file(weights, network, catalogue, options.weights_dir)
            for network, weights in options.networks
        }
        jobs = [_job(options, catalogue, files, backend, "float32", folder) for backend in options.backends]
        exact = measured(_job(options, catalogue, files, options.reference, "float64", folder), folder)
        arrays = {job.backend.name: measured(job, folder) for job in jobs}
    checks: list[Check] = []
    for network, weights in options.networks:
        own = {backend: _of(network, one) for backend, one in arrays.items()}
        checks += compare(f"{network} ({weights})", own, (options.reference, _of(network, exact)))
    return checks


def _job(
    options: ParityOptions, catalogue: Catalogue, files: dict[str, str], backend: str, precision: str, folder: Path
) -> ParityJob:
    if backend not in catalogue.backends:
        raise RunError(f"no plugin announces the backend {backend!r}; there are {', '.join(catalogue.backends)}.")
    missing = [network for network in files if (backend, network) not in catalogue.backbones]
    if missing:
        raise RunError(f"the backend {backend} has no backbone {missing[0]!r}.")
    whole = precision == "float32"
    return ParityJob(
        backend=catalogue.backends[backend],
        precision=precision,
        device=options.device,
        threads=options.threads or usable_cores(),
        networks=tuple(NetworkJob(catalogue.backbones[backend, name], path) for name, path in files.items()),
        losses={
            f"{role}:{name}": info.target for (role, name), info in catalogue.losses.items() if name in FORMULAS[role]
        },
        images=str(folder / "images.npz"),
        iterations=options.iterations,
        learning_rates=options.learning_rates if whole else (),
        directions=0 if whole else options.directions,
        seed=options.seed,
    )


def _of(network: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key.partition("/")[2]: values for key, values in arrays.items() if key.startswith(f"{network}/")}
