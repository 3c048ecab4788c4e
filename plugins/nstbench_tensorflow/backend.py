"""TensorFlow with Keras in a worker process: device, threads, memory, and the door to extractors and sessions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

# Before the first import of keras: whatever the user's keras.json says, this worker computes the same thing.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by default on CPUs where it is up to twice as fast

import keras
import tensorflow as tf
from numpy.typing import NDArray

from nstbench.errors import PluginError
from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts
from nstbench.plugin.protocols import LossTerm
from nstbench.plugin.target import load_target
from nstbench.transfer.objective import Objective
from nstbench.weights.weight_set import WeightSet
from nstbench_tensorflow.extractor import TensorFlowExtractor
from nstbench_tensorflow.memory import TensorFlowMemory
from nstbench_tensorflow.namespace import TensorFlowNamespace
from nstbench_tensorflow.session import TensorFlowSession

__all__ = ["TensorFlowBackend"]


class TensorFlowBackend:
    """See ``nstbench.plugin.protocols.Backend``."""

    def __init__(self) -> None:
        self.xp = TensorFlowNamespace()
        self.device_memory: TensorFlowMemory | None = None
        self._device = "cpu"
        self._dtype = "float32"

    def configure(self, *, device: str, threads: int, precision: str) -> None:
        """Fix device, threads and precision; a GPU's memory grows as needed, and only tf32 means TF32."""
        self._device, self._dtype, tf32 = device, *_precision(precision, device)
        gpus = tf.config.list_physical_devices("GPU")
        if device != "cpu" and device not in self.devices():
            raise PluginError(f"TensorFlow {tf.__version__} sees no device {device!r} here; use --device cpu.")
        chosen = [] if device == "cpu" else [gpus[int(device.partition(":")[2])]]
        tf.config.set_visible_devices(chosen, "GPU")
        for gpu in chosen:
            tf.config.experimental.set_memory_growth(gpu, True)
            self.device_memory = TensorFlowMemory()
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_tensor_float_32_execution(tf32)
        # Sums in a fixed order, so that a resumed run gives the numbers of an uninterrupted one.
        tf.keras.utils.set_random_seed(0)
        tf.config.experimental.enable_op_determinism()
        keras.config.set_floatx(self._dtype)
        keras.config.set_image_data_format("channels_last")

    def open(self, backbone: BackboneInfo, weights: WeightSet, layers: Sequence[str]) -> TensorFlowExtractor:
        """Build the native model, load the weights and cut it after the deepest of ``layers``."""
        network = load_target(backbone.target)(weights)
        extractor = TensorFlowExtractor(network, backbone, weights.preprocessing, layers, self._dtype)
        if self._device == "cpu":
            extractor.use_fast_convolutions()
        return extractor

    def session(self, extractor: TensorFlowExtractor, objective: Objective) -> TensorFlowSession:
        """Prepare the step; it is compiled at its first call."""
        return TensorFlowSession(extractor, objective, self.xp)

    def differentiate(
        self, term: LossTerm, features: NDArray[Any], target: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Differentiate a formula by a tape."""
        variable = tf.constant(features)
        with tf.GradientTape() as tape:
            tape.watch(variable)
            losses = term.loss(self.xp, variable, term.target(self.xp, tf.constant(target)))
        return losses.numpy(), tape.gradient(losses, variable).numpy()

    def count_parameters(self, backbone: BackboneInfo) -> ParameterCounts | None:
        """Count ``keras.applications``' own model, classifier included, where there is one of that name."""
        from nstbench_keras.networks import count_parameters

        return count_parameters(backbone.name)

    def devices(self) -> Mapping[str, str]:
        """Return the devices at hand."""
        gpus = tf.config.list_physical_devices("GPU")
        return {"cpu": "CPU"} | {f"cuda:{i}": gpu.name for i, gpu in enumerate(gpus)}


def _precision(name: str, device: str) -> tuple[str, bool]:
    """Return the type of everything, and whether products are TF32. Raises ``PluginError`` for what there is not."""
    if name not in ("float32", "float64", "tf32"):
        raise PluginError(f"TensorFlow has no precision {name!r} here, only float32, float64 and tf32.")
    if name == "tf32" and device == "cpu":
        raise PluginError("cpu has no TF32, which needs an NVIDIA GPU from Ampere on; use precision float32.")
    return ("float32", True) if name == "tf32" else (name, False)
