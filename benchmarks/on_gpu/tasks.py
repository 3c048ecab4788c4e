"""What there is to do, in the order of its worth: where the time is short, the last ones are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from on_gpu import ceilings, correctness, growth, timings
from on_gpu.ledger import Row
from on_gpu.setting import Setting
from on_gpu.tensorflow_cell import tensorflow_cell

__all__ = ["Task", "tasks"]

NETWORKS = ("vgg19", "resnet50")


@dataclass(frozen=True, slots=True)
class Task:
    """``seconds`` is what it may take on a data-centre GPU: it is not begun with less than that left."""

    name: str
    seconds: float
    run: Callable[[Setting, Sequence[Row]], Iterator[Row]]


def tasks(setting: Setting) -> list[Task]:
    """Return all tasks; a setting's precisions are those of its device."""
    found = [Task("ceiling: products", 5, ceilings.product_rates)]
    found += [Task(f"cell: {one}", 20, partial(timings.one_cell, precision=one)) for one in setting.precisions]
    found += _each("tables: batch", 20, timings.table_batched)
    found += _each("correctness: graph", 10, correctness.graph_against_eager)
    found += _each("correctness: CPU", 30, correctness.against_cpu)
    found += _each("correctness: batch", 10, correctness.batch_against_single)
    found += _each("tables: in turn", 25, timings.table_in_turn)
    found += [Task("tables: sum", 0, timings.tables_sum)]
    found += _each("graph and eager", 10, timings.eager_and_graph)
    found += _each("profile", 10, growth.profile)
    found += [
        Task("ceiling: Gram matrices", 5, ceilings.gram_rates),
        Task("ceiling: convolutions", 20, ceilings.convolution_rates),
    ]
    found += _each("growth", 40, growth.growth)
    exact = [one for one in setting.precisions if one != "bf16"]  # which TensorFlow's backend does not have
    found += [Task(f"TensorFlow: {one}", 60, partial(tensorflow_cell, precision=one)) for one in exact]
    return found


def _each(name: str, seconds: float, run: Callable[..., Iterator[Row]]) -> list[Task]:
    return [Task(f"{name} {network}", seconds, partial(run, network=network)) for network in NETWORKS]
