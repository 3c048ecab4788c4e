"""Fetch a picture from its address into the cache."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

from nstbench.errors import ImageError
from nstbench.images.decode import decode
from nstbench.images.locate import download_path
from nstbench.images.source import ImageSource
from nstbench.measure.environment import distribution_version

__all__ = ["fetch_image"]

TIMEOUT = 30.0
"""Seconds without an answer after which a download is given up."""


def fetch_image(name: str, source: ImageSource) -> Path:
    """Return the file behind ``source.url``, downloaded unless the cache holds it (whole, and with the given hash).

    Raises ``ImageError`` with the remedy if there is no network, the hash differs, or it is not an image.
    """
    url = source.url or ""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ImageError(_message(name, "its address does not begin with http:// or https://"))
    path = download_path(name, url)
    fresh = not path.exists()
    try:
        _retrieve(url, source.sha256, path)
    except Exception as error:  # requests, urllib3, the file system and the hash check all raise their own
        raise ImageError(_message(name, _reason(error, url))) from error
    if fresh:
        _keep_if_image(name, path)
    return path


def _retrieve(url: str, sha256: str | None, path: Path) -> None:
    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    # Wikimedia refuses clients that do not name themselves.
    headers = {"User-Agent": f"nstbench/{distribution_version('nstbench') or '0'} (style transfer benchmark)"}
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT, headers=headers)
    known = None if sha256 is None else f"sha256:{sha256.lower()}"
    # Pooch downloads beside the target and moves the file there once its hash is known to be right.
    pooch.retrieve(url, known_hash=known, fname=path.name, path=path.parent, downloader=downloader)


def _keep_if_image(name: str, path: Path) -> None:
    try:
        decode(path)
    except ImageError as error:
        path.unlink(missing_ok=True)
        raise ImageError(_message(name, "what came from its address is not an image")) from error


def _reason(error: Exception, url: str) -> str:
    host = urlsplit(url).hostname
    response = getattr(error, "response", None)
    if response is not None:
        response.close()  # pooch leaves the connection open
        return f"{host} answered with the error {response.status_code}"
    if isinstance(error, ValueError) and "hash" in str(error).lower():
        return f"the file from {host} does not have the sha256 that the suite gives"
    return f"it could not be downloaded from {host} ({type(error).__name__})"


def _message(name: str, why: str) -> str:
    return f"image {name}: {why}. Put {name}.jpg into a folder and pass it with --images-dir."
