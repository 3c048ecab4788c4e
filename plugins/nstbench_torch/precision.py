"""What a suite's ``precision`` means on PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nstbench.errors import PluginError

__all__ = ["Precision", "choose_precision"]


@dataclass(frozen=True, slots=True)
class Precision:
    """Type of the image, its gradient, losses and optimiser; that of the network; TF32 products; convolutions.

    TF32 is 32-bit storage with products of 10-bit mantissas, on NVIDIA's tensor cores only. In ``bf16`` the network
    computes in bfloat16; what a layer gives is brought back to 32 bits before a Gram matrix sums it, whose TF32
    products then lose nothing: bfloat16 has 7 bits. ``winograd`` is 32 bits throughout, with fewer multiplications for
    a convolution, and roundings about three times as large.
    """

    storage: torch.dtype
    network: torch.dtype
    tf32: bool = False
    winograd: bool = False

    @property
    def shortened(self) -> bool:
        """Whether products are less exact than the storage."""
        return self.tf32 or self.network != self.storage

    def apply(self, device: torch.device) -> None:
        """Set what is global in PyTorch: TF32, and how cuDNN chooses its algorithms.

        A strict precision takes the same deterministic algorithms every time. A shortened one lets cuDNN try which is
        fastest, so two runs may differ in their last digits.
        """
        torch.backends.cuda.matmul.allow_tf32 = self.tf32
        torch.backends.cudnn.allow_tf32 = self.tf32
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = self.shortened and device.type == "cuda"


_CHOICES = {
    "float32": Precision(torch.float32, torch.float32),
    "float64": Precision(torch.float64, torch.float64),
    "tf32": Precision(torch.float32, torch.float32, tf32=True),
    "bf16": Precision(torch.float32, torch.bfloat16, tf32=True),
    "winograd": Precision(torch.float32, torch.float32, winograd=True),
}


def choose_precision(name: str, device: torch.device) -> Precision:
    """Return the precision of this name. Raises ``PluginError`` if there is none, or the device cannot do it."""
    if name not in _CHOICES:
        raise PluginError(f"PyTorch has no precision {name!r}, only {', '.join(_CHOICES)}.")
    if name == "tf32" and (device.type != "cuda" or torch.cuda.get_device_capability(device) < (8, 0)):
        raise PluginError(f"{device} has no TF32, which needs an NVIDIA GPU from Ampere on; use precision float32.")
    if name == "winograd" and device.type != "cpu":
        raise PluginError(f"precision winograd is for CPUs: on {device} cuDNN chooses; use float32 or tf32.")
    return _CHOICES[name]
