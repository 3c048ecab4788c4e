"""Whether a plugin keeps to the contract: what ``nstbench check-plugin`` and the pytest plugin run.

Nothing that is checked is imported here: each announced thing is checked in processes of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nstbench.errors import NstbenchError, PluginError
from nstbench.measure.environment import absent_distributions, what_is_lacking
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.plugin.expected import expected_failures
from nstbench.suite.suggest import suggestion
from nstbench.testing.announcing import announced, check_descriptors, check_import, check_known
from nstbench.testing.conformance_job import (
    CHECKS,
    Answer,
    BackboneRequest,
    LossRequest,
    MetricRequest,
    ReporterRequest,
    Request,
    answers,
)
from nstbench.testing.parity_job import NetworkJob, ParityJob, pictures, weights_file
from nstbench.testing.real_worker import STEPS, run_for_real
from nstbench.testing.verify import weights_at_hand

__all__ = ["SIZE", "Finding", "check_plugin", "planned"]

SIZE = 32
"""Side, px, of the pictures that a backbone is checked with."""
METRIC_SIZE = 192
"""That of a metric's: MS-SSIM has five scales."""
PICTURES = ("astronaut", "immunohistochemistry")
APART = {"differences": "float64", "worker": "the runner's"}
"""Checks of a backbone that are made elsewhere than in the process with float32."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check of one thing ended: ``pass``, ``fail``, ``skip`` or ``xfail``, with figures or what to do.

    ``subject`` is ``backend/backbone``, ``role:loss``, the metric's name or ``reporter:name``; empty for the plugin as
    a whole.
    """

    check: str
    subject: str
    status: str
    message: str


@dataclass(frozen=True, slots=True)
class _Kit:
    catalogue: Catalogue
    plugin: str
    size: int
    weights_dir: Path | None
    folder: Path
    only: Collection[str]
    names: str

    def wanted(self, kind: str) -> tuple[str, ...]:
        """Return the checks that are to be made of things of a kind."""
        return tuple(check for check in CHECKS[kind] if not self.only or check in self.only)

    def findings(self) -> Iterator[Finding]:
        whole = {"descriptor": check_descriptors, "import": check_import}
        checks = () if self.names else self.wanted("plugin")
        yield from _about("", [whole[check](self.catalogue, self.plugin) for check in checks])
        for kind, key, subject in announced(self.catalogue, self.plugin, self.names):
            check: Callable[[Any, tuple[str, ...]], list[Answer]] = getattr(self, kind)
            try:
                found = check(key, self.wanted(kind))
            except NstbenchError as error:  # weights are not here, pictures cannot be read
                text = f"it could not be checked: {error}"
                found = [Answer(name, "fail", text) for name in self.wanted(kind)]
            yield from _about(subject, found)

    def backbones(self, key: tuple[str, str], checks: tuple[str, ...]) -> list[Answer]:
        info = self.catalogue.backbones[key]
        if missing := what_is_lacking("it", (*self.catalogue.backends[key[0]].requires, *info.requires)):
            return [Answer(name, "skip", missing) for name in checks]
        weights = weights_at_hand(self.catalogue, *key, self.weights_dir)
        path = weights_file(weights, info.name, self.catalogue, self.weights_dir)
        found: list[Answer] = []
        for precision in ("float32", "float64"):
            here = tuple(name for name in checks if APART.get(name, "float32") == precision)
            found += self._answers(BackboneRequest(here, self._job(info, path, precision)))
        if "worker" in checks:
            with tempfile.TemporaryDirectory(dir=self.folder) as name:
                size = self._size(info)
                found.append(run_for_real(info, weights, size, self.catalogue, Path(name), self.weights_dir))
        return found

    def _size(self, info: BackboneInfo) -> int:
        """Return the side of the pictures for a backbone, px: more for a network that needs more."""
        return max(self.size, info.smallest_side)

    def losses(self, key: tuple[str, str], checks: tuple[str, ...]) -> list[Answer]:
        info = self.catalogue.losses[key]
        if missing := what_is_lacking("it", info.requires):
            return [Answer(name, "skip", missing) for name in checks]
        usable = [one for one in self.catalogue.backends.values() if not absent_distributions(one.requires)]
        framework = min(usable, key=lambda one: (one.name != "torch", one.name), default=None)
        return self._answers(LossRequest(checks, info, framework))

    def metrics(self, key: str, checks: tuple[str, ...]) -> list[Answer]:
        return self._answers(MetricRequest(checks, self.catalogue.metrics[key], self._pictures(METRIC_SIZE)))

    def reporters(self, key: str, checks: tuple[str, ...]) -> list[Answer]:
        info = self.catalogue.reporters[key]
        if missing := what_is_lacking("it", info.requires):
            return [Answer(name, "skip", missing) for name in checks]
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            return self._answers(ReporterRequest(checks, info, name))

    def _answers(self, request: Request) -> list[Answer]:
        return answers(request, self.folder) if request.checks else []

    def _pictures(self, size: int) -> str:
        path = self.folder / f"{size}.npz"
        if not path.exists():
            np.savez(path, **pictures(*PICTURES, size, seed=0))  # type: ignore[arg-type]
        return str(path)

    def _job(self, info: BackboneInfo, weights: str, precision: str) -> ParityJob:
        return ParityJob(
            backend=self.catalogue.backends[info.backend],
            precision=precision,
            device="cpu",
            threads=1,
            networks=(NetworkJob(info, weights),),
            losses={},
            images=self._pictures(self._size(info)),
            iterations=STEPS,
            learning_rates=(),
            directions=2,
            seed=0,
        )


