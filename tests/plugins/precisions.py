"""Write gradients of one objective in float32 and bf16 on PyTorch: ``precisions.py WEIGHTS OUT.npz``."""

from __future__ import annotations

import sys

import numpy as np
from nstbench_torch.backend import TorchBackend
from on_torch import look

from nstbench.errors import PluginError


def main(weights: str, out: str) -> None:
    found = look(weights, 48, "float32") | look(weights, 48, "bf16")
    try:
        TorchBackend().configure(device="cpu", threads=1, precision="tf32")
    except PluginError as error:
        found["tf32"] = np.array(str(error))
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
