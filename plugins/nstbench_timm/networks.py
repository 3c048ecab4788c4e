"""The networks of ``timm:<name>``, built by timm and filled; imported by workers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nstbench_torch.cutting import CHANNELS_LAST, traced
from nstbench_torch.library import arrays, filled, recipe
from torch import nn

from nstbench.errors import WeightsError
from nstbench.plugin.tables import read_rows
from nstbench.weights import Initial, WeightSet, read_state_dict
from nstbench_timm.family import TABLE
from nstbench_timm.library import stock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["build", "read", "tensors"]

ELSEWHERE = {"custom_load": False, "file": None, "url": None, "hf_hub_id": None}
"""Where timm would look for weights."""


def build(weights: WeightSet) -> nn.Module:
    """Return the network that the weights belong to; input (batch, 3, height, width), already preprocessed.

    Raises ``WeightsError`` if they do not fit.
    """
    return filled(stock(weights.backbone.partition(":")[2]), weights)


def tensors(backbone: str) -> dict[str, Initial]:
    """Return how ``random:<seed>`` makes the tensors that the layers need."""
    name = backbone.partition(":")[2]
    return recipe(stock(name), _natives(name))


def read(path: str, backbone: str) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a published file that the layers need, under the names they have in timm's network.

    timm itself puts the file into the network, as it renames the tensors of old files. Raises
    ``WeightsError`` for a file that is damaged, or is not this network's.
    """
    name = backbone.partition(":")[2]
    network, missing = _loaded(name, _state(path))
    tensors = traced(network, {native: native for native in _natives(name)}).state_dict()
    if lacking := [key for key in tensors if key in missing]:
        raise WeightsError(f"this file has no {lacking[0]}: it is not the published one of {name}.")
    return arrays(tensors)


def _loaded(name: str, state: dict[str, Any]) -> tuple[nn.Module, set[str]]:
    """Have timm put a state dict into its network; return it, and the names of tensors that were not there.

    The network gets the very tensors: it need not have memory, nor draw what they replace.
    """
    missing: set[str] = set()
    plain = nn.Module.load_state_dict

    def assign(self: nn.Module, given: Any, strict: bool = True, **_: Any) -> Any:
        result = plain(self, given, strict=strict, assign=True)
        missing.update(result.missing_keys)
        return result

    nn.Module.load_state_dict = assign  # type: ignore[method-assign, assignment]
    try:
        return stock(name, pretrained=True, pretrained_cfg_overlay=ELSEWHERE | {"state_dict": state}), missing
    except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:160]
        raise WeightsError(f"timm does not take this file as weights of {name}: {reason}") from error
    finally:
        nn.Module.load_state_dict = plain  # type: ignore[method-assign]


def _state(path: str) -> dict[str, Any]:
    """Return the tensors in a file; no code in it is run."""
    if not path.endswith(".safetensors"):
        return read_state_dict(path)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)  # type: ignore[no-any-return]
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"this is no whole safetensors file ({error}). Give the published file.") from error


def _natives(name: str) -> list[str]:
    return [(layer.native or layer.name).removesuffix(CHANNELS_LAST) for layer in read_rows(TABLE)[name].layers]
