"""Read networks off Keras anew: ``keras_rows.py OUT.json NAME...``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"

import msgspec
from nstbench_keras.applications_table import row

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(msgspec.json.encode([row(name) for name in sys.argv[2:]]))
