"""Write weight files exactly as Keras and torchvision publish them; run as a program for those that need PyTorch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Tensors = Mapping[str, np.ndarray]


def old_name(layer: str, parameter: str) -> str:
    """VGG19's file of 2016."""
    return f"{layer}_{ {'kernel': 'W', 'bias': 'b'}[parameter] }_1:0"


def new_name(layer: str, parameter: str) -> str:
    """ResNet50's file of 2019."""
    return f"{layer}/{parameter}:0"


def write_h5(
    path: Path, tensors: Tensors, named: Callable[[str, str], str], *, top: bool = False, attributes: bool = True
) -> None:
    """Write a group per layer, layers without weights included, names of layers and weights in attributes."""
    import h5py

    members: dict[str, list[str]] = {"input_1": []}
    for name in tensors:
        layer, _, parameter = name.partition("/")
        members.setdefault(layer, []).append(parameter)
    members["some_pool"] = []
    with h5py.File(path, "w") as file:
        if attributes:
            file.attrs["layer_names"] = [name.encode() for name in members]
        for layer, parameters in members.items():
            group = file.create_group(layer)
            if attributes:
                group.attrs["weight_names"] = [named(layer, one).encode() for one in parameters]
            for one in parameters:
                group.create_dataset(named(layer, one), data=tensors[f"{layer}/{one}"])
        if top:
            group = file.create_group("predictions")
            group.attrs["weight_names"] = [b"predictions/kernel:0", b"predictions/bias:0"]
            group.create_dataset("predictions/kernel:0", data=np.zeros((4, 1000), np.float32))
            group.create_dataset("predictions/bias:0", data=np.zeros(1000, np.float32))


def write_state_dict(path: Path, tensors: Tensors, modules: Mapping[str, str], backbone: str) -> None:
    """Write a torchvision state dict, classifier and counters included (the classifier's zeros take no room)."""
    import torch

    batch_norm = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    keys = {"kernel": "weight", "bias": "bias", **batch_norm}
    state = {}
    for name, values in tensors.items():
        layer, _, parameter = name.partition("/")
        tensor = torch.from_numpy(values)
        state[f"{modules[layer]}.{keys[parameter]}"] = (
            tensor.permute(3, 2, 0, 1).clone() if tensor.ndim == 4 else tensor
        )
        if parameter == "moving_variance":
            state[f"{modules[layer]}.num_batches_tracked"] = torch.tensor(5)
    linear = {"resnet50": {"fc": (1000, 2048)}}.get(backbone) or {
        "classifier.0": (4096, 25088),
        "classifier.3": (4096, 4096),
        "classifier.6": (1000, 4096),
    }
    for module, (outputs, inputs) in linear.items():
        state[f"{module}.weight"] = torch.zeros(1).expand(outputs, inputs)
        state[f"{module}.bias"] = torch.zeros(outputs)
    torch.save(state, path)


def main(source: str, out: str, backbone: str) -> None:
    """Write the canonical file ``source`` as a torchvision state dict."""
    from nstbench_torch.layers import modules

    from nstbench.weights import load_weight_set

    write_state_dict(Path(out), load_weight_set(Path(source)).tensors, modules(backbone), backbone)


if __name__ == "__main__":
    main(*sys.argv[1:])
