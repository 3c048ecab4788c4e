"""Measure EfficientNet-Lite0 in a process of its own: ``efficientnet_lite.py WEIGHTS OUT.npz``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from nstbench_efficientnet_lite.network import ConvNorm, build
from PIL import Image
from skimage import data
from torch import Tensor, nn
from torch.nn import functional

from nstbench.plugin import load_catalogue
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.plugin.target import load_target
from nstbench.transfer.losses import content_mean, style_mean
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights import WeightSet, load_weight_set

Arrays = dict[str, np.ndarray]
PICTURES = ("astronaut", "chelsea", "coffee", "rocket")
IMAGENET = (np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375]))


def picture(name: str, side: int = 224) -> np.ndarray:
    """Return the middle of a picture, as classifiers are tested; (side, side, 3)."""
    image = Image.fromarray(getattr(data, name)())
    part = min(image.size) * 7 // 8
    left, top = (image.width - part) // 2, (image.height - part) // 2
    cropped = image.crop((left, top, left + part, top + part))
    return np.asarray(cropped.resize((side, side), Image.Resampling.BICUBIC), np.float32)


def batch(images: np.ndarray, mean: Any, std: Any) -> Tensor:
    return torch.tensor(((images - np.array(mean)) / np.array(std)).astype(np.float32)).permute(0, 3, 1, 2)


def misfit(network: nn.Module, images: Tensor) -> float:
    """Mean squared distance of the channels' means from the stored ones, in stored standard deviations."""
    found: list[Tensor] = []

    def look(layer: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        far = inputs[0].mean((0, 2, 3)) - layer.running_mean
        found.append((far**2 / (layer.running_var + layer.eps)).mean())

    with ExitStack() as hooks, torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                hooks.callback(layer.register_forward_pre_hook(look).remove)
        network(images)
    return float(torch.stack(found).mean())


def misfits(weights: WeightSet) -> Iterator[tuple[str, float]]:
    """Yield the misfit of the network and of what it would be in other conventions."""
    images = np.stack([picture(name) for name in PICTURES])
    given = batch(images, weights.preprocessing.mean, weights.preprocessing.std)
    yield "as it is", misfit(build(weights), given)
    yield "ImageNet's mean", misfit(build(weights), batch(images, *IMAGENET))
    changed = build(weights)
    for layer in changed.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = 1e-5
    yield "PyTorch's epsilon", misfit(changed, given)


def probabilities(weights: WeightSet) -> Arrays:
    images = np.stack([picture(name) for name in PICTURES])
    with torch.no_grad():
        logits = build(weights)(batch(images, weights.preprocessing.mean, weights.preprocessing.std))
    return dict(zip(PICTURES, functional.softmax(logits, dim=1).numpy(), strict=True))


def sampled() -> Iterator[tuple[str, np.ndarray]]:
    """Yield the columns that the middles of a convolution of stride 2 fall on, by kernel and width."""
    for kernel in (3, 5):
        layer = ConvNorm(1, 1, kernel, stride=2, linear=True).eval()
        layer.conv.weight.data = torch.zeros(1, 1, kernel, kernel)
        layer.conv.weight.data[..., kernel // 2, kernel // 2] = (1 + layer.bn.eps) ** 0.5
        for width in (8, 9):
            columns = torch.arange(width, dtype=torch.float32).expand(1, 1, 8, width)
            yield f"{kernel}/{width}", layer(columns)[0, 0, 0].detach().numpy()


def plain(info: BackboneInfo, weights: WeightSet, image: np.ndarray) -> Arrays:
    """Return each layer by a hook that copies at once what the module returns; ``(M, N)``."""
    network, found = build(weights), {}
    for name, module in info.layers.items():
        network.get_submodule(module).register_forward_hook(
            lambda _module, _inputs, output, name=name: found.__setitem__(name, output.clone())
        )
    with torch.no_grad():
        network(batch(image, weights.preprocessing.mean, weights.preprocessing.std))
    return {name: value[0].flatten(1).T.numpy() for name, value in found.items()}


def work(info: BackboneInfo, weights: WeightSet) -> Iterator[tuple[str, np.ndarray]]:
    """Yield multiply-accumulates and numbers put out until each layer is done, counted as the network runs."""
    network, done = build(weights), np.zeros(2)

    def count(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        if isinstance(layer, nn.Conv2d):
            done[0] += output.numel() * layer.weight[0].numel()
        done[1] += output.numel()

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.ReLU6) or getattr(layer, "residual", False):
            layer.register_forward_hook(count)
    found = {}
    for name, module in info.layers.items():
        network.get_submodule(module).register_forward_hook(
            lambda _module, _inputs, _output, name=name: found.__setitem__(name, done.copy())
        )
    network(torch.zeros(1, 3, 32, 64))
    for name, counted in found.items():
        cost = info.costs[name]
        yield name, np.stack([counted / (32 * 64), np.array([cost.macs, cost.activations])])


def slopes(backend: Any, info: BackboneInfo, weights: WeightSet) -> np.ndarray:
    """Return derivatives of the default objective in random directions: from the gradient, and by differences."""
    backend.configure(device="cpu", threads=1, precision="float64")
    objective = Objective(info.content_layers, info.style_layers, content_mean, style_mean)
    session = backend.session(backend.open(info, weights, objective.layers), objective)
    content, style, probe = (picture(name, 32)[None].astype(np.float64) for name in ("chelsea", "coffee", "astronaut"))
    targets = session.targets(content, style)
    factors = objective.weight_table([TermWeights(info.content_layers, info.style_layers, 1.0, 1.0)])
    gradient = session.value_and_gradient(probe, targets, factors)[1]
    random, step, found = np.random.default_rng(0), 1e-6, []
    for _ in range(2):
        along = random.standard_normal(probe.shape)
        ends = [session.value_and_gradient(probe + sign * step * along, targets, factors)[0] for sign in (1, -1)]
        found.append([np.sum(gradient * along), (ends[0][0, 0] - ends[1][0, 0]) / (2 * step)])
    return np.array(found)


def main(path: str, out: str) -> None:
    """Write everything that the tests look at."""
    torch.set_num_threads(1)  # so small a network gains nothing from more, and waits long where others work, too
    catalogue = load_catalogue()
    info = catalogue.backbones["torch", "efficientnet-lite0"]
    weights = load_weight_set(Path(path))
    backend = load_target(catalogue.backends["torch"].target)()
    backend.configure(device="cpu", threads=1, precision="float32")
    image = picture("astronaut", 65)[None, :49]  # odd, so that every kind of padding shows
    taps = backend.open(info, weights, tuple(info.layers)).features(image)
    found: Arrays = {"parameters": np.array(sum(one.numel() for one in build(weights).parameters()))}
    found |= {f"probability/{name}": values for name, values in probabilities(weights).items()}
    found |= {f"misfit/{name}": np.array(value) for name, value in misfits(weights)}
    found |= {f"sampled/{name}": values for name, values in sampled()}
    found |= {f"tap/{name}": values[0] for name, values in taps.items()}
    found |= {f"plain/{name}": values for name, values in plain(info, weights, image).items()}
    found |= {f"work/{name}": values for name, values in work(info, weights)}
    found["slopes"] = slopes(backend, info, weights)
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
