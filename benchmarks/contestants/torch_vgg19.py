"""torchvision's VGG19 filled with the weights that everybody has."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from contestants.work import Work

__all__ = ["import_torchvision", "load_image", "vgg19"]

_IMPORTS = Path(__file__).parents[2] / "plugins" / "nstbench_torch" / "imports.py"


def import_torchvision(name: str = "torchvision.models") -> ModuleType:
    """Import torchvision as nstbench does, even where its compiled operators do not load; a peer finds it imported.

    The function is loaded from its file: a peer's environment has no nstbench.
    """
    specification = importlib.util.spec_from_file_location("tolerant_imports", _IMPORTS)
    if specification is None or specification.loader is None:
        raise ImportError(f"{_IMPORTS} is not there")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    imported: ModuleType = module.import_torchvision(name)
    return imported


def vgg19(work: Work, *, channels: str) -> Any:
    """Return torchvision's VGG19, frozen, its convolutions filled, reading ``BGR``, as the weights are, or ``RGB``.

    The classifier stays as it is made: torchvision brings no VGG19 without.
    """
    import numpy as np
    import torch

    model = import_torchvision().vgg19(weights=None).requires_grad_(False)
    convolutions = [module for module in model.features if isinstance(module, torch.nn.Conv2d)]
    with np.load(work.weights) as stored:
        names = [name.removesuffix("/kernel") for name in stored.files if name.endswith("/kernel")]
        for module, name in zip(convolutions, sorted(names), strict=True):
            kernel = torch.from_numpy(stored[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
            first_in_rgb = module.in_channels == 3 and channels == "RGB"
            module.weight.data = kernel.flip(1).contiguous() if first_in_rgb else kernel
            module.bias = torch.nn.Parameter(torch.from_numpy(stored[f"{name}/bias"]), requires_grad=False)
    return model


def load_image(path: str, work: Work) -> Any:
    """Return a picture as the network reads it: (1, 3, H, W), BGR, grey levels less the mean."""
    import numpy as np
    import torch
    from PIL import Image

    pixels = np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)[..., ::-1]
    centred = pixels - np.array(work.mean, dtype=np.float32)
    return torch.from_numpy(np.ascontiguousarray(centred.transpose(2, 0, 1)))[None]
