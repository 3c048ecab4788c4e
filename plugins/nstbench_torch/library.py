"""What a plugin needs to offer the networks of a PyTorch library: build them lean, fill them, start them at random.

Imported by workers and by commands only; open to plugins for other libraries. Names and layouts of the tensors are the
library's own, those of its state dicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.module import register_module_buffer_registration_hook
from torch.overrides import TorchFunctionMode

from nstbench.errors import WeightsError
from nstbench.weights import Initial, WeightSet
from nstbench.weights.random import BRANCH_GAMMA
from nstbench_torch.branches import branch_ends
from nstbench_torch.cutting import CHANNELS_LAST, traced

__all__ = ["arrays", "filled", "lean", "recipe"]

_FILLED = "_nstbench_filled"
"""The attribute of a ``lean`` parameter that was filled with one value: the value."""
NORMALISATIONS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)
STEPS_OF_DRAWING = ("erfinv_", "mul_", "add_", "clamp_")
"""What timm's truncated normal distribution does to numbers that it has drawn from a uniform one."""
STATISTICS = {"running_mean": 0.0, "running_var": 1.0}


def lean(build: Callable[[], nn.Module]) -> nn.Module:
    """Return ``build()`` in evaluation mode, without memory for parameters and without drawing what is overwritten.

    What a network computes when it is made (tables of positions, filters) is real.
    """
    hook = register_module_buffer_registration_hook(_with_memory)  # type: ignore[arg-type]
    try:
        with _WithoutMemory() as mode:
            network = build().eval().requires_grad_(False)
    finally:
        hook.remove()
    for parameter in network.parameters():
        if parameter.is_meta and (value := mode.values.get(_storage(parameter))) is not None:
            setattr(parameter, _FILLED, value)
    return network


def _with_memory(module: nn.Module, name: str, buffer: torch.Tensor | None) -> torch.Tensor | None:  # noqa: ARG001
    """Have buffers be real: what is written into them is computed, not drawn."""
    return torch.zeros(buffer.shape, dtype=buffer.dtype) if buffer is not None and buffer.is_meta else None


class _WithoutMemory(TorchFunctionMode):
    """Have ``torch.empty``, which is what layers allocate parameters by, return tensors of no memory.

    Initialising these does nothing but load PyTorch's compiler, for two seconds: it is left out. ``values`` are what
    whole tensors were filled with, by storage.
    """

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[int, float | None] = {}
        self._kept: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            return func(*args, **kwargs | {"device": "meta"})
        name = getattr(func, "__name__", "")
        if name in STEPS_OF_DRAWING and args and args[0].is_meta:
            return args[0]
        if name in ("normal_", "uniform_", "trunc_normal_", "constant_", "fill_", "zero_", "copy_"):
            subject = args[0] if args else kwargs.get("tensor", kwargs.get("self"))
            if isinstance(subject, torch.Tensor) and subject.is_meta:
                values = {"zero_": 0.0, "fill_": args[-1] if args else None, "constant_": kwargs.get("val")}
                self._remember(subject, values.get(name))
                return subject
        return func(*args, **kwargs)

    def _remember(self, subject: torch.Tensor, value: Any) -> None:
        """Keep what all of a tensor was filled with last; one that is drawn, or filled in part, has no one value."""
        whole = subject.untyped_storage().nbytes() == subject.numel() * subject.itemsize
        self._kept.append(subject)  # so that no other takes its place in memory
        self.values[_storage(subject)] = float(value) if whole and isinstance(value, int | float) else None


