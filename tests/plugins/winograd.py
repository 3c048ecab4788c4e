"""Write Winograd's convolutions beside direct ones in float64, and their gradients: ``winograd.py WEIGHTS OUT.npz``."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import numpy as np
import torch
from nstbench_torch.winograd import TILE, WinogradConv2d, transforms
from torch import nn

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.testing.parity_job import pictures
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights import load_weight_set

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
    catalogue = load_catalogue()
    info, given = catalogue.backbones["torch", "vgg19"], load_weight_set(Path(weights))
    images = pictures("astronaut", "immunohistochemistry", 128, 0)
    objective = Objective(info.content_layers, info.style_layers, content_mean, style_mean)
    factors = objective.weight_table([TermWeights(info.content_layers, info.style_layers, 1e3, 1e-2)])
    cut = [layer for layer in info.layers if layer in objective.layers]
    found = {}
    for precision in ("float64", "float32", "winograd"):
        backend = load_target(catalogue.backends["torch"].target)()
        backend.configure(device="cpu", threads=1, precision=precision)
        extractor = backend.open(info, given, cut)
        session = backend.session(extractor, objective)
        targets = session.targets(images["content"], images["style"])
        table, gradient = session.value_and_gradient(images["probe"], targets, factors)
        found |= {f"{precision}/table": table, f"{precision}/gradient": gradient, f"{precision}/path": session.path}
        found |= {f"{precision}/deepest": extractor.features(images["probe"])[info.content_layers[0]]}
    return {key: np.asarray(value) for key, value in found.items()}


if __name__ == "__main__":
    np.savez(sys.argv[2], **layers(), **tile(), **network(sys.argv[1]))
