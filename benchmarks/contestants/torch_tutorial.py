"""A baseline: the plain eager loop of PyTorch's style transfer tutorial, with this work's formulas and Adam."""

from __future__ import annotations

from functools import partial
from typing import Any

from contestants.gate import Gate
from contestants.torch_vgg19 import load_image, vgg19

__all__ = ["play"]


def play(gate: Gate) -> None:
    """Modules in a row, features kept as they come, ``loss.backward()``, ``torch.optim.Adam``, then a clamp."""
    import torch
    from torch.nn import functional

    work = gate.work
    mean = torch.tensor(work.mean).reshape(1, 3, 1, 1)
    network = _cut(work)
    content = load_image(work.content, work)
    with torch.no_grad():
        content_target = _features(network, content)[-1]
        grams = [_gram(features) for features in _features(network, load_image(work.style, work))[:-1]]
    image = content.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([image], lr=work.learning_rate, betas=work.betas, eps=work.epsilon)
    while True:
        optimizer.zero_grad()
        *style, deepest = _features(network, image)
        content_loss = functional.mse_loss(deepest, content_target)
        style_loss = sum(functional.mse_loss(_gram(one), gram) for one, gram in zip(style, grams, strict=True))
        total = work.content_weight * content_loss + work.style_weight / len(grams) * style_loss
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        with torch.no_grad():
            image.copy_(torch.minimum(torch.maximum(image, -mean), 255 - mean))
        gate.passed(partial(float, total.detach()), lambda: image.grad[0].flip(0).permute(1, 2, 0).numpy())


def _cut(work: Any) -> list[tuple[Any, bool]]:
    """Return the modules down to the deepest layer, each with whether its output is looked at."""
    from torch import nn

    taps = set(work.layers)
    found: list[tuple[Any, bool]] = []
    block, convolution = 1, 0
    for module in vgg19(work, channels="BGR").features:
        if isinstance(module, nn.MaxPool2d):
            block, convolution = block + 1, 0
        elif isinstance(module, nn.Conv2d):
            convolution += 1
        tapped = isinstance(module, nn.ReLU) and f"block{block}_conv{convolution}" in taps
        found.append((nn.ReLU() if isinstance(module, nn.ReLU) else module, tapped))
    last = max(i for i, (_, tapped) in enumerate(found) if tapped)
    return found[: last + 1]


def _features(network: list[tuple[Any, bool]], image: Any) -> list[Any]:
    kept = []
    for module, tapped in network:
        image = module(image)
        if tapped:
            kept.append(image)
    return kept


def _gram(features: Any) -> Any:
    flat = features.flatten(2)[0]
    return flat @ flat.t() / flat.shape[1]
