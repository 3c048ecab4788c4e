"""What timm says of the weights of a network: where they are."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from nstbench.plugin.descriptors import WeightsFile
from nstbench_timm.family import FAMILY

__all__ = ["files"]

HUB = "https://huggingface.co"
SAFETENSORS = "model.safetensors"
"""What timm looks for first in a network's repository."""
DIGEST = re.compile(r"-([0-9a-f]{8,64})\.pth")
"""torch.hub's convention, which timm can check, too: the hex number in a name is the beginning of the sha256."""


def files(name: str, given: Any) -> dict[str, WeightsFile]:
    """Return the file of a network's default weights, ``given`` being timm's ``PretrainedCfg``; none if there is none.

    On the Hub all files have one name: here it is that of network and weights. Their digests timm does not know.
    """
    if given.hf_hub_id and not given.hf_hub_filename:
        repository, _, revision = given.hf_hub_id.partition("@")
        url = f"{HUB}/{repository}/resolve/{revision or 'main'}/{SAFETENSORS}"
        return {FAMILY: WeightsFile(".".join(filter(None, (name, given.tag, "safetensors"))), url=url)}
    filename = PurePosixPath(urlsplit(given.url or "").path).name
    if filename.endswith(".pth"):
        digest = DIGEST.search(filename)
        return {FAMILY: WeightsFile(filename, url=given.url, digest=f"sha256:{digest[1]}" if digest else None)}
    return {}
