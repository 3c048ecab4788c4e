"""Trace networks of a library anew: ``library_rows.py torchvision|timm OUT.json NAME...``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import msgspec

TABLES = {"torchvision": "nstbench_torch.torchvision_table", "timm": "nstbench_timm.table"}

if __name__ == "__main__":
    table = importlib.import_module(TABLES[sys.argv[1]])
    Path(sys.argv[2]).write_bytes(msgspec.json.encode([table.row(name) for name in sys.argv[3:]]))
