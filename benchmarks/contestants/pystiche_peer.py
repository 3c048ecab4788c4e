"""pystiche 1.0.1 (Meier and Lohweg), its own ``image_optimization``; the iterable of its steps paces it."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from contestants.gate import Gate
from contestants.torch_vgg19 import import_torchvision, load_image, vgg19

__all__ = ["play"]

REMOVED = "model_urls"
"""Tables of download addresses that torchvision 0.14 dropped; pystiche reads them when it is imported."""


def play(gate: Gate) -> None:
    """Same layers, formulas and weights, in the space of preprocessed images; the network is frozen for it."""
    os.environ.setdefault("PYSTICHE_HOME", gate.work.folder)  # it makes a folder when it is imported
    warnings.simplefilter("ignore")
    pystiche = _import(gate)
    from torch.optim import Adam

    work = gate.work
    criterion = _criterion(pystiche, gate)
    image = load_image(work.content, work)

    def optimizer(parameter: Any) -> Any:
        return Adam([parameter.requires_grad_(True)], lr=work.learning_rate, betas=work.betas, eps=work.epsilon)

    last: list[Any] = []
    criterion.register_forward_hook(lambda _module, _inputs, losses: last.__setitem__(slice(None), [losses]))

    def steps() -> Iterator[int]:
        yield 0
        while True:
            gate.passed(lambda: float(last[0]), lambda: image.grad[0].flip(0).permute(1, 2, 0).numpy())
            yield 0

    pystiche.optim.image_optimization(image, criterion, optimizer, num_steps=steps(), quiet=True)


def _import(gate: Gate) -> Any:
    """Import it; where only the removed tables keep it from that, put empty ones there, and say so."""
    import_torchvision()
    try:
        import pystiche
    except ImportError as error:
        if REMOVED not in str(error):
            raise
        reason = error.msg.partition(" (")[0]  # the rest is a path
        gate.remarks.append(f"as installed it does not import ({reason}): run with these tables put back")
        for name in [name for name in sys.modules if name.partition(".")[0] == "pystiche"]:
            del sys.modules[name]
        for module, networks in {"alexnet": ("alexnet",), "vgg": ("vgg19",)}.items():
            tables: Any = sys.modules[f"torchvision.models.{module}"]
            tables.model_urls = dict.fromkeys(networks, "")
        import pystiche
    return pystiche


def _criterion(pystiche: Any, gate: Gate) -> Any:
    work, loss = gate.work, pystiche.loss
    encoder = pystiche.enc.VGGMultiLayerEncoder("vgg19", pretrained=False, internal_preprocessing=False)
    encoder.load_state_dict(vgg19(work, channels="BGR").state_dict())
    encoder.requires_grad_(False)
    style = loss.MultiLayerEncodingLoss(
        encoder,
        [_layer(name) for name in work.style_layers],
        lambda single, weight: loss.GramLoss(single, score_weight=weight),
        layer_weights="mean",
        score_weight=work.style_weight,
    )
    single = encoder.extract_encoder(_layer(work.content_layer))
    content = loss.FeatureReconstructionLoss(single, score_weight=work.content_weight)
    criterion = loss.PerceptualLoss(content, style)
    criterion.set_content_image(load_image(work.content, work))
    criterion.set_style_image(load_image(work.style, work))
    encoder.trim()
    return criterion


def _layer(keras: str) -> str:
    """``block5_conv2``, activation included, is pystiche's ``relu5_2``."""
    return f"relu{keras[5]}_{keras[-1]}"
