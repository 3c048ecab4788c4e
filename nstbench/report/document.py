"""``report.md``: the sections, in the order a reader needs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nstbench.report import models, overview, provenance, referee, repeats, speed, table1, tradeoff
from nstbench.report.contents import Report, Section
from nstbench.report.grid import Block, Grid
from nstbench.report.markdown import bullets, image, inline, table
from nstbench.report.notes import failures, notes
from nstbench.report.pair_tables import pair_tables
from nstbench.report.settings import settings
from nstbench.results import Status

__all__ = ["render", "sections"]

_KINDS = {
    "triptych": "Content, style and results",
    "layers": "Stylised pictures per layer set",
    "loss": "Total loss against iterations",
}


def sections(report: Report) -> list[Section]:
    """Return the document's sections, those that have something to say."""
    run = report.manifest
    parts = {
        "summary": [f"# {inline(run.name)}: a comparison of neural style transfers", _summary(report)],
        "overview": overview.sections(report.grid, tradeoff.decisions(report.trade_offs)),
        "table1": _table1(report),
        "referees": referee.sections(report.grid, report.figures),
        "tradeoff": _trade_off(report),
        "failures": _failures(report),
        "notes": ["## Notes", bullets(notes(report.grid, report.problems))],
        "models": _models(report),
        "figures": _figures(report),
        "speed": speed.sections(report.grid),
        **provenance.sections(run),
    }
    return [Section(key, tuple(own)) for key, lines in parts.items() if (own := [line for line in lines if line])]


def render(sections: Sequence[Section]) -> str:
    """Return the whole document as markdown."""
    return "\n\n".join(section.markdown for section in sections) + "\n"


def _summary(report: Report) -> str:
    manifest, grid = report.manifest, report.grid
    counts = Counter(record.status for record in grid.records)
    outcome = [f"{counts[Status.OK]} of {len(manifest.cells)} cells ok"]
    outcome += [f"{counts[status]} {status}" for status in Status if counts[status] and status is not Status.OK]
    waiting = len(manifest.cells) - len(grid.records)
    outcome += [f"{waiting} not run yet"] if waiting else []
    facts = [
        ", ".join(outcome),
        _listed("backend", [f"{r.backend} ({r.backend_version})" if r.backend_version else r.backend for r in grid.ok]),
        _listed("device", [record.device or "" for record in grid.ok]),
        _listed("iterations", [str(record.iterations) for record in grid.records], plural=""),
        _listed("long side", [f"{record.image_size} px" for record in grid.records], plural=""),
        # A run that continues rewrites its head; the records know when it really began.
        f"begun {inline(min((r.started for r in grid.records if r.started), default=manifest.created))}",
        f"nstbench {inline(manifest.nstbench)}",
    ]
    return "; ".join(fact for fact in facts if fact) + "."


def _listed(name: str, values: Sequence[str], plural: str = "s") -> str:
    found = [inline(value) for value in dict.fromkeys(values) if value]
    return f"{name}{plural if len(found) > 1 else ''} {', '.join(found)}" if found else ""


def _table1(report: Report) -> list[str]:
    grid = report.grid
    parts = ["## Table 1: layer sets, losses, runtime and similarity"]
    if not grid.records:
        return [*parts, "No cell has run yet."]
    parts += [
        "Losses are weighted and belong to the final picture: **total = style + content**"
        + (" **+ total variation**" if any(record.total_variation_weight for record in grid.records) else "")
        + ", and in brackets L/L₀, the total relative to that of the start image; letters are explained below each "
        "table. Runtime is the optimisation alone; the first step, which compiles, is timed apart and belongs to the "
        "first cell of a job. SSIM is against the content / the style picture. `table1.csv` has the same numbers in "
        "full, `results.csv` everything else.",
        bullets(repeats.explained(grid, report.manifest.order_seed)),
        table(table1.layer_sets(grid)),
        table(settings(grid)),
    ]
    for block in grid.blocks:
        parts += _block(grid, block)
    return parts


def _block(grid: Grid, block: Block) -> list[str]:
    parts = [f"### {inline(block.content)} in the style of {inline(block.style)}"]
    for each in pair_tables(grid, block):
        parts += [f"**{each.heading}**", *map(table, each.frames), bullets(list(each.notes))]
    return parts


def _trade_off(report: Report) -> list[str]:
    parts = tradeoff.sections(report.trade_offs, report.figures)
    return [*parts, *tradeoff.compared(report.grid)] if parts else []


def _failures(report: Report) -> list[str]:
    lines = failures(report.grid)
    return ["## Cells without a result", bullets(lines)] if lines else []


def _models(report: Report) -> list[str]:
    if not report.grid.records:
        return []
    explanation = (
        "Parameters of the whole network, classifier included, counted on the backend's own model. Counts of one "
        "network differ where a framework's layers have biases that the other's lack, or where it counts the running "
        "statistics of batch normalisation, which are not trained."
    )
    return ["## Models", explanation, table(models.models(report.grid))]


def _figures(report: Report) -> list[str]:
    parts = ["## Figures"]
    for kind, heading in _KINDS.items():
        own = [figure for figure in report.figures if figure.kind == kind]
        parts += [f"### {heading}"] if own else []
        for figure in own:
            parts += [image(figure.path, figure.caption), f"*{inline(figure.caption)}*"]
    if not report.figures:
        parts.append("No cell left a picture or a trace.")
    return [*parts, report.undrawn]
