"""From rounds to figures: medians over rounds, and ratios that were taken within each round, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contest.rounds import Round
from nstbench.measure.statistics import MedianInterval, median_interval

__all__ = ["Ceiling", "ceiling_of", "over_rounds", "ratio", "share", "start_ratio", "step"]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Rates in GFLOP/s of one round: of the best product, the best convolution, and the step's convolutions in a row.

    The last one takes every convolution of the step, forward and gradient, each in its best layout: a step that did
    nothing else, each at its best, would run at that rate.
    """

    product: float
    best: float
    layers: float


def ceiling_of(rates: Sequence[dict[str, Any]], shapes: Sequence[dict[str, Any]]) -> Ceiling:
    """Reduce one round's rates; ``shapes`` tell how often each convolution occurs."""
    best: dict[tuple[str, str], float] = {}
    for rate in rates:
        key = (rate["name"], rate["direction"])
        best[key] = max(best.get(key, 0.0), rate["gflops"])
    convolutions = {key: value for key, value in best.items() if key[1] != "product"}
    work = {shape["names"][0]: 2e-9 * shape["macs"] * len(shape["names"]) for shape in shapes}
    seconds = sum(work[name] / rate for (name, _), rate in convolutions.items())
    product = max((value for key, value in best.items() if key[1] == "product"), default=0.0)
    return Ceiling(product, max(convolutions.values()), 2 * sum(work.values()) / seconds)


def over_rounds(rounds: Sequence[Round], figure: Callable[[Round], float | None]) -> MedianInterval | None:
    """Return the median of a figure over the rounds that have it, and its order-statistics interval."""
    values = [value for value in map(figure, rounds) if value is not None]
    return median_interval(values) if values else None


def step(name: str) -> Callable[[Round], float | None]:
    """Seconds of an iteration."""
    return lambda one: one.turns[name].step_s if name in one.turns and one.turns[name].seconds else None


def ratio(name: str, reference: str) -> Callable[[Round], float | None]:
    """How many times longer an iteration of ``name`` takes than one of ``reference``, in the same round."""

    def figure(one: Round) -> float | None:
        mine, theirs = step(name)(one), step(reference)(one)
        return mine / theirs if mine is not None and theirs is not None else None

    return figure


def start_ratio(name: str, framework: str) -> Callable[[Round], float | None]:
    """How many times longer it takes to the end of the first iteration than a bare import of the framework."""

    def figure(one: Round) -> float | None:
        return (
            one.turns[name].start_s / one.imports[framework] if name in one.turns and framework in one.imports else None
        )

    return figure


def share(name: str, gflop: float, rate: Callable[[Round], float | None]) -> Callable[[Round], float | None]:
    """What part of a rate (GFLOP/s) of the same round the contestant's necessary arithmetic reaches."""

    def figure(one: Round) -> float | None:
        seconds, most = step(name)(one), rate(one)
        return gflop / seconds / most if seconds is not None and most else None

    return figure
