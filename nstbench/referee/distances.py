"""How far a picture is from its content and its style, by the features of a referee."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import NotApplicable
from nstbench.plugin.protocols import Exhibit
from nstbench.transfer.losses import style_normalised
from nstbench.transfer.namespace import NumpyNamespace

__all__ = ["content_distance", "gram_distance", "style_distance"]

Features = NDArray[np.float64]

_XP = NumpyNamespace()


def gram_distance(a: Features, b: Features) -> float:
    """Return the ``normalised`` Gram distance of two (positions, channels) arrays: mean (G_a/(N M_a) - G_b/(N M_b))^2.

    The formula of PyTorch's tutorial on neural transfer, the loss ``normalised``; the two may differ in positions.
    """
    return float(style_normalised.loss(_XP, a[None], style_normalised.target(_XP, b[None]))[0])


def style_distance(exhibit: Exhibit) -> Mapping[str, float]:
    """Return the mean over the judge's style layers of D_l(image, style) / D_l(content, style), and each layer's ratio.

    D_l is ``gram_distance``. 1 is the untouched content picture, 0 a picture with the style's statistics. The ratio
    takes away the unit, so layers, and referees, count alike.
    """
    image, content, style = (exhibit.features(name) for name in ("image", "content", "style"))
    ratios = {}
    for layer in exhibit.style_layers:
        untouched = gram_distance(content[layer], style[layer])
        if untouched == 0:
            raise NotApplicable(f"content and style do not differ in {layer}")
        ratios[layer] = gram_distance(image[layer], style[layer]) / untouched
    return {"": float(np.mean(list(ratios.values()))), **ratios}


def content_distance(exhibit: Exhibit) -> Mapping[str, float]:
    """Return the mean over the judge's content layers of |F(image) - F(content)|^2 / |F(content)|^2, and each layer's.

    0 is the untouched content picture.
    """
    image, content = exhibit.features("image"), exhibit.features("content")
    ratios = {}
    for layer in exhibit.content_layers:
        size = float(np.sum(np.square(content[layer])))
        if size == 0:
            raise NotApplicable(f"the content picture has no features in {layer}")
        ratios[layer] = float(np.sum(np.square(image[layer] - content[layer]))) / size
    return {"": float(np.mean(list(ratios.values()))), **ratios}
