"""How time and memory grow: with the size of the pictures, the number of style layers, the batch, the number of cells.

python benchmarks/growth.py                                  # results/growth.csv, docs/performance.md and its figures
python benchmarks/growth.py --backend torch --axis size --values 1024
python benchmarks/growth.py --quick                          # a few small points; printed, not kept
python benchmarks/growth.py --page                           # only the page and its figures, from results/growth.csv
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contest.cores import cores


def parser() -> argparse.ArgumentParser:
    """Return the command line; nothing but the standard library is needed for it."""
    found = argparse.ArgumentParser(
        prog="growth.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--backend", choices=("torch", "tensorflow", "both"), default="both", help="which (both)")
    found.add_argument("--axis", choices=("size", "layers", "batch", "cells"), help="one of them (all)")
    found.add_argument("--values", metavar="N,N", help="other values of the axis; they replace rows of the same value")
    found.add_argument("--iterations", type=int, metavar="N", help="iterations of each point (3 to 20, by axis)")
    found.add_argument("--threads", type=int, default=cores(), metavar="N", help="threads (all cores)")
    found.add_argument("--limit-s", type=float, default=120, metavar="S", help="no point that takes longer (120)")
    found.add_argument("--attempts", type=int, default=2, metavar="N", help="measure again if disturbed (2 in all)")
    found.add_argument("--quick", action="store_true", help="small points; printed, kept with --results only")
    found.add_argument("--page", action="store_true", help="measure nothing: write the page from the stored rows")
    found.add_argument("--results", type=Path, metavar="DIR", help="folder of growth.csv (benchmarks/results)")
    found.add_argument("--docs", type=Path, metavar="DIR", help="folder of performance.md and figures/ (docs)")
    return found


def main() -> None:
    """Run from the command line: 0 done, 1 a point failed, 2 something is missing or wrong."""
    options = parser().parse_args()
    if options.values and not options.axis:
        parser().error("--values are of an --axis")
    from scaling.run import run

    sys.exit(run(options))


if __name__ == "__main__":
    main()
