"""PyTorch in a worker process: device, threads, memory, and the door to extractors and sessions."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

# Before the first import of torch: its OpenMP threads wait for each other in a busy loop, by default for so long that
# another busy process makes a step up to twenty times slower. A short while will do; what the user sets stays.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import torch
from numpy.typing import NDArray

from nstbench.errors import PluginError
from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts
from nstbench.plugin.protocols import LossTerm
from nstbench.plugin.target import load_target
from nstbench.transfer.objective import Objective
from nstbench.weights.weight_set import WeightSet
from nstbench_torch.extractor import TorchExtractor
from nstbench_torch.imports import import_torchvision
from nstbench_torch.memory import TorchMemory
from nstbench_torch.namespace import TorchNamespace
from nstbench_torch.precision import choose_precision
from nstbench_torch.session import TorchSession

__all__ = ["TorchBackend"]


class TorchBackend:
    """See ``nstbench.plugin.protocols.Backend``."""

    def __init__(self) -> None:
        import_torchvision()  # once, tolerantly: a backbone's own module may then import it plainly
        self.xp = TorchNamespace()
        self.device_memory: TorchMemory | None = None
        self._device = torch.device("cpu")
        self._precision = choose_precision("float32", self._device)

    def configure(self, *, device: str, threads: int, precision: str) -> None:
        """Fix device, threads and precision; float32 means float32, without TF32, everywhere."""
        if device not in self.devices():
            raise PluginError(f"PyTorch {torch.__version__} sees no device {device!r} here; use --device cpu.")
        self._device = torch.device(device)
        self._precision = choose_precision(precision, self._device)
        self._precision.apply(self._device)
        if self._device.type == "cuda":
            torch.cuda.set_device(self._device)  # streams and graphs are made on the current one
            self.device_memory = TorchMemory(self._device)
        torch.set_num_threads(threads)
        with contextlib.suppress(RuntimeError):  # allowed once per process, before any parallel work
            torch.set_num_interop_threads(1)

    def open(self, backbone: BackboneInfo, weights: WeightSet, layers: Sequence[str]) -> TorchExtractor:
        """Build the native module, load the weights and cut it after the deepest of ``layers``."""
        network = load_target(backbone.target)(weights)
        return TorchExtractor(network, backbone, weights.preprocessing, layers, self._device, self._precision)

    def session(self, extractor: TorchExtractor, objective: Objective) -> TorchSession:
        """Prepare the step."""
        return TorchSession(extractor, objective, self.xp)

    def differentiate(
        self, term: LossTerm, features: NDArray[Any], target: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Differentiate a formula by autograd."""
        variable = torch.tensor(features, device=self._device, requires_grad=True)
        losses = term.loss(self.xp, variable, term.target(self.xp, torch.tensor(target, device=self._device)))
        (gradient,) = torch.autograd.grad(losses.sum(), variable)
        return losses.detach().cpu().numpy(), gradient.cpu().numpy()

    def count_parameters(self, backbone: BackboneInfo) -> ParameterCounts | None:
        """Count torchvision's own model, classifier included, where there is one of that name."""
        from nstbench_torch.networks import count_parameters

        return count_parameters(backbone.name)

    def devices(self) -> Mapping[str, str]:
        """Return the devices at hand."""
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return {"cpu": "CPU"} | {f"cuda:{i}": torch.cuda.get_device_name(i) for i in range(count)}
