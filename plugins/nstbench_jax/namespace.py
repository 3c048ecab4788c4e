"""NumPy's dialect over JAX's arrays."""

from __future__ import annotations

from typing import Any

import jax
from jax import numpy as jnp
from nstbench_keras.namespace import KerasNamespace

__all__ = ["JaxNamespace"]

Array = Any


@jax.custom_vjp  # type: ignore[untyped-decorator]
def _gram(a: Array) -> Array:
    return jnp.matmul(jnp.swapaxes(a, -1, -2), a)


def _forward(a: Array) -> tuple[Array, Array]:
    return _gram(a), a


def _backward(a: Array, handed_back: Array) -> tuple[Array]:
    return (jnp.matmul(a, handed_back + jnp.swapaxes(handed_back, -1, -2)),)


_gram.defvjp(_forward, _backward)


class JaxNamespace(KerasNamespace):
    """Keras' operations, and JAX's way to give a function its gradient."""

    def gram(self, a: Array) -> Array:
        """A transposed times A over the last two axes."""
        return _gram(a)
