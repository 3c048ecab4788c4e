"""Features of a picture at some layers: ``library_features.py BACKBONE WEIGHTS OUT.npz HEIGHT WIDTH LAYER...``.

Beside the extractor's, under ``plain/``, what the library's own model gives, filled from the same file, by hooks.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from nstbench_torch.imports import import_torchvision

from nstbench.plugin import load_catalogue
from nstbench.plugin.target import load_target
from nstbench.weights import load_weight_set


def main(backbone: str, path: str, out: str, height: str, width: str, *layers: str) -> None:
    """Write the arrays."""
    catalogue = load_catalogue()
    info, weights = catalogue.backbones["torch", backbone], load_weight_set(Path(path))
    backend = load_target(catalogue.backends["torch"].target)()
    backend.configure(device="cpu", threads=1, precision="float32")
    picture = np.random.default_rng(0).uniform(0, 255, (1, int(height), int(width), 3)).astype(np.float32)
    found = backend.open(info, weights, layers).features(picture)
    np.savez(out, **found, **{f"plain/{name}": one for name, one in plain(backbone, weights, picture, layers).items()})


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
