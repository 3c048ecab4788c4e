"""Times of one cell and of the report's tables, their share of the matrix-product rate, and what a graph saves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from on_gpu.ceilings import PRODUCT
from on_gpu.inputs import GENTLE, REPORT, layer_sets
from on_gpu.ledger import Row, at_least, at_most, figure
from on_gpu.setting import Setting
from on_gpu.transfer import Descent, Transfer, opened

__all__ = ["CELL_S", "TABLES_S", "eager_and_graph", "one_cell", "share", "table_batched", "table_in_turn", "tables_sum"]

CELL_S = 3.0
"""Target: one VGG19 cell of 1000 iterations at 512 px in TF32, seconds."""
CELL_LOSS = 0.01
"""Target: its final loss beside strict float32, relative."""
SHARE = 0.5
"""Target: of the matrix-product rate in the same precision."""
TABLES_S = 15.0
"""Target: both tables of the report, sum of ``optimise_s``, seconds."""
BATCHED = "table as one batch: optimise_s"
IN_TURN = "table, one cell after the other: optimise_s"


def one_cell(setting: Setting, found: Sequence[Row], precision: str, network: str = "vgg19") -> Iterator[Row]:
    """Run one cell with all style layers in the report's settings."""
    cell = opened(setting, network, precision, setting.size, layer_sets(network)[-1:])
    descent = cell.descend(setting.iterations, REPORT)
    columns = _columns(cell, setting.iterations)
    yield from _times(descent, columns, "cell", CELL_S if _judged(setting, cell) else None)
    yield from _share(cell, descent, found, setting)
    total = float(descent.totals[0])
    yield figure("cell: start total", float(descent.losses[0, 0, 0]), **columns)
    yield figure("cell: final total", total, **columns)
    exact = lookup(found, "cell: final total", precision="float32", network=network)
    if precision != "float32" and exact is not None:
        bound = {"tf32": CELL_LOSS}.get(precision)
        what, off = "cell: final total beside float32's", abs(total / exact - 1.0)
        yield at_most(what, off, bound, **columns) if bound else figure(what, off, **columns)


def table_batched(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:
    """Run the five layer sets of a table of the report as one batch."""
    batch = opened(setting, network, setting.fast, setting.size, layer_sets(network))
    descent = batch.descend(setting.iterations, REPORT)
    yield from _times(descent, _columns(batch, setting.iterations), "table as one batch")
    yield from _share(batch, descent, found, setting)


def table_in_turn(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Run the five cells of a table one after the other on one session, as a run without batches does."""
    sets = layer_sets(network)
    first = opened(setting, network, setting.fast, setting.size, sets)
    seconds = 0.0
    for index in range(len(sets)):
        one = first.only(index)
        seconds += one.descend(setting.iterations, REPORT, cold=index == 0).times.optimise_s or 0.0
    yield figure(IN_TURN, seconds, "s", **_columns(first.only(0), setting.iterations))


def tables_sum(setting: Setting, found: Sequence[Row]) -> Iterator[Row]:
    """Add up both tables, in either way, and judge the faster."""
    ways = {}
    for what in (BATCHED, IN_TURN):
        parts = [lookup(found, what, network=network) for network in ("vgg19", "resnet50")]
        if None not in parts:
            ways[what] = sum(part for part in parts if part is not None)
            yield figure(f"both tables, {what}", ways[what], "s", precision=setting.fast, size=setting.size)
    if not ways:
        raise RuntimeError("neither table is complete")
    best = min(ways, key=lambda what: ways[what])
    columns: Row = {"precision": setting.fast, "size": setting.size, "iterations": setting.iterations}
    what, columns["reason"] = "both tables, the faster way", best
    judged = setting.judged
    yield at_most(what, ways[best], TABLES_S, "s", **columns) if judged else figure(what, ways[best], "s", **columns)


def eager_and_graph(setting: Setting, found: Sequence[Row], network: str) -> Iterator[Row]:  # noqa: ARG001
    """Time steps with and without a graph."""
    iterations = setting.iterations // 10 + 2
    for graphs in (True, False) if setting.on_gpu else (False,):
        full = layer_sets(network)[-1:]
        cell = opened(setting, network, setting.fast, setting.size, full, graphs=graphs)
        descent = cell.descend(iterations, GENTLE)
        what = f"step {'with' if graphs else 'without'} a CUDA graph"
        yield figure(what, descent.times.step_ms_median, "ms", **_columns(cell, iterations))


def lookup(found: Sequence[Row], what: str, **columns: str) -> float | None:
    """Return the value of the last row of this kind, None if there is none."""
    wanted = {"what": what, **columns}
    values = [row["value"] for row in found if all(row.get(name) == value for name, value in wanted.items())]
    return float(values[-1]) if values and values[-1] is not None else None


def share(cell: Transfer, step_ms: float, found: Sequence[Row]) -> float | None:
    """Return the necessary arithmetic per second as a share of the product's rate; None if that was not measured."""
    rate = lookup(found, PRODUCT, precision=cell.columns["precision"])
    return cell.flop / (step_ms * 1e-3) / (rate * 1e12) if rate else None


def _share(cell: Transfer, descent: Descent, found: Sequence[Row], setting: Setting) -> Iterator[Row]:
    columns = _columns(cell, setting.iterations)
    step_ms = descent.times.step_ms_median or float("nan")
    yield figure("arithmetic of a step", cell.flop / 1e12, "TFLOP", **columns)
    yield figure("rate of the step's arithmetic", cell.flop / step_ms / 1e9, "TFLOP/s", **columns)
    reached = share(cell, step_ms, found)
    if reached is not None:
        what = "share of the matrix-product rate"
        judged = _judged(setting, cell)
        yield at_least(what, reached, SHARE, **columns) if judged else figure(what, reached, **columns)


def _judged(setting: Setting, cell: Transfer) -> bool:
    return setting.judged and cell.columns["network"] == "vgg19" and cell.columns["precision"] == setting.fast


def _times(descent: Descent, columns: Row, name: str, bound: float | None = None) -> Iterator[Row]:
    times = descent.times
    seconds = times.optimise_s if times.optimise_s is not None else float("nan")
    what = f"{name}: optimise_s"
    yield at_most(what, seconds, bound, "s", **columns) if bound else figure(what, seconds, "s", **columns)
    yield figure(f"{name}: first_step_s, capture included", times.first_step_s, "s", **columns)
    yield figure(f"{name}: step", times.step_ms_median, "ms", **columns)
    yield figure(f"{name}: peak memory", descent.peak_mb, "MiB", **columns)


def _columns(cell: Transfer, iterations: int) -> Row:
    return {"path": cell.session.path, "iterations": iterations, **cell.columns}
