"""Fetch a published file into the cache, whole and checked, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nstbench.errors import WeightsError
from nstbench.files import replacing
from nstbench.plugin.descriptors import WeightsInfo
from nstbench.weights.digest import check_digest
from nstbench.weights.locate import download_path

__all__ = ["fetch"]


def fetch(info: WeightsInfo, backbone: str, progress: Any = False) -> Path:
    """Download the file of ``info`` and ``backbone``; return its path in nstbench's cache.

    ``progress`` is what pooch takes as ``progressbar``: True (tqdm) or an object with its interface. Raises
    ``WeightsError`` without a network or with a wrong digest, ``RunError`` if the cache cannot be written.
    """
    file = info.files.get(backbone)
    if file is None or file.url is None:
        raise WeightsError(f"{info.name} for {backbone} cannot be downloaded. Give its folder by --weights-dir.")
    target = download_path(file)
    with replacing(target) as temporary:
        _download(file.url, temporary, "Download it elsewhere and give its folder by --weights-dir.", progress)
        check_digest(temporary, file.digest, f"That is what {file.url} sent; give the published file by --weights-dir.")
    return target


def _download(url: str, path: Path, remedy: str, progress: Any) -> None:
    import pooch

    try:
        pooch.downloaders.choose_downloader(url, progressbar=progress)(url, str(path), None)
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) is not None:
            raise  # the disk's, not the network's: every error of requests is an OSError without a number
        raise WeightsError(f"cannot download {url} ({_reason(error)}). {remedy}") from error


def _reason(error: Exception) -> str:
    """Say in a few words what a chain of network exceptions means; their own text runs over many lines."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code}"
    return {"ConnectTimeout": "no answer", "ReadTimeout": "no answer", "ProxyError": "the proxy refused"}.get(
        type(error).__name__, "no connection"
    )
