"""Runs as records: networks x layer sets x repeats, with the noise that times and losses really have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pytest

from nstbench.compare.runs import Run
from nstbench.results import Manifest, Record, Status

MakeRun = Callable[..., Run]

NETWORKS = (("vgg19", "torch"), ("vgg19", "tensorflow"), ("resnet50", "torch"), ("resnet50", "tensorflow"))


def make_record(label: str = "vgg19", backend: str = "torch", layers: int = 1, **changes: object) -> Record:
    fields: dict[str, object] = {
        "content": "astronaut",
        "style": "ihc",
        "backbone": label,
        "label": label,
        "backend": backend,
        "weights": "keras-imagenet-8bit",
        "weights_sha256": "ab" * 32,
        "layer_set": str(layers),
        "content_layers": "block5_conv2",
        "style_layers": " ".join(f"block{number}_conv1" for number in range(1, layers + 1)),
        "style_loss": "mean",
        "content_loss": "mean",
        "content_weight": 1e3,
        "style_weight": 1e-2,
        "total_variation_weight": 0.0,
        "optimizer": "adam",
        "learning_rate": 2.0,
        "iterations": 30,
        "init": "content",
        "seed": 0,
        "image_size": 128,
        "precision": "float32",
        "device": "cpu",
        "threads": 2,
        "machine": "a" * 10,
        "backend_version": f"{backend} 2.13.0",
        "status": Status.OK,
        "total": 900.0,
        "style_weighted": 300.0,
        "content_weighted": 600.0,
        "optimise_s": 6.0,
        "step_ms_median": 200.0,
    }
    made = fields | changes
    return Record(cell=f"{label}_{backend}_{layers}_{made.get('repeat', 0)}", **made)


def noisy_records(
    seed: int, networks: Sequence[tuple[str, str]] = NETWORKS, layers: int = 2, repeats: int = 5, slowdown: float = 1.0
) -> list[Record]:
    """Return a repeated run: its jobs in a shuffled order, on a machine that drifts and is at times disturbed.

    A process is faster or slower as a whole by 3 %, a cell by 2 %; the machine slows down by up to 10 % over the run,
    which no other run knows of; one cell in twenty has steps so slow that its sum, not its median, is half as much
    again. Losses vary by 0.5 % with the noise of the start.
    """
    random = np.random.default_rng(seed)
    jobs = [(label, backend, repeat) for label, backend in networks for repeat in range(repeats)]
    random.shuffle(jobs)
    drift, records = random.uniform(0, 0.1), []
    for place, (label, backend, repeat) in enumerate(jobs):
        process = 1 + drift * place / len(jobs) + random.normal(0, 0.03)
        for number in range(1, layers + 1):
            time = slowdown * process * (1 + random.normal(0, 0.02))
            disturbed = time * (1.5 if random.random() < 0.05 else 1)
            loss = 1 + random.normal(0, 0.005)
            measured = {"optimise_s": 6 * disturbed, "step_ms_median": 200 * time * (1 + random.normal(0, 0.005))}
            measured |= {"total": 900 * loss, "style_weighted": 300 * loss, "content_weighted": 600 * loss}
            records.append(make_record(label, backend, number, repeat=int(repeat), init_noise=1.0, **measured))
    return records


def failed(record: Record, status: Status = Status.OOM, reason: str = "too large") -> Record:
    numbers = ("total", "style_weighted", "content_weighted", "optimise_s", "step_ms_median")
    return msgspec.structs.replace(record, status=status, reason=reason, **dict.fromkeys(numbers))


@pytest.fixture(name="make_record")
def _make_record() -> Callable[..., Record]:
    return make_record


@pytest.fixture(name="noisy_records")
def _noisy_records() -> Callable[..., list[Record]]:
    return noisy_records


@pytest.fixture(name="failed")
def _failed() -> Callable[..., Record]:
    return failed


@pytest.fixture
def run() -> MakeRun:
    """Return a function from records to a run as ``compare`` takes it."""

    def make(records: Sequence[Record], name: str = "a", **head: object) -> Run:
        fields: dict[str, object] = {"name": "suite", "nstbench": "0.2.0", "created": "", "command": ""}
        return Run(name, Manifest(**(fields | head)), tuple(records))

    return make
