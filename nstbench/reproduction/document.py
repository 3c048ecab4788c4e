"""``docs/reproduction.md``: the report's Table 1 beside ours, from stored records alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nstbench.report.markdown import bullets, inline, table
from nstbench.report.numbers import MISSING, loss, seconds
from nstbench.reproduction.contradictions import contradictions
from nstbench.reproduction.parts import NETWORKS
from nstbench.reproduction.published import TABLE_1, TITLES, Losses
from nstbench.reproduction.stored import Ours, Run, read_runs
from nstbench.reproduction.verdicts import magnitudes, order, ratio

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PRINTED_AT", "render"]

PRINTED_AT = 900
"""The code that the report builds on prints every tenth of its 1000 iterations, counted from 0: this is its last."""


def render(folder: Path) -> str:
    """Return the document of the runs stored below ``folder``."""
    runs = read_runs(folder)
    parts = ["# The report's Table 1, reproduced", _INTRODUCTION, "## What was run", _what_was_run(runs)]
    for network in NETWORKS:
        parts += _network(network, [run for run in runs if run.part.network == network])
    parts += ["## Where the report contradicts itself", bullets(contradictions(runs)), "## Do it again", _AGAIN]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = f"""\
The starting point of nstbench is a student report ("Project Report: Neural Style Transfer", CS725, IIT Bombay, 2021)
whose Table 1 lists total, style and content loss for one to five style layers, on VGG19 and on ResNet50. Here it is
beside what the same settings give (`suites/reproduction.yaml`: Adam 5, β₁ 0.99, ε 0.1, 1000 iterations from the
content image, mean losses, α = 10⁵, β = 10⁻² for VGG19). The report does not say which pair of pictures Table 1
belongs to; this is Sea Link × Starry Night. Losses are weighted, as printed. They are compared after {PRINTED_AT}
iterations, the last that the code the report builds on prints, and at the end. This page is generated from the
records and traces in `reports/reproduction/`; nothing in it is typed by hand but the report's own figures
(`nstbench/reproduction/published.py`)."""

_AGAIN = """```
make reproduction IMAGES=PICTURES             # with sea-link.jpg, starry-night.jpg; an hour or two on 2 cores
make reproduction IMAGES=PICTURES WEIGHTS=DIR # with the published Keras files: ResNet50 too
make reproduction-document                    # this page alone, from the stored records
```

Interrupt it as you like: finished rows are kept. On a machine with a GPU all rows run at 512 px, as in the report."""


def _what_was_run(runs: Sequence[Run]) -> str:
    import pandas as pd

    rows = []
    for run in runs:
        first = run.rows[0].record if run.rows else None
        rows.append(
            [
                TITLES[run.part.network] + (f", β = {run.part.style_weight:g}" if run.part.style_weight else ""),
                run.part.backend,
                f"{run.part.image_size} px ({first.width} × {first.height})" if first else f"{run.part.image_size} px",
                ", ".join(str(one.row) for one in run.rows) or MISSING,
                f"{inline(first.weights)} ({(first.weights_sha256 or '')[:12]})" if first else MISSING,
                _versions(run),
                f"{inline(run.machine)}",
                seconds(sum(one.record.optimise_s or 0.0 for one in run.rows)),
            ]
        )
    heads = ["network", "backend", "long side", "rows", "weights (sha256)", "versions", "machine", "time"]
    return table(pd.DataFrame(rows, columns=heads))


def _versions(run: Run) -> str:
    return inline(", ".join(dict.fromkeys(one.record.backend_version or "" for one in run.rows)))


def _network(network: str, runs: Sequence[Run]) -> list[str]:
    title = f"## {TITLES[network]}"
    with_rows = [run for run in runs if run.part.style_weight is None]
    if not with_rows:
        printed = table(_beside(network, []))
        return [title, "**Not run: weights absent.** Nothing stands in for them. The report's figures:", printed]
    parts = [title, table(_beside(network, with_rows))]
    for backend in dict.fromkeys(run.part.backend for run in with_rows):
        rows = [one for run in with_rows if run.part.backend == backend for one in run.rows]
        sizes = sorted({one.record.image_size for one in rows})
        where = f"{backend}, iteration {PRINTED_AT}"
        parts += [f"**{where}** ({' and '.join(f'{size} px' for size in sizes)})"]
        verdicts = magnitudes(network, rows, PRINTED_AT)
        if len(sizes) == 1:
            parts += [bullets(verdicts + order(network, rows, PRINTED_AT))]
        else:
            note = "Its rows differ in size, and losses with it, so their order says nothing."
            parts += [bullets([*verdicts, note])]
    failed = [record for run in with_rows for record in run.failed]
    lines = [
        f"{record.backend}, row {record.layer_set}: **{record.status}** {inline(record.reason)}" for record in failed
    ]
    return parts + ([bullets(lines)] if lines else [])


def _beside(network: str, runs: Sequence[Run]) -> pd.DataFrame:
    """Return one line per row of Table 1 and run: total / style / content, theirs, ours, and the ratios."""
    import pandas as pd

    lines = []
    for number, theirs in enumerate(TABLE_1[network], start=1):
        found = [(run, one) for run in runs for one in run.rows if one.row == number]
        printed = [str(number), _triple(theirs)]
        lines += [printed + _ours(run, one, theirs) for run, one in found] or [printed]
    heads = ["row", "the report", "run", "start", f"iteration {PRINTED_AT}", "ratio", "end", "ratio at the end"]
    width = len(heads) if runs else 2
    return pd.DataFrame([line + [MISSING] * (width - len(line)) for line in lines], columns=heads[:width])


def _ours(run: Run, one: Ours, theirs: Losses) -> list[str]:
    printed, last = one.at(PRINTED_AT), one.course[-1]
    name = f"{run.part.backend} {run.part.image_size}"
    return [name, loss(one.course[0].total), *_compared(printed, theirs), *_compared(last, theirs)]


def _compared(ours: Losses | None, theirs: Losses) -> tuple[str, str]:
    if ours is None:
        return MISSING, MISSING
    pairs = ((ours.total, theirs.total), (ours.style, theirs.style), (ours.content, theirs.content))
    return _triple(ours), " / ".join(ratio(*pair) for pair in pairs)


def _triple(losses: Losses) -> str:
    return " / ".join(loss(value) for value in (losses.total, losses.style, losses.content))
