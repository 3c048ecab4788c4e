"""JAX with Keras in a worker process: device, threads, memory, and the door to extractors and sessions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

# Before the first import of keras: whatever the user's keras.json says, this worker computes the same thing.
os.environ["KERAS_BACKEND"] = "jax"
# Read when JAX opens its devices. A GPU's memory grows as needed, and it adds in a fixed order, so that a resumed run
# gives the numbers of an uninterrupted one; a CPU does anyway.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true".strip()

import jax
import keras
import numpy as np
from numpy.typing import NDArray

from nstbench.errors import PluginError
from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts
from nstbench.plugin.protocols import LossTerm
from nstbench.plugin.target import load_target
from nstbench.transfer.objective import Objective
from nstbench.weights.weight_set import WeightSet
from nstbench_jax.extractor import JaxExtractor
from nstbench_jax.keras_on_jax import allow_float64, look_for_tensorflow_in_vain
from nstbench_jax.memory import JaxMemory
from nstbench_jax.namespace import JaxNamespace
from nstbench_jax.session import JaxSession

__all__ = ["JaxBackend"]

PRODUCTS = {"float32": "highest", "float64": "highest", "tf32": "tensorfloat32"}
"""JAX's names for how products are computed; by default a GPU's are TF32."""


class JaxBackend:
    """See ``nstbench.plugin.protocols.Backend``."""

    def __init__(self) -> None:
        look_for_tensorflow_in_vain()
        allow_float64()
        self.xp = JaxNamespace()
        self.device_memory: JaxMemory | None = None
        self._dtype = "float32"

    def configure(self, *, device: str, threads: int, precision: str) -> None:
        """Fix device, threads and precision; only tf32 means TF32."""
        if precision not in PRODUCTS:
            raise PluginError(f"JAX has no precision {precision!r} here, only float32, float64 and tf32.")
        if precision == "tf32" and device == "cpu":
            raise PluginError("cpu has no TF32, which needs an NVIDIA GPU from Ampere on; use precision float32.")
        os.environ["PJRT_NPROC"] = str(threads)  # the size of XLA's pools of threads, made with its first device
        self._dtype = "float64" if precision == "float64" else "float32"
        jax.config.update("jax_enable_x64", precision == "float64")
        jax.config.update("jax_default_matmul_precision", PRODUCTS[precision])
        if device == "cpu":
            jax.config.update("jax_platforms", "cpu")
        else:
            self._use(device)
        keras.config.set_floatx(self._dtype)
        keras.config.set_image_data_format("channels_last")

    def open(self, backbone: BackboneInfo, weights: WeightSet, layers: Sequence[str]) -> JaxExtractor:
        """Build the native model, load the weights and cut it after the deepest of ``layers``."""
        network = load_target(backbone.target)(weights)
        return JaxExtractor(network, backbone, weights.preprocessing, layers, self._dtype)

    def session(self, extractor: JaxExtractor, objective: Objective) -> JaxSession:
        """Prepare the step; it is compiled at its first call."""
        return JaxSession(extractor, objective, self.xp)

    def differentiate(
        self, term: LossTerm, features: NDArray[Any], target: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Differentiate a formula by ``jax.grad``, compiled as it is in a step."""

        def summed(features: jax.Array, target: jax.Array) -> tuple[jax.Array, jax.Array]:
            losses = term.loss(self.xp, features, term.target(self.xp, target))
            return losses.sum(), losses

        with jax.enable_x64(features.dtype == "float64"):
            gradient, losses = jax.jit(jax.grad(summed, has_aux=True))(features, target)
            return np.array(losses), np.array(gradient)

    def count_parameters(self, backbone: BackboneInfo) -> ParameterCounts | None:
        """Count ``keras.applications``' own model, classifier included, where there is one of that name."""
        from nstbench_keras.networks import count_parameters

        return count_parameters(backbone.name)

    def devices(self) -> Mapping[str, str]:
        """Return the devices at hand."""
        return {"cpu": "CPU"} | {f"cuda:{i}": gpu.device_kind for i, gpu in enumerate(_gpus())}

    def _use(self, device: str) -> None:
        if device not in self.devices():
            raise PluginError(f"JAX {jax.__version__} sees no device {device!r} here; use --device cpu.")
        gpu = _gpus()[int(device.partition(":")[2])]
        jax.config.update("jax_default_device", gpu)
        self.device_memory = JaxMemory(gpu)


def _gpus() -> list[Any]:
    try:
        return list(jax.devices("cuda"))
    except RuntimeError:  # no such platform
        return []
