"""nstbench: a comparison benchmark for neural style transfer.

``load_suite``, ``plan``, ``run`` and ``read_results`` are what the command line itself calls; plugins use ``hookimpl``
and the descriptors of ``nstbench.plugin.descriptors``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nstbench.plugin.markers import hookimpl

if TYPE_CHECKING:
    from nstbench.api import load_suite, plan, read_results, run

__all__ = ["__version__", "hookimpl", "load_suite", "plan", "read_results", "run"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # A plugin's ``from nstbench import hookimpl`` must not pay for the runner.
    if name in ("load_suite", "plan", "read_results", "run"):
        from nstbench import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
