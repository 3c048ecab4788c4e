"""Write PyTorch's maximum pooling and the lean one, and their gradients, bit by bit: ``pooling.py OUT.npz``."""

from __future__ import annotations

import sys

import numpy as np
import torch
from nstbench_torch.pooling import LeanMaxPool2d, use_lean_pooling
from torch import nn

POOLS = {
    "2": nn.MaxPool2d(2),
    "3-2-1": nn.MaxPool2d(3, stride=2, padding=1),
    "ceil": nn.MaxPool2d(3, stride=2, ceil_mode=True),
    "dilated": nn.MaxPool2d((3, 2), stride=1, dilation=2),
}


def main(out: str) -> None:
    torch.manual_seed(0)
    x = torch.randint(0, 4, (2, 5, 17, 23)).float().contiguous(memory_format=torch.channels_last)  # many are equal
    found = {}
    for name, pool in POOLS.items():
        handed = torch.randn_like(pool(x))
        network = nn.Sequential(pool)
        use_lean_pooling(network)
        assert isinstance(network[0], LeanMaxPool2d)
        for way, module in (("plain", pool), ("lean", network)):
            given = x.clone().requires_grad_(True)
            made = module(given)
            (gradient,) = torch.autograd.grad(made, given, handed)
            found |= {f"{name}/{way}/y": made.detach().numpy(), f"{name}/{way}/g": gradient.numpy()}
    np.savez(out, **found)


if __name__ == "__main__":
    main(sys.argv[1])
