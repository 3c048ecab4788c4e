"""What the conformance kit asks of a backbone, in a process that has the framework.

Each check returns its figures in a sentence, or raises ``Nonconforming``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.protocols import Session
from nstbench.testing.nonconforming import Nonconforming
from nstbench.testing.parity_checks import BOUNDED_RATE, BOUNDS, apart
from nstbench.testing.parity_worker import NetworkBench
from nstbench.transfer.adam import STAY
from nstbench.transfer.problem import Diverged

__all__ = ["BACKBONE_CHECKS"]

Array = NDArray[Any]

MOST_ALONE = 24
"""Layers that are opened alone; each is a network built anew."""
SYNCHRONISED_STEPS = 5


def layers(bench: NetworkBench) -> str:
    """Every layer of the table is a finite map (batch, M, N), and N does not depend on the picture's size."""
    names = tuple(bench.backbone.layers)
    extractor = bench.backend.open(bench.backbone, bench.weights, names)
    content = bench.images["content"]
    pair = extractor.features(np.concatenate([content, bench.images["probe"]]))
    wide = extractor.features(np.concatenate([content, content], axis=2))
    for name in names:
        _check_layer(name, bench.backbone.layers[name], pair, wide)
    return f"{len(names)} layers, finite, (batch, M, N)"


def _check_layer(name: str, native: str, pair: Mapping[str, Array], wide: Mapping[str, Array]) -> None:
    what = f"layer {name!r} ({native!r} in the network)"
    if name not in pair:
        raise Nonconforming(f"{what} is not among the features. Return every layer that `open` was asked for.")
    values, wider = np.asarray(pair[name]), np.asarray(wide[name])
    if values.ndim != 3 or len(values) != 2 or len(wider) != 1 or values.dtype.kind != "f":
        raise Nonconforming(
            f"{what} of two pictures is {values.dtype} {values.shape}, not floats (2, M, N). Name a node whose output "
            "is a map of the picture, and keep the batch's axis first."
        )
    if not np.isfinite(values).all():
        raise Nonconforming(f"{what} has values that are not finite. Check the weights and the preprocessing.")
    if wider.shape[2] != values.shape[2] or wider.shape[1] < values.shape[1]:
        raise Nonconforming(
            f"{what} is {values.shape[1:]} for a picture and {wider.shape[1:]} for one twice as wide. The axes are "
            "(batch, positions, channels): channels come last, and only positions grow."
        )


def taps(bench: NetworkBench) -> str:
    """A layer captured together with all others is the layer captured alone, when nothing runs after it."""
    names = list(bench.backbone.layers)
    content = bench.images["content"]
    together = bench.backend.open(bench.backbone, bench.weights, names).features(content)
    chosen = _chosen(names, (*bench.backbone.content_layers, *bench.backbone.style_layers))
    for name in chosen:
        alone = bench.backend.open(bench.backbone, bench.weights, (name,)).features(content)
        difference = apart(np.asarray(together[name]), np.asarray(alone[name]))
        if not difference <= BOUNDS["features"]:
            raise Nonconforming(
                f"layer {name!r} is another one, by {difference:.1e}, when the layers after it run. Something writes "
                "into its memory: use inplace=False and `x = x + y`, or copy the layer where it is captured."
            )
    return f"{len(chosen)} of {len(names)} layers alone are those captured together"


def _chosen(names: list[str], defaults: tuple[str, ...]) -> list[str]:
    if len(names) <= MOST_ALONE:
        return names
    spread = {names[i] for i in np.linspace(0, len(names) - 1, MOST_ALONE).astype(int)}
    return [name for name in names if name in spread or name in defaults]


