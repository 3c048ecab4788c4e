"""Before anything runs: fetch what is missing, convert weights, decode every picture once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from nstbench.errors import ImageError, MissingError, WeightsError
from nstbench.execute.jobs import picture_names, start_name
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.images.download import fetch_image
from nstbench.images.prepare import Prepared, prepare, prepare_start
from nstbench.images.write import save_png
from nstbench.results.folder import RunFolder
from nstbench.suite import Cell
from nstbench.weights.cache import canonicalise

__all__ = ["convert_weights", "fetch_all", "prepare_pictures", "write_pictures"]


def fetch_all(plan: Plan) -> bool:
    """Download the images and weights that the plan's cells need and that are not here; return whether there were any.

    Raises ``MissingError`` with a line for each that cannot be had.
    """
    wanted: list[Callable[[], object]] = []
    for (role, name), image in plan.sources.images_used().items():
        if image.to_download:
            source = plan.sources.image_source(role, name)
            wanted.append(lambda name=name, source=source: fetch_image(name, source))  # type: ignore[misc]
    for backbone, choice in plan.sources.weights_used():
        if choice.located.kind == "download":
            wanted.append(lambda b=backbone, c=choice: canonicalise(c.located, c.info, b))  # type: ignore[misc]
    _all(wanted)
    return bool(wanted)


def convert_weights(cells: Iterable[PlannedCell]) -> dict[tuple[str, str], Path]:
    """Return the canonical file of every (backbone, weights) of ``cells``, made where it is not there yet.

    Raises ``MissingError`` with a line for each that is damaged or does not fit.
    """
    choices = {(one.cell.backbone, one.weights.info.name): one.weights for one in cells if one.weights is not None}
    made: dict[tuple[str, str], Path] = {}

    def make(key: tuple[str, str]) -> None:
        made[key] = canonicalise(choices[key].located, choices[key].info, key[0])[0]

    _all([lambda key=key: make(key) for key in choices])  # type: ignore[misc]
    return made


def prepare_pictures(
    plan: Plan, cells: Iterable[Cell], companions: Iterable[Cell] = ()
) -> dict[tuple[str, int], Prepared]:
    """Decode and resize every picture of ``cells``, files they start from included; return them by (name, image size).

    Raises ``MissingError`` with a line for each that cannot be read or used; ``companions`` may lack theirs.
    """
    prepared = _pictures(plan, list(cells))
    for cell in companions:
        if not prepared.keys() >= {(name, cell.image_size) for name in picture_names(cell)}:
            with contextlib.suppress(MissingError):
                prepared |= _pictures(plan, [cell])
    return prepared


def _pictures(plan: Plan, cells: Sequence[Cell]) -> dict[tuple[str, int], Prepared]:
    prepared: dict[tuple[str, int], Prepared] = {}
    starts: dict[tuple[str, int], Prepared] = {}
    contents = {("content", cell.content, cell.image_size) for cell in cells}
    styles = {("style", cell.style, cell.image_size) for cell in cells}

    def make(role: str, name: str, size: int) -> None:
        located = plan.sources.image(role, name)
        if located.path is None:
            raise ImageError(located.problem or f"image {name} is not here.")
        prepared[name, size] = prepare(located.path, name, size)

    def make_start(cell: Cell) -> None:
        located, key = plan.sources.start(cell), (start_name(cell), cell.image_size)
        if located is not None and located.path is not None and key not in starts:
            starts[key] = prepare_start(located.path, prepared[cell.content, cell.image_size])

    _all([lambda key=key: make(*key) for key in sorted(contents | styles)])  # type: ignore[misc]
    _all([lambda cell=cell: make_start(cell) for cell in cells])  # type: ignore[misc]
    return prepared | starts


def write_pictures(pictures: Mapping[tuple[str, int], Prepared], folder: RunFolder) -> None:
    """Write the pictures into the run folder, as lossless PNG that all backends read."""
    for (name, size), picture in pictures.items():
        save_png(picture.array, folder.input(name, size), {"image": name, "sha256": picture.sha256})


def _all(tasks: Iterable[Callable[[], object]]) -> None:
    """Do every task; then raise one error for all that found something missing."""
    problems: list[str] = []
    for task in tasks:
        try:
            task()
        except (ImageError, WeightsError) as error:
            problems.append(str(error))
    if problems:
        raise MissingError(tuple(dict.fromkeys(problems)))