def check_plugin(
    plugin: str,
    catalogue: Catalogue | None = None,
    *,
    size: int = SIZE,
    weights_dir: Path | None = None,
    only: Collection[str] = (),
    backbones: str = "",
) -> list[Finding]:
    """Return what the kit finds, in the order of ``planned``; what the plugin expects to fail is ``xfail``.

    ``only`` narrows it to checks of these names, ``backbones`` to the networks that match this pattern, those of the
    plugin's families included, of which else only the descriptors are checked. ``size`` is that of the pictures for
    backbones, px. Raises ``PluginError`` for a plugin that is not installed, a pattern that matches nothing, and for
    expected failures that are no table of known checks.
    """
    catalogue = catalogue or load_catalogue()
    check_known(catalogue, plugin)
    expected = expected_failures(catalogue, plugin)
    for check in (*only, *expected):
        if check not in (known := {name for names in CHECKS.values() for name in names}):
            raise PluginError(f"the kit has no check {check[:40]!r}{suggestion(check, known)}")
    with tempfile.TemporaryDirectory(prefix="nstbench-check-") as name:
        found = list(_Kit(catalogue, plugin, size, weights_dir, Path(name), only, backbones).findings())
    if backbones and not found:
        known = {key[1] for key in catalogue.backbones if catalogue.owner("backbones", key) == plugin}
        raise PluginError(f"{plugin} has no backbone {backbones[:60]!r}{suggestion(backbones, known)}")
    return [_excused(one, expected, found, partly=bool(backbones)) for one in found]


def planned(plugin: str, catalogue: Catalogue | None = None) -> list[tuple[str, str]]:
    """Return (check, subject) of every check of a plugin. Raises ``PluginError`` for one that is not installed."""
    catalogue = catalogue or load_catalogue()
    check_known(catalogue, plugin)
    found = [(check, "") for check in CHECKS["plugin"]]
    return found + [(check, subject) for kind, _, subject in announced(catalogue, plugin) for check in CHECKS[kind]]


def _about(subject: str, found: list[Answer]) -> Iterator[Finding]:
    for one in found:
        yield Finding(one.check, subject, one.status, one.message)


def _excused(one: Finding, expected: Mapping[str, str], found: list[Finding], *, partly: bool) -> Finding:
    """An expected failure is no failure; one that nowhere fails any more is one, so that the list stays true."""
    if one.check not in expected:
        return one
    if one.status == "fail":
        return replace(one, status="xfail", message=f"expected: {expected[one.check]} ({one.message})")
    if (
        one.status == "pass"
        and not partly
        and not any(each.check == one.check and each.status == "fail" for each in found)
    ):
        text = "it passes, but expected_failures says that it fails: take it out of there."
        return replace(one, status="fail", message=text)
    return one
