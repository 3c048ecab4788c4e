"""From a file to the array that a transfer starts from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import ImageError
from nstbench.files import file_sha256
from nstbench.images.decode import decode
from nstbench.images.resize import resize, resize_to

__all__ = ["Prepared", "prepare", "prepare_start"]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A picture at working size: ``array`` (height, width, 3), uint8, sRGB; ``sha256`` is that of its file."""

    array: NDArray[np.uint8]
    sha256: str
    height: int
    width: int


def prepare(path: Path, name: str, long_side: int) -> Prepared:
    """Read the picture ``name`` from a file and bring its longer side to at most ``long_side`` px.

    Raises ``ImageError`` naming the picture if it cannot be read or is too small.
    """
    try:
        array = decode(path)
    except ImageError as error:
        raise ImageError(f"image {name}: {error}") from error
    array = resize(array, long_side, name)
    return Prepared(array, file_sha256(path), array.shape[0], array.shape[1])


def prepare_start(path: Path, content: Prepared) -> Prepared:
    """Read the picture to start from and bring it to the content's working size, whatever its shape.

    Raises ``ImageError`` naming the file if it cannot be read.
    """
    try:
        array = decode(path)
    except ImageError as error:
        raise ImageError(f"start image {path.name}: {error}") from error
    return Prepared(resize_to(array, content.height, content.width), file_sha256(path), content.height, content.width)
