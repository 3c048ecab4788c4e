"""Write the layer tables of ``torchvision:<name>``: ``python -m nstbench_torch.torchvision_table [NAME...]``.

They are traced from the installed torchvision's own networks; a test does some of them again.
"""

from __future__ import annotations

import sys
from typing import Any

from nstbench.plugin.descriptors import Preprocessing, WeightsFile
from nstbench.plugin.maps import default_layers, layer_rows
from nstbench.plugin.tables import Row, write_rows
from nstbench_torch.backbones import IMAGENET, published_file
from nstbench_torch.branches import IDLE
from nstbench_torch.imports import import_torchvision
from nstbench_torch.torchvision_family import TABLE
from nstbench_torch.torchvision_networks import UNINITIALISED, stock
from nstbench_torch.tracing import maps, node_names, skeleton, smallest_side

__all__ = ["main", "names", "row"]

HALF = Preprocessing("RGB", (127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
"""What torchvision's Inception networks turn their input into, where they are given trained weights."""


def names() -> list[str]:
    """Return the classification networks of the installed torchvision."""
    models = import_torchvision("torchvision.models")
    return list(models.list_models(module=models))


def row(name: str) -> Row:
    """Return one network's row; one that cannot be traced, or takes pictures of one size only, has the reason."""
    network = stock(name)
    total = sum(parameter.numel() for parameter in network.parameters())
    try:
        natives = node_names(network)
        graph = skeleton(network, natives)
        found = maps(graph, natives, without=IDLE)
        smallest = smallest_side(graph, [one.name for one in found])
    except (AssertionError, RuntimeError, ValueError) as error:
        reason = f"takes pictures of one size only ({str(error).partition(chr(10))[0][:80]})"
        return Row(name=name, reason=reason)
    content, style = default_layers(found)
    return Row(
        name=name,
        layers=layer_rows(found),
        content=content,
        style=style,
        parameters=(total, total, 0),
        smallest_side=smallest,
        files=_files(name),
        preprocessing=_preprocessing(name),
    )


def _files(name: str) -> dict[str, WeightsFile]:
    """Return the published files by weight set: ``IMAGENET1K_V1`` is ``torchvision-imagenet1k-v1``."""
    models: Any = import_torchvision("torchvision.models")
    found = {}
    for member in sorted(models.get_model_weights(name), key=lambda one: ("_V" not in one.name, one.name)):
        weights = f"torchvision-{member.name.lower().replace('_', '-')}"
        transforms = member.transforms()
        given = Preprocessing.of_unit_range(transforms.mean, transforms.std)
        found[weights] = published_file(member.url, given if given != IMAGENET else None)
    return found


def _preprocessing(name: str) -> Preprocessing:
    return HALF if name in UNINITIALISED else IMAGENET


def main() -> None:
    """Write the rows of the networks that are named, of all if none is."""
    write_rows(TABLE, (row(name) for name in sys.argv[1:] or names()))


if __name__ == "__main__":
    main()
