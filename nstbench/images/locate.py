"""Find the file of every picture of a suite, without reading it and without a network."""

from __future__ import annotations

import difflib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from nstbench.files import cache_dir, file_sha256
from nstbench.images.shipped import shipped_file, unknown_picture
from nstbench.images.source import ImageSource, as_source

__all__ = [
    "IMAGE_SUFFIXES",
    "ImageSource",
    "LocatedImage",
    "as_source",
    "download_path",
    "locate_image",
    "locate_start",
]

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
"""Suffixes looked for in a folder of pictures, in this order, in any case."""


@dataclass(frozen=True, slots=True)
class LocatedImage:
    """Where a picture is, or why it cannot be had.

    ``path`` is an absolute path. ``origin`` is ``images-dir``, ``skimage``, ``file``, ``download`` or, where the suite
    names no source, ``none``. ``problem`` is at most two sentences, the second being the remedy. Neither path nor
    problem means that the picture is still to be downloaded.
    """

    name: str
    path: Path | None
    origin: str
    problem: str | None

    @property
    def to_download(self) -> bool:
        """Whether the picture has to be fetched from its address."""
        return self.path is None and self.problem is None


def locate_image(name: str, source: ImageSource, base: Path, images_dir: Path | None = None) -> LocatedImage:
    """Find the picture ``name``: in ``images_dir``, in scikit-image, beside the suite in ``base``, or in the cache.

    Nothing is fetched and nothing raised: what is wrong is in ``problem``.
    """
    if images_dir is not None:
        found = _in_folder(name, images_dir)
        if found is not None:
            return found
    if source.skimage is not None:
        return _in_skimage(name, source.skimage)
    if source.path is not None:
        return _named(name, Path(source.path) if source.path.startswith("~") else base / source.path)
    if source.url is not None:
        return _downloaded(name, source)
    return _missing(name, "none", "the suite names no file or address for it")


def locate_start(init: str, base: Path) -> LocatedImage:
    """Find the picture of ``init: file:PATH``, the path being relative to ``base``; nothing is raised.

    The image is called by its file's name.
    """
    path = Path(init.removeprefix("file:").strip())
    name = path.name or "init"
    found, why = _usable(path if str(path).startswith("~") else base / path)
    if not why:
        return LocatedImage(name, found, "file", None)
    remedy = "Correct init: file:PATH, which is relative to the suite."
    return LocatedImage(name, None, "file", f"start image {name}: {why}. {remedy}")


def download_path(name: str, url: str) -> Path:
    """Return the file in the cache that belongs to an address, whether it exists or not."""
    suffix = Path(urlsplit(url).path).suffix.lower()
    key = hashlib.sha256(url.encode()).hexdigest()[:16]
    return cache_dir() / "images" / f"{name}-{key}{suffix if suffix in IMAGE_SUFFIXES else ''}"


def _in_folder(name: str, folder: Path) -> LocatedImage | None:
    try:
        entries = {entry: folder / entry for entry in os.listdir(folder)}  # noqa: PTH208 names are enough here
    except OSError as error:
        # The same sentence for every picture, so that it can be shown once.
        problem = f"--images-dir: {folder} cannot be read ({error.strerror}). Name a folder that holds the images."
        return LocatedImage(name, None, "images-dir", problem)
    for suffix in IMAGE_SUFFIXES:
        for entry in (name + suffix, name + suffix.upper()):
            if entry in entries:
                return _file(name, entries[entry], "images-dir")
    return None


def _in_skimage(name: str, picture: str) -> LocatedImage:
    path = shipped_file(picture)
    return _missing(name, "skimage", unknown_picture(picture)) if path is None else _file(name, path, "skimage")


def _file(name: str, path: Path, origin: str) -> LocatedImage:
    found, why = _usable(path)
    return _missing(name, origin, why) if why else LocatedImage(name, found, origin, None)


def _named(name: str, path: Path) -> LocatedImage:
    found, why = _usable(path)
    if why:
        return _missing(name, "file", why + _beside(found), put="Correct the path, or put")
    return LocatedImage(name, found, "file", None)


def _beside(path: Path) -> str:
    """Return ``; did you mean 'x'?`` of the files in the folder where one is lacking, empty if none is like it."""
    try:
        names = [] if path.exists() else os.listdir(path.parent)  # noqa: PTH208 names are enough here
    except (OSError, ValueError):
        names = []
    like = difflib.get_close_matches(path.name, sorted(names), n=1) if len(path.name) <= 100 else []
    return f"; did you mean {like[0]!r}?" if like else ""


def _usable(path: Path) -> tuple[Path, str]:
    """Return the path in full and why it is no file that can be read, empty if it is one."""
    try:
        path = path.expanduser().resolve()
        if path.is_dir():
            return path, f"{path} is a folder, not an image"
        if not path.exists():
            return path, f"{path} does not exist"
        if not path.is_file():
            return path, f"{path} is not a file"
        if not os.access(path, os.R_OK):
            return path, f"{path} may not be read"
    except (OSError, RuntimeError, ValueError):  # a name too long, a loop of links, an unknown ~user
        return path, f"{str(path)[:200]!r} is not a usable path"
    return path, ""


def _downloaded(name: str, source: ImageSource) -> LocatedImage:
    url = source.url or ""
    if urlsplit(url).scheme not in ("http", "https"):
        return _missing(name, "download", "its address does not begin with http:// or https://")
    path = download_path(name, url)
    try:
        good = path.is_file() and (source.sha256 is None or file_sha256(path) == source.sha256.lower())
    except OSError:
        good = False
    return LocatedImage(name, path if good else None, "download", None)


def _missing(name: str, origin: str, why: str, put: str = "Put") -> LocatedImage:
    end = "" if why.endswith("?") else "."
    remedy = f"{put} {name}.jpg into a folder and pass it with --images-dir."
    return LocatedImage(name, None, origin, f"image {name}: {why}{end} {remedy}")
