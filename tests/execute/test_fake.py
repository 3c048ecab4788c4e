"""The third party's backend descends where it says it does."""

from __future__ import annotations

import numpy as np
import pytest

from nstbench.plugin import load_catalogue
from nstbench.plugin.descriptors import Preprocessing
from nstbench.transfer.losses import content_sum, style_gatys
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.weights.weight_set import WeightSet


def test_is_announced_without_problems() -> None:
    catalogue = load_catalogue()
    assert "fake" in catalogue.backends
    assert ("fake", "load-hang") in catalogue.backbones
    assert not [problem for problem in catalogue.problems if problem.plugin == "fake"]
    provider = catalogue.provider("backends", "fake")
    assert provider is not None
    assert (provider.distribution, provider.version) == ("nstbench-fake", "1.0")


@pytest.mark.parametrize("layers", [("mix1",), ("mix2", "mix4"), ("mix1", "mix2", "mix3", "mix4")])
def test_gradient_is_that_of_the_losses(layers: tuple[str, ...]) -> None:
    from nstbench_fake.backend import FakeBackend
    from nstbench_fake.network import CHANNELS, SHIFTED, FakeNet

    random = np.random.RandomState(0)
    tensors = {f"{name}/kernel": random.normal(0, 0.6, shape) for name, shape in CHANNELS.items()}
    tensors |= {f"{name}/shifted": random.normal(0, 0.6, CHANNELS[name]) for name in SHIFTED}
    network = FakeNet(
        WeightSet("w", "fakenet", "", "fake", Preprocessing("RGB", (128.0,) * 3), tensors), (*layers, "mix2")
    )
    objective = Objective(("mix2",), layers, content_sum, style_gatys, total_variation="anisotropic")
    backend = FakeBackend()
    backend.configure(device="cpu", threads=1, precision="float64")
    session = backend.session(network, objective)
    image, content, style = random.uniform(100, 160, (3, 1, 5, 6, 3))
    targets = session.targets(content, style)
    weights = objective.weight_table([TermWeights(("mix2",), layers, 1.0, 10.0, 0.01)])
    _, gradient = session.value_and_gradient(image, targets, weights)
    for place in [(0, 0, 0, 0), (0, 2, 3, 1), (0, 4, 5, 2), (0, 1, 5, 0)]:
        step = np.zeros_like(image)
        step[place] = 1e-5
        up, down = (session.value_and_gradient(image + sign * step, targets, weights)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((up[0, 0] - down[0, 0]) / 2e-5, rel=1e-5, abs=1e-7)
