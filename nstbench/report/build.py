"""From stored records to tables, figures and ``report.md``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nstbench.errors import RunError
from nstbench.files import write_text
from nstbench.report.document import Report, render
from nstbench.report.figures import write_figures
from nstbench.report.grid import make_grid
from nstbench.report.table1 import table1_frame
from nstbench.report.tradeoff import tradeoff_frame
from nstbench.report.tradeoff_curves import panels
from nstbench.results import RunFolder, in_grid_order, judgements, read_manifest, scan_records, to_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_report"]


def write_report(run_dir: str | Path) -> Path:
    """Rebuild ``results.csv``, ``table1.csv``, ``figures/`` and ``report.md`` and return the path of the last.

    Everything comes from ``run.json``, ``records.jsonl``, ``scores.jsonl``, ``cells/`` and ``inputs/``; the same files
    give the same bytes. Raises ``RunError`` where the folder is not a run folder, is frozen, or cannot be written.
    """
    folder = RunFolder(Path(run_dir))
    manifest = read_manifest(folder)
    folder.check_writable()
    records, problems = scan_records(folder)
    ordered = in_grid_order(manifest, records)
    grid = make_grid(ordered, judgements(folder, manifest, [record.cell for record in ordered]))
    write_text(folder.results_csv, _csv(to_frame(grid.records, grid.judgements)))
    write_text(folder.table1_csv, _csv(table1_frame(grid)))
    trade_offs = panels(grid, tuple(grid.judgements.scores.values()))
    if trade_offs:
        write_text(folder.tradeoff_csv, _csv(tradeoff_frame(trade_offs)))
    else:
        folder.tradeoff_csv.unlink(missing_ok=True)
    try:
        figures = write_figures(folder, grid, trade_offs)
    except OSError as error:
        raise RunError(
            f"cannot write {folder.figures}: {error.strerror}. Free some space or check the folder."
        ) from error
    problems = [problem.replace(f"{folder.path}/", "") for problem in problems]
    write_text(folder.report, render(Report(manifest, grid, figures, problems, trade_offs)))
    return folder.report


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, lineterminator="\n"))
