"""What the conformance kit asks of a reporter: files of a made-up run, the same twice, and sense where nothing ran."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp

from nstbench.errors import PluginError
from nstbench.plugin.descriptors import ReporterInfo
from nstbench.report.build import build_report
from nstbench.report.contents import Report
from nstbench.report.reporters import write_files
from nstbench.testing.announcing import FRAMEWORKS
from nstbench.testing.made_run import MIXED, NOTHING_OK, NOTHING_RUN, TAG, Fate, made_run
from nstbench.testing.nonconforming import Nonconforming, described

__all__ = ["REPORTER_CHECKS", "ReporterBench", "is_bitten"]

Files = Mapping[str, bytes]

TICK = 1.1
"""Seconds between two reports of one run: a clock that is shown with its seconds has moved."""
MARKUP = (".html", ".htm", ".xhtml", ".svg", ".xml")


@dataclass(frozen=True, slots=True)
class ReporterBench:
    """A reporter, and a folder that is empty at first, in which runs are made and which it works in.

    ``modules`` are those that were imported before it was. A run and its report are made once for all checks.
    """

    info: ReporterInfo
    folder: Path
    modules: frozenset[str]
    runs: dict[tuple[Fate, ...], Report] = field(default_factory=dict)

    @classmethod
    def open(cls, info: ReporterInfo, folder: Path) -> ReporterBench:
        """Go into the folder: what a reporter writes to a relative path shows, and spoils nobody's files."""
        os.chdir(folder)
        return cls(info, folder, frozenset(sys.modules))

    def run(self, fates: tuple[Fate, ...]) -> Report:
        """Return a run, of the cells' ``fates``, with its report written."""
        if fates not in self.runs:
            self.runs[fates] = build_report(made_run(Path(mkdtemp(dir=self.folder)) / "run", fates).path)
        return self.runs[fates]

    def files(self, run: Report) -> Files:
        """Have the reporter write its files, and return them by their names; it may change nothing else."""
        before = self._all()
        try:
            write_files(self.info, run)
        except PluginError as error:
            raise Nonconforming(str(error)) from error
        after, root = self._all(), run.folder.path
        own = [path for path in after if path.is_relative_to(root) and self._owns(path.relative_to(root))]
        changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        if strange := sorted(str(path.relative_to(self.folder)) for path in changed.difference(own)):
            raise Nonconforming(
                f"it changed {', '.join(strange)[:200]} by itself. Return {{file: contents}}; where a library must be "
                "given a path, return a function of one."
            )
        found = {path.relative_to(root).as_posix(): after[path] for path in sorted(own)}
        if hollow := [name for name, content in found.items() if not content]:
            raise Nonconforming(f"its {', '.join(hollow)[:200]} is empty. Leave out what has nothing to say.")
        return found

    def _owns(self, path: Path) -> bool:
        return path.parts[0] in self.info.files

    def _all(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


def report(bench: ReporterBench) -> str:
    """Files of a run with a failed cell, a lost picture and hostile names; no framework; names show as text."""
    found = bench.files(bench.run(MIXED))
    if not found:
        raise Nonconforming("it made no file of a run that has pictures, tables and failures. Return {file: contents}.")
    if imported := sorted({*FRAMEWORKS} & (sys.modules.keys() - bench.modules)):
        raise Nonconforming(
            f"it imports {', '.join(imported)}. A reporter runs in the process of the command, where no framework "
            "belongs: what only a worker can know is a metric."
        )
    if bitten := [name for name, content in found.items() if name.endswith(MARKUP) and is_bitten(content)]:
        raise Nonconforming(
            f"in {', '.join(bitten)[:200]} a name of the run has become markup. Pass every text through "
            "html.escape(text), quotes too, and '<' in a script's JSON through .replace('<', '\\\\u003c')."
        )
    size = sum(map(len, found.values())) / 1024
    return f"{len(found)} {'file' if len(found) == 1 else 'files'}, {size:.1f} KiB: {', '.join(found)[:200]}"


def repeat(bench: ReporterBench) -> str:
    """The same run gives the same files, a second later."""
    run = bench.run(MIXED)
    first = bench.files(run)
    time.sleep(TICK)
    second = bench.files(run)
    if differ := sorted(name for name in {*first, *second} if first.get(name) != second.get(name)):
        raise Nonconforming(
            f"the same run gives another {', '.join(differ)[:200]} the second time. Take times from the records, not "
            "from the clock, and draw no random numbers without a fixed seed."
        )
    return "twice the same"


def empty(bench: ReporterBench) -> str:
    """A run without a completed cell raises nothing."""
    counts = []
    for fates, what in ((NOTHING_OK, "every cell has failed"), (NOTHING_RUN, "nothing has run yet")):
        run = bench.run(fates)
        try:
            counts.append(f"{what}: {', '.join(bench.files(run)) or 'no file'}")
        except Nonconforming:
            raise
        except Exception as error:
            raise Nonconforming(
                f"where {what}, it raises {described(error)}. Say on the page that there is nothing to show, or return "
                "{}; numbers of cells that failed are missing, and run.link is None where there is no picture."
            ) from error
    return "; ".join(counts)


class _Markup(HTMLParser):
    bitten = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bitten |= tag == TAG or any(TAG in name for name, _ in attrs)


def is_bitten(content: bytes) -> bool:
    """Say whether a page, or a piece of one, has an element or an attribute made of ``made_run.HOSTILE``."""
    markup = _Markup()
    markup.feed(content.decode(errors="replace"))
    markup.close()
    return markup.bitten


REPORTER_CHECKS: dict[str, Callable[[ReporterBench], str]] = {
    check.__name__: check for check in (report, repeat, empty)
}
"""By name."""
