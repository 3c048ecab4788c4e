"""``python -m nstbench.watch RUN``: serve the page of a run, beside it, until standard input ends.

The first line it prints is the address. Standard input ends with whoever started it, however that dies.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from time import monotonic, sleep

from nstbench.watch.server import WatchServer
from nstbench.watch.serving import RunSite, give_way

__all__ = ["main"]

_ATTENTIVE_S = 5.0
"""A page that asked what is new no longer ago than this is being looked at."""
_FAREWELL_S = 4.0


def main() -> None:
    """Serve the run named on the command line."""
    give_way()
    site = RunSite(Path(sys.argv[1]))
    server = WatchServer(site.find)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.address}\n")
    sys.stdout.flush()
    while os.read(0, 4096):
        pass
    _say_farewell(site)
    server.shutdown()
    os._exit(0)


def _say_farewell(site: RunSite) -> None:
    """Let a page that somebody looks at learn how the run ended, and fetch its last pictures."""
    end = monotonic() + _FAREWELL_S
    while site.attentive(_ATTENTIVE_S) and not site.told and monotonic() < end:
        sleep(0.05)
    if site.told:
        sleep(1.0)


if __name__ == "__main__":
    main()
