"""A run and its page, the page made when somebody first asks for it: what it is made of takes a second to import."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from nstbench.results.folder import RunFolder
from nstbench.watch.server import Answer

if TYPE_CHECKING:
    from nstbench.watch.site import Site

__all__ = ["RunSite", "give_way"]


@dataclass(slots=True)
class RunSite:
    """Finds what is at an address of the page of the run in ``run``."""

    run: Path
    _site: Site | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, path: str) -> Answer | None:
        """Return what is there, None if there is nothing. Raises ``RunError`` where the run cannot be read."""
        with self._lock:
            if self._site is None:
                from nstbench.watch.site import Site

                self._site = Site(RunFolder(self.run.absolute()))
        return self._site(path)

    def attentive(self, seconds: float) -> bool:
        """Say whether a page has asked what is new in the last ``seconds``."""
        return self._site is not None and monotonic() - self._site.asked < seconds

    @property
    def told(self) -> bool:
        """Whether a page has heard that the run is over."""
        return self._site is not None and self._site.told


def give_way() -> None:
    """Let everything else go first: a page must not slow down the steps whose time it shows."""
    os.nice(10)
