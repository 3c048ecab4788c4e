"""stylemod 0.9.1 (ooojustin), its own ``style_transfer``; a model that counts its evaluations paces it."""

from __future__ import annotations

from functools import partial
from typing import Any

from contestants.gate import Gate
from contestants.torch_vgg19 import import_torchvision, vgg19

__all__ = ["play"]

ENDLESS = 1_000_000_000


def play(gate: Gate) -> None:
    """Same layers; its layer weights make up for Gram matrices that it does not divide by the number of positions.

    Its preprocessing is set to the mean in RGB and a deviation of 1/255, so its image is in grey levels.
    """
    import_torchvision()
    from stylemod import style_transfer

    work = gate.work
    mean = tuple(value / 255 for value in reversed(work.mean))
    model = _model_class()(
        gate,
        model_fn=lambda weights: vgg19(work, channels="RGB"),  # noqa: ARG005
        weights=None,
        content_layer=str(_index(work.content_layer)),
        style_weights={str(_index(name)): _layer_weight(gate, name) for name in work.style_layers},
        content_weight=work.content_weight,
        style_weight=work.style_weight,
        learning_rate=work.learning_rate,
        normalization=(mean, (1 / 255,) * 3),
        eval_mode=True,
    )
    style_transfer(work.content, work.style, model=model, steps=ENDLESS, _print=False)


def _model_class() -> Any:
    from stylemod.models.vgg19 import VGG19

    class Paced(VGG19):  # type: ignore[misc]
        """Passes the gate when an evaluation begins: then the iteration before it is done."""

        def __init__(self, gate: Gate, **settings: Any) -> None:
            super().__init__(**settings)
            self._gate = gate
            self._total: Any = None
            self._first: Any = None

        def forward(self, target: Any, *args: Any, **kwargs: Any) -> Any:
            if self._total is None:
                target.register_hook(self._keep)
            else:
                self._gate.passed(partial(float, self._total.detach()), self._gradient)
            self._total = super().forward(target, *args, **kwargs)
            return self._total

        def _gradient(self) -> Any:
            return self._first[0].permute(1, 2, 0).numpy()

        def _keep(self, gradient: Any) -> None:
            """Autograd hands over the parts of the two forward passes, in one sum."""
            if self._first is None:
                self._first = gradient.detach().clone()

    return Paced


def _index(keras: str) -> int:
    """Return the index in ``features`` of a layer's convolution: its in-place ReLU overwrites what is looked at."""
    block, convolution = (int(part[-1]) for part in keras.split("_"))
    before = sum(2 * count + 1 for count in (2, 2, 4, 4, 4)[: block - 1])
    return before + 2 * (convolution - 1)


def _layer_weight(gate: Gate, keras: str) -> float:
    """Return the weight that turns mean (G - A)^2 into the mean over layers of mean (G/M - A/M)^2."""
    stride = 1 << (int(keras[5]) - 1)
    positions = (gate.work.height // stride) * (gate.work.width // stride)
    return 1.0 / len(gate.work.style_layers) / positions**2
