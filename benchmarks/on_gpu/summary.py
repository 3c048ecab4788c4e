"""The end of a run: what was judged, what was measured, and what did not run, as markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from on_gpu.ledger import Ledger, Row

__all__ = ["summary"]

KEYS = (
    "matrix product",
    "optimise_s",
    "first_step_s",
    "step with",
    "share of",
    "peak memory",
    "start total",
    "final total",
    "TensorFlow",
)
"""Parts of the names of unjudged values that the summary shows; growth and convolutions are for the CSV."""


def summary(ledger: Ledger) -> str:
    """Return bounds with pass or fail, the main figures, and failures."""
    machine = ", ".join(f"{name} {value}" for name, value in ledger.common.items() if value)
    lines = [
        "",
        f"## GPU: {machine}",
        "",
        *_judged(ledger.rows),
        "",
        *_figures(ledger.rows),
        "",
        *_missing(ledger.rows),
    ]
    return "\n".join([*lines, "", f"All rows: {ledger.path}"])


def _judged(rows: Sequence[Row]) -> Iterator[str]:
    judged = [row for row in rows if row.get("passed")]
    kept = sum(row["passed"] == "yes" for row in judged)
    yield f"{kept} of {len(judged)} bounds hold."
    if judged:
        yield from (
            "",
            "| bound | network | precision | size | batch | value | | |",
            "|---|---|---|---|---|---|---|---|",
        )
    for row in judged:
        verdict = "pass" if row["passed"] == "yes" else "**FAIL**"
        yield f"| {row['what']} | {_where(row)} | {_value(row)} | {row['bound']} | {verdict} |"


def _figures(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("| figure | network | precision | size | batch | value |", "|---|---|---|---|---|---|")
    for row in rows:
        named = any(key in row.get("what", "") for key in KEYS) and not row["what"].startswith("growth")
        if named and not row.get("passed") and row.get("value") is not None:
            yield f"| {row['what']} | {_where(row)} | {_value(row)} |"


def _missing(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row["status"] != "ok":
            what = row.get("what") or row["task"]
            yield f"- {what}: {row['status']}: {row.get('reason', '')}"


def _where(row: Row) -> str:
    return " | ".join(str(row.get(name, "")) for name in ("network", "precision", "size", "batch"))


def _value(row: Row) -> str:
    return f"{row['value']:.4g} {row['unit']}".strip()
