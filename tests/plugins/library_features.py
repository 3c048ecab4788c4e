"""Features of a picture at some layers of some networks, with random weights: ``library_features.py JOB.json OUT.npz``.

The job is a list of (backbone, height, width, layers). Arrays are named after the backbone: ``BACKBONE/LAYER`` is the
extractor's, ``BACKBONE/plain/LAYER`` what the library's own model gives, filled with the same, by hooks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from nstbench_torch.imports import import_torchvision

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.weights import WeightSet
from nstbench.weights.random import draw


def main(job: str, out: str) -> None:
    """Write the arrays."""
    catalogue = load_catalogue()
    backend = load_target(catalogue.backends["torch"].target)()
    backend.configure(device="cpu", threads=1, precision="float32")
    found = {}
    for backbone, height, width, layers in json.loads(Path(job).read_text()):
        info = catalogue.backbones["torch", backbone]
        tensors = draw(load_target(info.tensors)(backbone), 0)
        weights = WeightSet("random:0", backbone, "", "", info.preprocessing, tensors)
        picture = np.random.default_rng(0).uniform(0, 255, (1, height, width, 3)).astype(np.float32)
        ours = backend.open(info, weights, layers).features(picture)
        theirs = plain(backbone, weights, picture, layers)
        for layer in layers:
            found |= {f"{backbone}/{layer}": ours[layer], f"{backbone}/plain/{layer}": theirs[layer]}
    np.savez(out, **found)


def stock(backbone):
    family, _, name = backbone.partition(":")
    models = import_torchvision("torchvision.models")
    if family == "timm":
        import timm

        return timm.create_model(name)
    return models.get_model(name, weights=None)


def plain(backbone, weights, picture, layers):
    """Return the outputs of modules called as the layers, (1, positions, channels)."""
    model = stock(backbone).eval()
    state = {name: torch.from_numpy(np.array(values)) for name, values in weights.tensors.items()}
    assert not model.load_state_dict(state, strict=False).unexpected_keys
    seen = {}
    for layer in layers:
        model.get_submodule(layer).register_forward_hook(
            lambda _module, _given, output, layer=layer: seen.__setitem__(layer, output.detach().clone())
        )
    given = weights.preprocessing
    image = (picture - np.array(given.mean, np.float32)) / np.array(given.std, np.float32)
    with torch.no_grad():
        model(torch.from_numpy(image).permute(0, 3, 1, 2))
    return {name: np.moveaxis(maps[0].numpy(), 0, -1).reshape(1, -1, maps.shape[1]) for name, maps in seen.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
