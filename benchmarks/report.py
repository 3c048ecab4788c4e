"""What rebuilding a report costs: seconds, memory, files and bytes, for made-up runs of so many records.

python benchmarks/report.py                      # 40 and 1,000 records
python benchmarks/report.py --records 1000 --keep DIR
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Return the command line; nothing but the standard library is needed for it."""
    found = argparse.ArgumentParser(
        prog="report.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--records", default="40,1000", metavar="N,N", help="how many records (40,1000)")
    found.add_argument("--repeats", type=int, default=1, metavar="N", help="rebuild each so often, take the median (1)")
    found.add_argument("--keep", type=Path, metavar="DIR", help="make the runs there and leave them (a temporary one)")
    return found


def main() -> None:
    """Run from the command line: 0 done, 1 a report failed, 2 something is missing or wrong."""
    options = parser().parse_args()
    counts = options.records.split(",")
    if not all(count.isdecimal() and int(count) for count in counts):
        parser().error(f"--records {options.records}: give whole numbers, like 40,1000")
    from reporting.run import run

    sys.exit(run([int(count) for count in counts], options.repeats, options.keep))


if __name__ == "__main__":
    main()
