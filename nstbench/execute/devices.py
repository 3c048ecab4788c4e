"""Which device a backend gets, decided before anything runs and without a framework in this process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from nstbench.errors import RunError
from nstbench.execute.identity import backend_version
from nstbench.files import cache_dir, write_text
from nstbench.measure.device import has_nvidia
from nstbench.plugin import Catalogue

__all__ = ["Devices"]

_PROBE = """
import json, sys
from nstbench.plugin.target import load_target
print("devices:" + json.dumps(dict(load_target(sys.argv[1])().devices())))
"""


@dataclass(slots=True)
class Devices:
    """Resolves ``auto``, ``cpu``, ``cuda`` and ``cuda:N`` per backend.

    A machine without an NVIDIA device is recognised at once. Otherwise each backend is asked once, in a process of its
    own; the answer is remembered for its version.
    """

    requested: str
    catalogue: Catalogue
    _known: dict[str, dict[str, str]] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ``RunError`` if a GPU is asked for on a machine without one, or the name is not a device's."""
        if not re.fullmatch("auto|cpu|cuda(:[0-9]{1,3})?", self.requested):
            raise RunError(f"--device {self.requested[:40]!r} is not one of auto, cpu, cuda, cuda:N.")
        if self.requested.startswith("cuda") and not has_nvidia():
            raise RunError(
                f"--device {self.requested}: this machine has no NVIDIA GPU. Use --device cpu, or leave it out."
            )

    def choose(self, backend: str) -> tuple[str, str]:
        """Return (device, problem) for a backend; the problem is empty if it can run."""
        if self.requested == "cpu" or not has_nvidia():
            return "cpu", ""
        found = self._ask(backend)
        wanted = "cuda:0" if self.requested in ("auto", "cuda") else self.requested
        if wanted in found:
            return wanted, ""
        if self.requested == "auto":
            return "cpu", ""
        return wanted, f"{backend} ({backend_version(backend, self.catalogue)}) sees no device {wanted}"

    def _ask(self, backend: str) -> dict[str, str]:
        if backend not in self._known:
            visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all")
            version = re.sub("[^a-z0-9.+-]+", "-", f"{backend_version(backend, self.catalogue)} {visible}".lower())
            memory = cache_dir() / "devices" / f"{version}.json"
            self._known[backend] = _remembered(memory) or _probe(self.catalogue.backends[backend].target)
            if len(self._known[backend]) > 1:  # an answer without a GPU may change when a driver is mended
                with contextlib.suppress(RunError):
                    write_text(memory, json.dumps(self._known[backend]))
        return self._known[backend]


def _remembered(memory: Path) -> dict[str, str]:
    try:
        return dict(json.loads(memory.read_text()))
    except (OSError, ValueError):
        return {}


def _probe(target: str) -> dict[str, str]:
    command = [sys.executable, "-c", _PROBE, target]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {"cpu": "CPU"}
    lines = [line for line in answer.stdout.splitlines() if line.startswith("devices:")]
    return dict(json.loads(lines[-1].removeprefix("devices:"))) if lines else {"cpu": "CPU"}
