"""Winograd's minimal filtering for 3x3 convolutions on a CPU: F(4x4, 3x3), with a quarter of the multiplications.

Lavin and Gray 2016 (arXiv:1509.09308, eq. 8 and algorithm 1): an output tile of 4x4 is A^T [(G g G^T) * (B^T d B)] A,
with d the 6x6 input tile and g the kernel; summed over input channels, the product in the middle is 36 matrix products.
The matrices come from interpolation at six points: 0, 1, -1, 1/2, -2 and infinity (Barabasz, Anderson, Soodhalter and
Gregg 2018, arXiv:1803.10986), with which roundings are about three times those of direct sums in float32.

Direct sums round equal pixels alike. These do not: where a picture is flat, a maximum of equal values goes to any of
them, and an optimisation leaves the direct one's course sooner. So it is a precision of its own, for those who ask.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nstbench_torch.replacing import replace_modules

__all__ = ["WinogradConv2d", "transforms", "use_winograd"]

TILE = 4
"""Rows and columns of an output tile; the input tile has two more."""
SIDE = TILE + 2
POINTS = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-2))
BUFFER = 2 << 20
"""Bytes of transformed input worked on at a time: little enough to stay in a core's cache on its way."""
TILES = 128
"""But at least so many tiles, or the matrix products are too small."""
POSITIONS = 32 * 32
"""Smaller maps have too few tiles to pay for transforming the kernel."""
CHANNELS = 64


def use_winograd(network: nn.Module) -> None:
    """Replace every convolution that can be done so, and gains from it; its weights must not change afterwards."""
    replace_modules(network, nn.Conv2d, lambda direct: WinogradConv2d(direct) if _fits(direct) else direct)


def _fits(module: nn.Conv2d) -> bool:
    plain = (module.kernel_size, module.stride, module.padding, module.dilation, module.groups, module.padding_mode)
    wide = min(module.in_channels, module.out_channels) >= CHANNELS
    return wide and plain == ((3, 3), (1, 1), (1, 1), (1, 1), 1, "zeros") and module.weight.dtype == torch.float32


class WinogradConv2d(nn.Module):
    """The same convolution, (batch, channels, H, W) in and out; done directly where the map is small."""

    def __init__(self, direct: nn.Conv2d) -> None:
        super().__init__()
        self.direct = direct

    def forward(self, x: Tensor) -> Tensor:
        """Convolve; differentiable with respect to ``x``."""
        if x.shape[0] * x.shape[2] * x.shape[3] < POSITIONS:
            result: Tensor = self.direct(x)
            return result
        made: Tensor = _Convolution.apply(x, self.direct.weight)  # type: ignore[no-untyped-call]
        return made if self.direct.bias is None else made + self.direct.bias[:, None, None]


class _Convolution(torch.autograd.Function):
    """The gradient is the convolution with the kernel turned by 180 degrees and its channels swapped."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.weight = weight
        return _convolve(x, weight.permute(2, 3, 1, 0))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _convolve(gradient, ctx.weight.flip(2, 3).permute(2, 3, 0, 1)), None


def _convolve(x: Tensor, kernel: Tensor) -> Tensor:
    """Convolve (batch, C, H, W), channels last in memory, with a kernel (3, 3, C, N)."""
    batch, _, height, width = x.shape
    into, of_kernel, out_of = (one.to(x.dtype) for one in transforms())
    channels, results = kernel.shape[2:]
    down, across = -(-height // TILE), -(-width // TILE)
    padding = (0, 0, 1, across * TILE + 1 - width, 1, down * TILE + 1 - height)
    padded = functional.pad(x.permute(0, 2, 3, 1), padding)
    tiles = padded.unfold(1, SIDE, TILE).unfold(2, SIDE, TILE).permute(4, 5, 0, 1, 2, 3)
    made = x.new_empty(batch, down * TILE, across * TILE, results)
    places = made.view(batch, down, TILE, across, TILE, results).permute(2, 4, 0, 1, 3, 5)
    filters = torch.mm(of_kernel, kernel.reshape(9, -1)).view(SIDE**2, channels, results)
    row = 4 * SIDE**2 * batch * across * max(channels, results)
    rows = min(down, max(BUFFER // row, -(-TILES // (batch * across)), 1))
    for first in range(0, down, rows):
        some = slice(first, min(first + rows, down))
        flat = tiles[:, :, :, some].reshape(SIDE**2, -1)
        products = torch.bmm(torch.mm(into, flat).view(SIDE**2, -1, channels), filters)
        places[:, :, :, some] = torch.mm(out_of, products.view(SIDE**2, -1)).view_as(places[:, :, :, some])
    return made[:, :height, :width].permute(0, 3, 1, 2)


@cache
def transforms() -> tuple[Tensor, Tensor, Tensor]:
    """Return B^T (x) B^T (36, 36), G (x) G (36, 9) and A^T (x) A^T (16, 36) in float64, for flattened tiles.

    Toom and Cook's interpolation: A evaluates the output polynomial at the points, G the kernel's, divided by
    prod (p_j - p_k), and B^T has the coefficients of prod_{k != j} (x - p_k).
    """
    every = range(len(POINTS))
    output = [[point**i for point in POINTS] + [Fraction(i == TILE - 1)] for i in range(TILE)]
    scales = [math.prod(POINTS[j] - POINTS[k] for k in every if k != j) for j in every]
    kernel = [[point**i / scale for i in range(3)] for point, scale in zip(POINTS, scales, strict=True)]
    values = [_coefficients([POINTS[k] for k in every if k != j]) for j in every] + [_coefficients(POINTS)]
    matrices = (_matrix(values), _matrix([*kernel, [Fraction(0), Fraction(0), Fraction(1)]]), _matrix(output))
    into, of_kernel, out_of = (torch.kron(one, one).contiguous() for one in matrices)
    return into, of_kernel, out_of


def _coefficients(roots: Sequence[Fraction]) -> list[Fraction]:
    """Return the coefficients of prod (x - root), constant first, filled up with zeros to SIDE."""
    found = [Fraction(1)]
    for root in roots:
        found = [above - root * own for above, own in zip([Fraction(0), *found], [*found, Fraction(0)], strict=True)]
    return found + [Fraction(0)] * (SIDE - len(found))


def _matrix(rows: Sequence[Sequence[Fraction]]) -> Tensor:
    return torch.tensor([[float(value) for value in row] for row in rows], dtype=torch.float64)
