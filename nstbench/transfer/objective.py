"""What is minimised: total = alpha * content + beta * style + gamma * total variation, per image of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.protocols import LossTerm, StrideLossTerm
from nstbench.transfer.losses import VARIATIONS
from nstbench.transfer.namespace import Namespace

__all__ = ["Objective", "TermWeights"]

Array = Any


@dataclass(frozen=True, slots=True)
class TermWeights:
    """The weights of one image of the batch; a layer it does not use has none.

    A layer's loss is divided by its entry in ``content_units`` or ``style_units``, in the order of the layers; empty
    stands for 1 each.
    """

    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_weight: float
    style_weight: float
    total_variation_weight: float = 0.0
    content_units: tuple[float, ...] = ()
    style_units: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """Loss terms over named layers: the fixed part, shared by all layer sets that one compiled step serves.

    Raw terms are ordered: style layers, content layers, total variation (a name of ``VARIATIONS``, empty for none).
    """

    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_loss: LossTerm
    style_loss: LossTerm
    total_variation: str = ""

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that is looked at, once."""
        return tuple(dict.fromkeys((*self.style_layers, *self.content_layers)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a table of losses: three weighted sums, then the raw terms."""
        style = tuple(f"style:{layer}" for layer in self.style_layers)
        content = tuple(f"content:{layer}" for layer in self.content_layers)
        return ("total", "style", "content", *style, *content, *(("total_variation",) if self.total_variation else ()))

    def targets(self, xp: Namespace, content: Mapping[str, Array], style: Mapping[str, Array]) -> tuple[Array, ...]:
        """Reduce the features of the content and the style picture to what the terms compare with."""
        style_targets = tuple(self.style_loss.target(xp, style[layer]) for layer in self.style_layers)
        content_targets = tuple(self.content_loss.target(xp, content[layer]) for layer in self.content_layers)
        return style_targets + content_targets

    def losses(
        self, xp: Namespace, image: Array, features: Mapping[str, Array], targets: Sequence[Array], weights: Array
    ) -> tuple[Array, Array]:
        """Return the totals (batch,) and the table of losses (batch, columns) of ``image`` (batch, H, W, 3).

        ``weights`` is (batch, terms), see ``weight_table``.
        """
        raw = self._raw(xp, image, features, targets)
        weighted = [weights[:, i] * term for i, term in enumerate(raw)]
        boundary = len(self.style_layers)
        style = _add(weighted[:boundary], raw[0])
        content = _add(weighted[boundary : boundary + len(self.content_layers)], raw[0])
        total = _add([style, content, *weighted[boundary + len(self.content_layers) :]], raw[0])
        return total, xp.stack([total, style, content, *raw], axis=1)

    def weight_table(self, batch: Sequence[TermWeights]) -> NDArray[np.float64]:
        """Return (batch, terms) factors: alpha or beta times the layer weight 1/L, 0 for layers not in the set."""
        return np.array([self._weights(one) for one in batch])

    def layer_weights(self, one: TermWeights) -> NDArray[np.float64]:
        """Return the (terms,) layer weights w_l = 1/L, in units of the layers' own: before alpha and beta."""
        style = [_share(layer, one.style_layers, one.style_units) for layer in self.style_layers]
        content = [_share(layer, one.content_layers, one.content_units) for layer in self.content_layers]
        return np.array(style + content + ([1.0] if self.total_variation else []))

    def _weights(self, one: TermWeights) -> NDArray[np.float64]:
        factors = [one.style_weight] * len(self.style_layers) + [one.content_weight] * len(self.content_layers)
        factors += [one.total_variation_weight] if self.total_variation else []
        return np.asarray(self.layer_weights(one) * np.array(factors))

    def _raw(self, xp: Namespace, image: Array, features: Mapping[str, Array], targets: Sequence[Array]) -> list[Array]:
        terms = [(self.style_loss, layer) for layer in self.style_layers]
        terms += [(self.content_loss, layer) for layer in self.content_layers]
        raw = [
            _of_layer(term, image, features[layer]).loss(xp, features[layer], target)
            for (term, layer), target in zip(terms, targets, strict=True)
        ]
        return [*raw, VARIATIONS[self.total_variation](xp, image)] if self.total_variation else raw


def _of_layer(term: LossTerm, image: Array, features: Array) -> LossTerm:
    return term.at(_stride(image, features)) if isinstance(term, StrideLossTerm) else term


def _stride(image: Array, features: Array) -> int:
    """Return the layer's stride, a power of two.

    Padding makes maps larger or smaller than the image divided by the stride, by less than a pixel: rounding hides that
    where the map has four positions or more each way.
    """
    pixels = image.shape[1] * image.shape[2]
    return int(2 ** round(np.log2(pixels / features.shape[1]) / 2))


def _share(layer: str, layers: tuple[str, ...], units: tuple[float, ...]) -> float:
    if layer not in layers:
        return 0.0
    return 1.0 / len(layers) / (units[layers.index(layer)] if units else 1.0)


def _add(terms: Sequence[Array], like: Array) -> Array:
    return sum(terms[1:], start=terms[0]) if terms else like * 0.0
