"""The layout of a run folder, and who may write to it."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nstbench.errors import RunError

__all__ = ["FILE_NAME", "RunFolder", "own_names"]

FILE_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
"""What a reporter's files and folders may be called: good on every system and in an address, and never hidden."""


class _Head(msgspec.Struct):
    """The part of ``run.json`` that every schema has; it tells a run folder from somebody else's."""

    schema: int
    nstbench: str
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run folder by its path; the properties name its files, which need not exist."""

    path: Path

    @property
    def manifest(self) -> Path:
        """The resolved suite, the cells and the environment (``run.json``)."""
        return self.path / "run.json"

    @property
    def records(self) -> Path:
        """One line per attempt: the only truth about results."""
        return self.path / "records.jsonl"

    @property
    def scores(self) -> Path:
        """One line per judgement of a referee."""
        return self.path / "scores.jsonl"

    @property
    def lock(self) -> Path:
        """File that the running process holds a kernel lock on; it marks the folder as ours, too."""
        return self.path / ".nstbench.lock"

    @property
    def live(self) -> Path:
        """Where the run stands that goes on here, or how the last one ended (see ``nstbench.live``)."""
        return self.path / "live.json"

    @property
    def results_csv(self) -> Path:
        """One row per cell."""
        return self.path / "results.csv"

    @property
    def results_parquet(self) -> Path:
        """The same rows with their types, as ``nstbench.read_results`` returns them."""
        return self.path / "results.parquet"

    @property
    def table1_csv(self) -> Path:
        """One row per layer set."""
        return self.path / "table1.csv"

    @property
    def tables(self) -> Path:
        """Folder of the report's tables in LaTeX."""
        return self.path / "tables"

    @property
    def tradeoff_csv(self) -> Path:
        """One row per point of a trade-off curve, where the suite varies the ratio of the weights."""
        return self.path / "tradeoff.csv"

    @property
    def report(self) -> Path:
        """Tables and figures, for people."""
        return self.path / "report.md"

    @property
    def figures(self) -> Path:
        """Folder of the report's figures."""
        return self.path / "figures"

    @property
    def logs(self) -> Path:
        """Folder of what the workers wrote to stdout and stderr."""
        return self.path / "logs"

    @property
    def tensorboard(self) -> Path:
        """Folder of the event files that the plugin ``tensorboard`` writes."""
        return self.path / "tensorboard"

    @property
    def mlruns(self) -> Path:
        """MLflow's local file store, where the plugin ``mlflow`` has no other server to log to."""
        return self.path / "mlruns"

    @property
    def cells(self) -> Path:
        """Folder of the cells' folders."""
        return self.path / "cells"

    @property
    def inputs(self) -> Path:
        """Folder of the resized content and style pictures."""
        return self.path / "inputs"

    def cell(self, cell: str) -> Path:
        """Return the folder of one cell."""
        return self.cells / cell

    def image(self, cell: str) -> Path:
        """Return the picture after the last iteration."""
        return self.cell(cell) / "image.png"

    def best_image(self, cell: str) -> Path:
        """Return the picture at the iteration with the lowest total loss."""
        return self.cell(cell) / "image_best.png"

    def trace(self, cell: str) -> Path:
        """Return the losses of every iteration."""
        return self.cell(cell) / "trace.csv"

    def snapshots(self, cell: str) -> Path:
        """Return the folder of the pictures on the way, where the suite asks for them."""
        return self.cell(cell) / "snapshots"

    def snapshot(self, cell: str, iteration: int) -> Path:
        """Return the picture after ``iteration`` iterations; 0 is the start."""
        return self.snapshots(cell) / f"{iteration:06}.png"

    def animation(self, cell: str) -> Path:
        """Return the snapshots and the final picture in motion."""
        return self.cell(cell) / "optimisation.webp"

    def input(self, name: str, image_size: int) -> Path:
        """Return a content or style picture as the backends were given it."""
        return self.inputs / f"{name}-{image_size}.png"

    def is_frozen(self) -> bool:
        """Say whether the folder is an exported copy that must stay as it is."""
        head = self._head()
        return head is not None and head.frozen

    def check_writable(self) -> None:
        """Refuse a frozen folder. Raises ``RunError``."""
        if self.is_frozen():
            raise RunError(
                f"{self.path} is an exported copy, which is never changed. Work on the run it was made of, or choose "
                "another --out."
            )

    def create(self) -> None:
        """Make the folder, or accept it if it is empty or a run folder.

        Raises ``RunError`` where it is frozen, holds somebody else's files, or cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.check_writable()
            self._refuse_strangers()
            self.lock.touch()
            self._try_writing()
        except OSError as error:
            raise RunError(f"cannot write to {self.path}: {_why(error)}. Choose another --out.") from error

    def _refuse_strangers(self) -> None:
        if self.lock.exists() or self._head() is not None:
            return
        if any(self.path.iterdir()):
            raise RunError(f"{self.path} holds files that are not a run of nstbench. Choose an empty or new --out.")

    def _try_writing(self) -> None:
        """Write a byte now: a full disk found here costs nothing, found after the first cell it costs the cell."""
        probe = self.path / f".new-probe-{os.getpid()}"
        try:
            probe.write_bytes(b"\n")
        finally:
            probe.unlink(missing_ok=True)

    def _head(self) -> _Head | None:
        try:
            return msgspec.json.decode(self.manifest.read_bytes(), type=_Head)
        except (OSError, msgspec.DecodeError):
            return None


def own_names() -> frozenset[str]:
    """Return the names of nstbench's own files and folders at the top of a run folder."""
    folder = RunFolder(Path())
    properties = [name for name, value in vars(RunFolder).items() if isinstance(value, property)]
    return frozenset(getattr(folder, name).name for name in properties)


def _why(error: OSError) -> str:
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return "part of the path is a file"
    return (error.strerror or str(error)).lower()
