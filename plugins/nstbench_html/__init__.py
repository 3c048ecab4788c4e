"""``report.html``: one page of a run, pictures and all, that opens from disk. Importing this imports no Jinja2."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench import hookimpl
from nstbench.plugin.descriptors import ReporterInfo

__all__ = ["nstbench_reporters"]


@hookimpl
def nstbench_reporters() -> Iterable[ReporterInfo]:
    """Announce the page."""
    yield ReporterInfo("html", "nstbench_html.page:page", files=("report.html",))
