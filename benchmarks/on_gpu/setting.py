"""Sizes of everything, and the time there is: the full run, and the quick one that only shows that the code works."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

__all__ = ["OutOfTime", "Setting"]


class OutOfTime(Exception):  # noqa: N818 - not a mistake
    """The time is up in the middle of a task."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What runs where. ``precisions`` go from exact to fast; ``fast`` is the one whose speed is judged."""

    device: str
    quick: bool
    minutes: float
    threads: int
    folder: Path
    _begun: float = field(default_factory=perf_counter)

    @property
    def on_gpu(self) -> bool:
        """Whether there are a GPU's precisions, graphs and memory to look at."""
        return self.device != "cpu"

    @property
    def judged(self) -> bool:
        """Whether times are judged: the targets are those of a data-centre GPU, at full size."""
        return self.on_gpu and not self.quick

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions that are measured; TF32 is a GPU's."""
        return ("float32", "tf32", "bf16") if self.on_gpu else ("float32", "bf16")

    @property
    def fast(self) -> str:
        """The precision in which the targets are set."""
        return "tf32" if self.on_gpu else "float32"

    @property
    def size(self) -> int:
        """Side of the pictures of the timings, px."""
        return 48 if self.quick else 512

    @property
    def iterations(self) -> int:
        """Iterations of a timed cell."""
        return 4 if self.quick else 1000

    @property
    def small(self) -> tuple[int, ...]:
        """Sides of the pictures that a CPU must work on, too, px."""
        return (32,) if self.quick else (64, 128)

    @property
    def left(self) -> float:
        """Seconds in which something may still be begun."""
        return 60.0 * self.minutes - (perf_counter() - self._begun)

    def check_time(self) -> None:
        """Raise ``OutOfTime`` a little after the time is up: what was begun may end, if it is nearly done."""
        if self.left < -20.0:
            raise OutOfTime(f"cut off: the {self.minutes:g} minutes are up")
