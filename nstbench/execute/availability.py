"""What this installation, a device or a picture's size lacks for a cell, in words; nothing is imported to see it."""

from __future__ import annotations

from nstbench.execute.sources import Sources
from nstbench.measure.environment import absent_distributions, what_is_lacking
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite import Cell

__all__ = ["absent_packages", "unavailable", "unsuitable"]


def unavailable(cell: Cell, sources: Sources) -> str:
    """Return what the cell's backend lacks to have its network, empty if nothing."""
    backbone = sources.catalogue.backbones.get((cell.backend, cell.backbone))
    if backbone is None:
        return f"no plugin brings {cell.backbone} to {cell.backend}"
    return absent_packages(sources.catalogue, backbone)


def absent_packages(catalogue: Catalogue, backbone: BackboneInfo) -> str:
    """Return which packages the backbone and its backend need and are not installed, empty if there are none."""
    own = catalogue.backends[backbone.backend].requires
    who = backbone.backend if absent_distributions(own) else backbone.name
    return what_is_lacking(who, (*own, *backbone.requires))


def unsuitable(cell: Cell, sources: Sources, device: str) -> str:
    """Return why the cell, whose network is there, cannot run on a device or with its pictures; empty if it can."""
    return _lacks_precision(cell, sources.catalogue, device) or _too_small(cell, sources)


def _lacks_precision(cell: Cell, catalogue: Catalogue, device: str) -> str:
    offered, kind = catalogue.backends[cell.backend].precisions, device.partition(":")[0]
    if kind in offered.get(cell.precision, ()):
        return ""
    here = ", ".join(name for name, kinds in offered.items() if kind in kinds)
    return f"{cell.backend} has no precision {cell.precision} on {kind}, only {here}"


def _too_small(cell: Cell, sources: Sources) -> str:
    least = sources.catalogue.backbones[cell.backend, cell.backbone].smallest_side
    for role in ("content", "style") if least > 1 else ():
        size = sources.working_size(cell, role)
        if size is not None and min(size) < least:
            height, width = size
            what = f"{cell.backbone} needs pictures of at least {least} px a side"
            return f"{what}; {getattr(cell, role)} is {width} × {height} here"
    return ""
