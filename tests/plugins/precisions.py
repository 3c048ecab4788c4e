"""Write gradients of one objective in float32 and bf16 on PyTorch: ``precisions.py WEIGHTS OUT.npz``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from nstbench.errors import PluginError
from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.testing.parity_job import pictures
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights import load_weight_set


def main(weights: str, out: str) -> None:
    catalogue = load_catalogue()
    info, given = catalogue.backbones["torch", "vgg19"], load_weight_set(Path(weights))
    images = pictures("astronaut", "immunohistochemistry", 48, 0)
    objective = Objective(info.content_layers, info.style_layers, content_mean, style_mean)
    factors = objective.weight_table([TermWeights(info.content_layers, info.style_layers, 1e3, 1e-2)])
    layers = [layer for layer in info.layers if layer in objective.layers]
    found = {}
    for precision in ("float32", "bf16"):
        backend = load_target(catalogue.backends["torch"].target)()
        backend.configure(device="cpu", threads=1, precision=precision)
        extractor = backend.open(info, given, layers)
        session = backend.session(extractor, objective)
        targets = session.targets(images["content"], images["style"])
        table, gradient = session.value_and_gradient(images["probe"], targets, factors)
        found |= {f"{precision}/table": table, f"{precision}/gradient": gradient}
        found[f"{precision}/path"] = np.array(session.path)
    try:
        backend.configure(device="cpu", threads=1, precision="tf32")
    except PluginError as error:
        found["tf32"] = np.array(str(error))
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
