"""Trace networks of torchvision anew: ``torchvision_rows.py OUT.json NAME...``."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from nstbench_torch.torchvision_table import row

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(msgspec.json.encode([row(name) for name in sys.argv[2:]]))
