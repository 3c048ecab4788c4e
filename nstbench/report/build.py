"""From stored records to tables, figures and ``report.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nstbench.files import replacing, write_text
from nstbench.plugin import Catalogue, Problem
from nstbench.report.contents import Report
from nstbench.report.document import render, sections
from nstbench.report.drawing import drawing
from nstbench.report.figures import PAIRS, remove_earlier, sheets
from nstbench.report.grid import Grid, make_grid
from nstbench.report.latex_files import write_tables
from nstbench.report.reporters import ask_reporters
from nstbench.report.table1_frame import table1_frame
from nstbench.report.tradeoff import tradeoff_frame
from nstbench.report.tradeoff_curves import Panel, panels
from nstbench.results import RunFolder, in_grid_order, judgements, read_manifest, scan_records, to_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Written", "build_report", "write_report"]


@dataclass(frozen=True, slots=True)
class Written:
    """``report.md`` and, after it, what reporters made; ``problems`` are those of reporters that failed."""

    paths: tuple[Path, ...]
    problems: Sequence[Problem]


def write_report(run_dir: str | Path, catalogue: Catalogue, pairs: int = PAIRS) -> Written:
    """Rebuild nstbench's own files as ``build_report`` does, then those of the catalogue's reporters.

    Raises ``RunError`` as ``build_report`` does, and nothing for reporters that fail.
    """
    report = build_report(run_dir, pairs)
    paths, problems = ask_reporters(report, catalogue)
    return Written((report.folder.report, *paths), problems)


def build_report(run_dir: str | Path, pairs: int = PAIRS) -> Report:
    """Rebuild ``results.*``, ``table1.csv``, ``tables/``, ``figures/`` and ``report.md``, and return what they show.

    Everything comes from ``run.json``, ``records.jsonl``, ``scores.jsonl``, ``cells/`` and ``inputs/``; the same files
    give the same bytes. The first ``pairs`` image pairs get figures. Raises ``RunError`` where the folder is not a run
    folder, is frozen, or cannot be written.
    """
    folder = RunFolder(Path(run_dir))
    manifest = read_manifest(folder)
    folder.check_writable()
    records, problems = scan_records(folder)
    ordered = in_grid_order(manifest, records)
    judged = judgements(folder, manifest, [record.cell for record in ordered])
    grid = make_grid(ordered, judged, len(manifest.cells))
    trade_offs = panels(grid, tuple(grid.judgements.scores.values()))
    with drawing(sheets(folder, grid, trade_offs, pairs), folder.path) as finish:
        results, table1 = _write_frames(folder, grid, trade_offs)
        write_tables(folder, grid)
        figures = finish()
    remove_earlier(folder, figures)
    problems = [problem.replace(f"{folder.path}/", "") for problem in problems]
    report = Report(folder, manifest, grid, results, table1, figures, problems, trade_offs, pairs=pairs)
    report = replace(report, sections=sections(report))
    write_text(folder.report, render(report.sections))
    return report


def _write_frames(folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel]) -> tuple[pd.DataFrame, pd.DataFrame]:
    results, table1 = to_frame(grid.records, grid.judgements), table1_frame(grid)
    write_text(folder.results_csv, _csv(results))
    _write_parquet(folder.results_parquet, results)
    write_text(folder.table1_csv, _csv(table1))
    if trade_offs:
        write_text(folder.tradeoff_csv, _csv(tradeoff_frame(trade_offs)))
    else:
        folder.tradeoff_csv.unlink(missing_ok=True)
    return results, table1


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    with replacing(path) as temporary:
        frame.to_parquet(temporary, engine="pyarrow", index=False)


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, lineterminator="\n"))
