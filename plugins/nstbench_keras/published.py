"""Reader of the weight files that Keras publishes: HDF5, one group per layer; needs h5py, no framework."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nstbench.errors import WeightsError
from nstbench.weights.architecture import layers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read_keras_h5"]

PARAMETERS = {
    "kernel": r"(?:.*_)?(?:W|kernel)(?:_\d+)?",
    "bias": r"(?:.*_)?(?:b|bias)(?:_\d+)?",
    "gamma": r"(?:.*_)?gamma(?:_\d+)?",
    "beta": r"(?:.*_)?beta(?:_\d+)?",
    "moving_mean": r"(?:.*_)?(?:moving|running)_mean(?:_\d+)?",
    "moving_variance": r"(?:.*_)?(?:moving_variance|running_var)(?:_\d+)?",
}
"""What a parameter has been called: ``block1_conv1_W_1:0`` (2016), ``conv1_conv/kernel:0`` (2019), ``kernel`` (now)."""


def read_keras_h5(path: str, backbone: str) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a Keras ``.h5`` file under canonical names, in the file's (Keras') layouts.

    With or without the classifier, which is left out; a whole saved model (``model_weights``) will do too. Layers the
    file does not have are not in the result. Raises ``WeightsError`` for a file that is no HDF5 or is truncated.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            return dict(_tensors(root, [layer.name for layer in layers(backbone) if layer.parameters]))
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0][:120]
        raise WeightsError(f"this is no whole Keras .h5 file ({reason}). Give the published file.") from error


def _tensors(root: Any, names: list[str]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    import numpy as np

    for layer in names:
        if layer in root:
            for member in _members(root[layer]):
                if (parameter := _parameter(member)) is not None:
                    yield f"{layer}/{parameter}", np.asarray(root[layer][member], dtype=np.float32)


def _members(group: Any) -> list[str]:
    """Return the paths of a layer's arrays: those it lists, or, if it lists none, all that are there."""
    import h5py

    if "weight_names" in group.attrs:
        return [name.decode() if isinstance(name, bytes) else str(name) for name in group.attrs["weight_names"]]
    found: list[str] = []
    group.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found


def _parameter(member: str) -> str | None:
    leaf = member.rpartition("/")[2].removesuffix(":0")
    return next((name for name, pattern in PARAMETERS.items() if re.fullmatch(pattern, leaf)), None)
