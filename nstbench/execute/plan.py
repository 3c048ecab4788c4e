"""What a run would do: every cell with its state and why, before any framework is imported."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nstbench.errors import ImageError, RunError
from nstbench.execute.availability import unavailable, unsuitable
from nstbench.execute.devices import Devices
from nstbench.execute.identity import cell_identity
from nstbench.execute.options import Options
from nstbench.execute.probes import probed_cells
from nstbench.execute.sources import Sources, WeightsChoice, image_sha256
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.referee.choose import Judge, choose_judges
from nstbench.results.folder import RunFolder
from nstbench.results.record import Record, Status
from nstbench.results.store import latest, read_records
from nstbench.suite import Cell, Suite, check_names, expand, select, variations, without_folder
from nstbench.weights.naming import reader_code

__all__ = ["Plan", "PlannedCell", "State", "make_plan"]


class State(StrEnum):
    """What a run would do with a cell, and why."""

    NEW = "new"
    STALE = "stale"
    RETRY = "retry"
    DONE = "done"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    SKIPPED = "skipped"
    MISSING = "missing"


TO_RUN = frozenset({State.NEW, State.STALE, State.RETRY})


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell with what was found for it. ``identity`` is empty while a file it needs is not here.

    ``probed``: it is run again from start images that are rounded otherwise.
    """

    cell: Cell
    state: State
    reason: str = ""
    identity: str = ""
    device: str = "cpu"
    weights: WeightsChoice | None = None
    previous: Record | None = None
    probed: bool = False

    @property
    def title(self) -> str:
        """The cell's title with the weights that are really taken."""
        return self.cell.title_with(self.weights.info.name) if self.weights else self.cell.title

    @property
    def runs(self) -> bool:
        """Whether a run would attempt it."""
        return self.state in TO_RUN


