"""A Keras network as a pure function of its parameters and the image, which is what JAX compiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from nstbench_keras.extractor import KerasExtractor
from numpy.typing import NDArray

__all__ = ["JaxExtractor"]

Array = Any


class JaxExtractor(KerasExtractor):
    """See ``KerasExtractor``.

    The parameters are an input of whatever is compiled: as constants they would be stored once more per program, and
    XLA would spend its time on folding them.
    """

    @cached_property
    def parameters(self) -> Sequence[Array]:  # type: ignore[override]
        """The network's variables, on the device."""
        return [variable.value for variable in self.network.non_trainable_variables]

    @cached_property
    def _compiled(self) -> Callable[..., Mapping[str, Array]]:
        return jax.jit(self.__call__)  # type: ignore[no-any-return]

    def upload(self, image: NDArray[Any]) -> Array:
        """Bring an array to the device; a copy, as on a CPU JAX may work in NumPy's memory otherwise."""
        return jnp.array(image, dtype=self.dtype, copy=True)

    def features(self, image: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Return ``{layer: (batch, M, N)}`` of an image (batch, H, W, 3), compiled for its size."""
        return {name: np.array(one) for name, one in self._compiled(self.upload(image), self.parameters).items()}

    def _maps(self, pixels: Array, parameters: Sequence[Array]) -> Mapping[str, Array]:
        maps, _ = self.network.stateless_call([], parameters, pixels, training=False)
        return maps  # type: ignore[no-any-return]
