"""``python -m contestants NAME WORK.json``: one contestant, answering as ``contestants.gate`` says."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path

from contestants.gate import Gate
from contestants.work import read_work

__all__ = ["main"]


def main() -> None:
    """Run the contestant named on the command line; whatever it raises becomes its reason."""
    name, path = sys.argv[1:3]
    gate = Gate(read_work(Path(path)))
    module, _, argument = name.partition(":")
    try:
        play = importlib.import_module(f"contestants.{module}").play
        play(gate, *([argument] if argument else []))
    except BaseException as error:
        traceback.print_exc()
        first = (str(error).strip() or "no message").splitlines()[0]
        gate.answer("failed", reason=f"{type(error).__name__}: {first}")
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
