"""``python -m nstbench``."""

from __future__ import annotations

from nstbench.cli import main

if __name__ == "__main__":
    main()
