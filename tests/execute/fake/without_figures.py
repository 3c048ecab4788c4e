"""``nstbench`` without the figures of the report, which take longer than everything else here."""

from __future__ import annotations

from nstbench.cli import main
from nstbench.report import build

if __name__ == "__main__":
    build.sheets = lambda *_: []
    main()
