"""Pictures on the way: kept between steps, outside their times, and shown in motion once a cell is computed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nstbench.execute.failures import classify
from nstbench.execute.jobs import Batch, JobCell
from nstbench.images.animation import save_webp, thinned
from nstbench.images.decode import decode
from nstbench.images.write import save_png
from nstbench.results.folder import RunFolder
from nstbench.results.upkeep import remove_motion
from nstbench.transfer.problem import Block

__all__ = ["Snapshots"]


@dataclass(slots=True)
class Snapshots:
    """Keeps the pictures of a batch's wanted cells after ``every`` so many iterations; 0 keeps none.

    What goes wrong with them costs no cell: it is noted, and no more are kept.
    """

    batch: Batch
    every: int
    problem: str = field(default="", init=False)

    def begin(self, start: NDArray[np.float32]) -> None:
        """Remove those of an earlier attempt, and keep the start images (batch, H, W, 3)."""
        for one in self.batch.wanted:
            remove_motion(_run(one), one.id)
        if self.every:
            self._keep(start, 0, np.ones(len(start), dtype=bool))

    def see(self, block: Block) -> None:
        """Keep the images that a block ends with, if it is time; those that have diverged are left out."""
        if self.every and block.done % self.every == 0 and not self.problem:
            self._keep(block.images(), block.done, np.all(np.isfinite(block.losses[:, :, 0]), axis=0))

    def animate(self, one: JobCell) -> str:
        """Show a cell's pictures in motion, its result last; return why that is not possible, if it is not."""
        if not self.every or self.problem:
            return self.problem
        run = _run(one)
        result = run.image(one.id)
        try:
            kept = sorted(run.snapshots(one.id).glob("*.png"), key=_number)
            ways = [path for path in kept if _number(path) < one.cell.iterations]
            save_webp([decode(path) for path in thinned([*ways, result])], run.animation(one.id))
        except Exception as error:
            traceback.print_exc()
            return f"no animation: {classify(error)[1]}"
        return ""

    def _keep(self, images: NDArray[np.float32], iteration: int, sound: NDArray[np.bool_]) -> None:
        try:
            for one, image, keep in zip(self.batch.cells, images, sound, strict=True):
                if keep and one in self.batch.wanted:
                    path = _run(one).snapshot(one.id, iteration)
                    save_png(image, path, {"cell": one.id, "iteration": iteration})
        except Exception as error:
            traceback.print_exc()
            self.problem = f"no snapshots from iteration {iteration} on: {classify(error)[1]}"


def _run(one: JobCell) -> RunFolder:
    """Return the run folder that a cell's folder is in."""
    return RunFolder(Path(one.folder).parents[1])


def _number(path: Path) -> int:
    return int(path.stem)
