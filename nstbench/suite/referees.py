"""The referees a suite asks for."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from nstbench.suite.schema import RefereeEntry, Referees

__all__ = ["Referee", "requested"]


@dataclass(frozen=True, slots=True)
class Referee:
    """A network that shall judge, under its label; ``entry`` is what the suite says about it beside the name."""

    label: str
    entry: RefereeEntry

    @property
    def backbone(self) -> str:
        """The network, which is the label unless the suite says otherwise."""
        return self.label if isinstance(self.entry.backbone, UnsetType) else self.entry.backbone

    @property
    def backend(self) -> str:
        """The backend that shall run it, empty if the suite leaves that open."""
        return "" if isinstance(self.entry.backend, UnsetType) else self.entry.backend


def requested(referees: Referees) -> tuple[Referee, ...] | None:
    """Return the referees that a suite names, each label once; None is ``auto``: every trained backbone at hand."""
    if isinstance(referees, dict):
        return tuple(Referee(label, entry) for label, entry in referees.items())
    if referees == "auto":
        return None
    names = () if referees == "none" else (referees,) if isinstance(referees, str) else dict.fromkeys(referees)
    return tuple(Referee(name, RefereeEntry(backbone=UNSET)) for name in names)
