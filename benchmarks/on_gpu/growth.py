"""How a step's time and memory grow with the image and with the batch, and where the time goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from on_gpu.inputs import GENTLE, layer_sets
from on_gpu.ledger import Row, figure
from on_gpu.setting import Setting
from on_gpu.transfer import opened

__all__ = ["growth", "profile"]

STEPS = 60
PROFILED = 5
KERNELS = 15


def growth(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Yield time and memory of a step for each size at batch 1, and for each batch at the size of the timings."""
    full = layer_sets(network)[-1:]
    sizes = (32, 48) if setting.quick else (128, 256, 512, 768, 1024, 2048)
    batches = (2,) if setting.quick else (2, 4, 8, 16)
    for size, batch in [*((size, 1) for size in sizes), *((setting.size, batch) for batch in batches)]:
        setting.check_time()
        transfer = opened(setting, network, setting.fast, size, full * batch)
        steps = 3 if setting.quick else STEPS
        descent = transfer.descend(steps, GENTLE)
        columns = {"path": transfer.session.path, "iterations": steps, **transfer.columns}
        yield figure("growth: step", descent.times.step_ms_median, "ms", **columns)
        yield figure("growth: step for each image", _each(descent.times.step_ms_median, batch), "ms", **columns)
        yield figure("growth: peak memory", descent.peak_mb, "MiB", **columns)
        del transfer


def profile(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Write the kernels of some steps, the longest first, to ``gpu-profile.txt``; a graph's are launched one by one."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiler

    path = setting.folder / f"gpu-profile-{network}.txt"
    transfer = opened(setting, network, setting.fast, setting.size, layer_sets(network)[-1:], graphs=False)
    transfer.descend(PROFILED, GENTLE)
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if setting.on_gpu else [])]
    with profiler(activities=activities) as seen:
        transfer.descend(PROFILED, GENTLE)
    averages = seen.key_averages()
    one = next(iter(averages))
    # The column's name changed with PyTorch 2.4's successors, from cuda to device.
    device = "device" if hasattr(one, "self_device_time_total") else "cuda"
    key = f"self_{device if setting.on_gpu else 'cpu'}_time_total"
    text = averages.table(sort_by=key, row_limit=KERNELS, max_name_column_width=90)
    path.write_text(f"{PROFILED} steps and an evaluation, {transfer.session.path}\n{text}\n", encoding="utf-8")
    total = sum(getattr(event, key) for event in averages)
    for event in sorted(averages, key=lambda event: -getattr(event, key))[:5]:
        yield figure(f"profile: {event.key[:120]}", getattr(event, key) / total, "of the time", **transfer.columns)


def _each(step_ms: float | None, batch: int) -> float | None:
    return None if step_ms is None else step_ms / batch
