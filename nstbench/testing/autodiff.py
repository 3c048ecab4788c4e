"""Losses and their gradients with respect to features, by a framework's own automatic differentiation.

A backend's sessions differentiate with respect to the image only; here the network is left out, so that a formula can
be told from the network it looks at. Only worker processes call this: the framework is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from nstbench.plugin.protocols import Backend, LossTerm
from nstbench.transfer.namespace import Namespace

__all__ = ["differentiator"]

Arrays = tuple[NDArray[Any], NDArray[Any]]
Differentiator = Callable[[LossTerm, NDArray[Any], NDArray[Any]], Arrays]


def differentiator(name: str, backend: Backend) -> Differentiator | None:
    """Return a function (term, features, target's features) -> (losses (batch,), gradient like the features).

    None for a backend whose framework is not known here, unless it brings a method ``differentiate`` that does this.
    """
    known = {"torch": _torch, "tensorflow": _tensorflow}.get(name)
    if known is None:
        return getattr(backend, "differentiate", None)
    return lambda term, features, target: known(backend.xp, term, features, target)


def _torch(xp: Namespace, term: LossTerm, features: NDArray[Any], target: NDArray[Any]) -> Arrays:
    import torch

    variable = torch.tensor(features, requires_grad=True)
    losses = term.loss(xp, variable, term.target(xp, torch.tensor(target)))
    (gradient,) = torch.autograd.grad(losses.sum(), variable)
    return losses.detach().numpy(), gradient.numpy()


def _tensorflow(xp: Namespace, term: LossTerm, features: NDArray[Any], target: NDArray[Any]) -> Arrays:
    import tensorflow as tf

    variable = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        losses = term.loss(xp, variable, term.target(xp, tf.constant(target)))
    return losses.numpy(), tape.gradient(losses, variable).numpy()
