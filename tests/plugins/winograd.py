"""Write Winograd's convolutions beside direct ones in float64, and their gradients: ``winograd.py WEIGHTS OUT.npz``."""

from __future__ import annotations

import copy
import sys

import numpy as np
import torch
from nstbench_torch.winograd import TILE, WinogradConv2d, transforms
from on_torch import look
from torch import nn

SHAPES = [(1, 64, 64, 64, 64), (2, 64, 128, 35, 41), (3, 128, 64, 33, 50), (1, 256, 256, 32, 33), (1, 64, 64, 8, 8)]
LAST = torch.channels_last


def layers() -> dict[str, np.ndarray]:
    torch.manual_seed(0)
    found = {}
    for batch, channels, results, height, width in SHAPES:
        direct = nn.Conv2d(channels, results, 3, padding=1).requires_grad_(False).to(memory_format=LAST)
        x = torch.randn(batch, channels, height, width).relu().contiguous(memory_format=LAST)
        handed = torch.randn(batch, results, height, width)
        exact = copy.deepcopy(direct).double()
        for name, module, kind in (("wino", WinogradConv2d(direct), torch.float32), ("exact", exact, torch.float64)):
            given = x.to(kind).requires_grad_(True)
            made = module(given)
            (gradient,) = torch.autograd.grad(made, given, handed.to(kind))
            assert made.dtype == gradient.dtype == kind
            shape = f"{batch}x{channels}x{results}x{height}x{width}"
            found |= {f"{shape}/{name}/y": made.detach().numpy(), f"{shape}/{name}/g": gradient.numpy()}
    return found


def tile() -> dict[str, np.ndarray]:
    """One tile in float64: the algorithm itself is exact."""
    random = np.random.RandomState(0)
    image, kernel = random.normal(size=(TILE + 2, TILE + 2)), random.normal(size=(3, 3))
    into, of_kernel, out_of = (one.numpy() for one in transforms())
    made = out_of @ ((of_kernel @ kernel.ravel()) * (into @ image.ravel()))
    direct = [np.sum(image[i : i + 3, j : j + 3] * kernel) for i in range(TILE) for j in range(TILE)]
    return {"tile/made": made, "tile/direct": np.array(direct)}


def network(weights: str) -> dict[str, np.ndarray]:
    return look(weights, 128, "float64") | look(weights, 128, "float32") | look(weights, 128, "winograd")


if __name__ == "__main__":
    np.savez(sys.argv[2], **layers(), **tile(), **network(sys.argv[1]))
