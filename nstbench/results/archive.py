"""A run in one file: what readers look at, as a zip to hand on."""

from __future__ import annotations

import os
import shutil
import zipfile
from datetime import datetime
from pathlib import Path, PurePosixPath

import msgspec

from nstbench.errors import RunError
from nstbench.files import replacing
from nstbench.results.folder import RunFolder
from nstbench.results.manifest import Manifest, manifest_text
from nstbench.results.published import at_rest, check_apart, frozen_manifest, opened, published

__all__ = ["archive"]

_PACKED = (".gif", ".jpg", ".parquet", ".pdf", ".png", ".webp")
"""What deflating makes no smaller."""
_FIRST_YEAR = 1980
"""Of the dates that a zip file can tell."""


class _Head(msgspec.Struct):
    frozen: bool


def archive(run: Path, target: Path) -> None:
    """Write what readers look at of the run folder ``run`` to the zip file ``target``, in one folder with its name.

    The files are those of ``freeze``, frozen as there, so the folder that it unpacks to can be read and compared and is
    never written to. The same run gives the same bytes. ``target`` is there whole or not at all; an earlier export is
    replaced. Raises ``RunError`` as ``freeze`` does.
    """
    folder = RunFolder(run)
    manifest = frozen_manifest(folder)
    check_apart(run, target)
    if target.exists() and not _is_export(target):
        raise RunError(f"{target} exists and is not an exported run. Choose another --out.")
    with at_rest(folder), replacing(target) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        top, when = run.resolve().name, _date(manifest)
        packed.writestr(_entry(f"{top}/{folder.manifest.name}", when), manifest_text(manifest))
        for name in published(folder):
            entry = _entry(f"{top}/{name}", when)
            with opened(folder.path / name) as file:
                entry.file_size = os.fstat(file.fileno()).st_size  # decides how its head is written
                with packed.open(entry, "w") as copy:
                    shutil.copyfileobj(file, copy)


def _entry(name: str, when: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, when)
    entry.create_system = 3  # Unix, on every system: who may read it is the same, too
    entry.external_attr = 0o644 << 16
    stored = PurePosixPath(name).suffix in _PACKED
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return entry


def _date(manifest: Manifest) -> tuple[int, int, int, int, int, int]:
    """Return when the run was begun: files of today would make another zip tomorrow."""
    try:
        when = datetime.fromisoformat(manifest.created)
    except ValueError:
        when = datetime.min
    return when.timetuple()[:6] if when.year >= _FIRST_YEAR else (_FIRST_YEAR, 1, 1, 0, 0, 0)


def _is_export(path: Path) -> bool:
    """Say whether a file is what ``archive`` writes: a zip whose first entry is the head of a frozen run."""
    try:
        with zipfile.ZipFile(path) as packed:
            first = packed.infolist()[0]
            named = PurePosixPath(first.filename).name == RunFolder(Path()).manifest.name
            return named and msgspec.json.decode(packed.read(first), type=_Head).frozen
    except (OSError, zipfile.BadZipFile, IndexError, msgspec.DecodeError):
        return False
