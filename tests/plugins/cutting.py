"""Cut a network whose forward pass overwrites what it has computed; raises where a layer is not its true value."""

from __future__ import annotations

import torch
from nstbench_torch.cutting import traced
from nstbench_torch.nodes import keep_whole, trace
from torch import nn
from torch.nn import functional


class Overwriting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1)
        self.act = nn.ReLU(inplace=True)
        self.unused = nn.Linear(4, 2)

    def forward(self, x):
        x = self.first(x)
        y = self.second(x)
        y.mul_(3)  # what it returns is not used
        z = functional.relu(y, inplace=True).add_(1)
        x += z
        return self.unused(self.act(x).mean((2, 3)))


def stepwise(network: Overwriting, image: torch.Tensor) -> dict[str, torch.Tensor]:
    """The same, and nothing is overwritten."""
    first = network.first(image)
    second = network.second(first)
    scaled = second * 3
    shifted = scaled.clamp(min=0) + 1
    return {"first": first, "second": second, "mul_": scaled, "add_": shifted, "act": (first + shifted).clamp(min=0)}


class Dependent(nn.Module):
    """Cannot be traced: what it does depends on the picture."""

    def forward(self, x):
        return x if x.shape[-1] > 8 else -x


def main() -> None:
    """Raise ``AssertionError`` if something is wrong."""
    network, image = Overwriting(), torch.randn(1, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    expected = stepwise(network, image)
    cut = traced(network, {name: name for name in expected})
    assert not any("unused" in name for name, _ in cut.named_parameters())
    found = cut(image)
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert torch.equal(found[name], values), name
    whole = keep_whole(nn.Sequential(nn.Conv2d(3, 4, 3), Dependent()), [Dependent])
    for side, sign in ((8, -1), (11, 1)):
        image = torch.ones(1, 3, side, side)
        assert torch.equal(traced(whole, {"1": "one"})(image)["one"], sign * whole[0](image))
    names = list(trace(nn.Sequential(*[nn.Sequential(nn.ReLU())] * 3)).names.values())
    assert names == ["input", "0.0", "0.0_1", "0.0_2"], names


if __name__ == "__main__":
    main()
