"""A Keras network as a graph: its maps in order of depth, the work to reach them, and where residual branches end."""

from __future__ import annotations

import math
from typing import Any

from nstbench.plugin.maps import Map, Work, smallest_that_works
from nstbench_keras.any_backend import keras

__all__ = ["branch_ends", "maps", "smallest_side"]

HEIGHT, WIDTH = 512, 640
"""The size, px, that shapes are worked out at."""
IDLE = ("InputLayer", "Dropout", "StochasticDepth", "ZeroPadding2D", "Rescaling", "Normalization")
"""Layers that do nothing to the maps in evaluation mode, or only preprocess the picture."""


def maps(model: keras.Model) -> list[Map]:
    """Return the maps of a network in order of depth; its layers' names are those of the table."""
    shapes = dict(zip([layer.name for layer in model.operations], _shapes(model, HEIGHT, WIDTH), strict=True))
    work, pixels = Work(), HEIGHT * WIDTH
    for layer in model.operations:
        macs, outputs = _macs(layer, shapes[layer.name]), math.prod(shapes[layer.name][1:])
        work.add(layer.name, [each.name for each in _inputs(layer)], macs / pixels, outputs / pixels)
    trunk, found = work.trunk(), []
    for layer in model.operations:
        if _is_map(layer):
            name, stride = layer.name, 2 ** round(math.log2(WIDTH / shapes[layer.name][2]))
            pools = "Pooling" in type(layer).__name__
            found.append(Map(name, stride, pools, name in trunk, *work.up_to(name)))
    return found


def smallest_side(model: keras.Model) -> int:
    """Return the smallest side of a square picture, px, of which every map has a position."""
    names = {layer.name for layer in model.operations if _is_map(layer)}

    def works(side: int) -> bool:
        try:
            shapes = _shapes(model, side, side)
        except ValueError:
            return False
        pairs = zip(model.operations, shapes, strict=True)
        return all(min(shape[1:3]) > 0 for layer, shape in pairs if layer.name in names)

    return smallest_that_works(works)


def branch_ends(model: keras.Model) -> frozenset[str]:
    """Return the layers whose output is the longer of two branches that are added: the residual branch."""
    depths: dict[str, int] = {}
    found = set()
    for layer in model.operations:
        inputs = _inputs(layer)
        depths[layer.name] = 1 + max((depths[each.name] for each in inputs), default=0)
        if type(layer).__name__ == "Add" and len(inputs) == 2:  # a layer or, for ``+``, an operation
            shorter, longer = sorted(inputs, key=lambda each: depths[each.name])
            if depths[shorter.name] < depths[longer.name]:
                found.add(_through_idle(longer).name)
    return frozenset(found)


def _through_idle(layer: Any) -> Any:
    while type(layer).__name__ in IDLE:
        (layer,) = _inputs(layer)
    return layer


def _inputs(layer: Any) -> list[Any]:
    """Return the layers whose outputs a layer takes."""
    if isinstance(layer, keras.layers.InputLayer):
        return []
    return [tensor._keras_history.operation for tensor in keras.tree.flatten(layer.input)]


def _is_map(layer: Any) -> bool:
    """Sizes that are not known grow with the picture; a squeezed map has sizes of 1."""
    shape = () if isinstance(layer.output, list) else tuple(layer.output.shape)
    return len(shape) == 4 and shape[1:3] == (None, None) and type(layer).__name__ not in IDLE


def _shapes(model: keras.Model, height: int, width: int) -> list[tuple[int, ...]]:
    """Return the shape of every layer's output for one picture. Raises ``ValueError`` if it is too small."""
    whole = keras.Model(model.inputs, [layer.output for layer in model.operations])
    found = whole.compute_output_spec(keras.KerasTensor((1, height, width, 3)))
    return [tuple(tensor.shape) for tensor in found]


def _macs(layer: Any, shape: tuple[int, ...]) -> float:
    """Multiply-accumulates of a layer for one picture: each number of a kernel meets each position of the output."""
    positions = math.prod(shape[1:-1])
    kernels = [variable.shape for variable in getattr(layer, "weights", ()) if variable.name.endswith("kernel")]
    return float(positions * sum(math.prod(kernel) for kernel in kernels))
