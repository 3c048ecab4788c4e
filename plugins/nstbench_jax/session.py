"""The optimisation step on JAX: one function compiled by XLA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from nstbench_keras.session import KerasSession

__all__ = ["JaxSession"]

Array = Any


class JaxSession(KerasSession):
    """See ``KerasSession``."""

    path = "jax.jit"

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return jax.jit(function)  # type: ignore[no-any-return]

    def _differentiate(
        self, parameters: Sequence[Array], image: Array, targets: Sequence[Array], weights: Array
    ) -> tuple[Array, Array, Array]:
        def summed(image: Array) -> tuple[Array, tuple[Array, Array]]:
            total, table = self._losses(parameters, image, targets, weights)
            return total.sum(), (total, table)

        (_, (total, table)), gradient = jax.value_and_grad(summed, has_aux=True)(image)
        return total, table, gradient
