"""VGG19 on PyTorch in a precision, for the scripts beside this one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.testing.parity_job import pictures
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights import load_weight_set


def look(weights: str, size: int, precision: str) -> dict[str, np.ndarray]:
    """Losses and gradient of the probe picture, what ran the step, and the content layer, under ``<precision>/``."""
    catalogue = load_catalogue()
    info, given = catalogue.backbones["torch", "vgg19"], load_weight_set(Path(weights))
    images = pictures("astronaut", "immunohistochemistry", size, 0)
    objective = Objective(info.content_layers, info.style_layers, content_mean, style_mean)
    factors = objective.weight_table([TermWeights(info.content_layers, info.style_layers, 1e3, 1e-2)])
    backend = load_target(catalogue.backends["torch"].target)()
    backend.configure(device="cpu", threads=1, precision=precision)
    extractor = backend.open(info, given, [layer for layer in info.layers if layer in objective.layers])
    session = backend.session(extractor, objective)
    targets = session.targets(images["content"], images["style"])
    table, gradient = session.value_and_gradient(images["probe"], targets, factors)
    deepest = extractor.features(images["probe"])[info.content_layers[0]]
    found = {"table": table, "gradient": gradient, "path": np.array(session.path), "deepest": deepest}
    return {f"{precision}/{name}": values for name, values in found.items()}
