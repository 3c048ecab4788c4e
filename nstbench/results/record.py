"""The stored outcome of one attempt at one cell: one line of ``records.jsonl``, one row of ``results.csv``."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["INTERNAL", "SCHEMA", "Record", "Status", "result_columns"]

SCHEMA = 1


class Status(StrEnum):
    """How an attempt ended."""

    OK = "ok"
    DIVERGED = "diverged"
    OOM = "oom"
    TIMEOUT = "timeout"
    KILLED = "killed"
    CRASHED = "crashed"
    ERROR = "error"
    UNAVAILABLE = "unavailable"
    SKIPPED = "skipped"


class Record(msgspec.Struct, kw_only=True):
    """One attempt. The fields, less ``INTERNAL``, are the columns of ``results.csv``; None is an empty field.

    ``content`` and ``style`` name the images. ``total``, ``style_weighted`` and ``content_weighted`` are the losses of
    the final image, ``*_raw`` the same before alpha and beta. Names ending in ``_s`` are seconds, ``_ms``
    milliseconds, ``_mb`` MiB. Layers and weights are names; lists of layers are separated by spaces. ``init_noise`` is
    a standard deviation in grey levels.

    ``moved`` is the mean |final - start| in grey levels, ``clipped`` the share of pixels driven to 0 or 255,
    ``late_fall`` the part of the total lost over the last tenth of the steps (see ``nstbench.measure.course``), and
    ``rounding_spread`` the relative difference of the losses (the largest of three, root mean square of three runs)
    when the start image is rounded otherwise.
    ``step_path`` says what ran the step: eager or compiled, in which memory order, by which library.
    ``batch`` is how many cells were optimised together; where they were several, no cell has times of its steps, and
    ``peak_memory_mb`` is the batch's. ``elapsed_s`` is what the cell cost its worker: pictures, targets, steps, waiting
    for the files of the cell before, and of its own files what nothing else was computed beside; of a batch, its share.
    ``comparison`` and ``marks`` (see ``nstbench.results.marks``) are filled in when a run is read.
    """

    cell: str
    content: str
    style: str
    backbone: str
    label: str
    backend: str
    weights: str
    weights_sha256: str | None = None
    architecture: str | None = None
    comparison: str | None = None
    layer_set: str
    content_layers: str
    style_layers: str
    style_loss: str
    content_loss: str
    content_weight: float
    style_weight: float
    total_variation_weight: float
    total_variation_loss: str | None = None
    optimizer: str
    learning_rate: float | None = None
    beta1: float | None = None
    beta2: float | None = None
    epsilon: float | None = None
    epsilon_placement: str | None = None
    iterations: int
    init: str
    seed: int
    repeat: int = 0
    init_noise: float = 0.0
    image_size: int
    height: int | None = None
    width: int | None = None
    device: str | None = None
    precision: str
    batch: int = 1
    step_path: str | None = None
    threads: int | None = None
    content_sha256: str | None = None
    style_sha256: str | None = None
    start_sha256: str | None = None
    backend_version: str | None = None
    plugin: str | None = None
    machine: str | None = None
    status: Status
    reason: str = ""
    total: float | None = None
    style_weighted: float | None = None
    content_weighted: float | None = None
    total_variation: float | None = None
    style_raw: float | None = None
    content_raw: float | None = None
    best_total: float | None = None
    best_iteration: int | None = None
    initial_total: float | None = None
    relative_total: float | None = None
    peak_total: float | None = None
    late_fall: float | None = None
    moved: float | None = None
    clipped: float | None = None
    rounding_spread: float | None = None
    marks: str = ""
    iterations_done: int | None = None
    evaluations: int | None = None
    ssim_content: float | None = None
    ssim_style: float | None = None
    load_s: float | None = None
    first_step_s: float | None = None
    step_ms_median: float | None = None
    step_ms_p90: float | None = None
    optimise_s: float | None = None
    iterations_per_s: float | None = None
    elapsed_s: float | None = None
    peak_memory_mb: float | None = None
    parameters_total: int | None = None
    parameters_trainable: int | None = None
    parameters_non_trainable: int | None = None
    attempt: int = 1
    started: str = ""
    identity: str = ""
    job: str = ""
    schema: int = SCHEMA


INTERNAL = ("identity", "job", "schema")
"""Fields of a record that are not columns of ``results.csv``."""


def result_columns() -> tuple[str, ...]:
    """Return the columns of ``results.csv``, in order."""
    return tuple(name for name in Record.__struct_fields__ if name not in INTERNAL)
