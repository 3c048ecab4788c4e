"""Frozen batch normalisation with a right gradient.

For a gradient in another memory order than its maps, torch 2.13's frozen batch normalisation computes a wrong one on
the CPU, without a word, and in float64, too. Gram matrices, concatenations and shuffled channels hand such gradients
back; only another framework or finite differences show it.
"""

from __future__ import annotations

from torch import Tensor, channels_last, nn

from nstbench_torch.replacing import replace_modules

__all__ = ["OrderedBatchNorm2d", "order_gradients"]


def order_gradients(network: nn.Module) -> None:
    """Have every batch normalisation of ``network`` get its gradient in the memory order of its maps."""
    replace_modules(network, nn.BatchNorm2d, lambda module: OrderedBatchNorm2d(module))


class OrderedBatchNorm2d(nn.Module):
    """The same normalisation, (batch, channels, H, W) in; maps and gradients lie with the channels last."""

    def __init__(self, module: nn.BatchNorm2d) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        """Normalise; differentiable."""
        y: Tensor = self.module(x.contiguous(memory_format=channels_last))
        if y.requires_grad:
            y.register_hook(_ordered)  # type: ignore[no-untyped-call]
        return y


def _ordered(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=channels_last)
