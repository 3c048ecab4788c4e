"""How closely the backends agree: ``python -m nstbench.testing.parity [--size 64] [--iterations 20] ...``.

On identical weights it compares, per network: every layer of the layer table between the backends; loss formulas and
their gradients with respect to the features with a closed form; gradients of the image with the reference backend in
float64, and that one with finite differences; and the losses of the first iterations. Each backend and precision runs
in a process of its own; this one imports no framework. Exit code 0 if every bound holds, 1 if one is broken, 2 if
something could not be measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tabulate import tabulate

from nstbench.errors import NstbenchError, RunError
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.testing.parity_checks import BOUNDED_RATE, Check, compare
from nstbench.testing.parity_job import NetworkJob, ParityJob, measured, pictures, weights_file

__all__ = ["ParityOptions", "main", "parity"]

NETWORKS = ("vgg19=keras-imagenet-8bit", "resnet50=random:0")
REPORT_RATE = 5.0


@dataclass(frozen=True, slots=True)
class ParityOptions:
    """What to compare, and at what size (px, long side). ``networks`` are ``backbone=weights``; 0 threads are all."""

    size: int = 64
    iterations: int = 20
    backends: tuple[str, ...] = ("torch", "tensorflow")
    reference: str = "torch"
    networks: tuple[str, ...] = NETWORKS
    content: str = "astronaut"
    style: str = "immunohistochemistry"
    device: str = "cpu"
    threads: int = 0
    directions: int = 3
    seed: int = 0


def parity(options: ParityOptions) -> list[Check]:
    """Measure every backend, one after the other, and compare.

    Raises ``NstbenchError`` if a name is unknown, weights cannot be had, or a process fails.
    """
    catalogue = load_catalogue()
    named = dict(_pair(text) for text in options.networks)
    with tempfile.TemporaryDirectory(prefix="nstbench-parity-") as name:
        folder = Path(name)
        found = pictures(options.content, options.style, options.size, options.seed)
        np.savez(folder / "images.npz", **found)  # type: ignore[arg-type]
        files = {network: weights_file(weights, network, catalogue) for network, weights in named.items()}
        jobs = [_job(options, catalogue, files, backend, "float32", folder) for backend in options.backends]
        exact = measured(_job(options, catalogue, files, options.reference, "float64", folder), folder)
        arrays = {job.backend.name: measured(job, folder) for job in jobs}
    checks: list[Check] = []
    for network, weights in named.items():
        own = {backend: _of(network, one) for backend, one in arrays.items()}
        checks += compare(f"{network} ({weights})", own, (options.reference, _of(network, exact)))
    return checks


def table(checks: Sequence[Check]) -> str:
    """Return the checks as plain text, a line each."""
    rows = [[check.name, check.network, f"{check.worst:.2e}", check.where, *_verdict(check)] for check in checks]
    headers = ["check", "network", "worst", "where", "bound", ""]
    return str(tabulate(rows, headers, tablefmt="simple", disable_numparse=True))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parse(arguments)
    try:
        checks = parity(options)
    except NstbenchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    broken = [check for check in checks if not check.ok]
    size = f"{options.content} and {options.style} at {options.size} px, {options.iterations} iterations"
    verdict = f"{len(broken)} of the bounds broken" if broken else "every bound holds"
    sys.stdout.write(f"{table(checks)}\n\n{size}: {verdict}.\n")
    return 1 if broken else 0


def _verdict(check: Check) -> tuple[str, str]:
    if check.bound is None:
        return "-", ""
    return f"{'>=' if check.at_least else '<='} {check.bound:.0e}", "ok" if check.ok else "FAIL"


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
        threads=options.threads or _cores(),
        networks=tuple(NetworkJob(catalogue.backbones[backend, name], path) for name, path in files.items()),
        losses={f"{role}:{name}": info.target for (role, name), info in catalogue.losses.items()},
        images=str(folder / "images.npz"),
        iterations=options.iterations,
        learning_rates=(BOUNDED_RATE, REPORT_RATE) if whole else (),
        directions=0 if whole else options.directions,
        seed=options.seed,
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pair(text: str) -> tuple[str, str]:
    network, _, weights = text.partition("=")
    if not weights:
        raise RunError(f"{text!r} is not of the form backbone=weights.")
    return network, weights


def _of(network: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key.partition("/")[2]: values for key, values in arrays.items() if key.startswith(f"{network}/")}


def _parse(arguments: Sequence[str] | None) -> ParityOptions:
    known = ParityOptions()
    parser = argparse.ArgumentParser(prog="python -m nstbench.testing.parity", description="Compare the backends.")
    for name in ("size", "iterations", "threads", "directions", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(known, name))
    for name in ("reference", "content", "style", "device"):
        parser.add_argument(f"--{name}", default=getattr(known, name))
    for name in ("backends", "networks"):
        parser.add_argument(f"--{name}", nargs="+", default=getattr(known, name))
    given = vars(parser.parse_args(arguments))
    return ParityOptions(**given | {name: tuple(given[name]) for name in ("backends", "networks")})


if __name__ == "__main__":
    sys.exit(main())