def _storage(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def recipe(network: nn.Module, layers: Sequence[str]) -> dict[str, Initial]:
    """Return how ``random:<seed>`` makes each tensor that ``layers`` need; see ``BackboneInfo.tensors``.

    Kernels and matrices are drawn with the variance 2 / fan_in (He et al. 2015, equation 10); normalisations start as
    the identity. The last normalisation of a residual branch, or its last kernel if it ends with none, has a quarter of
    that, as in ``nstbench.weights.random``. Other parameters (biases, gains) are the one value that they are made with,
    else 0. ``layers`` are native names.
    """
    part = traced(network, {layer.removesuffix(CHANNELS_LAST): layer for layer in layers})
    needed, ends = part.state_dict(), [_last(network, name) for name in branch_ends(part)]
    found: dict[str, Initial] = {}
    for name, module, key, value in _tensors(network):  # of the part, traced modules have lost their kind
        if name not in needed:
            continue
        scale = BRANCH_GAMMA if module in ends else 1.0
        if value.is_floating_point() and isinstance(module, NORMALISATIONS):
            found[name] = Initial(tuple(value.shape), fill=STATISTICS.get(key, scale if key == "weight" else 0.0))
        elif key in module._parameters:
            found[name] = _drawn(value, scale) if value.is_meta else Initial(tuple(value.shape), fill=_one_value(value))
    return found


def _last(network: nn.Module, name: str) -> nn.Module | None:
    """Return a module, or the last one in it, that normalises, else the last that has a kernel, if there is one."""
    inside = list(network.get_submodule(name).modules())
    normalising = [module for module in inside if isinstance(module, NORMALISATIONS)]
    kernels = [module for module in inside if any(one.ndim > 1 for one in module.parameters(recurse=False))]
    return next(reversed([*kernels[-1:], *normalising[-1:]]), None)


def _drawn(value: torch.Tensor, scale: float) -> Initial:
    shape, constant = tuple(value.shape), getattr(value, _FILLED, 0.0)
    if value.ndim < 2 or constant:
        return Initial(shape, fill=constant)
    return Initial(shape, limit=scale * (6.0 / (value.numel() / shape[0])) ** 0.5)


def _one_value(value: torch.Tensor) -> float:
    first = float(value.flatten()[0])
    return first if bool((value == first).all()) else 0.0


def arrays(tensors: Mapping[str, torch.Tensor]) -> dict[str, NDArray[np.float32]]:
    """Return, for a reader of files, what of some tensors is a number with a fraction; counters are not."""
    return {name: one.float().contiguous().numpy() for name, one in tensors.items() if one.is_floating_point()}


def filled(network: nn.Module, weights: WeightSet) -> nn.Module:
    """Put a weight set into a ``lean`` network, in place, and return it.

    Tensors that it lacks (those of a classifier, say) stay without memory: the extractor, which leaves out what no
    layer needs, refuses a network that needs them. Raises ``WeightsError`` for a tensor of another shape, and if none
    fits.
    """
    count = 0
    for name, module, key, value in list(_tensors(network)):
        if name in weights.tensors:
            given = torch.tensor(weights.tensors[name])
            if given.shape != value.shape:
                raise WeightsError(
                    f"the weights {weights.name} do not fit {weights.backbone}: {name} has shape "
                    f"{tuple(given.shape)} instead of {tuple(value.shape)}."
                )
            _put(module, key, given)
            count += 1
    if not count:
        raise WeightsError(f"the weights {weights.name} have no tensor of {weights.backbone}.")
    return network


def _tensors(network: nn.Module) -> Iterator[tuple[str, nn.Module, str, torch.Tensor]]:
    """Yield (name, module, key, tensor) of every parameter and buffer, shared ones each time."""
    for prefix, module in network.named_modules():
        tables: tuple[Mapping[str, torch.Tensor | None], ...] = (module._parameters, module._buffers)
        for table in tables:
            for key, value in table.items():
                if value is not None:
                    yield f"{prefix}.{key}" if prefix else key, module, key, value


def _put(module: nn.Module, key: str, value: torch.Tensor) -> None:
    if key in module._parameters:
        module._parameters[key] = nn.Parameter(value, requires_grad=False)
    else:
        module._buffers[key] = value
