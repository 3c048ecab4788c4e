"""``run.json``: what was asked for, with what installed."""

from __future__ import annotations

from typing import Any

import msgspec

from nstbench.errors import RunError
from nstbench.files import write_text
from nstbench.results.folder import RunFolder

__all__ = [
    "MANIFEST_SCHEMA",
    "CellEntry",
    "ImageEntry",
    "Manifest",
    "MetricEntry",
    "RefereeEntry",
    "manifest_text",
    "read_manifest",
    "write_manifest",
]

MANIFEST_SCHEMA = 1


class CellEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of the grid: its folder's name and what ``--only`` matches."""

    id: str
    title: str


class ImageEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was used: its hash and whom to credit; empty is unknown."""

    sha256: str = ""
    title: str = ""
    author: str = ""
    license: str = ""
    source: str = ""


class RefereeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A network that judges the run's pictures; ``problem`` says why it cannot, if it cannot."""

    label: str
    backbone: str = ""
    backend: str = ""
    weights: str = ""
    content_layers: tuple[str, ...] = ()
    style_layers: tuple[str, ...] = ()
    problem: str = ""


class MetricEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a metric means, as its plugin announced it."""

    name: str
    kind: str
    unit: str
    direction: str
    meaning: str
    source: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a run.

    ``nstbench`` is the version that wrote it, ``created`` when (ISO), ``command`` what reproduces the run,
    ``suite`` the suite with every default filled in and ``suite_text`` the file as the user wrote it. ``cells`` are in
    the order of the grid. ``referees`` judge the pictures, by ``metrics``. A plugin has ``plugin`` (its name),
    ``distribution`` and ``version``. A ``frozen`` folder is never written to again. Where cells are repeated, ``order``
    has the jobs as ``order_seed`` shuffled them.
    """

    schema: int = MANIFEST_SCHEMA
    name: str
    nstbench: str
    created: str
    command: str
    suite: dict[str, Any] = msgspec.field(default_factory=dict)
    suite_text: str = ""
    overrides: tuple[str, ...] = ()
    cells: tuple[CellEntry, ...] = ()
    environment: dict[str, Any] = msgspec.field(default_factory=dict)
    plugins: tuple[dict[str, Any], ...] = ()
    images: dict[str, ImageEntry] = msgspec.field(default_factory=dict)
    referees: tuple[RefereeEntry, ...] = ()
    metrics: tuple[MetricEntry, ...] = ()
    frozen: bool = False
    order_seed: int | None = None
    order: tuple[str, ...] = ()


class _Head(msgspec.Struct):
    schema: int


def read_manifest(folder: RunFolder) -> Manifest:
    """Return the head of a run.

    Raises ``RunError`` where the folder is not a run folder, or was written by a newer version.
    """
    try:
        data = folder.manifest.read_bytes()
        schema = msgspec.json.decode(data, type=_Head).schema
        if schema > MANIFEST_SCHEMA:
            raise RunError(f"{folder.path} was written by a newer nstbench. Update nstbench or choose another folder.")
        return msgspec.json.decode(data, type=Manifest)
    except OSError as error:
        lacking = "it has no readable run.json" if folder.path.exists() else "it does not exist"
        raise RunError(
            f"{folder.path} is not a run folder: {lacking}; name the folder that `nstbench run` printed."
        ) from error
    except msgspec.DecodeError as error:
        raise RunError(f"{folder.manifest} is damaged ({error}). Run the suite again to rewrite it.") from error


def write_manifest(folder: RunFolder, manifest: Manifest) -> None:
    """Write ``run.json`` atomically. Raises ``RunError`` where the folder is frozen or cannot be written."""
    folder.check_writable()
    write_text(folder.manifest, manifest_text(manifest))


def manifest_text(manifest: Manifest) -> str:
    """Return what ``run.json`` holds."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode() + "\n"