def gradient(bench: NetworkBench) -> str:
    """A finite gradient that is not nothing reaches the image, from the style and from the content layers."""
    session = bench.backend.session(bench.extractor(), bench.objective)
    targets = session.targets(bench.images["content"], bench.images["style"])
    sizes = {}
    for part, factors in bench.parts().items():
        values = np.asarray(session.value_and_gradient(bench.images["probe"], targets, factors)[1], np.float64)
        if np.any(factors) and not np.any(values):
            raise Nonconforming(
                f"no gradient reaches the image ({part} loss). Freeze parameters with requires_grad_(False), do not "
                "detach maps, and use no function that is flat everywhere."
            )
        if not np.isfinite(values).all():
            raise Nonconforming(f"the gradient of the {part} loss is not finite. Look for a root or a quotient at 0.")
        sizes[part] = float(np.sqrt(np.mean(values**2)))
    return ", ".join(f"{part} {size:.1e}" for part, size in sizes.items()) + " per grey level"


def differences(bench: NetworkBench) -> str:
    """In float64, the gradient's slope along random directions is the finite difference."""
    found = bench.gradients(bench.backend.session(bench.extractor(), bench.objective))
    worst = {part: apart(found[f"slopes/{part}"], found[f"quotients/{part}"]) for part in bench.parts()}
    for part, difference in worst.items():
        if not difference <= BOUNDS["reference gradient"]:
            raise Nonconforming(
                f"the gradient of the {part} loss is off the finite difference by {difference:.1e}. The network does "
                "not do backwards what it does forwards: look at layers with a gradient of their own, rounding, casts "
                "to float32 and state that changes from call to call."
            )
    return f"off by {max(worst.values()):.1e} at most"


def repeat(bench: NetworkBench) -> str:
    """The same seed gives the same losses, to the last bit, from a network built anew."""
    first, second = (_trace(bench) for _ in range(2))
    if not np.array_equal(first, second):
        raise Nonconforming(
            f"two runs with one seed differ by {apart(first, second):.1e}. Put the network into evaluation mode, "
            "without dropout, and draw no random numbers without a fixed seed."
        )
    return f"{len(first) - 1} steps, twice the same"


def descent(bench: NetworkBench) -> str:
    """The total falls from the content picture, and the image moves."""
    totals = _trace(bench)[:, 0]
    if not totals[-1] < totals[0]:
        raise Nonconforming(
            f"the loss goes from {totals[0]:.3e} to {totals[-1]:.3e} in {len(totals) - 1} steps. Check the gradient, "
            "and that no default layer is the same for all pictures."
        )
    return f"{totals[0]:.3e} to {totals[-1]:.3e} in {len(totals) - 1} steps"


def _trace(bench: NetworkBench) -> Array:
    session = bench.backend.session(bench.extractor(), bench.objective)
    try:
        return bench.descent(session, BOUNDED_RATE)[f"trace/{BOUNDED_RATE:g}"]
    except Diverged as diverged:
        raise Nonconforming(f"{diverged}. Check that losses and gradient are finite, and not 0 everywhere.") from None


def synchronisation(bench: NetworkBench) -> str:
    """Report whether the steps are over when ``advance`` returns: what is left is waited for with the image."""
    session = bench.backend.session(bench.extractor(), bench.objective)
    targets = session.targets(bench.images["content"], bench.images["style"])
    _, _ = _advanced(bench, session, targets)  # compiles
    state, steps = _advanced(bench, session, targets)
    began = perf_counter()
    session.image(state)
    waited = perf_counter() - began
    return f"{SYNCHRONISED_STEPS} steps took {1000 * steps:.1f} ms, and the image {1000 * waited:.1f} ms more"


def _advanced(bench: NetworkBench, session: Session, targets: Any) -> tuple[Any, float]:
    state = session.begin(bench.images["content"])
    began = perf_counter()
    state, _ = session.advance(state, targets, bench.factors, np.repeat(STAY, SYNCHRONISED_STEPS, axis=0))
    return state, perf_counter() - began


BACKBONE_CHECKS: dict[str, Callable[[NetworkBench], str]] = {
    check.__name__: check for check in (layers, taps, gradient, repeat, descent, synchronisation, differences)
}
"""By name; ``differences`` needs a bench in float64."""