@dataclass(frozen=True, slots=True)
class Plan:
    """``cells`` are the chosen ones, ``grid`` all of the suite. ``missing`` has a line for each thing not to be had.

    ``judges`` look at every picture once it is there.
    """

    suite: Suite
    catalogue: Catalogue
    options: Options
    folder: RunFolder
    grid: tuple[Cell, ...]
    cells: tuple[PlannedCell, ...]
    sources: Sources
    judges: tuple[Judge, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """One line for each thing that is missing, in the order of the grid."""
        return tuple(
            dict.fromkeys(line for one in self.cells if one.state is State.MISSING for line in one.reason.splitlines())
        )

    @property
    def downloads(self) -> tuple[str, ...]:
        """One line for each file that is not here and that a run would download."""
        images = self.sources.images_used().items()
        lines = [
            f"image {key[1]} is not here. A run downloads {self.sources.image_source(*key).url}, or give --images-dir."
            for key, image in images
            if image.to_download
        ]
        choices = [choice.located for _, choice in self.sources.weights_used()]
        lines += [located.problem for located in choices if located.kind == "download"]
        return tuple(dict.fromkeys(lines))

    def titles(self) -> dict[str, str]:
        """Return by its id the title of each chosen cell, with the settings that tell it from others of that title."""
        varying = variations(self.grid)
        return {one.cell.id: f"{one.title} {varying[one.cell.id]}".strip() for one in self.cells}

    def counts(self) -> dict[State, int]:
        """Return the number of cells in each state that occurs, in the order of ``State``."""
        counted = Counter(one.state for one in self.cells)
        return {state: counted[state] for state in State if counted[state]}


def make_plan(suite: Suite, options: Options | None = None, catalogue: Catalogue | None = None) -> Plan:
    """Resolve names, files and devices, and compare with what the run folder already holds.

    Raises ``SuiteError`` for names nobody announces and ``RunError`` for a device that is not there.
    """
    options = options or Options()
    if options.fresh and options.only:
        raise RunError("--fresh forgets the whole run folder. With --only, use --retry all.")
    catalogue = catalogue or load_catalogue()
    check_names(suite, catalogue)
    grid = expand(suite, catalogue)
    chosen = select(grid, options.only) if options.only else grid
    folder = RunFolder(options.out or Path("reports") / suite.spec.name)
    records = {} if options.fresh or not folder.records.exists() else latest(read_records(folder))
    planner = _Planner(Sources(suite, catalogue, options), Devices(options.device, catalogue), records, folder)
    planner.devices.check()
    if suite.spec.rounding_probe:
        planner = dataclasses.replace(
            planner, probed=probed_cells(grid, lambda cell: not unavailable(cell, planner.sources))
        )
    cells = tuple(planner.plan(cell) for cell in chosen)
    judges = choose_judges(planner.sources, planner.devices)
    return Plan(suite, catalogue, options, folder, grid, cells, planner.sources, judges)


@dataclass(frozen=True, slots=True)
class _Planner:
    sources: Sources
    devices: Devices
    records: dict[str, Record]
    folder: RunFolder
    probed: frozenset[str] = frozenset()

    def plan(self, cell: Cell) -> PlannedCell:
        previous = self.records.get(cell.id)
        if cell.skipped:
            return PlannedCell(cell, State.SKIPPED, cell.skipped, previous=previous)
        device, problem = self.devices.choose(cell.backend)
        if problem := unavailable(cell, self.sources) or problem or unsuitable(cell, self.sources, device):
            return PlannedCell(cell, State.UNAVAILABLE, problem, device=device, previous=previous)
        weights = self.sources.weights(cell)
        problems = self._missing(cell, weights)
        if problems or isinstance(weights, str):
            return PlannedCell(cell, State.MISSING, "\n".join(problems), device=device, previous=previous)
        identity = self._identity(cell, weights, device)
        state, reason = self._compare(previous, identity)
        return PlannedCell(cell, state, reason, identity, device, weights, previous, cell.id in self.probed)

    def _missing(self, cell: Cell, weights: WeightsChoice | str) -> list[str]:
        problems = [weights] if isinstance(weights, str) else []
        for role, name in (("content", cell.content), ("style", cell.style)):
            image = self.sources.image(role, name)
            if image.problem is not None:
                credit = self.sources.image_source(role, name).credit
                problems.append(image.problem.replace(f"image {name}:", f"image {name}{credit}:", 1))
        start = self.sources.start(cell)
        return [*problems, start.problem] if start is not None and start.problem is not None else problems

    def _identity(self, cell: Cell, weights: WeightsChoice, device: str) -> str:
        images = {
            role: self.sources.image(role, name) for role, name in (("content", cell.content), ("style", cell.style))
        }
        if (start := self.sources.start(cell)) is not None:
            images["start"] = start
        if weights.located.kind == "download" or any(image.path is None for image in images.values()):
            return ""
        try:
            files = {role: image_sha256(image) for role, image in images.items()}
        except ImageError:
            return ""  # it is said where the image is read
        files["weights"] = " ".join([without_folder(weights.info.name), weights.sha256, reader_code(weights.info)])
        return cell_identity(cell, self.sources.catalogue, files, device, probed=cell.id in self.probed)

    def _compare(self, previous: Record | None, identity: str) -> tuple[State, str]:
        if previous is None or previous.status in (Status.UNAVAILABLE, Status.SKIPPED):
            return State.NEW, ""
        if previous.identity != identity:
            return State.STALE, "an image, weights, a setting, a plugin or the device has changed"
        retry = self.sources.options.retry
        if retry == "all" or (retry == "failed" and previous.status is not Status.OK):
            return State.RETRY, f"--retry {retry}"
        if previous.status is Status.OK:
            whole = self.folder.image(previous.cell).is_file() and self.folder.trace(previous.cell).is_file()
            return (State.DONE, "") if whole else (State.STALE, "its picture or its trace is gone")
        return State.FAILED, f"{previous.status}: {previous.reason}"
