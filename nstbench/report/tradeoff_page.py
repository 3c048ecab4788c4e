"""Publish a trade-off: ``python -m nstbench.report.tradeoff_page RUN DOCS`` writes what of a run belongs in a paper.

Into ``DOCS`` go ``tradeoff.md``, ``tradeoff.csv`` and the figures, from the stored records of ``RUN``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nstbench.errors import NstbenchError, RunError
from nstbench.files import write_text
from nstbench.report import tradeoff
from nstbench.report.drawing import drawing
from nstbench.report.figures import trade_off_sheets
from nstbench.report.grid import Grid, make_grid, weights_name
from nstbench.report.markdown import bullets, inline, table
from nstbench.report.numbers import seconds
from nstbench.report.settings import settings
from nstbench.report.tradeoff_curves import panels
from nstbench.results import Manifest, RunFolder, in_grid_order, judgements, read_manifest, read_records

__all__ = ["publish"]


def publish(run: Path, docs: Path) -> Path:
    """Write the page, its table and its figures, and return the page's path.

    Raises ``RunError`` where ``run`` is no run folder or has no trade-off, or ``docs`` cannot be written.
    """
    folder = RunFolder(run)
    manifest = read_manifest(folder)
    records = in_grid_order(manifest, read_records(folder))
    grid = make_grid(records, judgements(folder, manifest, [record.cell for record in records]))
    found = panels(grid, tuple(grid.judgements.scores.values()))
    if not found:
        raise RunError(f"{run} has no trade-off: no judged network ran at three ratios of its weights or more.")
    frame = tradeoff.tradeoff_frame(found)
    try:
        (docs / "figures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot write to {docs}: {error.strerror}.") from error
    with drawing(list(trade_off_sheets(folder, grid, found)), docs) as finish:
        figures = finish()
    write_text(docs / "tradeoff.csv", str(frame.to_csv(index=False, lineterminator="\n", float_format="%.6g")))
    _, *sections = tradeoff.sections(found, figures)
    parts = ["# The trade-off between content and style", _origin(manifest, grid), *sections, *tradeoff.compared(grid)]
    parts += ["## Networks", table(settings(grid)), "## Weights", bullets(_weights(grid))]
    write_text(docs / "tradeoff.md", "\n\n".join(parts) + "\n")
    return docs / "tradeoff.md"


def _origin(manifest: Manifest, grid: Grid) -> str:
    sizes = ", ".join(dict.fromkeys(f"{record.image_size} px" for record in grid.ok))
    threads = ", ".join(dict.fromkeys(str(record.threads) for record in grid.ok if record.threads))
    device = ", ".join(dict.fromkeys(record.device for record in grid.ok if record.device))
    took = sum(record.optimise_s or 0.0 for record in grid.ok)
    return (
        f"Written by `make tradeoff` from the records of the suite `{inline(manifest.name)}`; nothing here was entered "
        f"by hand. {len(grid.ok)} of {len(manifest.cells)} cells ok, long side {sizes}, on {inline(device)} "
        f"(threads per worker: {threads}), {seconds(took)} of optimisation in all. Every point of the curves is a row "
        "of [tradeoff.csv](tradeoff.csv)."
    )


def _weights(grid: Grid) -> list[str]:
    used = {
        f"{r.label} · {r.backend}: {weights_name(r.weights)}, sha256 {(r.weights_sha256 or '')[:12]}" for r in grid.ok
    }
    judges = {
        f"referee {score.judge}: {score.backbone} on {score.backend} with {score.weights}, "
        f"sha256 {score.weights_sha256[:12]}"
        for score in grid.judgements.scores.values()
        if score.backbone
    }
    return [inline(line) for line in (*sorted(used), *sorted(judges))]


def main() -> None:
    """Run from the command line."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m nstbench.report.tradeoff_page RUN DOCS")
    try:
        publish(Path(sys.argv[1]), Path(sys.argv[2]))
    except NstbenchError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
